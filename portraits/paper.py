"""A sheet of paper as PDF: real text in our own type, tagged for screen readers, the same bytes for the same words.

A character that our type does not have is written out as its code point and name: a box would hide that something is there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.prefs import ViewerPreferences

FONTS = settings.BASE_DIR / "static" / "fonts"
INK, QUIET, ACCENT, LINE = (27, 29, 42), (90, 94, 110), (14, 90, 99), (227, 223, 214)
MARGIN, LABEL = 22, 46
"""Millimetres: around the page, and for what stands before a fact."""
BODY, SMALL, LEADING = 10.5, 8.5, 1.42
POINT = 25.4 / 72


class Paper(FPDF):
    """One document, from top to bottom. Widths in millimetres, sizes in points.

    fpdf2 tags pictures only; `_tagged` does for text what its `image` does, with its own structure tree.
    """

    def __init__(
        self, *, title: str, author: str, language: str, made_at: datetime, foot: str, page_words: str
    ):
        super().__init__(format="A4")
        self.add_font("Inter", "", FONTS / "inter-400.ttf")
        self.add_font("Inter", "B", FONTS / "inter-600.ttf")
        self.foot, self.page_words = self.shown(foot), page_words
        self.set_title(title)
        self.set_author(author)
        self.set_creator("Inet Comms")
        self.set_lang(language)
        self.set_creation_date(made_at)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_margin(MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(True, margin=MARGIN + 4)
        self.alias_nb_pages()
        self.add_page()

    def shown(self, text: str) -> str:
        """The text with what our type has; anything else in words."""
        known = self.fonts["inter"].cmap
        text = unicodedata.normalize("NFC", text)
        return "".join(
            char if ord(char) in known or char in "\n\t " else _said_character(char) for char in text
        )

    def title_line(self, text: str) -> None:
        self._put("H1", text, size=21, style="B", colour=INK)
        self.ln(1.5)

    def heading(self, text: str, room: float = 16) -> None:
        """With at least `room` mm left on its page for what it is the heading of."""
        if self.y + 12 + room > self.page_break_trigger:
            self.add_page()
        self.ln(4.5)
        self.set_draw_color(*LINE)
        self.line(self.l_margin, self.y, self.w - self.r_margin, self.y)
        self.ln(3.5)
        self._put("H2", text, size=12.5, style="B", colour=ACCENT)
        self.ln(1)

    def paragraph(self, text: str) -> None:
        self._put("P", text)
        self.ln(1.2)

    def label(self, text: str) -> None:
        self._put("P", text, size=SMALL, colour=QUIET)

    def facts(self, *pairs: tuple[str, str], indent: float = 0, label: float = LABEL) -> None:
        """Lines of “label  words”, the words aligned."""
        for name, words in pairs:
            height = BODY * LEADING * POINT
            if self.y + height * 2 > self.page_break_trigger:
                self.add_page()
            top = self.y
            self._put("P", name, size=SMALL, colour=QUIET, x=indent, width=label - 3, line=height)
            after, self.y = self.y, top
            self._put("P", words, x=indent + label)
            self.y = max(self.y, after)
            self.ln(0.6)

    def picture(self, data: BytesIO, width: float, height: float, *, alt: str) -> None:
        """Here, at the left; what follows stands beside it."""
        self.image(data, self.l_margin, self.y, width, height, alt_text=alt)

    def go_below(self, y: float) -> None:
        self.y = max(self.y, y)

    def squares(self, matrix: list[list[bool]], *, beside: str, alt: str, side: float = 26) -> None:
        """A code of squares, and beside it the address that it holds, as a link."""
        if self.y + side > self.page_break_trigger:
            self.add_page()
        top, size = self.y + 1, side / len(matrix)
        self.set_fill_color(*INK)
        with self._tagged("Figure", alt_text=alt):
            for row, squares in enumerate(matrix):
                for start, length in _runs(squares):
                    self.rect(self.l_margin + start * size, top + row * size, length * size, size, style="F")
        self.y = top
        self._put("P", beside, x=side + 6, size=SMALL + 0.5, link=beside, colour=ACCENT)
        self.go_below(top + side + 2)

    def bytes(self) -> bytes:
        return bytes(self.output())

    def footer(self) -> None:
        self.set_y(-MARGIN + 6)
        self.set_font("Inter", "", SMALL)
        self.set_text_color(*QUIET)
        page = self.page_words % {"number": self.page, "total": self.str_alias_nb_pages}
        self._out("/Artifact BMC")
        self.cell(0, 4, f"{self.foot} · {page}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._out("EMC")

    def _put(self, role, text, *, size=BODY, style="", colour=INK, x=0.0, width=None, line=None, link=""):
        """Lines of text from here on; those that fit on a page are one tagged piece."""
        self.set_font("Inter", style, size)
        self.set_text_color(*colour)
        line = line or size * LEADING * POINT
        width = width or self.epw - x
        lines = self._lines(text, width)
        while lines:
            room = int((self.page_break_trigger - self.y) / line - 0.001)
            if room < 1:
                self.add_page()
                continue
            now, lines = lines[:room], lines[room:]
            self.set_x(self.l_margin + x)
            with self._tagged(role):
                self.multi_cell(
                    width, line, "\n".join(now), align="L", link=link, new_x="LMARGIN", new_y="NEXT"
                )

    def _lines(self, text: str, width: float) -> list[str]:
        return self.multi_cell(width, text=self.shown(text), align="L", dry_run=True, output="LINES")

    @contextmanager
    def _tagged(self, role: str, **kwargs) -> Iterator[None]:
        number = self.struct_builder.next_mcid_for_page(self.page)
        self._add_marked_content(struct_type=f"/{role}", mcid=number, **kwargs)
        self._out(f"/{role} <</MCID {number}>> BDC")
        yield
        self._out("EMC")


def _said_character(char: str) -> str:
    name = unicodedata.name(char, "")
    return f"[U+{ord(char):04X}{' ' + name if name else ''}]"


def _runs(squares: list[bool]) -> Iterator[tuple[int, int]]:
    """(start, length) of each row of dark squares."""
    start = None
    for place, is_dark in enumerate([*squares, False]):
        if is_dark and start is None:
            start = place
        elif not is_dark and start is not None:
            yield start, place - start
            start = None

"""A portrait to leaf through: cover, the student's way, the quote, the promotion. A PDF as LinkedIn shows documents.

Each page is a picture, so that it looks the same everywhere, with its words behind it for search and for screen readers.
"""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from datetime import UTC, datetime

from django.utils import translation
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import TextMode

from cohorts.colours import readable_ink

from . import painting
from .inks import PAPER, QUIET, legible
from .kinds import Box, Carousel, Style, Words
from .lettering import FOLDER, THIN
from .plan import Copy, Fill, Logo, Plan, copy
from .saying import alt_text
from .setting import Block, Line, Stack, fitted, place, single
from .typography import check, typeset
from .way import COLUMN, HEIGHT, MARGIN, TOP, WIDTH, pages_of

logging.getLogger("fontTools").setLevel(logging.WARNING)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""The date in every file: the same words make the same bytes."""


def document(photo: bytes | None, words: Words, style: Style, cover: Plan) -> Carousel:
    """`cover` is the plan of the first page. Raises CardRefused, "path-too-long" where the way is too long for its pages."""
    pages = planned(words, style, cover)
    described = tuple(text.replace(THIN, "\u00a0") for _plan, text in pages)
    data = _pdf([plan for plan, _text in pages], described, photo, style, words)
    return Carousel(data, len(pages), WIDTH, HEIGHT, described)


def planned(words: Words, style: Style, cover: Plan) -> list[tuple[Plan, str]]:
    """Each page and its description."""
    check(words, with_path=True)
    said, way = copy(words, style), pages_of(words)
    pages = [(cover, alt_text(words, "", "carousel", style))]
    count = len(way) + 2 + bool(said.quote)
    for number, blocks in enumerate(way, 2):
        text = " ".join(block.text for block in blocks)
        pages.append((_way_page(blocks, said, style, number, count), text))
    if said.quote:
        pages.append((_quote_page(said, style), f"{said.quote} {words.first_name} {words.last_name}"))
    last = ", ".join(filter(None, (said.promotion, said.track, said.hashtag)))
    return [*pages, (_last_page(said, style), last)]


# The way, page by page --------------------------------------------------------------------------


def _way_page(blocks: list[Block], said: Copy, style: Style, number: int, count: int) -> Plan:
    card = Plan(WIDTH, HEIGHT, PAPER)
    accent = legible(style.colour, PAPER)
    card.fills.append(Fill(Box(0, 0, 24, HEIGHT), style.colour))
    _caption(card, f"{said.first_name} {said.last_name}", MARGIN, 112, QUIET)
    blocks = [replace(block, ink=block.ink or accent) for block in blocks]
    stack = Stack(
        tuple(
            (place(block, int(block.most), COLUMN), block.above * (at > 0)) for at, block in enumerate(blocks)
        )
    )
    card.lines += stack.lines(MARGIN, TOP, COLUMN)
    _caption(card, f"{number} / {count}", MARGIN, HEIGHT - 84, QUIET)
    return card


def _caption(card: Plan, text: str, left: float, baseline: int, ink: str) -> None:
    of, px = single(text, "sans", 26, 10, COLUMN)
    card.lines.append(Line(text, of, px, left, baseline, ink))


# The quote, the end -----------------------------------------------------------------------------


def _quote_page(said: Copy, style: Style) -> Plan:
    ink = readable_ink(style.colour)
    card = Plan(WIDTH, HEIGHT, style.colour)
    quote = Block((said.quote,), "display", ink, 92, 40, leading=1.16, hangs=True, rows=12)
    name = Block((f"{said.first_name} {said.last_name}",), "bold", ink, 32, 22, above=64)
    track = Block((said.track,), "sans", ink, 28, 20, above=14)
    stack = fitted([quote, name, track], COLUMN, HEIGHT - 2 * 150)
    card.lines += stack.lines(MARGIN, round((HEIGHT - stack.height) / 2), COLUMN)
    return card


def _last_page(said: Copy, style: Style) -> Plan:
    ground = style.second_colour
    card, ink, accent = Plan(WIDTH, HEIGHT, ground), readable_ink(ground), legible(style.colour, ground)
    blocks = [
        Block((said.promotion,), "display", accent, 132, 48, leading=1.04, tracking=-0.01, rows=5),
        Block((said.track,), "sans", ink, 34, 22, above=34),
        Block((said.hashtag,), "bold", accent, 38, 22, above=64),
    ]
    stack = fitted(blocks, COLUMN, HEIGHT - 2 * 230)
    card.lines += stack.lines(MARGIN, round(HEIGHT - 168 - stack.height), COLUMN)
    card.fills.append(
        Fill(
            Box(
                MARGIN,
                round(HEIGHT - 168 - stack.height - 56),
                MARGIN + 96,
                round(HEIGHT - 168 - stack.height - 48),
            ),
            accent,
        )
    )
    if style.logo:
        card.logo = Logo(Box(MARGIN, 112, MARGIN + 300, 192), on_paper=False)
    elif said.school:
        of, px = single(said.school, "bold", 44, 10, COLUMN, 0.02)
        card.lines.append(Line(said.school, of, px, MARGIN, 112 + round(of.cap_height * px), ink, 0.02))
    return card


# The file ---------------------------------------------------------------------------------------


def _pdf(
    plans: list[Plan], described: tuple[str, ...], photo: bytes | None, style: Style, words: Words
) -> bytes:
    pdf = FPDF(unit="pt", format=(WIDTH, HEIGHT))
    pdf.set_creation_date(LONG_AGO)
    pdf.set_lang(words.language)
    with translation.override(words.language):
        name = typeset(f"{words.first_name} {words.last_name}", words.language)
        pdf.set_title(_("Portrait of %(name)s") % {"name": name})
    pdf.set_author(words.school)
    pdf.set_auto_page_break(False)
    pdf.add_font("sans", fname=FOLDER / "sans.ttf")
    for number, (plan, text) in enumerate(zip(plans, described, strict=True)):
        pdf.add_page()
        pdf.image(
            _page_picture(plan, photo if number == 0 else None, style), 0, 0, WIDTH, HEIGHT, alt_text=text
        )
        _words_behind(pdf, plan)
    return bytes(pdf.output())


def _page_picture(plan: Plan, photo: bytes | None, style: Style) -> io.BytesIO:
    """The cover as a photo is kept, the other pages without loss: few colours make small files."""
    card = painting.picture(plan, photo, style.logo)
    return io.BytesIO(painting.encoded(card, "JPEG" if photo else "PNG"))


def _words_behind(pdf: FPDF, plan: Plan) -> None:
    pdf.text_mode = TextMode.INVISIBLE
    for line in plan.lines:
        if line.turned:
            continue
        box = line.run().box
        pdf.set_font("sans", size=line.px)
        text = line.text.replace(THIN, "\u00a0")
        pdf.set_stretching(100 * box.width / max(1.0, pdf.get_string_width(text) / pdf.font_stretching * 100))
        pdf.text(box.left, line.y, text)
    pdf.set_stretching(100)
    pdf.text_mode = TextMode.FILL

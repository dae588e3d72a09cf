"""Spreadsheets as French offices make them: read as plain text whatever the encoding, written so that no cell can run."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import openpyxl
import tablib
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from import_export.formats import base_formats
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES, ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

MAX_BYTES = 5_000_000
MAX_UNPACKED = 20_000_000
MAX_ROWS = 2_000
EXCEL_ROWS = 1_048_576
MAX_COLUMNS = 60
MAX_CELL = 2_000
MAX_PROBLEMS = 30

INERT = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet program may take for the beginning of a formula (full-width forms included)."""

LINE = "line"
"""The header of the last column of every Sheet: the number of the line in the file, for sentences."""

FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, overrides of the writing direction, halves of a character."""

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What comes through openpyxl's parsers from a damaged workbook."""

DIRT = re.compile("[\u200b\u2060\ufeff\u00ad]")
"""What comes along unseen when text is copied from a page: zero-width blanks and soft hyphens."""

Row = tuple[int, list[str]]


class Unreadable(ValueError):
    """The file cannot be used as it is. `problems` are sentences for people, each naming line and column where it can."""

    def __init__(self, *problems: str):
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


class Sheet(tablib.Dataset):
    """Rows of plain text under the headers as typed, plus the column LINE."""

    @classmethod
    def from_rows(cls, rows: Iterable[Row]) -> Sheet:
        """Blank lines left out, cells cleaned. Raises Unreadable with every problem found (thirty at most)."""
        filled = ((number, cells) for number, cells in rows if any(cell.strip() for cell in cells))
        number, headers = next(filled, (0, []))
        if not headers:
            raise Unreadable(_("The file is empty."))
        while headers and not headers[-1].strip():
            headers.pop()
        if len(headers) > MAX_COLUMNS:
            raise Unreadable(
                _("The first line has more than %(limit)s columns. Keep the ones that are needed.")
                % {"limit": MAX_COLUMNS}
            )
        problems: list[str] = []
        titles = [_clean(cell, number, get_column_letter(i), problems) for i, cell in enumerate(headers, 1)]
        sheet = cls(headers=[*titles, LINE])
        for number, cells in filled:
            if len(problems) >= MAX_PROBLEMS:
                break
            if sheet.height == MAX_ROWS:
                raise Unreadable(
                    _("The file has more than %(limit)s lines. Import it in several parts.")
                    % {"limit": MAX_ROWS}
                )
            if any(cell.strip() for cell in cells[len(titles) :]):
                problems.append(
                    _(
                        "Line %(line)s has more cells than the first line has titles. Is there a separator too many?"
                    )
                    % {"line": number}
                )
                continue
            cells = [*cells, *[""] * len(titles)][: len(titles)]
            sheet.append(
                [
                    *(
                        _clean(cell, number, title, problems)
                        for title, cell in zip(titles, cells, strict=True)
                    ),
                    number,
                ]
            )
        if problems:
            raise Unreadable(*problems)
        if not sheet.height:
            raise Unreadable(_("The file has titles but no line below them."))
        return sheet


def _clean(cell: str, number: int, column: str, problems: list[str]) -> str:
    """The text of a cell as typed, in NFC, on one line; what cannot be text is added to `problems`."""
    problem = None
    if len(cell) > MAX_CELL:
        problem = _("the cell holds more than %(limit)s characters.") % {"limit": MAX_CELL}
    elif FORBIDDEN.search(cell):
        problem = _("the cell holds an invisible control character. Type the text anew.")
    elif cell in ERROR_CODES:
        problem = _("the cell holds a calculation error (%(error)s).") % {"error": cell}
    if problem:
        problems.append(sentence(number, column, problem))
        return ""
    cell = re.sub(r"[\t\r\n]+", " ", DIRT.sub("", cell))
    return unicodedata.normalize("NFC", cell.strip())


def sentence(line: int, column: str, problem: str) -> str:
    """One problem, said with its place."""
    place = {"line": line, "column": Truncator(column).chars(40), "problem": problem}
    return _("Line %(line)s, column “%(column)s”: %(problem)s") % place


# Reading ------------------------------------------------------------------------------------------


def read(data: bytes) -> Sheet:
    """The first sheet of a CSV or XLSX file, by what it holds and not by its name. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(
            _("The file is larger than %(limit)s MB. It cannot be a list of students.")
            % {"limit": MAX_BYTES // 1_000_000}
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_("This is an old Excel file (.xls). Save it as .xlsx or as CSV."))
    return Sheet.from_rows(_xlsx_rows(data) if data.startswith(b"PK") else _csv_rows(_decode(data)))


def _decode(data: bytes) -> str:
    """UTF-8, UTF-16 (with a mark or not) or Windows-1252: what Excel writes in France."""
    encodings = ["utf-8-sig", "cp1252"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif data[1:2] == b"\0":
        encodings = ["utf-16-le"]
    elif data[:1] == b"\0":
        encodings = ["utf-16-be"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(
        _("The letters of this file cannot be read. In Excel, save it as “CSV UTF-8” or as .xlsx.")
    )


def _csv_rows(text: str) -> Iterator[Row]:
    """Each line with the number it begins at. The separator is the one that the first line uses most."""
    first, _newline, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):
        delimiter, text, skipped = first.strip()[4:5] or ";", rest, 1
    else:
        unquoted = re.sub(r'"[^"]*"', "", first)
        delimiter, skipped = max(";,\t", key=unquoted.count), 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = skipped + 1
    try:
        for cells in reader:
            # Our own export marks such cells with an apostrophe: taken off again here.
            yield (
                begins,
                [cell[1:] if cell[:1] == "'" and cell[1:].startswith(INERT) else cell for cell in cells],
            )
            begins = skipped + reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            _(
                "The file cannot be read from line %(line)s on: a quotation mark is left open, or a cell is far too long."
            )
            % {"line": begins}
        ) from error


def _xlsx_rows(data: bytes) -> list[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise Unreadable(
                _("Once unpacked, this Excel file is far too large. Copy the list into a new file.")
            )
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.active if book.active in book.worksheets else book.worksheets[0]
        # A file may claim any size; what it holds decides.
        sheet.reset_dimensions()
        rows = []
        for number, values in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), 1):
            if any(value is not None for value in values):
                rows.append((number, [_as_text(value) for value in values]))
            if len(rows) > MAX_ROWS + 1 or number == EXCEL_ROWS:
                break
        return rows
    except Unreadable:
        raise
    except DAMAGED as error:
        raise Unreadable(
            _("This is not an Excel file that can be read. Save it again as .xlsx or as CSV.")
        ) from error


def _as_text(value) -> str:
    """A cell's value as someone would have typed it: whole numbers without “.0”, dates as 2026-03-01."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


# Writing ------------------------------------------------------------------------------------------


def write_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """CSV as French Excel opens it by a double click: UTF-8 with its mark, semicolons; cells that could run begin with '."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(INERT) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(rows: Iterable[Iterable[str]]) -> bytes:
    """A workbook whose cells are all text, never formulae, also after someone edits them."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value))
            cell.data_type, cell.number_format = "s", "@"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Spreadsheet(base_formats.Format):
    """For django-import-export: a file of either kind. What it is, and in which encoding, is found out by reading it."""

    def __init__(self, encoding=None):
        super().__init__()

    def get_title(self) -> str:
        return "CSV / XLSX"

    def create_dataset(self, in_stream: bytes) -> Sheet:
        return read(in_stream)

    def can_import(self) -> bool:
        return True

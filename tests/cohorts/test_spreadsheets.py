"""Spreadsheets as French offices make them: what is read from a file, what is refused in words, what comes out inert."""

import csv
import io
import itertools
import zipfile

import openpyxl
import pytest
from django.utils import translation

from cohorts.importing import export_students, import_sheet
from cohorts.models import Internship, Student
from cohorts.spreadsheets import Unreadable, read, write_csv, write_xlsx
from tests import factories

pytestmark = pytest.mark.django_db

HEADERS = "Prénom;Nom;Courriel"
ROSTER = f"{HEADERS}\nLéa;Le Goff;lea@example.org\nNguyễn;Văn Ánh;anh@example.org\n"


@pytest.fixture(autouse=True)
def _english():
    """The sentences are compared as they stand in the code, whatever their translation."""
    with translation.override("en"):
        yield


def run(text, promotion, dry_run=False):
    data = text if isinstance(text, bytes) else text.encode()
    return import_sheet(read(data), promotion, dry_run=dry_run)


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def problems_of(data):
    with pytest.raises(Unreadable) as refused:
        read(data if isinstance(data, bytes) else data.encode())
    return refused.value.problems


def names():
    return list(Student.objects.order_by("email").values_list("first_name", "last_name", "email"))


BOTH = [("Nguyễn", "Văn Ánh", "anh@example.org"), ("Léa", "Le Goff", "lea@example.org")]
LEA = [("Léa", "Le Goff", "lea@example.org")]


# Files as French offices make them ---------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_import_reads_every_unicode_encoding(promotion, encoding):
    run(ROSTER.encode(encoding), promotion)
    assert names() == BOTH


def test_import_reads_windows_1252(promotion):
    run("Prénom;Nom;Courriel\nLéa;Cœur–d’Aÿ;lea@example.org\n".encode("cp1252"), promotion)
    assert names() == [("Léa", "Cœur–d’Aÿ", "lea@example.org")]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_import_finds_the_separator(promotion, separator):
    run(ROSTER.replace(";", separator), promotion)
    assert names() == BOTH


def test_import_skips_the_line_that_names_the_separator(promotion):
    run("sep=,\nPrénom,Nom,Courriel\nLéa,Le Goff,lea@example.org\n", promotion)
    assert names() == LEA


def test_import_reads_a_workbook(promotion):
    run(
        workbook(
            ["Prénom", "Nom", "Courriel", None],
            ["Léa", "Le Goff", "lea@example.org", None],
            [None, None, None],
        ),
        promotion,
    )
    assert names() == LEA


@pytest.mark.parametrize(
    "titles",
    [
        "PRENOM;nom;E-mail",
        "first_name;last_name;email",
        "Prénom(s);Nom de famille;Adresse électronique",
        "First name;Last name;E-mail address",
        " Prénom ;NOM; mél ",
    ],
)
def test_import_knows_the_columns_by_many_names(promotion, titles):
    run(f"{titles}\nLéa;Le Goff;lea@example.org\n", promotion)
    assert names() == LEA


def test_import_leaves_blank_lines_and_empty_columns_out(promotion):
    run("\n;;;\nPrénom;Nom;Courriel;\n;;;\nLéa;Le Goff;lea@example.org;\n\n", promotion)
    assert names() == LEA


@pytest.mark.parametrize(
    "name", ["O’Brien", "D'Arc", "محمد", "李", "Null", "X", "Z" * 80, "-Élise", "<script>"]
)
def test_import_keeps_names_as_typed(promotion, name):
    run(f"{HEADERS}\n{name};Le Goff;lea@example.org\n", promotion)
    assert Student.objects.get().first_name == name


def test_import_drops_zero_width_blanks(promotion):
    run(f"{HEADERS}\nLéa\u200b;Le Goff;\ufefflea@example.org\u200b\n", promotion)
    assert names() == LEA


def test_import_composes_decomposed_accents(promotion):
    run(f"{HEADERS}\nE\u0301lise;Le Goff;lea@example.org\n", promotion)
    assert Student.objects.get().first_name == "Élise"


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-Élise", "@x", "＝1", "=cmd|' /C calc'!A0"])
@pytest.mark.parametrize("made", [write_csv, write_xlsx, None])
def test_import_keeps_formulae_as_text(promotion, cell, made):
    rows = [HEADERS.split(";"), [cell, "Le Goff", "lea@example.org"]]
    data = made(rows) if made else "\n".join(";".join(row) for row in rows).encode()
    run(data, promotion)
    assert Student.objects.get().first_name == cell


# Files that cannot be used, in words ---------------------------------------------------------------

CONTROL = "the cell holds an invisible control character. Type the text anew."


@pytest.mark.parametrize("character", ["\0", "\x07", "\x85", "\u202e", "\u2066"])
def test_control_characters_are_refused(character):
    assert problems_of(f"{HEADERS}\nLé{character}a;Le Goff;lea@example.org\n") == [
        f"Line 2, column “Prénom”: {CONTROL}"
    ]


OPEN_QUOTE = (
    "The file cannot be read from line 3 on: a quotation mark is left open, or a cell is far too long."
)
NOT_EXCEL = "This is not an Excel file that can be read. Save it again as .xlsx or as CSV."


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf\r\n;;\r\n", "The file is empty."),
        (HEADERS, "The file has titles but no line below them."),
        (f'{HEADERS}\nLéa;Le Goff;lea@example.org\n"Karim;Benali;x\n', OPEN_QUOTE),
        (f"{HEADERS}\nLéa;Le Goff;lea@example.org\n{'x' * 200_000};y;z\n", OPEN_QUOTE),
        (
            f"{HEADERS}\n{'x' * 3000};y;z\n",
            "Line 2, column “Prénom”: the cell holds more than 2000 characters.",
        ),
        (
            f"{HEADERS}\nLéa;Le Goff;lea@example.org;de trop\n",
            "Line 2 has more cells than the first line has titles. Is there a separator too many?",
        ),
        (
            ";".join("x" * 100_000),
            "The first line has more than 60 columns. Keep the ones that are needed.",
        ),
        (
            f"{HEADERS}\n" + "Léa;Le Goff;lea@example.org\n" * 2001,
            "The file has more than 2000 lines. Import it in several parts.",
        ),
        (b"x" * 5_000_001, "The file is larger than 5 MB. It cannot be a list of students."),
        (
            b"Pr\x81nom;Nom",
            "The letters of this file cannot be read. In Excel, save it as “CSV UTF-8” or as .xlsx.",
        ),
        (b"\xd0\xcf\x11\xe0old", "This is an old Excel file (.xls). Save it as .xlsx or as CSV."),
        (b"PK\x03\x04", NOT_EXCEL),
        (workbook(["Nom"], ["x"])[:900], NOT_EXCEL),
        (workbook(), "The file is empty."),
        (workbook(["Nom"], ["#REF!"]), "Line 2, column “Nom”: the cell holds a calculation error (#REF!)."),
        (
            workbook(["Nom"], *[["x"]] * 2001),
            "The file has more than 2000 lines. Import it in several parts.",
        ),
    ],
    # Not the bytes: a workbook says when it was made, and the processes that share the tests must agree on their names.
    ids=itertools.count(),
)
def test_file_that_cannot_be_used_is_refused_in_words(data, problem):
    assert problems_of(data) == [problem]


def test_workbook_that_unpacks_to_too_much_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 21_000_000)
    assert problems_of(out.getvalue()) == [
        "Once unpacked, this Excel file is far too large. Copy the list into a new file."
    ]


def test_problems_are_cut_at_thirty():
    assert len(problems_of(f"{HEADERS}\n" + "\x07;\x07;\x07\n" * 1000)) == 30


# Export -------------------------------------------------------------------------------------------


@pytest.fixture
def odd(promotion):
    """A student whose every text could run in a spreadsheet."""
    student = factories.make_student(
        promotion, first_name="-Élise", last_name="=HYPERLINK(1)", email="lea@example.org"
    )
    Internship.objects.create(student=student, host="@Brest", place="＝x", tutor_name="+33 6 12 34 56 78")
    return student


def export():
    dataset = export_students(Student.objects.all())
    return [dataset.headers, *dataset]


def test_csv_export_marks_cells_that_could_run(odd):
    row = list(csv.reader(io.StringIO(write_csv(export()).decode("utf-8-sig")), delimiter=";"))[1]
    assert row[:6] == [
        "'-Élise",
        "'=HYPERLINK(1)",
        "lea@example.org",
        "'@Brest",
        "'＝x",
        "'+33 6 12 34 56 78",
    ]


@pytest.mark.parametrize("start", "=+-@\t\r＝＋－＠")
def test_csv_export_marks_every_beginning_of_a_formula(start):
    assert (
        next(csv.reader([write_csv([[f"{start}x"]]).decode("utf-8-sig").strip("\n")]))[0][:2] == f"'{start}"
    )


def test_workbook_export_holds_text_only(odd):
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx(export()))).active
    assert [(cell.value, cell.data_type, cell.number_format) for cell in sheet[2]][:2] == [
        ("-Élise", "s", "@"),
        ("=HYPERLINK(1)", "s", "@"),
    ]


@pytest.mark.parametrize("made", [write_csv, write_xlsx])
def test_export_can_be_imported_again(promotion, odd, made):
    assert run(made(export()), promotion).counts == {"new": 0, "changed": 0, "same": 1}


def test_export_writes_the_latest_internship(promotion):
    student = factories.make_student(promotion)
    Internship.objects.create(student=student, host="Brest", starts="2026-03-01")
    Internship.objects.create(student=student, host="Quimper", starts="2026-01-01")
    assert export()[1][3] == "Brest"


def test_export_costs_the_same_for_one_and_for_three(promotion, django_assert_num_queries):
    for wanted in (1, 3):
        while Student.objects.count() < wanted:
            factories.make_student(promotion)
        with django_assert_num_queries(2):
            export()

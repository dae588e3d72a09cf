"""A promotion's students from a spreadsheet: what becomes of each row, what is refused by line and column, the command."""

import io

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.utils import translation

from cohorts.importing import StudentResource, import_sheet
from cohorts.models import Internship, Student, User
from cohorts.spreadsheets import read
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


def names():
    return list(Student.objects.order_by("email").values_list("first_name", "last_name", "email"))


BOTH = [("Nguyễn", "Văn Ánh", "anh@example.org"), ("Léa", "Le Goff", "lea@example.org")]
LEA = [("Léa", "Le Goff", "lea@example.org")]


# What becomes of a row ----------------------------------------------------------------------------


def test_import_gives_each_student_a_login_with_a_verified_address(promotion):
    run(f"{HEADERS}\nLéa;Le Goff;Lea@Example.org\n", promotion)
    student = Student.objects.get()
    address = EmailAddress.objects.get()
    assert (student.promotion, student.user.email, student.user.has_usable_password()) == (
        promotion,
        "lea@example.org",
        False,
    )
    assert (address.user, address.email, address.verified, address.primary) == (
        student.user,
        "lea@example.org",
        True,
        True,
    )


def test_import_twice_changes_nothing(promotion):
    run(ROSTER, promotion)
    assert run(ROSTER, promotion).counts == {"new": 0, "changed": 0, "same": 2}


def test_import_updates_a_student_whatever_the_case_of_the_address(promotion, student):
    result = run(f"{HEADERS}\nLéa;Le Goff-Martin;LEA@example.ORG\n", promotion)
    assert result.counts == {"new": 0, "changed": 1, "same": 0}
    assert names() == [("Léa", "Le Goff-Martin", "lea@example.org")]
    assert User.objects.get().last_name == "Le Goff-Martin"


def test_import_gives_a_login_to_a_known_student_who_had_none(promotion):
    factories.make_student(
        promotion, login=False, first_name="Léa", last_name="Le Goff", email="lea@example.org"
    )
    run(f"{HEADERS}\nLéa;Le Goff;lea@example.org\n", promotion)
    assert Student.objects.get().user.email == "lea@example.org"


WITH_STAGE = (
    "Prénom;Nom;Courriel;Collectivité;Lieu;Tuteur;Courriel du tuteur;Sujet;Début;Fin\n"
    "Léa;Le Goff;lea@example.org;Ville de Brest;Brest;Yann Floch;yann@example.org;Le port;{};{}\n"
)


@pytest.mark.parametrize("start", ["02/03/2026", "2/3/26", "02.03.2026", "2026-03-02"])
def test_import_makes_one_internship_from_its_columns(promotion, start):
    run(WITH_STAGE.format(start, "31/05/2026"), promotion)
    stage = Internship.objects.get()
    assert (
        stage.student.email,
        stage.host,
        stage.place,
        stage.tutor_name,
        stage.tutor_email,
        stage.subject,
        f"{stage.starts} {stage.ends}",
    ) == (
        "lea@example.org",
        "Ville de Brest",
        "Brest",
        "Yann Floch",
        "yann@example.org",
        "Le port",
        "2026-03-02 2026-05-31",
    )


def test_import_corrects_the_internship_at_the_same_host(promotion):
    run(WITH_STAGE.format("02/03/2026", "31/05/2026"), promotion)
    result = run(WITH_STAGE.format("09/03/2026", "31/05/2026"), promotion)
    assert (result.counts["changed"], str(Internship.objects.get().starts)) == (1, "2026-03-09")


def test_import_without_internship_columns_leaves_internships_alone(promotion):
    run(WITH_STAGE.format("02/03/2026", "31/05/2026"), promotion)
    run(f"{HEADERS}\nLéa;Martin;lea@example.org\n", promotion)
    assert Internship.objects.get().host == "Ville de Brest"


def test_dry_run_writes_nothing_and_shows_before_and_after(promotion, student):
    result = run(
        f"{HEADERS}\nLéa;Martin;lea@example.org\nKarim;Benali;karim@example.org\n", promotion, dry_run=True
    )
    assert [row.diff for row in result.rows] == [
        [("Léa", "Léa"), ("Le Goff", "Martin"), ("lea@example.org", "lea@example.org")],
        [("", "Karim"), ("", "Benali"), ("", "karim@example.org")],
    ]
    assert (names(), User.objects.count()) == (LEA, 1)


# What is refused, in words ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (";Le Goff;lea@example.org", "Line 2, column “Prénom”: the cell is empty."),
        ("Léa;Le Goff", "Line 2, column “Courriel”: the cell is empty."),
        ("Léa;Le Goff;lea@example", "Line 2, column “Courriel”: “lea@example” is not an e-mail address."),
        (
            "Léa;Le Goff;lea@example.org\u200f",
            "Line 2, column “Courriel”: “lea@example.org\u200f” is not an e-mail address.",
        ),
        (f"{'Z' * 81};Le Goff;lea@example.org", "Line 2, column “Prénom”: 80 characters at most."),
    ],
)
def test_row_that_is_wrong_is_named_by_line_and_column(promotion, line, problem):
    assert run(f"{HEADERS}\n{line}\n", promotion).problems == [problem]


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        ("31/02/2026", "", "column “Début”: “31/02/2026” is not a date. Write it like 01/03/2026."),
        (
            "02/03/2026",
            "01/03/2026",
            "column “Fin”: An internship ends after it starts: check the two dates.",
        ),
    ],
)
def test_internship_that_is_wrong_is_named_by_line_and_column(promotion, start, end, problem):
    assert run(WITH_STAGE.format(start, end), promotion).problems == [f"Line 2, {problem}"]


def test_internship_without_host_is_refused(promotion):
    text = WITH_STAGE.format("02/03/2026", "").replace("Ville de Brest", "")
    assert run(text, promotion).problems == [
        "Line 2, column “Collectivité”: the cell is empty, and the internship needs it."
    ]


def test_one_wrong_row_stops_all_of_them(promotion):
    run(f"{ROSTER}Karim;Benali;karim\n", promotion)
    assert (names(), User.objects.count()) == ([], 0)


def test_lines_are_counted_as_in_the_file(promotion):
    text = f'\n{HEADERS}\n"Léa\nMarie";Le Goff;lea@example.org\n\n;Benali;karim@example.org\n'
    assert run(text, promotion).problems == ["Line 6, column “Prénom”: the cell is empty."]


def test_two_rows_with_one_address_are_refused_naming_both_lines(promotion):
    result = run(f"{ROSTER}Léa;Le Goff;LEA@example.org\n", promotion)
    assert (result.problems, names()) == (
        ["Line 4, column “Courriel”: the same address already stands in line 2."],
        [],
    )


def test_student_of_another_promotion_is_refused(promotion):
    other = factories.make_promotion(name="Abbé Pierre")
    factories.make_student(other, first_name="Léa", last_name="Le Goff", email="lea@example.org")
    assert run(f"{HEADERS}\nLéa;Le Goff;lea@example.org\n", promotion).problems == [
        f"Line 2, column “Courriel”: Léa Le Goff, a student of {other}, already has this address."
    ]


def test_address_that_is_another_students_login_is_refused(promotion, student):
    Student.objects.update(email="lea.le-goff@example.org")
    assert run(f"{HEADERS}\nLéa;Martin;lea@example.org\n", promotion).problems == [
        "Line 2, column “Courriel”: another student already signs in with this address."
    ]


COLUMNS_ARE = (
    "The columns of an import are: First name, Last name, E-mail, Authority, Place, Tutor, Tutor’s e-mail, "
    "Subject, Start, End."
)


@pytest.mark.parametrize(
    "title", ["is_staff", "groups", "password", "is_superuser", "promotion", "line", "id"]
)
def test_column_that_is_not_of_the_import_is_refused_by_name(promotion, title):
    result = run(f"{HEADERS};{title}\nLéa;Le Goff;lea@example.org;1\n", promotion)
    assert (result.problems, names()) == (
        [f"The column “{title}” is not one of the import. Remove it.", COLUMNS_ARE],
        [],
    )


def test_two_columns_that_mean_the_same_are_refused(promotion):
    assert run(f"{HEADERS};E-mail\nLéa;Le Goff;lea@example.org;x\n", promotion).problems == [
        "The columns “Courriel” and “E-mail” mean the same. Keep one of them.",
        COLUMNS_ARE,
    ]


def test_missing_columns_are_named(promotion):
    assert run("Nom\nLe Goff\n", promotion).problems == [
        "The column “First name” is missing.",
        "The column “E-mail” is missing.",
        COLUMNS_ARE,
    ]


def test_column_without_title_is_refused(promotion):
    assert run("Prénom;;Nom;Courriel\nLéa;x;Le Goff;lea@example.org\n", promotion).problems == [
        "Column 2 has no title. Give it one or remove it.",
        COLUMNS_ARE,
    ]


# The command --------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "promotion.csv"
    path.write_text(ROSTER)
    return path


def command(*arguments):
    out = io.StringIO()
    call_command("import_students", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_command_imports(promotion, file):
    out = command(file, "--promotion", "josephine-baker")
    assert (names(), out.splitlines()[-1]) == (
        BOTH,
        f"Imported into {promotion}: 2 new, 0 changed, 0 unchanged.",
    )


def test_command_dry_run_says_and_changes_nothing(promotion, file):
    out = command(file, "--promotion", "josephine-baker", "--dry-run")
    assert (out.splitlines(), names()) == (
        [
            "+ Léa Le Goff: Léa; Le Goff; lea@example.org",
            "+ Nguyễn Văn Ánh: Nguyễn; Văn Ánh; anh@example.org",
            f"Would import into {promotion}: 2 new, 0 changed, 0 unchanged.",
        ],
        [],
    )


def test_command_names_what_is_wrong(promotion, file):
    file.write_text(f"{HEADERS}\nLéa;;lea\n")
    with pytest.raises(CommandError) as refused:
        command(file, "--promotion", "josephine-baker")
    assert str(refused.value).splitlines() == [
        "Nothing was imported.",
        "Line 2, column “Nom”: the cell is empty.",
        "Line 2, column “Courriel”: “lea” is not an e-mail address.",
    ]


def test_command_names_the_promotions_there_are(promotion, file):
    with pytest.raises(CommandError) as refused:
        command(file, "--promotion", "joe")
    assert str(refused.value) == "There is no promotion “joe”. There are: josephine-baker."


def test_command_says_that_the_file_is_not_there(promotion, tmp_path):
    with pytest.raises(CommandError) as refused:
        command(tmp_path / "absent.csv", "--promotion", "josephine-baker")
    assert str(refused.value) == "The file cannot be opened: No such file or directory."


def test_mistake_of_ours_imports_nothing_and_is_said(promotion, monkeypatch, caplog):
    monkeypatch.setattr(StudentResource, "after_save_instance", lambda *args, **kwargs: 1 / 0)
    result = run(f"{HEADERS}\nLéa;Le Goff;lea@example.org\n", promotion)
    assert ([str(problem) for problem in result.problems], names()) == (
        ["Nothing was imported, by a mistake of this program. It has been noted."],
        [],
    )

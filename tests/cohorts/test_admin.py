"""The staff's desk for people: the import in two steps, exports, a new name, a corrected address, who is let in."""

import io

import openpyxl
import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from cohorts.models import CommsMember, Promotion, Student, User
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db

ROSTER = "Prénom;Nom;Courriel\nLéa;Le Goff;lea@example.org\nKarim;Benali;karim@example.org\n"


@pytest.fixture(autouse=True)
def _english(client):
    client.cookies["django_language"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def root(client, db):
    user = User.objects.create_superuser("root@example.org")
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"admin:cohorts_{name}", args=args)


def said(response):
    return [str(message) for message in response.context["messages"]]


# Import -------------------------------------------------------------------------------------------


def check(client, promotion, text=ROSTER, name="promotion.csv", **fields):
    upload = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    data = {"promotion": promotion.pk, "import_file": upload, "format": "0"}
    return client.post(url("student_import"), data | fields)


def confirm(client, checked, **fields):
    data = checked.context["confirm_form"].initial | fields
    return client.post(url("student_process_import"), data, follow=True)


def test_check_shows_what_would_change_and_changes_nothing(desk, promotion, student):
    response = check(desk, promotion)
    assert (response.status_code, response.context["result"].counts, Student.objects.count()) == (
        200,
        {"new": 1, "changed": 0, "same": 1},
        1,
    )


def test_import_after_the_check(desk, promotion):
    response = confirm(desk, check(desk, promotion))
    assert said(response) == ["Imported: 2 new, 0 changed, 0 unchanged."]
    assert set(promotion.students.values_list("email", "user__email")) == {
        ("lea@example.org", "lea@example.org"),
        ("karim@example.org", "karim@example.org"),
    }


def test_import_forgets_the_file(desk, promotion):
    checked = check(desk, promotion)
    confirm(desk, checked)
    name = checked.context["confirm_form"].initial["import_file_name"]
    assert cache.get(f"django-import-export-{name}") is None


def test_import_reads_a_workbook_whatever_its_name(desk, promotion):
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Prénom", "Nom", "Courriel"])
    book.active.append(["Léa", "Le Goff", "lea@example.org"])
    book.save(out)
    confirm(desk, check(desk, promotion, out.getvalue(), name="liste.txt"))
    assert Student.objects.get().email == "lea@example.org"


def test_import_is_kept_in_the_promotions_history(desk, staff, promotion):
    confirm(desk, check(desk, promotion))
    response = desk.get(url("promotion_history", promotion.pk))
    assert [entry.change_message for entry in response.context["action_list"]] == [
        "Students imported: 2 new, 0 changed."
    ]


def test_rows_that_are_wrong_are_named_and_offer_no_import(desk, promotion):
    response = check(desk, promotion, ROSTER + "Maïa;;maia\n")
    assert (
        response.status_code,
        response.context["result"].problems,
        "confirm_form" in response.context,
    ) == (
        422,
        [
            "Line 4, column “Nom”: the cell is empty.",
            "Line 4, column “Courriel”: “maia” is not an e-mail address.",
        ],
        False,
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"\x00\x01\x02", "The letters of this file cannot be read."),
        ("Nom\0;x\n", "invisible control character"),
        (b"PK\x03\x04", "This is not an Excel file that can be read."),
        (";".join("x" * 100_000), "more than 60 columns"),
        (f"Nom\n{'x' * 1_000_000}\n", "a cell is far too long"),
        ("Nom;is_staff\nx;1\n", "The column “is_staff” is not one of the import. Remove it."),
    ],
)
def test_file_that_cannot_be_used_is_said_on_the_page(desk, promotion, text, problem):
    response = check(desk, promotion, text)
    found = [*response.context["form"].errors.get("import_file", [])]
    if "result" in response.context:
        found += response.context["result"].problems
    assert (response.status_code, Student.objects.count()) == (422, 0)
    assert problem in found[0]


@pytest.mark.parametrize(("field", "value"), [("promotion", ""), ("import_file", ""), ("promotion", 999)])
def test_promotion_and_file_are_needed(desk, promotion, field, value):
    data = {"promotion": promotion.pk, "import_file": io.BytesIO(ROSTER.encode()), "format": "0"}
    response = desk.post(url("student_import"), data | {field: value})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])


def test_promotion_can_be_chosen_by_the_link(desk, promotion):
    response = desk.get(url("student_import"), {"promotion": promotion.pk})
    assert response.context["form"]["promotion"].value() == str(promotion.pk)


def test_confirming_after_an_hour_asks_for_the_file_again(desk, promotion):
    checked = check(desk, promotion)
    cache.clear()
    response = confirm(desk, checked)
    assert (said(response), Student.objects.count()) == (
        ["The check was made more than an hour ago. Choose the file again."],
        0,
    )


@pytest.mark.parametrize("name", ["../../etc/passwd", "x", ""])
def test_confirming_another_file_imports_nothing(desk, promotion, name):
    response = confirm(desk, check(desk, promotion), import_file_name=name)
    assert (response.status_code, Student.objects.count()) == (200, 0)


def test_what_went_wrong_since_the_check_imports_nothing(desk, promotion):
    checked = check(desk, promotion)
    factories.make_student(factories.make_promotion(name="Emmaüs"), email="KARIM@example.org")
    response = confirm(desk, checked)
    assert said(response)[0] == "Nothing was imported."
    assert list(promotion.students.all()) == []


@pytest.mark.parametrize("name", ["student_import", "student_process_import"])
def test_import_is_for_staff_only(client, member, promotion, name):
    client.force_login(member.user)
    assert client.post(url(name), {"promotion": promotion.pk}).status_code == 302


def test_names_that_look_like_markup_are_shown_as_text(desk, promotion):
    page = check(
        desk, promotion, "Prénom;Nom;Courriel\n<img src=x>;Le Goff;lea@example.org\n"
    ).content.decode()
    assert ("<img src=x>" in page, "&lt;img src=x&gt;" in page) == (False, True)


# Export -------------------------------------------------------------------------------------------


def test_promotion_is_exported_as_csv(desk, promotion, student):
    response = desk.get(url("promotion_export", promotion.pk, "csv"))
    assert (response.headers["Content-Type"], response.headers["Content-Disposition"]) == (
        "text/csv",
        'attachment; filename="josephine-baker.csv"',
    )
    assert response.content.decode("utf-8-sig").splitlines()[1] == "Léa;Le Goff;lea@example.org;;;;;;;"


def test_promotion_is_exported_as_workbook(desk, promotion, student):
    response = desk.get(url("promotion_export", promotion.pk, "xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert [cell.value for cell in sheet[2]][:3] == ["Léa", "Le Goff", "lea@example.org"]


def test_chosen_students_are_exported(desk, student, classmate):
    response = desk.post(
        url("student_changelist"), {"action": "export_csv", "_selected_action": [classmate.pk]}
    )
    assert [line.split(";")[0] for line in response.content.decode("utf-8-sig").splitlines()[1:]] == ["Karim"]


def test_other_kinds_of_export_are_not_there(desk, promotion):
    assert desk.get(url("promotion_export", promotion.pk, "pdf")).status_code == 404


def test_export_is_for_staff_only(client, member, promotion):
    client.force_login(member.user)
    assert client.get(url("promotion_export", promotion.pk, "csv")).status_code == 302


# A new name ---------------------------------------------------------------------------------------


def test_renaming_on_the_desk(desk, promotion):
    response = desk.post(url("promotion_rename", promotion.pk), {"name": "Emmaüs", "slug": "emmaus"})
    promotion = fresh(promotion)
    assert (response.status_code, promotion.name, promotion.former_names.get().slug) == (
        302,
        "Emmaüs",
        "josephine-baker",
    )


def test_name_and_address_are_changed_by_renaming_only(desk, promotion):
    desk.post(
        url("promotion_change", promotion.pk),
        {
            "name": "X",
            "slug": "x",
            "number": 99,
            "hashtag": "#X",
            "starts": "2026-01-01",
            "ends": "2027-01-01",
        }
        | {"colour": "#000000", "second_colour": "#ffffff"},
    )
    changed = fresh(promotion)
    assert (changed.name, changed.slug, changed.number) == (
        "Joséphine Baker",
        "josephine-baker",
        promotion.number,
    )


@pytest.mark.parametrize(
    ("slug", "problem"),
    [
        ("emmaus", "Promotion with this Address already exists."),
        ("halimi", "This address still leads to Gisèle Halimi (2026/2027), which bore it before."),
    ],
)
def test_address_of_another_promotion_is_refused(desk, staff, promotion, slug, problem):
    factories.make_promotion(slug="emmaus")
    other = factories.make_promotion(
        name="Gisèle Halimi", slug="gisele-halimi", starts="2026-01-01", ends="2027-06-30"
    )
    other.former_names.create(name="Halimi", slug="halimi", until="2026-01-01")
    response = desk.post(url("promotion_rename", promotion.pk), {"name": "Emmaüs", "slug": slug})
    assert (response.status_code, response.context["form"].errors["slug"]) == (422, [problem])
    assert fresh(promotion).slug == "josephine-baker"


# Students, mandates, logins -----------------------------------------------------------------------


def inlines(**rows):
    data = {}
    for prefix in ("internships", "mandates"):
        given = rows.get(prefix, [])
        data |= {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": 0}
        for number, row in enumerate(given):
            data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def test_student_added_by_hand_gets_a_login(desk, promotion):
    desk.post(
        url("student_add"),
        {"promotion": promotion.pk, "first_name": "Léa", "last_name": "Le Goff", "email": "Lea@Example.org"}
        | inlines(mandates=[{"starts": "2026-09-01", "ends": ""}], internships=[{"host": "Brest"}]),
    )
    student = Student.objects.get()
    assert (student.user.email, student.mandates.count(), student.internships.get().host) == (
        "lea@example.org",
        1,
        "Brest",
    )


def correct(desk, student, **fields):
    data = {"promotion": student.promotion_id, "first_name": "Léa", "last_name": "Le Goff"}
    return desk.post(url("student_change", student.pk), data | fields | inlines())


def test_corrected_address_is_the_one_they_sign_in_with(desk, student):
    correct(desk, student, email="lea.legoff@example.org")
    assert list(EmailAddress.objects.filter(user=student.user).values_list("email", "verified")) == [
        ("lea.legoff@example.org", True)
    ]
    assert fresh(student.user).email == "lea.legoff@example.org"


def test_address_that_someone_else_signs_in_with_is_refused(desk, staff, student):
    response = correct(desk, student, email="BUREAU@example.org")
    assert response.context["adminform"].form.errors == {
        "email": ["Someone else already signs in with this address."]
    }
    assert fresh(student.user).email == "lea@example.org"


def test_staff_do_not_delete_students_nor_mandates(desk, member):
    assert desk.get(url("student_delete", member.pk)).status_code == 403
    assert desk.get(url("commsmember_delete", CommsMember.objects.get().pk)).status_code == 403


def test_mandate_is_given_to_students_of_promotions_that_have_not_graduated(desk, student):
    factories.make_student(factories.make_promotion(starts="2020-01-01", ends="2021-06-30"))
    form = desk.get(url("commsmember_add")).context["adminform"].form
    assert list(form.fields["student"].queryset) == [student]


def test_mandate_is_ended_on_the_desk(desk, member):
    mandate = CommsMember.objects.get()
    desk.post(url("commsmember_change", mandate.pk), {"starts": "2026-01-01", "ends": "2026-01-31"})
    assert (fresh(mandate).student, fresh(mandate).ends.isoformat()) == (member, "2026-01-31")


def test_logins_are_for_superusers_only(desk, staff):
    assert desk.get(url("user_changelist")).status_code == 403
    response = desk.post(url("user_change", staff.pk), {"email": staff.email, "is_superuser": "on"})
    assert (response.status_code, fresh(staff).is_superuser) == (403, False)


def test_superuser_makes_a_member_of_staff_who_can_sign_in(root):
    root.post(url("user_add"), {"email": "New@Example.org", "is_staff": "on", "is_active": "on"})
    user = User.objects.get(email="new@example.org")
    assert (user.is_staff, user.has_usable_password(), EmailAddress.objects.get(user=user).verified) == (
        True,
        False,
        True,
    )


def test_every_page_of_the_desk_opens(root, promotion, student, member):
    names = ["track", "promotion", "student", "commsmember", "user"]
    pages = [url(f"{name}_{kind}") for name in names for kind in ("changelist", "add")]
    pages += [
        url("promotion_change", promotion.pk),
        url("promotion_rename", promotion.pk),
        url("student_change", member.pk),
        url("student_import"),
    ]
    assert [root.get(page).status_code for page in pages] == [200] * len(pages)


def test_groups_are_not_offered(root):
    assert "auth/group" not in root.get(reverse("admin:index")).content.decode()


def test_promotions_number_never_changes(desk, promotion):
    response = desk.get(url("promotion_change", promotion.pk))
    assert set(response.context["adminform"].readonly_fields) >= {"track", "number", "name", "slug"}
    assert Promotion.objects.get() == promotion

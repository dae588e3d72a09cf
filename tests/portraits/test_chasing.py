"""Who looks after whom, contacts, ticked faces, the page of one person, and the message ready to copy."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts.actions import update_login
from portraits import actions
from portraits.models import Contact, Nudge, Portrait
from tests import factories
from tests.factories import fresh
from tests.smtp import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


def post(client, name, students, **more):
    return client.post(reverse(name), {"students": [one.pk for one in students], **more})


def told(client):
    """The messages that the next page shows."""
    return [message.level_tag for message in client.get(reverse("board")).context["messages"]]


# Looking after ----------------------------------------------------------------------------------


def test_assign_makes_a_member_look_after_the_ticked_ones(as_member, student, classmate, member):
    post(as_member, "assign", [student, classmate], member=member.pk)
    assert set(Portrait.objects.values_list("student__email", "looked_after_by")) == {
        ("lea@example.org", member.pk),
        ("karim@example.org", member.pk),
    }


def test_assign_to_nobody_lets_go(as_member, student, member):
    actions.look_after(student, member, by=member.user)
    post(as_member, "assign", [student], member="")
    assert fresh(student.portrait).looked_after_by is None


def test_assign_from_a_tile_takes_the_choice_of_that_tile(as_member, student, classmate, member):
    as_member.post(
        reverse("assign"),
        {
            "one": student.pk,
            f"member-{student.pk}": member.pk,
            f"member-{classmate.pk}": "",
            "students": [classmate.pk],
            "member": "",
        },
    )
    assert list(Portrait.objects.values_list("student", "looked_after_by")) == [(student.pk, member.pk)]


def test_assign_answers_a_script_with_a_sentence(as_member, student, member):
    data = {"one": student.pk, f"member-{student.pk}": member.pk}
    answer = as_member.post(reverse("assign"), data, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, "Inès Marchand" in answer.json()["said"]) == (200, True)


@pytest.mark.parametrize("who", ["student", "former_member", "neighbour", "rubbish"])
def test_assign_takes_only_members_of_the_group(who, as_member, classmate, request):
    pk = "rubbish" if who == "rubbish" else request.getfixturevalue(who).pk
    data = {"one": classmate.pk, f"member-{classmate.pk}": pk}
    answer = as_member.post(reverse("assign"), data, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, list(answer.json()), Portrait.objects.count()) == (422, ["said"], 0)


@pytest.mark.parametrize("name", ["assign", "note_contact", "remind"])
def test_nobody_ticked_is_said(name, as_member):
    post(as_member, name, [], means="phone")
    assert told(as_member) == ["warning"]


@pytest.mark.parametrize("name", ["assign", "note_contact", "remind"])
def test_students_of_the_other_promotion_are_not_reached(name, as_member, neighbour):
    post(as_member, name, [neighbour], means="phone")
    assert (told(as_member), Portrait.objects.count()) == (["warning"], 0)


@pytest.mark.parametrize("who", ["student", "former_member", "neighbour"])
def test_only_the_group_and_staff_chase(who, classmate, request):
    person = request.getfixturevalue(who)
    for verb in (
        lambda: actions.look_after(classmate, None, by=person.user),
        lambda: actions.note_contact(classmate, "phone", by=person.user),
        lambda: actions.mail_works(classmate, by=person.user),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert Portrait.objects.count() == 0


def test_staff_help_out(student, member, staff):
    actions.look_after(student, member, by=staff)
    assert actions.note_contact(student, "phone", by=staff).by == staff


def test_nobody_looks_after_a_student_of_another_promotion(neighbour, student, member, staff):
    with pytest.raises(PermissionDenied):
        actions.look_after(neighbour, member, by=staff)


def test_whoever_leaves_the_school_leaves_their_students_unattended(student, member, staff):
    actions.look_after(student, member, by=staff)
    member.delete()
    assert fresh(student.portrait).looked_after_by is None


# Contacts ---------------------------------------------------------------------------------------


def test_contact_is_noted_with_means_note_and_who(as_member, student, member):
    post(as_member, "note_contact", [student], means="whatsapp", note="Elle s’y met dimanche.")
    contact = Contact.objects.get()
    assert (contact.portrait.student, contact.means, contact.note, contact.by) == (
        student,
        "whatsapp",
        "Elle s’y met dimanche.",
        member.user,
    )


@pytest.mark.parametrize("wrong", [{"means": "pigeon"}, {"means": ""}, {"means": "phone", "note": "x" * 201}])
def test_contact_that_cannot_be_read_is_said(wrong, as_member, student):
    post(as_member, "note_contact", [student], **wrong)
    assert (told(as_member), Contact.objects.count()) == (["warning"], 0)


# Reminders by hand --------------------------------------------------------------------------------


def test_remind_prepares_what_can_be_prepared_and_says_what_not(as_member, student, classmate, member):
    factories.make_portrait("to_sign", student=student, comms=member)
    post(as_member, "remind", [student, classmate])
    assert [nudge.portrait.student for nudge in Nudge.objects.all()] == [student]
    assert told(as_member) == ["success", "info"]


# One person -------------------------------------------------------------------------------------


def page(client, student):
    return client.get(reverse("chase", args=[student.pk]))


def test_message_is_short_and_its_link_opens_the_missing_step(as_member, student, member):
    portrait = actions.invite(student, by=member.user)
    response = page(as_member, student)
    message = response.context["message"]
    assert len(message) <= 300
    assert message in response.content.decode().replace("&#x27;", "'")
    path = re.search(r"http://testserver(\S+)", message)[1]
    theirs = Client()
    theirs.force_login(student.user)
    assert theirs.get(path).url == reverse("my_question", args=["origin"])
    assert portrait.resume_links.count() == 0


def test_message_signs_nobody_in(as_member, student, member, client):
    """Somebody of the group has it before their eyes."""
    actions.invite(student, by=member.user)
    path = re.search(r"http://testserver(\S+)", page(as_member, student).context["message"])[1]
    client.logout()
    client.get(path)
    client.post(path)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("state", [None, "submitted", "withdrawn"])
def test_page_without_anything_missing_offers_no_message(state, as_member, student, member):
    if state:
        factories.make_portrait(state, student=student, comms=member)
    response = page(as_member, student)
    assert (
        response.status_code,
        "message" in response.context,
        "data-copy" in response.content.decode(),
    ) == (
        200,
        False,
        False,
    )


def test_having_sent_it_is_noted_and_comes_back_to_the_page(as_member, student, member):
    actions.invite(student, by=member.user)
    response = post(
        as_member, "note_contact", [student], means="sms", person=student.pk, promotion=member.promotion.slug
    )
    assert response.url == reverse("chase", args=[student.pk])
    assert "sms" in Contact.objects.values_list("means", flat=True)


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_for_one_and_three_contacts(
    count, as_member, student, member, django_assert_num_queries
):
    factories.make_portrait("draft", student=student, comms=member)
    Contact.objects.all().delete()
    for _time in range(count):
        actions.note_contact(student, "phone", by=member.user)
    with django_assert_num_queries(11):
        page(as_member, student)


# Mail that comes back ------------------------------------------------------------------------------


def test_invitation_that_is_refused_marks_the_student_and_is_no_contact(
    student, member, settings, django_capture_on_commit_callbacks
):
    with mail_server() as server:
        for name, value in server.settings.items():
            setattr(settings, name, value)
        server.refuses[student.email] = "550 5.1.1 no such user"
        with django_capture_on_commit_callbacks(execute=True):
            actions.invite(student, by=member.user)
    assert (fresh(student).mail_refused_at is None, student.portrait.contacts.count()) == (False, 0)


def test_group_says_that_the_address_is_right(as_member, student):
    actions.mail_refused(student)
    as_member.post(reverse("mail_works", args=[student.pk]))
    assert fresh(student).mail_refused_at is None


def test_another_address_is_a_new_start(student):
    actions.mail_refused(student)
    student = fresh(student)
    student.email = "lea.legoff@example.org"
    student.save()
    update_login(student)
    assert fresh(student).mail_refused_at is None


def test_the_same_address_is_not(student):
    actions.mail_refused(student)
    update_login(fresh(student))
    assert fresh(student).mail_refused_at is not None


def test_the_first_day_on_which_mail_came_back_stays(student):
    before = timezone.now() - timedelta(days=3)
    type(student).objects.filter(pk=student.pk).update(mail_refused_at=before)
    actions.mail_refused(fresh(student))
    assert fresh(student).mail_refused_at == before

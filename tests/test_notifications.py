"""How people are told: at once, with the summary or not at all, as each chose; and the link that switches a kind off."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cohorts import kinds
from cohorts.kinds import KINDS, How, kinds_of
from cohorts.models import CommsMember, Notice, Preference, Student
from cohorts.notifying import choose, hows, read_way_out, switch_off, way_out
from inet_comms.mailing import Action
from portraits import actions
from portraits import mails as portrait_mails
from portraits.bounces import students_refused
from portraits.mails.telling import group, tell
from portraits.mails.telling import staff as staff_readers
from tests import factories
from tests.factories import fresh
from tests.portraits.test_bounces import report

pytestmark = pytest.mark.django_db
ACTION = Action("Lire", "/a-faire/")
CHOSEN = [kind for kind in KINDS if not kind.is_fixed and kind.is_mailed]


def told(kind, to, also=()):
    """Tell, and say who was written to, and who reads of it with their summary."""
    mail.outbox.clear()
    Notice.objects.all().delete()
    tell(kind, to, "Du nouveau", ["Voici."], ACTION, also)
    return [message.to[0] for message in mail.outbox], [notice.user.email for notice in Notice.objects.all()]


# Each kind, each way ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CHOSEN, ids=lambda kind: kind.slug)
def test_kind_chosen_at_once_is_mailed_to_whom_it_waits_for(kind, promotion, member):
    choose(member.user, {kind: How.AT_ONCE})
    assert told(kind, group(promotion)) == (["ines@example.org"], [])


@pytest.mark.parametrize("kind", CHOSEN, ids=lambda kind: kind.slug)
def test_kind_chosen_for_the_summary_is_not_mailed(kind, promotion, member):
    """What stands under À faire is read there by the summary: it is not kept twice."""
    choose(member.user, {kind: How.DIGEST})
    assert told(kind, group(promotion)) == ([], [] if kind.is_listed else ["ines@example.org"])


@pytest.mark.parametrize("kind", CHOSEN, ids=lambda kind: kind.slug)
def test_kind_switched_off_is_told_nowhere(kind, promotion, member):
    choose(member.user, {kind: How.OFF})
    assert told(kind, group(promotion), group(promotion)) == ([], [])
    assert told(kind, [], group(promotion)) == ([], [])


@pytest.mark.parametrize("kind", CHOSEN, ids=lambda kind: kind.slug)
def test_kind_that_was_never_chosen_is_told_as_proposed(kind, promotion, member):
    mailed, kept = told(kind, group(promotion))
    assert bool(mailed) is (kind.default == How.AT_ONCE)
    assert bool(kept) is (kind.default == How.DIGEST and not kind.is_listed)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.is_fixed], ids=lambda kind: kind.slug)
def test_what_must_reach_somebody_cannot_be_switched_off(kind, promotion, member):
    choose(member.user, {kind: How.OFF})
    Preference.objects.create(user=member.user, kind=kind.slug, how=How.OFF)
    assert told(kind, group(promotion)) == (["ines@example.org"], [])
    assert "List-Unsubscribe" not in mail.outbox[0].message()


def test_what_one_should_merely_know_comes_with_the_summary(promotion, member, staff):
    assert told(kinds.QUESTION, staff_readers(), group(promotion)) == (
        ["bureau@example.org"],
        ["ines@example.org"],
    )


def test_nobody_is_told_twice(promotion, member):
    assert told(kinds.QUESTION, group(promotion), group(promotion)) == (["ines@example.org"], [])


def test_only_kinds_with_a_mail_of_their_own_can_be_chosen_at_once(member):
    choose(member.user, {kinds.REMARKS: How.AT_ONCE})
    assert not Preference.objects.exists()


def test_group_of_today_is_told(promotion, member, former_member, neighbour):
    assert told(kinds.RETURNED, group(promotion))[0] == ["ines@example.org"]


def test_member_without_a_login_is_told_at_once(promotion):
    CommsMember.objects.create(
        student=factories.make_student(promotion, login=False, email="new@example.org")
    )
    assert told(kinds.TO_EDIT, group(promotion)) == (["new@example.org"], [])


def test_telling_any_number_costs_the_same(promotion, member, django_assert_num_queries):
    readers = group(promotion)
    factories.make_member(promotion), factories.make_member(promotion)
    for people in (readers, group(promotion)):
        with django_assert_num_queries(2):
            tell(kinds.APPROVED, people, "Du nouveau", [], ACTION)


def test_everyone_reads_french_whoever_caused_the_mail(promotion, member, student):
    choose(member.user, {kinds.TO_EDIT: How.AT_ONCE})
    with translation.override("en"):
        portrait_mails.handed_in(factories.make_portrait("submitted", student=student, comms=member))
    message = mail.outbox[-1]
    assert (message.subject, "Ouvrir le portrait" in message.body) == (
        "Léa Le Goff a remis son portrait\u00a0: à vous de le mettre en forme",
        True,
    )


def test_handing_in_waits_for_whoever_looks_after_the_student(promotion, member, student):
    keeper = factories.make_member(promotion, email="omar@example.org")
    portrait = factories.make_portrait("submitted", student=student, comms=member)
    actions.look_after(student, keeper, by=member.user)
    for one in (keeper, member):
        choose(one.user, {kinds.TO_EDIT: How.AT_ONCE})
    mail.outbox.clear()
    portrait_mails.handed_in(fresh(portrait))
    assert ([message.to[0] for message in mail.outbox], [n.user.email for n in Notice.objects.all()]) == (
        ["omar@example.org"],
        ["ines@example.org"],
    )


# Mails that come back -----------------------------------------------------------------------------


def test_whose_mail_comes_back_is_not_written_to(promotion, member):
    Student.objects.update(mail_refused_at="2026-03-01T10:00:00Z")
    assert told(kinds.QUESTION, group(promotion)) == ([], [])


def test_mail_that_comes_back_says_whose_it_was(promotion, member):
    told(kinds.QUESTION, group(promotion))
    assert students_refused(report(mail.outbox[0])) == [member]


def test_mail_comes_back_to_the_address_for_that(promotion, member, settings):
    settings.BOUNCE_EMAIL = "retours@example.org"
    told(kinds.QUESTION, group(promotion))
    message = mail.outbox[0]
    assert (message.from_email, message.message()["From"]) == (
        "retours@example.org",
        settings.DEFAULT_FROM_EMAIL,
    )


# Off, by the link in a mail -----------------------------------------------------------------------


@pytest.fixture
def message(promotion, member):
    told(kinds.QUESTION, group(promotion))
    return mail.outbox[0]


def off_link(message):
    return re.fullmatch(r"<http://testserver(.*)>", message.message()["List-Unsubscribe"])[1]


def test_mail_carries_the_link_in_text_html_and_headers(message):
    link = off_link(message)
    html = message.alternatives[0].content
    assert (link in message.body, f'href="http://testserver{link}"' in html) == (True, True)
    assert message.message()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "« Est-ce parti\u202f? »" in message.body.replace("\u00a0", " ")


def test_opening_the_link_changes_nothing(client, message):
    page = client.get(off_link(message)).content.decode()
    assert ("Ne plus recevoir ces courriels" in page, Preference.objects.count()) == (True, 0)


def test_pressing_the_button_switches_that_kind_off_without_signing_in(client, message, member):
    response = client.post(off_link(message))
    assert (response.status_code, "Inès, c’est noté" in response.content.decode()) == (200, True)
    assert list(Preference.objects.values_list("user", "kind", "how")) == [
        (member.user.pk, "question", "off")
    ]


def test_mail_programs_switch_it_off_with_one_post(message, member):
    client = Client(enforce_csrf_checks=True)
    response = client.post(off_link(message), {"List-Unsubscribe": "One-Click"})
    assert (response.status_code, hows(fresh(member.user))[kinds.QUESTION]) == (204, How.OFF)


def test_link_that_was_used_says_that_it_is_done(client, message):
    client.post(off_link(message))
    assert "vous ne recevez plus" in client.get(off_link(message)).content.decode()


def test_link_lives_as_long_as_the_mail_and_survives_a_new_key(client, message, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert client.post(off_link(message)).status_code == 200


def test_link_that_was_cut_short_says_what_to_do(client, message):
    response = client.get(off_link(message)[:-4] + "/")
    assert (response.status_code, "Copiez-le" in response.content.decode()) == (404, True)


def test_no_link_is_made_good_for_what_cannot_be_switched_off(member):
    token = way_out(member.user, kinds.WITHDRAWAL).split("/")[-2]
    assert read_way_out(token) is None


def test_switching_off_twice_changes_nothing(member):
    switch_off(member.user, kinds.QUESTION)
    switch_off(member.user, kinds.QUESTION)
    assert Preference.objects.count() == 1


# The page -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["member", "staff"])
def test_page_asks_about_the_kinds_that_concern_one(who, request, client):
    someone = request.getfixturevalue(who)
    user = getattr(someone, "user", someone)
    client.force_login(user)
    form = client.get(reverse("notifications")).context["form"]
    assert list(form.fields) == [kind.slug for kind in kinds_of(user) if not kind.is_fixed]
    assert {name: form[name].initial for name in form.fields} == {
        kind.slug: kind.default for kind in kinds_of(user) if not kind.is_fixed
    }


def test_what_cannot_be_switched_off_is_said(client, member):
    client.force_login(member.user)
    page = client.get(reverse("notifications")).content.decode()
    assert all(words in page for words in ("Ce qui vous parvient toujours", "Retraits", "La connexion"))


def filled(client, **changes):
    form = client.get(reverse("notifications")).context["form"]
    return {name: form[name].initial.value for name in form.fields} | changes


def test_choice_is_kept_and_only_what_was_changed(client, member):
    client.force_login(member.user)
    response = client.post(reverse("notifications"), filled(client, question="digest", to_edit="at_once"))
    assert (response.status_code, response.url) == (302, reverse("notifications"))
    assert set(member.user.preferences.values_list("kind", "how")) == {
        ("question", "digest"),
        ("to_edit", "at_once"),
    }


def test_choice_that_does_not_exist_is_refused_in_words_and_nothing_is_kept(client, member):
    client.force_login(member.user)
    response = client.post(reverse("notifications"), filled(client, question="sometimes", to_edit="at_once"))
    assert (response.status_code, Preference.objects.count()) == (422, 0)
    assert "Choisissez l’une des réponses proposées." in response.content.decode()
    assert response.context["form"]["to_edit"].value() == "at_once"


def test_kind_of_staff_is_not_chosen_by_a_student(client, member):
    client.force_login(member.user)
    client.post(reverse("notifications"), filled(client, to_approve="off"))
    assert Preference.objects.count() == 0


def test_page_costs_as_much_whatever_was_chosen(client, member, django_assert_num_queries):
    client.force_login(member.user)
    for kind in (kinds.QUESTION, kinds.TO_EDIT, kinds.APPROVED):
        choose(member.user, {kind: How.OFF})
        client.get(reverse("notifications"))
        with django_assert_num_queries(6):
            client.get(reverse("notifications"))

"""Working copies, presence and versions, as actions and as pages: what is kept, who is told, what is never replaced."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused, StaleVersion
from portraits import actions
from portraits.models import Presence, WorkingCopy
from portraits.photos import Crop
from tests import factories

pytestmark = pytest.mark.django_db
FRAME = Crop(0.05, 0.05, 0.5, 0.5)


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("in_edit", student=student, comms=member)


@pytest.fixture
def other(promotion):
    """A second member of the same group."""
    return factories.make_member(promotion, first_name="Tom", last_name="Diallo", email="tom@example.org")


def url(portrait, name="studio", *more):
    return reverse(name, args=[portrait.pk, *more])


def words(portrait, **changes):
    return {name: getattr(portrait, name) for name in ("title", "quote", "text", "alt_text")} | changes


def keep(client, portrait, **changes):
    return client.post(
        url(portrait, "studio_keep"), {"version": portrait.version} | words(portrait, **changes)
    )


def kept(portrait):
    return [(copy.by, copy.read, copy.words["text"]) for copy in portrait.working_copies.all()]


# Working copies -----------------------------------------------------------------------------------


def test_typed_words_are_kept_without_a_version(as_member, member, portrait):
    answer = keep(as_member, portrait, text="À moitié écr")
    after = factories.fresh(portrait)
    assert (answer.status_code, kept(portrait)) == (200, [(member.user, 2, "À moitié écr")])
    assert (after.version, after.state, after.text) == (2, "in_edit", portrait.text)


def test_typed_words_void_nothing(as_member, student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    keep(as_member, portrait, text="Autre.")
    assert factories.fresh(portrait).is_signed is True


def test_typed_words_that_could_not_be_saved_are_kept_too(as_member, portrait):
    keep(as_member, portrait, title="t" * 300, text="")
    assert portrait.working_copies.get().words["title"] == "t" * 300


def test_words_back_to_what_is_saved_are_not_kept(as_member, portrait):
    keep(as_member, portrait, text="Autre.")
    answer = keep(as_member, portrait)
    assert (answer.json()["note"], kept(portrait)) == ("", [])


def test_words_with_nothing_visible_in_them_are_refused_in_words(as_member, portrait):
    answer = keep(as_member, portrait, text="a\u202eb")
    assert (answer.status_code, bool(answer.json()["note"]), kept(portrait)) == (422, True, [])


def test_words_of_a_portrait_that_was_withdrawn_are_not_kept(as_member, student, portrait):
    actions.withdraw(portrait, by=student.user)
    answer = keep(as_member, portrait, text="Autre.")
    assert (answer.status_code, kept(portrait)) == (409, [])


def test_withdrawing_takes_the_talk_about_it_away(student, member, portrait):
    actions.keep_words(portrait, words={"text": "Pas encore."}, read=portrait.version, by=member.user)
    actions.be_here(portrait, is_typing=True, by=member.user)
    actions.remark(
        portrait, field="text", passage="", near=0, text="Trop long.", is_internal=True, by=member.user
    )
    actions.withdraw(portrait, by=student.user)
    left = (portrait.working_copies, portrait.presences, portrait.remarks)
    assert [rows.count() for rows in left] == [0, 0, 0]


def test_words_are_kept_for_each_person_apart(member, other, portrait):
    for who in (member, other):
        actions.keep_words(portrait, words=words(portrait, text=who.first_name), read=2, by=who.user)
    assert sorted(text for _by, _read, text in kept(portrait)) == ["Inès", "Tom"]


def test_keeping_is_the_groups_alone(student, classmate, former_member, neighbour, staff, portrait):
    for user in (student.user, classmate.user, former_member.user, neighbour.user, staff):
        with pytest.raises(PermissionDenied):
            actions.keep_words(portrait, words=words(portrait, text="x"), read=2, by=user)


def test_saving_forgets_ones_own_unsaved_words_only(member, other, portrait):
    for who in (member, other):
        actions.keep_words(portrait, words=words(portrait, text=who.first_name), read=2, by=who.user)
    actions.edit(portrait, read=2, by=member.user, text="Fini.")
    assert kept(portrait) == [(other.user, 2, "Tom")]


def test_save_that_was_refused_keeps_the_unsaved_words(member, other, portrait):
    actions.keep_words(portrait, words=words(portrait, text="Inès"), read=2, by=member.user)
    actions.edit(portrait, read=2, by=other.user, text="Tom")
    with pytest.raises(StaleVersion):
        actions.edit(portrait, read=2, by=member.user, text="Inès")
    assert kept(portrait) == [(member.user, 2, "Inès")]


def test_another_frame_does_not_make_the_unsaved_words_older(member, portrait):
    actions.keep_words(portrait, words=words(portrait, text="Inès"), read=2, by=member.user)
    actions.reframe(portrait, FRAME, read=2, by=member.user)
    assert kept(portrait) == [(member.user, 3, "Inès")]


def test_return_asks_to_take_or_drop_before_anything_is_typed_over(as_member, portrait):
    keep(as_member, portrait, text="À moitié écr")
    response = as_member.get(url(portrait))
    html = response.content.decode()
    assert (response.context["studio"].kept.read, "À moitié écr" in html) == (2, True)
    assert ('<textarea name="text"' in html, "?words=kept" in html) == (False, True)


def test_others_are_not_asked_about_somebodys_unsaved_words(client, other, member, portrait):
    actions.keep_words(portrait, words=words(portrait, text="À moitié écr"), read=2, by=member.user)
    client.force_login(other.user)
    assert "À moitié écr" not in client.get(url(portrait)).content.decode()


def test_words_taken_up_stand_in_the_fields_and_can_be_saved(as_member, portrait):
    keep(as_member, portrait, text="À moitié écrit.")
    shown = as_member.get(url(portrait) + "?words=kept").context["studio"]
    data = {field.name: field.value() or "" for field in shown.form if field.name != "replaces"}
    response = as_member.post(url(portrait), data)
    assert (shown.conflict, response.status_code) == (None, 302)
    assert (factories.fresh(portrait).text, kept(portrait)) == ("À moitié écrit.", [])


def test_words_taken_up_after_another_version_stand_beside_it(as_member, other, portrait):
    keep(as_member, portrait, text="À moitié écrit.")
    actions.edit(portrait, read=2, by=other.user, title="Un autre titre")
    shown = as_member.get(url(portrait) + "?words=kept").context["studio"]
    assert (shown.form["text"].value(), shown.form["version"].value(), shown.form["base"].value()) == (
        "À moitié écrit.",
        3,
        2,
    )
    assert (shown.conflict.words["title"], shown.conflict.must_choose) == ("Un autre titre", False)


def test_words_are_dropped(as_member, portrait):
    keep(as_member, portrait, text="À moitié écr")
    response = as_member.post(url(portrait, "studio_keep"), {"drop": "1"})
    assert (response.status_code, kept(portrait)) == (302, [])


def test_keep_answers_with_hints_and_comparison_for_what_is_typed(as_member, portrait):
    answer = keep(as_member, portrait, text="Bravo ! <b>").json()
    assert ("exclam" in answer["hints"] or "!" in answer["hints"], "&lt;b" in answer["comparison"]) == (
        True,
        True,
    )


def test_keep_says_that_another_version_was_saved(as_member, other, portrait):
    before = keep(as_member, portrait, text="Inès").json()["newer"]
    actions.edit(portrait, read=2, by=other.user, text="Le texte de Tom.")
    after = keep(as_member, portrait, text="Inès").json()["newer"]
    assert (before, "Tom Diallo" in after, "Le texte de Tom" in after.replace("</ins>", "")) == (
        "",
        True,
        True,
    )


# Presence -----------------------------------------------------------------------------------------


def beat(client, portrait, **data):
    return client.post(url(portrait, "studio_here"), {"version": portrait.version} | data)


def test_two_people_are_told_of_each_other(as_member, other, portrait):
    actions.be_here(portrait, is_typing=True, by=other.user)
    answer = beat(as_member, portrait).json()["here"]
    assert ("Tom Diallo" in answer, "amber" in answer, "Inès" in answer) == (True, True, False)


@pytest.mark.parametrize(("seconds", "is_there"), [(44, True), (46, False)])
def test_nobody_is_announced_after_three_missed_beats(seconds, is_there, as_member, other, portrait):
    actions.be_here(portrait, is_typing=False, by=other.user)
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False):
        assert ("Tom Diallo" in beat(as_member, portrait).json()["here"]) is is_there


def test_whoever_leaves_is_not_announced(as_member, member, portrait):
    beat(as_member, portrait)
    assert beat(as_member, portrait, leaving="1").status_code == 204
    assert Presence.objects.filter(user=member.user).exists() is False


def test_beat_again_is_the_same_row(as_member, member, portrait):
    beat(as_member, portrait)
    beat(as_member, portrait, typing="1")
    assert [row.is_typing for row in portrait.presences.filter(user=member.user)] == [True]


def test_beat_says_that_another_version_was_saved(as_member, other, portrait):
    actions.edit(portrait, read=2, by=other.user, text="Le texte de Tom.")
    newer = beat(as_member, portrait).json()["newer"]
    assert ("Tom Diallo" in newer, beat(as_member, factories.fresh(portrait)).json()["newer"]) == (True, "")


def test_being_there_is_for_the_group_and_staff(
    student, classmate, former_member, neighbour, staff, portrait
):
    denied = []
    for user in (student.user, classmate.user, former_member.user, neighbour.user, staff):
        try:
            actions.be_here(portrait, is_typing=False, by=user)
        except PermissionDenied:
            denied.append(user)
    assert denied == [student.user, classmate.user, former_member.user, neighbour.user]


# Versions -----------------------------------------------------------------------------------------


def test_restore_makes_a_new_version_of_the_old_words_and_photo(member, portrait):
    before = portrait.text
    actions.reframe(portrait, FRAME, read=2, by=member.user)
    actions.edit(portrait, read=3, by=member.user, text="Autre.")
    after = actions.restore(portrait, 2, read=4, by=member.user)
    assert (after.version, after.text, after.photo_id) == (
        5,
        before,
        portrait.versions.get(number=2).photo_id,
    )
    assert [version.text for version in portrait.versions.all()][2:] == [before, "Autre.", before]


def test_restore_voids_the_signature(member):
    portrait = factories.make_portrait("signed", comms=member)
    actions.restore(portrait, 1, read=2, by=member.user)
    assert (factories.fresh(portrait).is_signed, factories.fresh(portrait).state) == (False, "in_edit")


def test_restore_over_a_newer_text_than_was_read_is_refused(member, other, portrait):
    actions.edit(portrait, read=2, by=other.user, text="Le texte de Tom.")
    with pytest.raises(StaleVersion):
        actions.restore(portrait, 1, read=2, by=member.user)
    assert factories.fresh(portrait).text == "Le texte de Tom."


def test_restore_of_what_is_there_already_changes_nothing(member, portrait):
    assert actions.restore(portrait, 2, read=2, by=member.user).version == 2


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_restore_where_nothing_may_be_edited_is_refused(state, member, student):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    if state == "draft":
        actions.hand_back(portrait, message="Encore ?", by=member.user)
    else:
        actions.withdraw(portrait, by=student.user)
    with pytest.raises(MoveRefused):
        actions.restore(portrait, 1, read=2, by=member.user)


def test_restore_is_the_groups_alone(student, classmate, former_member, neighbour, staff, portrait):
    for user in (student.user, classmate.user, former_member.user, neighbour.user, staff):
        with pytest.raises(PermissionDenied):
            actions.restore(portrait, 1, read=2, by=user)


def test_restore_leaves_other_peoples_unsaved_words(member, other, portrait):
    actions.keep_words(portrait, words=words(portrait, text="Tom"), read=2, by=other.user)
    actions.restore(portrait, 1, read=2, by=member.user)
    assert kept(portrait) == [(other.user, 2, "Tom")]


def test_restore_in_the_page(as_member, portrait):
    before = portrait.versions.get(number=1).text
    response = as_member.post(url(portrait, "studio_restore", 1), {"version": 2})
    assert (response.url, factories.fresh(portrait).text) == (url(portrait), before)


@pytest.mark.parametrize("number", [0, 9])
def test_restore_of_a_version_that_never_was_is_missing(number, as_member, portrait):
    assert as_member.post(url(portrait, "studio_restore", number), {"version": 2}).status_code == 404


def test_restore_too_late_says_so(as_member, other, portrait):
    actions.edit(portrait, read=2, by=other.user, text="Le texte de Tom.")
    response = as_member.post(url(portrait, "studio_restore", 1), {"version": 2}, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["warning"]


def test_versions_say_what_each_changed(as_member, portrait):
    context = as_member.get(url(portrait, "studio_versions")).context
    title, text = "Titre", "Texte"
    said = [[str(name) for name in line.changed] for line in context["lines"]]
    assert [len(names) for names in said] == [2, 1]
    assert (said[0] in ([title, text], ["Title", "Text"]), context["chosen"].version.number) == (True, 2)


@pytest.mark.parametrize("asked", ["9", "x", ""])
def test_versions_that_never_were_are_missing(asked, as_member, portrait):
    assert as_member.get(url(portrait, "studio_versions") + f"?version={asked}").status_code == 404


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_versions_are_hidden_where_the_words_are(state, as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    if state == "draft":
        actions.hand_back(portrait, message="Encore ?", by=member.user)
    else:
        actions.withdraw(portrait, by=student.user)
    response = as_member.get(url(portrait, "studio_versions"))
    assert (response.status_code, "Second paragraphe." in response.content.decode()) == (200, False)


@pytest.mark.parametrize("count", [1, 3])
def test_versions_cost_the_same_for_one_and_three(
    count, as_member, member, portrait, django_assert_num_queries
):
    for number in range(count):
        portrait = actions.edit(portrait, read=portrait.version, by=member.user, text=f"Texte {number}.")
    as_member.get(url(portrait, "studio_versions"))
    with django_assert_num_queries(11):
        as_member.get(url(portrait, "studio_versions"))


def test_no_unsaved_words_are_left_once_the_portrait_is_saved(member, portrait):
    actions.keep_words(portrait, words=words(portrait, text="Inès"), read=2, by=member.user)
    actions.edit(portrait, read=2, by=member.user, **words(portrait))
    assert WorkingCopy.objects.count() == 0

"""Remarks: where they stand while the text is edited, who reads them, who answers, what is refused."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from inet_comms.lifecycle import MoveRefused
from portraits import actions
from portraits.models import Remark
from portraits.views.reading import Studio
from tests import factories

pytestmark = pytest.mark.django_db
TEXT = "Elle aime la mer.\n\nLa ville aime la mer.\n\nFin."


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


@pytest.fixture
def portrait(student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    return actions.edit(portrait, read=2, by=member.user, text=TEXT)


def remark(portrait, by, passage="la mer", near=0, field="text", text="Laquelle ?", is_internal=True):
    return actions.remark(
        portrait, field=field, passage=passage, near=near, text=text, is_internal=is_internal, by=by
    )


def shown(portrait, user):
    return Studio(factories.fresh(portrait), user).remarks


def anchors(portrait, user):
    """(start, whether the passage has changed) of each remark."""
    return [(one.start, one.has_changed) for one in shown(portrait, user)]


def edit(portrait, member, **words):
    portrait = factories.fresh(portrait)
    return actions.edit(portrait, read=portrait.version, by=member.user, **words)


# Anchors ------------------------------------------------------------------------------------------


def test_remark_stands_where_the_words_are_nearest(member, portrait):
    found = remark(portrait, member.user, near=30)
    assert (found.version, found.start, TEXT[found.start : found.end]) == (3, 33, "la mer")


def test_anchor_follows_its_own_passage_and_not_the_same_words_elsewhere(member, portrait):
    remark(portrait, member.user, near=33)
    edit(portrait, member, text=f"Un tout nouveau début, assez long pour compter.\n\n{TEXT}")
    new = factories.fresh(portrait)
    start = Remark.objects.get().start
    assert (start, Remark.objects.get().version) == (new.text.rindex("la mer"), 4)


def test_anchor_says_that_its_passage_has_changed(member, portrait):
    remark(portrait, member.user, passage="Fin.")
    edit(portrait, member, text=TEXT.replace("Fin.", "Terminé."))
    one = shown(portrait, member.user)[0]
    assert (one.has_changed, one.remark.passage, one.remark.version) == (True, "Fin.", 3)


def test_anchor_finds_its_passage_again_once_it_is_back(member, portrait):
    remark(portrait, member.user, near=33)
    edit(portrait, member, text="Elle aime.\n\nLa ville aime.\n\nFin.")
    changed = anchors(portrait, member.user)
    actions.restore(factories.fresh(portrait), 3, read=4, by=member.user)
    assert (changed, anchors(portrait, member.user)) == ([(None, True)], [(33, False)])


def test_anchor_in_another_field_stays_when_the_text_changes(member, portrait):
    remark(portrait, member.user, passage="Servir", field="title")
    edit(portrait, member, text="Autre.")
    assert anchors(portrait, member.user) == [(0, False)]


def test_remark_on_the_whole_has_no_passage_to_lose(member, portrait):
    remark(portrait, member.user, passage="", field="whole")
    edit(portrait, member, text="Autre.")
    assert anchors(portrait, member.user) == [(None, False)]


def test_remark_on_words_that_are_not_there_is_refused(member, portrait):
    with pytest.raises(actions.PassageGone):
        remark(portrait, member.user, passage="la montagne")


def test_remark_where_nothing_is_under_way_is_refused(member, student, portrait):
    actions.withdraw(portrait, by=student.user)
    with pytest.raises(MoveRefused):
        remark(portrait, member.user)


# Who may ------------------------------------------------------------------------------------------


def test_remarks_are_written_and_resolved_by_the_group_alone(
    student, classmate, member, former_member, neighbour, staff, portrait
):
    found = remark(portrait, member.user, is_internal=False)
    for user in (student.user, classmate.user, former_member.user, neighbour.user, staff):
        for verb in (lambda by: remark(portrait, by), lambda by: actions.resolve(found, by=by)):
            with pytest.raises(PermissionDenied):
                verb(user)
        with pytest.raises(PermissionDenied):
            actions.reopen_remark(found, by=user)


@pytest.mark.parametrize("is_internal", [True, False])
def test_remarks_are_answered_by_the_group_and_by_the_student_who_may_read_it(
    is_internal, student, classmate, member, former_member, neighbour, staff, portrait
):
    found = remark(portrait, member.user, is_internal=is_internal)
    cast = {
        "student": student.user,
        "classmate": classmate.user,
        "member": member.user,
        "former member": former_member.user,
        "neighbour": neighbour.user,
        "staff": staff,
    }
    allowed = []
    for name, user in cast.items():
        try:
            actions.answer_remark(found, text="L’Iroise.", by=user)
            allowed.append(name)
        except PermissionDenied:
            pass
    assert allowed == (["member"] if is_internal else ["student", "member"])


def read_by(portrait, user):
    return [one.text for one in portrait.remarks.visible_to(user)]


def test_internal_remarks_never_leave_the_group(
    student, classmate, member, former_member, neighbour, staff, portrait
):
    remark(portrait, member.user, text="Entre nous.")
    cast = (student.user, classmate.user, former_member.user, neighbour.user, staff)
    assert [read_by(portrait, user) for user in (member.user, *cast)] == [["Entre nous."], *[[]] * 5]


def test_shared_remarks_are_read_by_the_group_the_student_and_staff(
    student, classmate, member, former_member, neighbour, staff, portrait
):
    remark(portrait, member.user, text="Pour tous.", is_internal=False)
    readers = (member.user, student.user, staff)
    strangers = (classmate.user, former_member.user, neighbour.user)
    assert [read_by(portrait, user) for user in readers] == [["Pour tous."]] * 3
    assert [read_by(portrait, user) for user in strangers] == [[]] * 3


@pytest.mark.parametrize("page", ["my_portrait", "my_signature"])
def test_student_reads_shared_remarks_and_no_internal_ones(page, client, student, member, portrait):
    remark(portrait, member.user, text="Quelle mer, au juste ?", is_internal=False)
    actions.answer_remark(
        remark(portrait, member.user, text="Entre nous."), text="Oui, nous.", by=member.user
    )
    actions.ask_signature(factories.fresh(portrait), read=3, by=member.user)
    client.force_login(student.user)
    html = client.get(reverse(page)).content.decode()
    assert [words in html for words in ("Quelle mer, au juste ?", "Entre nous.", "Oui, nous.")] == [
        True,
        False,
        False,
    ]


def test_staff_reads_no_internal_remark_in_the_studio(client, staff, member, portrait):
    remark(portrait, member.user, text="Entre nous.")
    client.force_login(staff)
    assert "Entre nous." not in client.get(reverse("studio", args=[portrait.pk])).content.decode()


def test_student_in_the_group_sees_no_internal_remark_as_a_student(client, promotion):
    both = factories.make_member(promotion)
    portrait = factories.make_portrait("to_sign", student=both, comms=both)
    remark(portrait, both.user, passage="Second", text="Entre nous.")
    client.force_login(both.user)
    assert "Entre nous." not in client.get(reverse("my_signature")).content.decode()


# Resolve, reopen, answer --------------------------------------------------------------------------


def test_remark_is_resolved_and_opened_again(member, portrait):
    found = remark(portrait, member.user)
    resolved = actions.resolve(found, by=member.user)
    assert (resolved.is_open, resolved.resolved_by) == (False, member.user)
    again = actions.reopen_remark(found, by=member.user)
    assert (again.is_open, again.resolved_by) == (True, None)


def test_remark_resolved_twice_keeps_who_was_first(member, promotion, portrait):
    found = remark(portrait, member.user)
    actions.resolve(found, by=member.user)
    other = factories.make_member(promotion)
    assert actions.resolve(found, by=other.user).resolved_by == member.user


def test_answer_opens_a_resolved_remark_again(member, student, portrait):
    found = remark(portrait, member.user, is_internal=False)
    actions.resolve(found, by=member.user)
    actions.answer_remark(found, text="L’Iroise.", by=student.user)
    assert factories.fresh(found).is_open is True


# Pages --------------------------------------------------------------------------------------------


def add(client, portrait, **data):
    return client.post(
        reverse("studio_remark", args=[portrait.pk]), {"place": "whole", "remark": "Laquelle ?"} | data
    )


def act(client, found, verb, **data):
    return client.post(reverse("studio_remark_act", args=[found.portrait_id, found.pk, verb]), data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"place": "whole"}, ("whole", 0, "")),
        ({"place": "photo"}, ("photo", 0, "")),
        ({"place": "title"}, ("title", 0, "Servir au plus près")),
        ({"place": "text:19"}, ("text", 19, "La ville aime la mer.")),
        ({"place": "text"}, ("text", 0, "")),
        ({"place": "text", "passage": "la mer", "near": "33"}, ("text", 33, "la mer")),
        ({"place": "title", "passage": "plus près", "near": "0"}, ("title", 10, "plus près")),
        ({"place": "whole", "passage": "La ville", "near": ""}, ("text", 19, "La ville")),
    ],
    ids=str,
)
def test_remark_is_added_with_its_anchor(data, expected, as_member, portrait):
    response = add(as_member, portrait, **data)
    found = Remark.objects.get()
    assert (response.status_code, (found.field, found.start, found.passage)) == (302, expected)
    assert found.is_internal is True


def test_remark_is_shared_only_when_ticked(as_member, portrait):
    add(as_member, portrait, is_shared="on")
    assert Remark.objects.get().is_internal is False


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"remark": " "}, "remark"),
        ({"remark": "x" * 1001}, "remark"),
        ({"place": "text:7"}, "place"),
        ({"passage": "la montagne"}, "passage"),
        ({"near": "-1"}, "near"),
    ],
    ids=str,
)
def test_remark_that_cannot_be_is_asked_again_and_loses_nothing(data, field, as_member, portrait):
    response = add(as_member, portrait, **data)
    form = response.context["studio"].remark_form
    assert (response.status_code, list(form.errors), Remark.objects.count()) == (422, [field], 0)
    assert form["remark"].value() == data.get("remark", "Laquelle ?")


def test_remark_sent_by_the_script_gets_the_list_back(as_member, portrait):
    response = as_member.post(
        reverse("studio_remark", args=[portrait.pk]),
        {"place": "whole", "remark": "Laquelle ?"},
        headers={"X-Requested-With": "fetch"},
    )
    html = response.content.decode()
    assert (response.status_code, "Laquelle ?" in html, "<html" in html) == (200, True, False)


@pytest.mark.parametrize(("verb", "is_open"), [("resolve", False), ("reopen", True)])
def test_remark_is_settled_in_the_page(verb, is_open, as_member, member, portrait):
    found = remark(portrait, member.user)
    if verb == "reopen":
        actions.resolve(found, by=member.user)
    assert (act(as_member, found, verb).status_code, factories.fresh(found).is_open) == (302, is_open)


def test_remark_is_answered_in_the_page(as_member, member, portrait):
    found = remark(portrait, member.user)
    act(as_member, found, "answer", answer="L’Iroise.")
    assert [answer.text for answer in found.answers.all()] == ["L’Iroise."]


def test_answer_that_is_too_long_is_asked_again_and_loses_nothing(as_member, member, portrait):
    found = remark(portrait, member.user)
    response = act(as_member, found, "answer", answer="x" * 1001)
    assert (response.status_code, "x" * 1001 in response.content.decode(), found.answers.count()) == (
        422,
        True,
        0,
    )


def test_remark_verb_that_is_unknown_is_missing(as_member, member, portrait):
    assert act(as_member, remark(portrait, member.user), "delete").status_code == 404


def test_remark_of_another_portrait_is_missing(as_member, member, portrait):
    other = factories.make_portrait("in_edit", comms=member)
    found = remark(other, member.user, passage="Second")
    address = reverse("studio_remark_act", args=[portrait.pk, found.pk, "resolve"])
    assert as_member.post(address).status_code == 404


def answer_mine(client, found, answer):
    return client.post(reverse("my_remark", args=[found.pk]), {"answer": answer}, follow=True)


def test_student_answers_a_shared_remark(client, student, member, portrait):
    found = remark(portrait, member.user, is_internal=False)
    client.force_login(student.user)
    response = answer_mine(client, found, "L’Iroise.")
    assert [(answer.text, answer.by) for answer in found.answers.all()] == [("L’Iroise.", student.user)]
    assert "L’Iroise." in response.content.decode()


def test_student_finds_no_internal_remark_to_answer(client, student, member, portrait):
    found = remark(portrait, member.user)
    client.force_login(student.user)
    assert (answer_mine(client, found, "Ah ?").status_code, found.answers.count()) == (404, 0)


def test_students_answer_that_is_too_long_is_given_back(client, student, member, portrait):
    found = remark(portrait, member.user, is_internal=False)
    client.force_login(student.user)
    response = answer_mine(client, found, "x" * 1001)
    assert ("x" * 1001 in str([*response.context["messages"]][0]), found.answers.count()) == (True, 0)


def test_no_remark_is_shown_once_the_portrait_was_withdrawn(client, student, member, portrait):
    remark(portrait, member.user, text="Quelle mer, au juste ?", is_internal=False)
    actions.withdraw(portrait, by=student.user)
    pages = {member: reverse("studio", args=[portrait.pk]), student: reverse("my_portrait")}
    seen = []
    for who, page in pages.items():
        client.force_login(who.user)
        seen.append("Quelle mer" in client.get(page).content.decode())
    assert seen == [False, False]

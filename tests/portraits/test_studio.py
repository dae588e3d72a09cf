"""The studio as a page: what is shown to whom, what a wrong or late answer gets, what is kept."""

import pytest
from django.urls import reverse

from inet_comms.lifecycle import StaleVersion
from portraits import actions
from portraits.models import Portrait
from portraits.views.reading import Studio
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


def studio_url(portrait):
    return reverse("studio", args=[portrait.pk])


def act_url(portrait, verb):
    return reverse("studio_act", args=[portrait.pk, verb])


def typed(portrait, **changes):
    """What the browser sends from the studio's form, line ends as browsers send them."""
    words = {name: getattr(portrait, name) for name in ("title", "quote", "text", "alt_text")}
    return {name: value.replace("\n", "\r\n") for name, value in (words | changes).items()} | {
        "version": changes.get("version", portrait.version)
    }


# Studio: reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", ["invited", "draft", "submitted", "in_edit", "to_sign", "signed", "withdrawn"]
)
def test_studio_opens_in_every_state(state, as_member, student, member):
    portrait = factories.make_portrait(state, student=student, comms=member)
    assert as_member.get(studio_url(portrait)).status_code == 200


def test_studio_shows_the_students_own_words_beside_the_text(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member, why="Pour la mer.")
    html = as_member.get(studio_url(portrait)).content.decode()
    assert ("Pour la mer." in html, "Second paragraphe." in html) == (True, True)


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_studio_hides_what_is_still_being_written_or_was_withdrawn(state, as_member, student, member):
    portrait = factories.make_portrait(state, student=student, comms=member, why="Pour la mer.")
    assert "Pour la mer." not in as_member.get(studio_url(portrait)).content.decode()


def offers(portrait, user):
    return [offer.verb for offer in Studio(factories.fresh(portrait), user).offers]


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ("invited", []),
        ("draft", []),
        ("submitted", ["take-up", "keep-as-signed"]),
        ("in_edit", ["ask-signature", "draft-early"]),
        ("to_sign", ["draft-early"]),
        ("signed", ["draft"]),
        ("withdrawn", []),
    ],
)
def test_studio_offers_the_moves_of_the_state(state, offered, student, member):
    portrait = factories.make_portrait(state, student=student, comms=member)
    assert offers(portrait, member.user) == offered


def test_studio_offers_staff_nothing(client, staff, student, member):
    portrait = factories.make_portrait("submitted", student=student, comms=member)
    client.force_login(staff)
    html = client.get(studio_url(portrait)).content.decode()
    assert (offers(portrait, staff), act_url(portrait, "hand-back") in html) == ([], False)


def test_studio_leads_to_the_open_post_instead_of_a_second_one(student, member, account):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    factories.make_post("draft", portrait=portrait, comms=member)
    assert offers(portrait, member.user) == []


def test_studio_shows_the_change_that_the_student_asked_for(as_member, student, member):
    portrait = factories.make_portrait("to_sign", student=student, comms=member)
    actions.ask_change(portrait, message="Pas « la mer », l’océan.", by=student.user)
    assert (
        as_member.get(studio_url(portrait)).context["studio"].asked_change.note == "Pas « la mer », l’océan."
    )


def test_studio_forgets_the_change_once_it_was_asked_to_be_signed_again(student, member):
    portrait = factories.make_portrait("to_sign", student=student, comms=member)
    actions.ask_change(portrait, message="Autrement.", by=student.user)
    actions.ask_signature(portrait, read=2, by=member.user)
    actions.edit(factories.fresh(portrait), read=2, by=member.user, text="Encore.")
    assert Studio(factories.fresh(portrait), member.user).asked_change is None


def test_studio_shows_what_changed_since_the_signature(student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    actions.edit(portrait, read=2, by=member.user, quote="Une phrase nouvelle")
    changes = Studio(factories.fresh(portrait), member.user).changes
    assert [op for op, _text in changes[0][1] if op != "same"] == ["removed", "added"]
    assert len(changes) == 1


# Studio: writing ----------------------------------------------------------------------------------


def test_studio_saves_a_new_version(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = as_member.post(studio_url(portrait), typed(portrait, text="Un texte.\n\nEt un autre."))
    assert (response.status_code, factories.fresh(portrait).text) == (302, "Un texte.\n\nEt un autre.")


def test_studio_saved_untouched_keeps_the_signature(as_member, student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    as_member.post(studio_url(portrait), typed(portrait))
    assert factories.fresh(portrait).is_signed is True


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", "t" * 121), ("quote", "q" * 141), ("text", ""), ("text", "t" * (Portrait.TEXT_LIMIT + 1))],
)
def test_studio_gives_back_what_cannot_be_saved(field, value, as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = as_member.post(studio_url(portrait), typed(portrait, **{field: value}))
    assert (response.status_code, response.context["studio"].form[field].value()) == (422, value)
    assert factories.fresh(portrait).version == 2


def test_studio_counts_a_line_end_once(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    as_member.post(studio_url(portrait), typed(portrait, quote="a\n" * 69 + "ab"))
    assert len(factories.fresh(portrait).quote) == 140


def late_save(client, portrait, member):
    """Someone saves while this browser still holds the version before."""
    late = typed(portrait, text="Mon texte.")
    actions.edit(portrait, read=portrait.version, by=member.user, text="Leur texte.")
    return client.post(studio_url(portrait), late)


def test_studio_keeps_both_texts_when_someone_was_faster(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = late_save(as_member, portrait, member)
    shown = response.context["studio"]
    assert (response.status_code, shown.form["text"].value()) == (422, "Mon texte.")
    assert dict(shown.conflicts)[
        "Texte" if "Texte" in dict(shown.conflicts) else shown.form["text"].label
    ] == [
        ("removed", "Leur"),
        ("added", "Mon"),
        ("same", " texte."),
    ]


def test_studio_says_that_someone_was_faster(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = late_save(as_member, portrait, member)
    assert response.context["studio"].form.non_field_errors() == [StaleVersion(portrait, "edit").for_people]


def sent_again(response, **changes):
    """What the browser sends from the page that shows both texts."""
    form = response.context["studio"].form
    return {field.name: field.value() or "" for field in form if field.name != "replaces"} | changes


def test_studio_saved_again_without_a_tick_replaces_nothing(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = late_save(as_member, portrait, member)
    again = as_member.post(studio_url(portrait), sent_again(response))
    shown = again.context["studio"]
    assert (again.status_code, list(shown.form.errors), factories.fresh(portrait).text) == (
        422,
        ["replaces"],
        "Leur texte.",
    )
    assert (shown.form["text"].value(), len(shown.conflicts)) == ("Mon texte.", 1)


def test_studio_saved_again_with_a_tick_replaces(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = late_save(as_member, portrait, member)
    as_member.post(studio_url(portrait), sent_again(response, replaces="on"))
    assert factories.fresh(portrait).text == "Mon texte."


def test_studio_tick_is_for_the_text_that_was_shown(as_member, student, member):
    """Yet another version while they looked at both: the tick is worth nothing."""
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = late_save(as_member, portrait, member)
    actions.edit(factories.fresh(portrait), read=3, by=member.user, text="Encore autre chose.")
    again = as_member.post(studio_url(portrait), sent_again(response, replaces="on"))
    assert (again.status_code, again.context["studio"].form["base"].value()) == (422, "2")
    assert factories.fresh(portrait).text == "Encore autre chose."


def test_studio_that_is_late_and_wrong_shows_both(as_member, student, member):
    """A title that is too long, on a text that was saved meanwhile: both are said at once."""
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    late = typed(portrait, title="t" * 121)
    actions.edit(portrait, read=2, by=member.user, text="Leur texte.")
    shown = as_member.post(studio_url(portrait), late).context["studio"]
    assert (list(shown.form.errors), shown.form["version"].value(), len(shown.conflicts)) == (
        ["title", "__all__"],
        3,
        2,
    )


# Studio: putting both together --------------------------------------------------------------------

THREE = "Un.\n\nDeux.\n\nTrois."


def both_edited(client, portrait, member, mine, theirs):
    """They save while this browser, which began from the same text, still types; then it saves too."""
    portrait = actions.edit(portrait, read=portrait.version, by=member.user, text=THREE)
    late = typed(portrait, text=mine)
    actions.edit(portrait, read=portrait.version, by=member.user, text=theirs)
    return client.post(studio_url(portrait), late)


def put_together(client, portrait, response, **chosen):
    return client.post(studio_url(portrait), sent_again(response, together="1", **chosen))


def test_texts_that_touch_different_paragraphs_are_put_together(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = both_edited(as_member, portrait, member, "Un !\n\nDeux.\n\nTrois.", "Un.\n\nDeux.\n\nTrois !")
    assert response.context["studio"].conflict.must_choose is False
    shown = put_together(as_member, portrait, response).context["studio"]
    assert (shown.form["text"].value(), shown.conflict) == ("Un !\n\nDeux.\n\nTrois !", None)


def test_texts_put_together_are_saved_only_after_they_were_read(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = both_edited(as_member, portrait, member, "Un !\n\nDeux.\n\nTrois.", "Un.\n\nDeux.\n\nTrois !")
    result = put_together(as_member, portrait, response)
    before = factories.fresh(portrait).version
    as_member.post(studio_url(portrait), sent_again(result))
    after = factories.fresh(portrait)
    assert (before, after.version, after.text) == (4, 5, "Un !\n\nDeux.\n\nTrois !")


def test_fields_that_only_one_of_them_changed_need_no_choice(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    late = typed(portrait, title="Mon titre")
    actions.edit(portrait, read=2, by=member.user, quote="Leur phrase")
    response = as_member.post(studio_url(portrait), late)
    words = response.context["studio"].conflict.words
    assert (words["title"], words["quote"]) == ("Mon titre", "Leur phrase")


def test_texts_that_touch_the_same_paragraph_ask_whose_words_stay(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = both_edited(as_member, portrait, member, "À moi.", "À eux.")
    again = put_together(as_member, portrait, response)
    assert (again.status_code, again.context["studio"].conflict.is_open) == (422, True)
    assert again.context["studio"].form["text"].value() == "À moi."


@pytest.mark.parametrize(("whose", "text"), [("mine", "À moi."), ("theirs", "À eux.")])
def test_texts_that_touch_the_same_paragraph_are_chosen(whose, text, as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = both_edited(as_member, portrait, member, "À moi.", "À eux.")
    shown = put_together(as_member, portrait, response, choose_text=whose).context["studio"]
    assert (shown.form["text"].value(), shown.conflict) == (text, None)


def test_putting_together_what_was_saved_yet_again_asks_again(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = both_edited(as_member, portrait, member, "Un !\n\nDeux.\n\nTrois.", "Un.\n\nDeux.\n\nTrois !")
    actions.edit(factories.fresh(portrait), read=4, by=member.user, text="Tout autre chose.")
    again = put_together(as_member, portrait, response)
    assert (again.status_code, again.context["studio"].form["version"].value()) == (422, 5)


@pytest.mark.parametrize("base", ["x", "0", "99"])
def test_base_that_cannot_be_still_replaces_nothing_silently(base, as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    data = typed(portrait, text="Mon texte.") | {"base": base}
    response = as_member.post(studio_url(portrait), data)
    expected = {"x": 422, "0": 302, "99": 422}[base]
    assert response.status_code == expected


# Studio: what it costs ----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_studio_costs_the_same_for_one_and_three(
    count, as_member, student, member, account, django_assert_num_queries
):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    for number in range(count):
        portrait = actions.edit(portrait, read=portrait.version, by=member.user, text=f"{THREE} {number}")
        found = actions.remark(
            portrait, field="text", passage="Deux.", near=0, text="Ah ?", is_internal=True, by=member.user
        )
        actions.answer_remark(found, text="Oui.", by=member.user)
        other = factories.make_member(portrait.student.promotion)
        actions.be_here(portrait, is_typing=True, by=other.user)
    as_member.get(studio_url(portrait))
    with django_assert_num_queries(15):
        as_member.get(studio_url(portrait))


def test_studio_keeps_what_was_typed_when_the_student_withdrew_meanwhile(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    actions.withdraw(portrait, by=student.user)
    response = as_member.post(studio_url(portrait), typed(portrait, text="Mon texte."))
    assert (response.status_code, "Mon texte." in response.content.decode()) == (422, True)


def test_studio_is_not_saved_by_staff(client, staff, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    client.force_login(staff)
    assert client.post(studio_url(portrait), typed(portrait, text="Non.")).status_code == 403


# Reframe ------------------------------------------------------------------------------------------

FRAME = {"x": "0.1", "y": "0.1", "width": "0.5", "height": "0.5"}


def reframe(client, portrait, **changes):
    return client.post(
        reverse("studio_reframe", args=[portrait.pk]),
        FRAME | {"version": portrait.version} | changes,
        follow=True,
    )


def test_reframe_makes_a_new_version(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    reframe(as_member, portrait)
    after = factories.fresh(portrait)
    assert (after.version, round(after.photo.crop_x, 3)) == (3, 0.1)


@pytest.mark.parametrize(
    "wrong", [{"x": ""}, {"x": "nan"}, {"width": "0.01"}, {"version": "1"}, {"version": "x"}], ids=str
)
def test_reframe_that_cannot_be_done_changes_nothing_and_says_so(wrong, as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = reframe(as_member, portrait, **wrong)
    assert (
        [message.level_tag for message in response.context["messages"]],
        factories.fresh(portrait).version,
    ) == (
        ["warning"],
        2,
    )


def test_reframe_to_the_same_frame_keeps_the_signature(as_member, student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    frame = portrait.photo.crop
    same = {name: f"{getattr(frame, name):.4f}" for name in FRAME}
    reframe(as_member, portrait, **same)
    assert factories.fresh(portrait).is_signed is True


# Acting -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "start", "end"),
    [
        ("take-up", "submitted", "in_edit"),
        ("hand-back", "in_edit", "draft"),
        ("ask-signature", "in_edit", "to_sign"),
        ("keep-as-signed", "submitted", "signed"),
    ],
)
def test_act_moves_the_portrait(verb, start, end, as_member, student, member):
    portrait = factories.make_portrait(start, student=student, comms=member)
    data = {"version": portrait.version, "message": "Encore un mot ?"}
    response = as_member.post(act_url(portrait, verb), data)
    assert (response.status_code, factories.fresh(portrait).state) == (302, end)


def test_act_from_a_state_that_does_not_allow_it_says_so(as_member, student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    response = as_member.post(act_url(portrait, "take-up"), {"version": 2}, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["warning"]


def test_act_on_a_text_that_changed_since_says_so(as_member, student, member):
    portrait = factories.make_portrait("in_edit", student=student, comms=member)
    response = as_member.post(act_url(portrait, "ask-signature"), {"version": 1}, follow=True)
    assert ([str(message) for message in response.context["messages"]], factories.fresh(portrait).state) == (
        [StaleVersion(portrait, "ask_signature").for_people],
        "in_edit",
    )


def test_act_hand_back_without_a_word_is_asked_again(as_member, student, member):
    portrait = factories.make_portrait("submitted", student=student, comms=member)
    response = as_member.post(act_url(portrait, "hand-back"), {"message": " "})
    assert (response.status_code, factories.fresh(portrait).state) == (422, "submitted")


def test_act_of_an_unknown_verb_is_missing(as_member, student, member):
    portrait = factories.make_portrait("submitted", student=student, comms=member)
    assert as_member.post(act_url(portrait, "publish"), {}).status_code == 404

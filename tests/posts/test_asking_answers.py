"""Est-ce parti ? What a person answers on the page, ticks in its list, and reads of the page as it is online."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from posts import actions
from posts.models import Delivery
from posts.networks.base import Found
from posts.views.there import Sighting
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import asked_from, link, put

pytestmark = pytest.mark.django_db
State = Delivery.State
ASKING = "/est-ce-parti/"
REASON = {"reason": "Rien sur la page."}
LOOKED = REASON | {"looked": "on"}


def answer_url(delivery, verb):
    return reverse("delivery_answer", args=[delivery.pk, verb])


# Answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verb", "data"), [("resend", LOOKED), ("close", REASON)])
def test_answer_moves_the_delivery(verb, data, as_member, not_there):
    response = as_member.post(answer_url(not_there, verb), data)
    assert (response.url, fresh(not_there).state) == (ASKING, "not_there")


def test_answer_there_moves_the_delivery(as_member, there, rehearsal):
    as_member.post(answer_url(there, "there"), {"link": link(rehearsal)})
    assert fresh(there).state == "published"


def test_answer_gone_moves_the_delivery(as_member, stuck):
    as_member.post(answer_url(stuck, "gone"))
    assert fresh(stuck).state == "withdrawn"


def test_answer_drop_moves_the_delivery(as_member, delivery):
    put(delivery, State.HELD)
    as_member.post(answer_url(delivery, "drop"))
    assert fresh(delivery).state == "cancelled"


def test_answer_anew_leads_to_the_post(as_member, delivery):
    asked_from(delivery, "sending", "failed")
    response = as_member.post(answer_url(delivery, "anew"), REASON)
    assert (response.url, fresh(delivery.post).state) == (delivery.post.get_absolute_url(), "draft")


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_what_did_not_go_out_can_be_left_and_asks_no_more(state, as_member, delivery):
    put(delivery, state)
    as_member.post(answer_url(delivery, "close"), {"reason": "Plus d’actualité."})
    assert fresh(delivery).state == "not_there"
    assert 'class="empty"' in as_member.get(ASKING).content.decode()


@pytest.mark.parametrize("state", ["failed", "expired"])
def test_what_did_not_go_out_is_not_sent_anew_from_here(state, as_member, delivery):
    put(delivery, state)
    as_member.post(answer_url(delivery, "resend"), LOOKED)
    assert fresh(delivery).state == state


@pytest.mark.parametrize(
    ("verb", "form", "data"),
    [
        ("there", "there", {"link": " "}),
        ("there", "there", {"link": "https://example.org/autre"}),
        ("resend", "resend", {"reason": "", "looked": "on"}),
        ("resend", "resend", {"reason": "Rien."}),
        ("close", "leave", {"reason": "r" * 301}),
    ],
)
def test_answer_that_does_not_do_comes_back_as_typed(verb, form, data, as_member, not_there):
    response = as_member.post(answer_url(not_there, verb), data)
    back = getattr(response.context["found"][0], form)
    assert (response.status_code, back.data.dict(), bool(back.errors)) == (422, data, True)
    assert fresh(not_there).state == "needs_person"


def test_what_never_left_is_sent_anew_without_looking(as_member, delivery):
    asked_from(delivery, "preparing")
    as_member.post(answer_url(delivery, "resend"), REASON)
    assert fresh(delivery).state == "not_there"


def test_answer_to_what_was_answered_meanwhile_says_so(as_member, not_there, member):
    actions.close(not_there, reason="Rien.", by=member.user)
    response = as_member.post(answer_url(not_there, "resend"), LOOKED, follow=True)
    assert [message.level_tag for message in response.context["messages"]] == ["warning"]


def test_answer_of_an_unknown_verb_is_missing(as_member, not_there):
    assert as_member.post(answer_url(not_there, "publish")).status_code == 404


# The tick list --------------------------------------------------------------------------------------

RELEASE = "/est-ce-parti/laisser-partir/"


def test_ticked_ones_leave_and_the_others_stay(as_member, delivery, member):
    other = put(factories.make_post("approved", comms=member).deliveries.get(), State.HELD)
    put(delivery, State.HELD)
    as_member.post(RELEASE, REASON | {"ticked": [delivery.pk]})
    move = delivery.moves.last()
    assert (fresh(delivery).state, fresh(other).state) == ("scheduled", "held")
    assert (move.by, move.note) == (member.user, REASON["reason"])


@pytest.mark.parametrize("data", [REASON, {"ticked": "own"}, REASON | {"ticked": "neighbours"}])
def test_ticks_that_do_not_do_release_nothing(data, as_member, delivery, neighbour):
    other = put(factories.make_post("approved", comms=neighbour).deliveries.get(), State.HELD)
    put(delivery, State.HELD)
    ticked = {"own": [delivery.pk], "neighbours": [delivery.pk, other.pk]}.get(data.get("ticked"), [])
    response = as_member.post(RELEASE, {**data, "ticked": ticked})
    assert (response.status_code, fresh(delivery).state, fresh(other).state) == (422, "held", "held")


def test_what_is_too_late_cannot_be_ticked(as_member, delivery):
    put(delivery, State.HELD, latest_useful_at=timezone.now() - timedelta(seconds=1))
    response = as_member.post(RELEASE, REASON | {"ticked": [delivery.pk]})
    assert (response.status_code, fresh(delivery).state) == (422, "held")


# The page as it is on the network --------------------------------------------------------------------


def read(client, delivery):
    return client.get(reverse("delivery_there", args=[delivery.pk]), headers={"X-Requested-With": "fetch"})


def test_page_is_read_beside_what_was_approved(as_member, there, rehearsal):
    response = read(as_member, there)
    (sighting,) = response.context["there"].sightings
    assert (sighting.found.remote_id, sighting.may_be_it) == (rehearsal.ledger.posts()[0]["urn"], True)
    assert "<html" not in response.content.decode()


def test_page_is_read_on_a_page_of_its_own_without_scripts(as_member, there):
    html = as_member.get(reverse("delivery_there", args=[there.pk])).content.decode()
    assert ("<html" in html, answer_url(there, "there") in html) == (True, True)


def test_what_was_read_there_can_be_chosen(as_member, there, rehearsal):
    (sighting,) = read(as_member, there).context["there"].sightings
    as_member.post(answer_url(there, "there"), {"link": sighting.found.url})
    assert fresh(there).remote_id == rehearsal.ledger.posts()[0]["urn"]


def test_another_post_of_ours_is_named_and_cannot_be_chosen(as_member, there, rehearsal, member):
    other = factories.make_post("approved", comms=member).deliveries.get()
    put(other, State.PUBLISHED, remote_id=rehearsal.ledger.posts()[0]["urn"])
    response = read(as_member, there)
    (sighting,) = response.context["there"].sightings
    assert (sighting.other, sighting.may_be_it) == (other, False)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/7", "https://example.org/7"),
        ("javascript:alert(1)", ""),
        ("data:,x", ""),
        ("", ""),
    ],
)
def test_address_that_is_none_of_the_web_leads_nowhere(url, shown):
    assert Sighting(Found("7", url, "Texte", timezone.now()), True, None).url == shown


def test_page_without_posts_says_so(as_member, not_there):
    assert read(as_member, not_there).context["there"].sightings == []


@pytest.mark.parametrize("fault", ["find-500", "find-html", "token-revoked", "quota"])
def test_page_that_cannot_be_read_says_so_in_words(fault, as_member, there, rehearsal):
    rehearsal.ledger.set_faults("linkedin", [{"name": fault}])
    response = read(as_member, there)
    trouble = response.context["there"].trouble
    assert (response.status_code, bool(trouble), "500" in trouble) == (200, True, False)


def test_reading_the_page_changes_nothing(as_member, there):
    before = Delivery.objects.values().get(pk=there.pk)
    read(as_member, there)
    assert (Delivery.objects.values().get(pk=there.pk), there.evidence.count()) == (before, 0)


def test_page_is_not_read_for_what_cannot_be_there(as_member, delivery):
    put(delivery, State.FAILED)
    assert read(as_member, delivery).status_code == 404

"""The outbox: what waits to be read, what leaves, what nobody knows of; rhythm and quiet periods."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portraits import actions
from portraits.models import Nudge, QuietPeriod, Rhythm
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db
OUTBOX = "/relances/"


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


@pytest.fixture
def nudge(student, member):
    factories.make_portrait("to_sign", student=student, comms=member)
    return actions.propose(student, by=member.user)


def act(client, nudge, verb, **data):
    return client.post(reverse("nudge_act", args=[nudge.pk, verb]), data)


def levels(client):
    return [message.level_tag for message in client.get(OUTBOX).context["messages"]]


def where(client):
    """The student's reminders, by the part of the page that they stand in."""
    context = client.get(OUTBOX).context
    names = ("proposed", "ready", "unsure", "leaving", "latest")
    return {name: [one.portrait.student.email for one in context[name]] for name in names if context[name]}


def test_empty_outbox_says_what_it_is_for(as_member):
    html = as_member.get(OUTBOX).content.decode()
    assert 'class="empty"' in html


def test_each_reminder_stands_where_it_belongs(as_member, nudge):
    lea, found = ["lea@example.org"], []
    now = timezone.now()
    for changes in (
        {"state": "proposed"},
        {"state": "ready"},
        {"state": "sending", "claimed_at": now},
        {"state": "sending", "claimed_at": now - timedelta(minutes=11)},
        {"state": "sending", "claimed_at": now, "failure": "Connection lost"},
        {"state": "sent", "ended_at": now},
    ):
        Nudge.objects.filter(pk=nudge.pk).update(**changes)
        found.append(where(as_member))
    assert found == [
        {"proposed": lea},
        {"ready": lea},
        {"leaving": lea},
        {"unsure": lea},
        {"unsure": lea},
        {"latest": lea},
    ]


def test_outbox_of_another_promotion_is_missing(as_member, neighbour):
    assert as_member.get(OUTBOX, {"promotion": neighbour.promotion.slug}).status_code == 404


def test_reminder_of_another_promotion_cannot_be_touched(client, neighbour, nudge):
    client.force_login(neighbour.user)
    assert [act(client, nudge, verb).status_code for verb in ("let-go", "cancel", "words", "left")] == [
        404
    ] * 4


@pytest.mark.parametrize("count", [1, 3])
def test_outbox_costs_the_same_for_one_and_three(count, as_member, member, django_assert_num_queries):
    for _number in range(count):
        portrait = factories.make_portrait("to_sign", comms=member)
        actions.propose(portrait.student, by=member.user)
        done = factories.make_portrait("to_sign", comms=member)
        actions.cancel_nudge(actions.propose(done.student, by=member.user), by=member.user)
    with django_assert_num_queries(10):
        as_member.get(OUTBOX)


def test_let_go_says_so(as_member, nudge, member):
    act(as_member, nudge, "let-go", shown=nudge.fingerprint)
    assert (fresh(nudge).state, fresh(nudge).read_by, levels(as_member)) == (
        "ready",
        member.user,
        ["success"],
    )


def test_let_go_of_other_words_asks_to_read_again(as_member, nudge):
    act(as_member, nudge, "let-go", shown="other")
    assert (fresh(nudge).state, levels(as_member)) == ("proposed", ["warning"])


def test_all_that_stood_on_the_page_leave(as_member, nudge, member, classmate):
    actions.invite(classmate, by=member.user)
    second = actions.propose(classmate, by=member.user)
    pairs = [f"{one.pk}:{one.fingerprint}" for one in (nudge, second)]
    as_member.post(reverse("nudges_let_go"), {"read": pairs, "promotion": member.promotion.slug})
    assert (fresh(nudge).state, fresh(second).state) == ("ready", "ready")


def test_what_came_or_changed_meanwhile_does_not_leave_with_them(as_member, nudge, member, classmate):
    actions.invite(classmate, by=member.user)
    second = actions.propose(classmate, by=member.user)
    pairs = [f"{nudge.pk}:{nudge.fingerprint}", f"{second.pk}:other", "x:y", ":", "99999999:z"]
    as_member.post(reverse("nudges_let_go"), {"read": pairs})
    assert (fresh(nudge).state, fresh(second).state) == ("ready", "proposed")


def test_words_are_changed(as_member, nudge):
    act(as_member, nudge, "words", shown=nudge.fingerprint, subject=" Un  mot ", text="Bonjour Léa.")
    assert (fresh(nudge).subject, fresh(nudge).text, fresh(nudge).state) == (
        "Un mot",
        "Bonjour Léa.",
        "proposed",
    )


@pytest.mark.parametrize(
    "wrong", [{"subject": "", "text": "Gardé."}, {"subject": "x" * 151, "text": "Gardé."}, {"shown": "other"}]
)
def test_words_that_are_refused_are_kept_in_the_form(wrong, as_member, nudge):
    data = {"shown": nudge.fingerprint, "subject": "Un mot", "text": "Gardé."} | wrong
    response = act(as_member, nudge, "words", **data)
    html = response.content.decode()
    assert (response.status_code, "Gardé." in html, 'role="alert"' in html) == (422, True, True)
    assert fresh(nudge).text != "Gardé."


def test_cancel_says_so(as_member, nudge):
    act(as_member, nudge, "cancel")
    assert (fresh(nudge).state, levels(as_member)) == ("cancelled", ["success"])


def test_cancel_of_what_has_left_says_that_someone_was_faster(as_member, nudge):
    Nudge.objects.update(**{"state": "sent"})
    act(as_member, nudge, "cancel")
    assert (fresh(nudge).state, levels(as_member)) == ("sent", ["warning"])


@pytest.mark.parametrize(("verb", "state"), [("left", "sent"), ("not-left", "failed")])
def test_somebody_says_whether_it_left(verb, state, as_member, nudge):
    Nudge.objects.update(**{"state": "sending", "claimed_at": timezone.now() - timedelta(hours=1)})
    act(as_member, nudge, verb)
    assert fresh(nudge).state == state


def test_unknown_verb_is_missing(as_member, nudge):
    assert act(as_member, nudge, "explode").status_code == 404


# Rhythm and quiet periods ---------------------------------------------------------------------------


def test_rhythm_is_kept(as_member, promotion):
    as_member.post(reverse("rhythm"), {"is_on": "on", "every_days": 7, "at_most": 2})
    kept = Rhythm.objects.get(promotion=promotion)
    assert (kept.is_on, kept.every_days, kept.at_most) == (True, 7, 2)


@pytest.mark.parametrize(
    "wrong", [{"every_days": 1}, {"every_days": 31}, {"at_most": 4}, {"at_most": 0}, {"every_days": ""}]
)
def test_rhythm_that_is_refused_keeps_the_one_there_was(wrong, as_member, promotion):
    Rhythm.objects.create(promotion=promotion, is_on=True, every_days=6, at_most=2)
    response = as_member.post(reverse("rhythm"), {"is_on": "on", "every_days": 7, "at_most": 2} | wrong)
    assert (response.status_code, 'role="alert"' in response.content.decode()) == (422, True)
    assert (fresh(promotion.rhythm).every_days, fresh(promotion.rhythm).at_most) == (6, 2)


def test_switching_off_works_with_an_empty_box(as_member, promotion):
    Rhythm.objects.create(promotion=promotion, is_on=True)
    as_member.post(reverse("rhythm"), {"every_days": 5, "at_most": 3})
    assert fresh(promotion.rhythm).is_on is False


def test_quiet_period_is_added_and_removed(as_member, promotion):
    today = timezone.localdate()
    as_member.post(
        reverse("quiet_add"), {"label": "Examens", "starts": today, "ends": today + timedelta(days=4)}
    )
    period = promotion.quiet_periods.get()
    assert (period.label, period.ends - period.starts) == ("Examens", timedelta(days=4))
    as_member.post(reverse("quiet_remove", args=[period.pk]))
    assert QuietPeriod.objects.count() == 0


@pytest.mark.parametrize(
    ("starts", "ends"), [(0, -1), (-9, -2), (0, 400), ("hier", 3), (None, 3), (0, None)], ids=str
)
def test_quiet_period_that_cannot_be_is_said(starts, ends, as_member):
    def day(offset):
        return timezone.localdate() + timedelta(days=offset) if isinstance(offset, int) else offset or ""

    response = as_member.post(
        reverse("quiet_add"), {"label": "Gardé", "starts": day(starts), "ends": day(ends)}
    )
    html = response.content.decode()
    assert (response.status_code, "Gardé" in html, 'role="alert"' in html) == (422, True, True)
    assert QuietPeriod.objects.count() == 0


def test_quiet_period_of_another_promotion_is_missing(client, neighbour, promotion):
    today = timezone.localdate()
    period = QuietPeriod.objects.create(promotion=promotion, label="x", starts=today, ends=today)
    client.force_login(neighbour.user)
    assert client.post(reverse("quiet_remove", args=[period.pk])).status_code == 404

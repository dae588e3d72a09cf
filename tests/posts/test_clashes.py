"""What collides on the calendar: a table of cases for each rule, who may let it pass, and that many posts cost what one costs."""

from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from posts import actions
from posts.actions.exempting import exempt
from posts.clashes import moved, rulings, rulings_of, spacing
from posts.models import Account, Event, Exemption, Post, SlotDay, Variant
from posts.models.account import NetworkName
from posts.rulings import Who
from tests import factories
from tests.factories import fresh

TUESDAY = 13


@pytest.fixture(autouse=True)
def _monday():
    """Monday 12 October 2026, nine o’clock."""
    with time_machine.travel(wall(12, 9, 0), tick=False):
        yield


def wall(day, hour=8, minute=30, month=10):
    return timezone.make_aware(datetime(2026, month, day, hour, minute))


def planned(member, *moment, text="", **fields):
    student = factories.make_student(member.promotion, login=True, **fields)
    portrait = factories.make_portrait(
        "signed", student=student, comms=member, places=("gallery", "linkedin", "x")
    )
    post = factories.make_post(portrait=portrait, comms=member, publish_at=wall(*moment))
    Variant.objects.filter(post=post).update(text=text or f"Portrait de {student}.")
    return fresh(post)


def found(post):
    return [(one.rule, one.who) for one in rulings(post)]


@pytest.fixture
def post(member, account):
    return planned(member, TUESDAY)


def test_nothing_is_against_a_morning_of_its_own(post):
    assert rulings(post) == []


def test_nothing_is_against_what_has_no_moment(post):
    post.publish_at = None
    assert rulings(post) == []


# The moment alone -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hour", "minute", "month", "kind", "rules"),
    [
        (TUESDAY, 8, 0, 10, "portrait", []),
        (TUESDAY, 7, 59, 10, "portrait", ["quiet-hours"]),
        (TUESDAY, 18, 59, 10, "portrait", []),
        (TUESDAY, 19, 0, 10, "portrait", ["quiet-hours"]),
        (TUESDAY, 22, 30, 10, "live", []),
        (17, 10, 0, 10, "portrait", ["weekend"]),
        (17, 22, 0, 10, "portrait", ["quiet-hours"]),
        (17, 10, 0, 10, "live", []),
        (11, 10, 0, 11, "portrait", ["holiday"]),
        (11, 10, 0, 11, "live", []),
        (1, 10, 0, 11, "portrait", ["weekend", "holiday"]),
        (12, 10, 0, 11, "portrait", []),
    ],
)
def test_quiet_hours_weekends_and_holidays(day, hour, minute, month, kind, rules, post):
    post.kind = kind
    assert found(moved(post, wall(day, hour, minute, month))) == [(rule, Who.COMMS) for rule in rules]


def test_quiet_hours_go_by_the_clock_on_the_wall_after_the_clock_change(post):
    """8:30 on Monday 26 October is 7:30 in UTC, after having been 6:30."""
    assert rulings(moved(post, wall(26))) == []


@pytest.mark.parametrize(
    ("rule", "moment", "said", "advice"),
    [
        (
            "quiet-hours",
            (TUESDAY, 22, 15),
            "À 22\xa0h\xa015, peu de gens lisent et personne n’est là pour répondre.",
            "Choisissez un jour de semaine entre 8\xa0h et 19\xa0h.",
        ),
        (
            "weekend",
            (17, 10),
            "Samedi 17 octobre est un jour de week-end\xa0: peu de gens lisent et personne n’est là pour répondre.",
            "Choisissez un jour de semaine entre 8\xa0h et 19\xa0h.",
        ),
        (
            "holiday",
            (11, 10, 0, 11),
            "Mercredi 11 novembre est un jour férié (Armistice)\xa0: ceux pour qui vous écrivez ne travaillent pas.",
            "Choisissez un jour ouvré.",
        ),
    ],
)
def test_moment_is_explained(rule, moment, said, advice, post):
    (one,) = rulings(moved(post, wall(*moment)))
    assert (one.rule, one.sentence, one.advice) == (rule, said, advice)


# Other posts on the same page -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "hours", "rules"),
    [
        ("linkedin", 1, ["spacing"]),
        ("linkedin", 3.99, ["spacing"]),
        ("linkedin", 4, []),
        ("linkedin", -3.99, ["spacing"]),
        ("x", 0.49, ["spacing"]),
        ("x", 0.5, []),
    ],
)
def test_posts_too_near_on_one_page(network, hours, rules, member, neighbour):
    factories.make_account(network=network)
    other = planned(neighbour, TUESDAY, 12, 0)
    post = planned(member, TUESDAY + 1)
    assert found(moved(post, other.publish_at + timedelta(hours=hours))) == [
        (rule, Who.COMMS) for rule in rules
    ]


def test_posts_on_two_pages_are_not_near(member, account):
    factories.make_account(network="x")
    there, here = planned(member, TUESDAY), planned(member, TUESDAY)
    Variant.objects.filter(post=there).exclude(account=account).delete()
    Variant.objects.filter(post=here, account=account).delete()
    assert rulings(here) == []


def test_cancelled_post_is_in_nobodys_way(post, member):
    other = planned(member, TUESDAY, 9)
    assert found(post) == [("spacing", Who.COMMS)]
    actions.cancel(other, by=member.user)
    assert rulings(post) == []


def test_near_post_is_named_by_its_title_only(post, neighbour):
    other = planned(neighbour, TUESDAY, 9, 0, text="Un secret.")
    (one,) = rulings(post)
    assert one.sentence == (
        f"«\xa0{other}\xa0» part sur LinkedIn · INET, mardi 13 octobre à 9\xa0h\xa0: trop près, on n’en lit qu’une des deux."
    )
    assert (
        one.advice
        == "Laissez 4 heures entre deux publications sur cette page\xa0: choisissez une autre heure."
    )
    assert "secret" not in one.sentence


@pytest.mark.parametrize(
    ("days", "text", "rules"),
    [
        (5, "Le même texte. #Estuaire", [("same-text", Who.STAFF)]),
        (-5, "Le même   texte.", [("same-text", Who.STAFF)]),
        (5, "Un autre texte.", []),
        (30, "Le même texte.", []),
    ],
)
def test_same_text_on_a_page(days, text, rules, member, account):
    other = planned(member, 1, 10, 0, 12, text=text)
    post = planned(member, TUESDAY, text="Le même texte.")
    moment = other.publish_at - timedelta(days=days)
    assert [one for one in found(moved(post, moment)) if one[0] == "same-text"] == rules


@pytest.mark.parametrize(("days", "is_twice"), [(1, True), (29, True), (30, False)])
def test_same_person_on_a_page(days, is_twice, member, account, staff):
    first = factories.make_post("approved", comms=member, publish_at=wall(TUESDAY), staff=staff)
    Post.objects.filter(pk=first.pk).update(**{"state": "done"})
    first.portrait.student.first_name = "Léa"
    second = Post.objects.create(
        promotion=first.promotion,
        portrait=first.portrait,
        author=member.user,
        portrait_version=first.portrait_version,
        publish_at=first.publish_at + timedelta(days=days),
    )
    Variant.objects.create(post=second, account=account, text="Autre chose.")
    assert ("same-person" in [rule for rule, _who in found(second)]) == is_twice
    second.kind = "follow_up"
    assert "same-person" not in [rule for rule, _who in found(second)]


# Slots ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "rules"), [(0, ["others-slot"]), (29, ["others-slot"]), (-29, ["others-slot"]), (30, [])]
)
def test_slot_of_the_other_group(minutes, rules, post, neighbour, account):
    factories.make_slot(neighbour.promotion, account, time=time(10, 0))
    moment = wall(TUESDAY, 10, 0) + timedelta(minutes=minutes)
    assert found(moved(post, moment)) == [(rule, Who.STAFF) for rule in rules]


def test_slot_that_was_ceded_is_ours(post, neighbour, promotion, account):
    slot = factories.make_slot(neighbour.promotion, account)
    assert found(post) == [("others-slot", Who.STAFF)]
    actions.cede(slot, date(2026, 10, 13), to=promotion, by=neighbour.user)
    assert rulings(post) == []
    (one,) = rulings(moved(post, wall(20)))
    assert one.sentence == (
        f"Le créneau du mardi 20 octobre à 8\xa0h\xa030 sur LinkedIn · INET est à {neighbour.promotion.name}."
    )


def test_slot_of_another_page_is_in_nobodys_way(post, neighbour):
    factories.make_slot(neighbour.promotion, factories.make_account(network="mastodon"))
    assert rulings(post) == []


def test_two_posts_in_one_slot(post, member, promotion, account):
    slot = factories.make_slot(promotion, account)
    actions.take_slot(post, slot, date(2026, 10, 13), read=post.version, by=member.user)
    assert rulings(fresh(post)) == []
    other = planned(member, TUESDAY)
    assert found(other) == [("spacing", Who.COMMS), ("slot-taken", Who.COMMS)]


def test_two_promotions_in_one_slot(post, member, neighbour, promotion, account):
    slot = factories.make_slot(promotion, account)
    actions.take_slot(post, slot, date(2026, 10, 13), read=post.version, by=member.user)
    assert found(planned(neighbour, TUESDAY)) == [("spacing", Who.COMMS), ("others-slot", Who.STAFF)]


# Events, shares -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whose", "first", "last", "rules"),
    [
        ("neighbour", (TUESDAY, 14), (TUESDAY, 16), ["others-event"]),
        ("neighbour", (12, 9), (14, 0), ["others-event"]),
        ("neighbour", (12, 9), (TUESDAY, 0, 0), []),
        ("neighbour", (14, 9), (14, 17), []),
        ("member", (TUESDAY, 14), (TUESDAY, 16), []),
        ("", (TUESDAY, 14), (TUESDAY, 16), []),
    ],
)
def test_event_of_the_other_group(whose, first, last, rules, post, request):
    promotion = request.getfixturevalue(whose).promotion if whose else None
    Event.objects.create(name="Table ronde", promotion=promotion, starts_at=wall(*first), ends_at=wall(*last))
    assert found(post) == [(rule, Who.COMMS) for rule in rules]


@pytest.mark.parametrize(
    ("percent", "mine", "theirs", "rules"),
    [
        (50, 0, 0, []),
        (40, 1, 1, []),
        (40, 2, 1, ["share"]),
        (60, 2, 1, []),
        (60, 2, 0, ["share"]),
        (0, 0, 3, ["share"]),
        (100, 3, 0, []),
    ],
)
def test_share_of_the_period(percent, mine, theirs, rules, member, neighbour, staff, account, promotion):
    parts = {promotion: percent, neighbour.promotion: 100 - percent}
    actions.set_shares(account, date(2026, 10, 1), date(2026, 11, 30), parts, by=staff)
    for number in range(mine):
        planned(member, 14 + number, 14)
    for number in range(theirs):
        planned(neighbour, 20 + number, 14)
    assert found(planned(member, 26, 10)) == [(rule, Who.STAFF) for rule in rules]


def test_share_counts_on_the_slots_of_the_period(member, neighbour, staff, account, promotion):
    """Ten slots in all are worth four posts of forty percent, before anyone has planned any."""
    parts = {promotion: 40, neighbour.promotion: 60}
    actions.set_shares(account, date(2026, 10, 12), date(2026, 11, 15), parts, by=staff)
    factories.make_slot(promotion, account)
    factories.make_slot(neighbour.promotion, account, weekday=3)
    posts = [planned(member, 13 + number, 14) for number in range(4)]
    assert rulings(posts[0]) == []
    one_more = planned(member, 20, 14)
    (one,) = rulings(one_more)
    assert one.sentence == (
        f"Avec celle-ci, {promotion.name} a 5 publications sur 5 sur LinkedIn · INET, du lundi 12 octobre au "
        "dimanche 15 novembre\xa0: sa part est de 40\xa0%."
    )
    assert rulings(moved(one_more, wall(16, 14, 0, 11))) == []


# Exemptions and cost --------------------------------------------------------------------------------


def test_exemption_is_of_this_case_only(member, account, staff):
    first, post = planned(member, TUESDAY), planned(member, TUESDAY, 9)
    (one,) = rulings(post)
    exempt(post, one, reason="C’est voulu.", by=staff)
    assert [ruling.is_open for ruling in rulings(post)] == [False]
    planned(member, TUESDAY, 9, 30)
    assert [ruling.is_open for ruling in rulings(post)] == [False, True]
    assert Exemption.objects.count() == 1
    assert [ruling.is_open for ruling in rulings(first)] == [True, True]


@pytest.mark.parametrize("count", [1, 3])
def test_many_posts_cost_what_one_costs(
    count, member, neighbour, staff, account, promotion, django_assert_num_queries
):
    parts = {promotion: 40, neighbour.promotion: 60}
    actions.set_shares(account, date(2026, 10, 12), date(2026, 11, 15), parts, by=staff)
    slot = factories.make_slot(promotion, account)
    Event.objects.create(name="Congrès", promotion=neighbour.promotion, starts_at=wall(13), ends_at=wall(30))
    for number in range(count):
        planned(neighbour, 13 + 7 * number, 9)
    posts = [planned(member, 13 + 7 * number) for number in range(count)]
    SlotDay.objects.create(slot=slot, day=date(2026, 10, 13), post=posts[0])
    posts = list(Post.objects.filter(pk__in=[post.pk for post in posts]).select_related("portrait__student"))
    with django_assert_num_queries(11):
        against = rulings_of(posts)
    assert [len(against[post.pk]) for post in posts] == [2] * count


def test_every_network_has_a_spacing():
    assert {name: spacing(Account(network=name)) // timedelta(minutes=1) for name in NetworkName.values} == {
        "linkedin": 240,
        "facebook": 240,
        "x": 30,
        "mastodon": 30,
        "bluesky": 30,
    }

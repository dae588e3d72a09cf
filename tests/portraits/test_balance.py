"""The balance: numbers too large to point at anyone, suggestions that say why and tell nothing."""

import itertools
import random

import pytest
from django.urls import reverse

from portraits import actions
from portraits.balance import FACTS, FEWEST, LEAST_DEFICIT, OTHERS, Person, charts, suggestions
from portraits.models import Portrait
from tests import factories

BALANCE = reverse("balance")
FACTS_PAGE = reverse("my_facts")


def people(**groups):
    """`bre=(5, 2)`: five people who said bre as their region, two of them shown; `none` said nothing."""
    found = []
    for value, (count, shown) in groups.items():
        for number in range(count):
            facts = {"region": "" if value == "none" else value}
            found.append(Person(len(found) + 1, f"{value} {number}", facts, is_shown=number < shown))
    return found


def region(**groups):
    """(value, people, shown) of each row of the chart of regions."""
    chart = next(chart for chart in charts(people(**groups)) if chart.fact == "region")
    return [(group.value, group.people, group.shown) for group in chart.groups]


def test_groups_stand_in_falling_size_with_the_others_last():
    assert region(bre=(10, 4), idf=(20, 10), none=(12, 6)) == [
        ("idf", 20, 10),
        ("bre", 10, 4),
        (OTHERS, 12, 6),
    ]


def test_percentages_are_of_everyone_and_of_those_shown():
    chart = charts(people(bre=(10, 4), idf=(10, 4), none=(20, 8)))[0]
    assert [(group.of_everyone, group.of_shown) for group in chart.groups] == [(25, 25), (25, 25), (50, 50)]


def test_small_group_stands_among_the_others():
    assert [value for value, _people, _shown in region(bre=(10, 4), cor=(2, 0), none=(8, 4))] == [
        "bre",
        OTHERS,
    ]


def test_others_are_never_few():
    assert region(bre=(10, 4), idf=(5, 0), cor=(1, 0)) == [("bre", 10, 4), (OTHERS, 6, 0)]


def test_number_that_points_at_someone_is_kept_from_sight():
    rows = {value: shown for value, _people, shown in region(bre=(10, 1), idf=(20, 10), none=(12, 6))}
    assert rows["bre"] is None


def test_everyone_shown_and_nobody_shown_can_be_said():
    assert region(bre=(6, 6), idf=(6, 0), none=(6, 3)) == [("bre", 6, 6), ("idf", 6, 0), (OTHERS, 6, 3)]


def test_hidden_number_never_stands_alone():
    shown = [shown for _value, _people, shown in region(bre=(10, 1), idf=(20, 10), none=(12, 6))]
    assert shown.count(None) == 2


def test_too_few_answers_make_no_chart():
    assert region(bre=(2 * FEWEST - 1, 3), none=(30, 10)) == []


def possible(rows, total):
    """Every way in which the hidden numbers can be, for whoever knows how many were shown in all."""
    hidden = [(value, count) for value, count, shown in rows if shown is None]
    left = total - sum(shown for _value, _count, shown in rows if shown is not None)
    ways = itertools.product(*(range(count + 1) for _value, count in hidden))
    return [
        dict(zip([value for value, _count in hidden], way, strict=True)) for way in ways if sum(way) == left
    ]


@pytest.mark.parametrize("seed", range(60))
def test_hidden_numbers_cannot_be_worked_out_from_the_total(seed):
    chance = random.Random(seed)
    groups = {}
    for value in chance.sample(["bre", "idf", "cor", "occ", "none"], chance.randint(2, 4)):
        count = chance.randint(1, 9)
        groups[value] = (count, chance.randint(0, count))
    rows = region(**groups)
    ways = possible(rows, sum(shown for _count, shown in groups.values()))
    told = [value for value, _count, shown in rows if shown is None and len({way[value] for way in ways}) < 2]
    assert told == []


@pytest.mark.parametrize("seed", range(60))
def test_what_is_said_points_at_nobody(seed):
    chance = random.Random(1000 + seed)
    groups = {
        value: (count := chance.randint(1, 12), chance.randint(0, count))
        for value in ("bre", "idf", "cor", "none")
    }
    few = [
        row
        for row in region(**groups)
        if row[1] < FEWEST or (row[2] is not None and (0 < row[2] < FEWEST or 0 < row[1] - row[2] < FEWEST))
    ]
    assert few == []


def suggested(everyone):
    return [(one.person.name, len(one.reasons)) for one in suggestions(everyone, charts(everyone))]


def test_suggestions_are_of_the_group_that_is_shown_least():
    assert suggested(people(bre=(6, 0), idf=(12, 9), none=(6, 3)))[0] == ("bre 0", 1)


def test_suggestions_never_name_someone_who_is_shown():
    everyone = people(bre=(6, 3), idf=(30, 27), none=(6, 3))
    shown = {person.name for person in everyone if person.is_shown}
    assert {name for name, _reasons in suggested(everyone)} & shown == set()


def test_suggestions_say_no_value():
    everyone = people(bre=(6, 0), idf=(12, 9), none=(6, 3))
    reasons = [str(reason) for one in suggestions(everyone, charts(everyone)) for reason in one.reasons]
    assert {"Bretagne" in reason for reason in reasons} == {False}


def test_balanced_portraits_suggest_nobody():
    assert suggested(people(bre=(10, 5), idf=(10, 5), none=(10, 5))) == []


def test_small_deficit_is_none():
    everyone = people(bre=(49, 24), idf=(51, 26))
    assert [group.deficit for group in charts(everyone)[0].groups] == [0, 0]
    assert LEAST_DEFICIT > 1


def test_readier_portrait_comes_first():
    everyone = people(bre=(6, 0), idf=(12, 9), none=(6, 3))
    ready = Person(99, "zoé", {"region": "bre"}, is_shown=False, readiness=5)
    assert suggested([*everyone, ready])[0][0] == "zoé"


# The page -----------------------------------------------------------------------------------------


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


def declare(promotion, count, **facts):
    for _number in range(count):
        portrait = factories.make_portrait("invited", factories.make_student(promotion))
        Portrait.objects.filter(pk=portrait.pk).update(**facts)


def test_page_draws_what_was_declared(as_member, promotion, member):
    declare(promotion, 8, region="bre")
    page = as_member.get(BALANCE).content.decode()
    assert "Bretagne" in page


def test_whoever_counts_in_no_balance_is_not_in_it(as_member, promotion):
    declare(promotion, 8, region="bre", counts_in_balance=False)
    response = as_member.get(BALANCE)
    assert (response.context["charts"][0].declared, response.context["total"]) == (0, 9)


def test_page_without_students_says_what_it_is_for(client, staff, promotion):
    client.force_login(staff)
    assert "Rien à peser" in client.get(BALANCE).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_for_one_and_three(count, as_member, promotion, django_assert_num_queries):
    declare(promotion, count, region="bre")
    with django_assert_num_queries(8):
        as_member.get(BALANCE)


def test_page_of_another_promotion_is_not_there(client, neighbour, promotion):
    client.force_login(neighbour.user)
    assert client.get(BALANCE, {"promotion": promotion.slug}).status_code == 404


# What a student declares ----------------------------------------------------------------------------


@pytest.fixture
def lea(client, student):
    client.force_login(student.user)
    return client


GIVEN = {
    "region": "bre",
    "entry_route": "third",
    "earlier_sector": "company",
    "host_kind": "city",
    "counts_in_balance": "on",
}


def declared(portrait):
    portrait = factories.fresh(portrait)
    return {fact: getattr(portrait, fact) for fact in FACTS}, portrait.counts_in_balance


def test_facts_are_kept(lea, student):
    portrait = factories.make_portrait("draft", student)
    lea.post(FACTS_PAGE, GIVEN)
    assert declared(portrait) == ({fact: GIVEN[fact] for fact in FACTS}, True)


def test_opting_out_deletes_the_facts(lea, student):
    portrait = factories.make_portrait("draft", student)
    lea.post(FACTS_PAGE, GIVEN)
    lea.post(FACTS_PAGE, GIVEN | {"counts_in_balance": ""})
    assert declared(portrait) == (dict.fromkeys(FACTS, ""), False)


def test_one_can_opt_out_after_handing_in(lea, student):
    portrait = factories.make_portrait("signed", student)
    response = lea.post(FACTS_PAGE, {"region": "", "entry_route": "", "earlier_sector": "", "host_kind": ""})
    assert (response.url, declared(portrait)[1]) == (reverse("my_portrait"), False)
    assert factories.fresh(portrait).state == "signed"


def test_value_that_was_not_offered_is_refused_in_words(lea, student):
    factories.make_portrait("draft", student)
    response = lea.post(FACTS_PAGE, GIVEN | {"region": "atlantis"})
    assert response.status_code == 422


def test_nobody_declares_for_someone_else(student, member):
    portrait = factories.make_portrait("draft", student, comms=member)
    with pytest.raises(Exception) as refused:
        actions.set_facts(portrait, region="bre", entry_route="", earlier_sector="", by=member.user)
    assert type(refused.value).__name__ == "PermissionDenied"


def test_rail_marks_the_board_on_its_further_pages(as_member):
    entries = as_member.get(BALANCE).context["navigation"]
    assert [entry.url for entry in entries if entry.is_current] == [reverse("board")]

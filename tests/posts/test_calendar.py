"""The calendar: what each reader sees of both groups, the days, the filters, and moving a post."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused, StaleVersion
from portraits.models import QuietPeriod
from posts import actions
from posts.agenda import A_DAY, agenda, clock_change, span
from posts.models import Delivery, Event, Post, Variant
from tests import factories
from tests.factories import fresh

CALENDAR = reverse("calendar")
NOW = datetime(2026, 10, 12, 9, 0)


@pytest.fixture(autouse=True)
def _monday():
    """Monday 12 October 2026, nine o’clock: the clocks go back on Sunday 25."""
    with time_machine.travel(timezone.make_aware(NOW), tick=False):
        yield


OCTOBER = span("month", date(2026, 10, 1))


def wall(day, hour=8, minute=30):
    return timezone.make_aware(datetime(2026, 10, day, hour, minute))


def planned(promotion_or_member, day, state="draft", **fields):
    member = promotion_or_member
    portrait = factories.make_portrait(
        "signed", student=factories.make_student(member.promotion, **fields), comms=member
    )
    return factories.make_post(state, portrait=portrait, comms=member, publish_at=wall(day))


def page(client, **query):
    response = client.get(CALENDAR, query)
    assert response.status_code == 200
    return response.content.decode()


# Days ---------------------------------------------------------------------------------------------


def test_month_is_shown_in_whole_weeks_from_monday():
    found = span("month", date(2026, 10, 12))
    assert (found.first, found.last, len(found.weeks)) == (date(2026, 9, 28), date(2026, 11, 1), 5)
    assert (found.previous, found.next) == (date(2026, 9, 1), date(2026, 11, 1))
    assert [found.is_beside(day) for day in (date(2026, 9, 30), date(2026, 10, 1))] == [True, False]


@pytest.mark.parametrize(
    ("view", "first", "last"),
    [("week", date(2026, 10, 12), date(2026, 10, 18)), ("list", date(2026, 10, 14), date(2026, 11, 24))],
)
def test_week_and_list(view, first, last):
    found = span(view, date(2026, 10, 14))
    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_no_day_is_too_far(view, day):
    found = span(view, day)
    assert found.first < found.last


def test_clock_changes_are_said():
    days = [date(2026, 10, 24), date(2026, 10, 25), date(2027, 3, 28)]
    assert [clock_change(day) for day in days] == [
        "",
        "À 3 h, on revient à 2 h : cette heure existe deux fois.",
        "À 2 h, on passe à 3 h.",
    ]


@pytest.mark.parametrize("day", ["", "2026-02-30", "yesterday", "0000-00-00"])
def test_day_that_is_none_is_today(day, client, member):
    client.force_login(member.user)
    assert 'datetime="2026-10-12"' in page(client, day=day)


# Who sees what --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_other_groups_posts_have_title_and_moment_only(client, member, neighbour, account):
    mine = planned(member, 13, last_name="Ici")
    theirs = planned(neighbour, 14, last_name="Ailleurs")
    client.force_login(member.user)
    found = page(client)
    assert reverse("post", args=[mine.pk]) in found
    assert str(theirs) in found
    assert f"/publications/{theirs.pk}/" not in found
    assert theirs.variants.get().text not in found


def test_staff_open_all_and_move_none(client, member, staff, account):
    post = planned(member, 13)
    client.force_login(staff)
    found = page(client)
    assert reverse("post", args=[post.pk]) in found
    assert reverse("post_move", args=[post.pk]) not in found


def test_cancelled_and_unplanned_posts_do_not_stand_there(member, account):
    cancelled = planned(member, 13)
    actions.cancel(cancelled, by=member.user)
    unplanned = planned(member, 14)
    Post.objects.filter(pk=unplanned.pk).update(publish_at=None)
    assert agenda(span("month", date(2026, 10, 1)), member.user).is_empty


def test_a_post_stands_on_its_day_of_the_schools_clock(member, account):
    """23:30 UTC is the next day in Paris."""
    post = planned(member, 13)
    Post.objects.filter(pk=post.pk).update(publish_at=datetime.fromisoformat("2026-10-13T23:30:00+00:00"))
    days = agenda(span("week", date(2026, 10, 12)), member.user).days
    assert [day.date for day in days if day.items] == [date(2026, 10, 14)]


def test_what_is_out_leads_to_it(client, member, account):
    post = planned(member, 13, "approved")
    Delivery.objects.filter(post=post).update(
        **{"state": "published", "url": "https://example.org/1", "remote_id": "1", "published_at": wall(1)}
    )
    Post.objects.filter(pk=post.pk).update(**{"state": "done", "publish_at": wall(1)})
    client.force_login(member.user)
    found = page(client)
    assert 'href="https://example.org/1"' in found
    assert reverse("post_move", args=[post.pk]) not in found


def test_what_is_out_leads_to_each_page_where_it_is(client, member, account):
    post = planned(member, 13, "approved")
    second = post.deliveries.get()
    second.pk, second.key = None, uuid.uuid4()
    second.account = factories.make_account(network="mastodon", remote_id="1")
    second.save()
    for number, delivery in enumerate(post.deliveries.order_by("pk")):
        Delivery.objects.filter(pk=delivery.pk).update(
            **{"state": "published", "url": f"https://example.org/{number}", "remote_id": str(number)}
        )
    Post.objects.filter(pk=post.pk).update(**{"state": "done"})
    (item,) = next(day.items for day in agenda(OCTOBER, member.user).days if day.items)
    assert item.online == [("LinkedIn", "https://example.org/0"), ("Mastodon", "https://example.org/1")]


def test_events_periods_and_holidays_stand_on_each_of_their_days(member, promotion):
    Event.objects.create(name="Congrès", starts_at=wall(14, 9), ends_at=wall(16, 0, 0))
    QuietPeriod.objects.create(
        promotion=promotion, label="Examens", starts=date(2026, 10, 16), ends=date(2026, 10, 17)
    )
    days = agenda(span("month", date(2026, 10, 1)), member.user).days
    assert [day.date.day for day in days if day.events] == [14, 15]
    assert [day.date.day for day in days if day.periods] == [16, 17]
    assert [day.date for day in days if day.holiday] == [date(2026, 11, 1)]


def test_list_says_once_until_when(client, member, promotion):
    Event.objects.create(name="Congrès", starts_at=wall(14, 0, 0), ends_at=wall(17, 0, 0))
    QuietPeriod.objects.create(
        promotion=promotion, label="Examens", starts=date(2026, 10, 10), ends=date(2026, 10, 17)
    )
    days = agenda(span("list", date(2026, 10, 12)), member.user).days
    assert [day.date.day for day in days if day.events] == [14]
    assert [day.date.day for day in days if day.periods] == [12]
    client.force_login(member.user)
    assert "jusqu’au samedi 17 octobre" in page(client, view="list")


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        ((14, 9, 0), (14, 17, 30), "de 9\xa0h à 17\xa0h\xa030"),
        ((14, 0, 0), (15, 0, 0), "toute la journée"),
        ((14, 0, 0), (17, 0, 0), "du mercredi 14 octobre au vendredi 16 octobre"),
        ((14, 9, 0), (16, 17, 0), "du mercredi 14 octobre à 9\xa0h au vendredi 16 octobre à 17\xa0h"),
    ],
)
def test_event_says_when_it_is(starts, ends, said):
    assert Event(starts_at=wall(*starts), ends_at=wall(*ends)).when == said


# Without a date -------------------------------------------------------------------------------------


@pytest.fixture
def undated(member, account):
    post = planned(member, 13)
    Post.objects.filter(pk=post.pk).update(publish_at=None)
    return fresh(post)


@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_posts_without_a_date_are_offered_with_the_way_to_one(view, client, member, undated):
    client.force_login(member.user)
    found = page(client, view=view)
    assert "1 publication sans date" in found
    assert f"{reverse('post_move', args=[undated.pk])}?view={view}" in found


@pytest.mark.parametrize("who", ["neighbour", "staff"])
def test_posts_without_a_date_are_offered_to_who_plans_them(who, client, undated, request):
    person = request.getfixturevalue(who)
    client.force_login(getattr(person, "user", person))
    assert "sans date" not in page(client)


def test_cancelled_post_without_a_date_is_not_offered(member, undated):
    actions.cancel(undated, by=member.user)
    assert agenda(OCTOBER, member.user).undated == []


# The phone ------------------------------------------------------------------------------------------

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


@pytest.mark.parametrize(
    ("headers", "query", "shown"),
    [
        ({"user-agent": PHONE}, {}, "list"),
        ({"sec-ch-ua-mobile": "?1", "user-agent": DESK}, {}, "list"),
        ({"user-agent": DESK}, {}, "month"),
        ({"user-agent": PHONE}, {"view": "month"}, "month"),
    ],
)
def test_phone_begins_with_the_list(headers, query, shown, client, member):
    client.force_login(member.user)
    assert client.get(CALENDAR, query, headers=headers).context["view"] == shown


@pytest.mark.parametrize(
    ("who", "tabs"),
    [
        ("member", ["À faire", "Tableau", "Calendrier", "Est-ce parti\u202f?"]),
        ("staff", ["À faire", "Tableau", "Calendrier", "Est-ce parti\u202f?"]),
        ("student", ["Mon portrait", "Proposer", "Mes autorisations", "Galerie"]),
    ],
)
def test_four_tabs_of_a_phone_are_what_is_needed_there(who, tabs, client, request):
    person = request.getfixturevalue(who)
    client.force_login(getattr(person, "user", person))
    shown = client.get(reverse("retention")).context["tabs"]
    assert [entry.label for entry in shown[:4]] == tabs


# Filters --------------------------------------------------------------------------------------------


def test_only_one_promotion_or_network(member, neighbour, account):
    planned(member, 13)
    planned(neighbour, 14)

    def days(**only):
        return [day.date.day for day in agenda(OCTOBER, member.user, **only).days if day.items]

    assert days() == [13, 14]
    assert days(promotion=neighbour.promotion.slug) == [14]
    assert days(network="linkedin") == [13, 14]
    assert days(network="mastodon") == []


def test_events_of_the_other_promotion_go_with_the_filter(member, neighbour, promotion):
    for name, whose in (("De tous", None), ("À eux", neighbour.promotion)):
        Event.objects.create(name=name, promotion=whose, starts_at=wall(14, 9), ends_at=wall(14, 10))
    days = agenda(span("month", date(2026, 10, 1)), member.user, promotion=promotion.slug).days
    assert [event.name for day in days for event in day.events] == ["De tous"]


@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_filter_and_view_are_kept_when_the_days_change(view, client, member, account):
    planned(member, 13)
    client.force_login(member.user)
    found = page(client, view=view, network="linkedin")
    later = re.search(r'href="([^"]+)" rel="next"', found).group(1)
    assert f"view={view}" in later
    assert "network=linkedin" in later


def test_filter_leaves_the_other_choices(member, neighbour, account):
    planned(member, 13)
    planned(neighbour, 14)
    shown = agenda(OCTOBER, member.user, promotion=neighbour.promotion.slug)
    assert set(shown.promotions) == {member.promotion, neighbour.promotion}


def test_filter_that_leaves_nothing_leads_back_to_everything(client, member, account):
    planned(member, 13)
    client.force_login(member.user)
    found = page(client, network="mastodon")
    assert "Rien de ce que vous avez choisi" in found
    assert f'<a href="{CALENDAR}?view=month&amp;day=2026-10-12">Tout afficher</a>' in found


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_calendar_costs_the_same(view, count, client, member, neighbour, account, django_assert_num_queries):
    for number in range(count):
        planned(member, 13 + number)
        planned(neighbour, 13 + number)
        Event.objects.create(name="Congrès", starts_at=wall(13 + number, 9), ends_at=wall(13 + number, 10))
    client.force_login(member.user)
    with django_assert_num_queries(10):
        page(client, view=view)


@pytest.mark.parametrize("count", [10, 400])
def test_month_costs_the_same_with_many_posts(count, client, member, account, django_assert_num_queries):
    post = planned(member, 13, "approved")
    Post.objects.filter(pk=post.pk).update(**{"state": "done"})
    copies = [fresh(post) for _number in range(1, count)]
    for number, one in enumerate(copies):
        one.pk, one.publish_at = None, wall(1 + number % 31)
    made = Post.objects.bulk_create(copies)
    Variant.objects.bulk_create(Variant(post=one, account=account, text="x") for one in made)
    client.force_login(member.user)
    with django_assert_num_queries(10):
        page(client, view="month")
    assert sum(len(day.items) + day.more for day in agenda(OCTOBER, member.user).days) == count


def test_day_with_many_posts_leads_to_them_all(client, member, account):
    for _number in range(A_DAY + 2):
        planned(member, 13)
    client.force_login(member.user)
    found = page(client, network="linkedin")
    assert found.count('class="planned ') == A_DAY
    assert f'<a href="{CALENDAR}?view=list&amp;network=linkedin&amp;day=2026-10-13">et 2 autres</a>' in found
    assert page(client, view="list", day="2026-10-13").count('class="planned ') == A_DAY + 2


def test_empty_calendar_says_what_to_do(client, member):
    client.force_login(member.user)
    assert reverse("posts") in page(client)


# Moving ---------------------------------------------------------------------------------------------


@pytest.fixture
def post(member, account):
    return planned(member, 13)


def move(client, post, day="2026-10-20", time="08:30", **changes):
    data = {"day": day, "time": time, "version": post.version} | changes
    return client.post(reverse("post_move", args=[post.pk]), data)


def test_post_is_moved_and_the_calendar_shows_where(client, member, post):
    client.force_login(member.user)
    response = move(client, post)
    assert response.url == f"{CALENDAR}?day=2026-10-20"
    assert (fresh(post).publish_at, fresh(post).state, fresh(post).version) == (
        wall(20),
        "draft",
        post.version + 1,
    )
    assert fresh(post).latest_useful_at == wall(21)


def test_moved_post_leads_back_to_the_view_it_came_from(client, member, post):
    client.force_login(member.user)
    address = reverse("post_move", args=[post.pk]) + "?view=week"
    data = {"day": "2026-10-20", "time": "08:30", "version": post.version}
    assert f"{CALENDAR}?view=week&amp;day=2026-10-13" in client.get(address).content.decode()
    assert client.post(address, data).url == f"{CALENDAR}?view=week&day=2026-10-20"


def test_day_where_it_was_dropped_stands_in_the_form(client, member, post):
    client.force_login(member.user)
    found = client.get(reverse("post_move", args=[post.pk]), {"day": "2026-10-22"}).content.decode()
    assert 'value="2026-10-22"' in found
    assert 'value="08:30"' in found


@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("", "08:30", "Choisissez le jour."),
        ("2026-10-20", "", "Choisissez l’heure."),
        ("2026-10-25", "02:30", "existe deux fois"),
        ("2026-10-11", "08:30", "Ce moment est passé."),
        ("20/10", "08:30", "Écrivez le jour ainsi"),
    ],
)
def test_moment_that_is_none_is_refused_in_words(day, time, said, client, member, post):
    client.force_login(member.user)
    response = move(client, post, day, time)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert fresh(post).publish_at == wall(13)


def test_move_across_the_clock_change_keeps_the_time_on_the_wall(member, post):
    moved = actions.reschedule(post, publish_at=wall(26), read=post.version, by=member.user)
    assert timezone.localtime(moved.publish_at).strftime("%H:%M") == "08:30"
    assert moved.publish_at.astimezone(UTC) - wall(13).astimezone(UTC) == timedelta(days=13, hours=1)


def test_approved_post_goes_back_to_the_staff_and_does_not_leave(
    member, account, mailoutbox, django_capture_on_commit_callbacks
):
    post = planned(member, 13, "approved")
    with django_capture_on_commit_callbacks(execute=True):
        moved = actions.reschedule(post, publish_at=wall(20), read=post.version, by=member.user)
    assert (moved.state, moved.approved_by, moved.approved_version) == ("in_review", None, None)
    assert list(post.deliveries.values_list("state", flat=True)) == ["cancelled"]
    assert [move.name for move in moved.moves.order_by("pk")][-2:] == ["edit", "ask_review"]


def test_same_moment_changes_nothing(member, account):
    post = planned(member, 13, "approved")
    assert (
        actions.reschedule(post, publish_at=wall(13), read=post.version, by=member.user).state == "approved"
    )


def test_what_the_student_agreed_to_holds(member, account):
    post = planned(member, 13)
    text = "Tout autre chose."
    post = actions.write(
        post, texts={account.pk: text}, publish_at=wall(13), read=post.version, by=member.user
    )
    post = actions.ask_student(post, read=post.version, by=member.user)
    post = actions.sign_words(post, read=post.version, by=post.portrait.student.user)
    moved = actions.reschedule(post, publish_at=wall(20), read=post.version, by=member.user)
    assert (moved.state, moved.needs_student) == ("in_review", False)


def test_student_who_is_being_asked_is_asked_for_the_new_version(member, account):
    post = planned(member, 13)
    post = actions.write(
        post, texts={account.pk: "Autre."}, publish_at=wall(13), read=post.version, by=member.user
    )
    post = actions.ask_student(post, read=post.version, by=member.user)
    moved = actions.reschedule(post, publish_at=wall(20), read=post.version, by=member.user)
    assert (moved.state, moved.needs_student) == ("to_sign", True)


@pytest.mark.parametrize("who", ["neighbour", "staff", "student"])
def test_only_their_own_group_moves_a_post(who, post, request):
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        actions.reschedule(post, publish_at=wall(20), read=post.version, by=getattr(person, "user", person))


def test_post_read_in_another_version_is_not_moved(client, member, post):
    with pytest.raises(StaleVersion):
        actions.reschedule(post, publish_at=wall(20), read=post.version + 1, by=member.user)
    client.force_login(member.user)
    response = move(client, post, version=post.version + 7)
    assert response.status_code == 422
    assert 'value="2026-10-20"' in response.content.decode()
    assert f'name="version" value="{post.version}"' in response.content.decode()


@pytest.mark.parametrize("state", ["done", "cancelled"])
def test_post_that_is_over_is_not_moved(state, client, member, account):
    post = planned(member, 13, "approved")
    Post.objects.filter(pk=post.pk).update(**{"state": state})
    with pytest.raises(MoveRefused):
        actions.reschedule(post, publish_at=wall(20), read=post.version, by=member.user)
    client.force_login(member.user)
    assert client.get(reverse("post_move", args=[post.pk])).url == post.get_absolute_url()

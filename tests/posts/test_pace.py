"""Nothing floods a page: spacing, fairness between pages, rest after failures, holding after an outage, checks made ahead."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from inet_comms.lifecycle import MoveRefused
from posts import actions
from posts.actions import checking, delivering, holding, pacing
from posts.actions.delivering import claim, run_pass
from posts.models import Account, Delivery, Pulse
from posts.networks.base import NotSent, Published, TryLater, Unknown
from tests import factories
from tests.factories import fresh
from tests.torture import load

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(rehearsal):
    """Two LinkedIn pages with five posts due now each; their accounts."""
    return _fill(rehearsal, pages=2, posts=10)


@pytest.fixture
def one_page(rehearsal):
    return _fill(rehearsal, pages=1, posts=3)[0]


def _fill(rehearsal, pages, posts):
    accounts = []
    for number in range(1, pages + 1):
        token = rehearsal.linkedin.token({"organization": f"100{number}", "name": f"INET {number}"})
        accounts.append(
            factories.make_account(
                remote_id=f"urn:li:organization:100{number}",
                token=token["access_token"],
                name=f"INET {number}",
            )
        )
    load.fill(posts, {"linkedin": accounts}, due_at=timezone.now() - timedelta(minutes=1))
    return accounts


def set_account(account, **fields):
    Account.objects.filter(pk=account.pk).update(**fields)


class TestSpacing:
    def test_one_post_at_a_time_goes_to_a_page(self, one_page, settings, rehearsal):
        settings.SPACING_SECONDS = 60
        run_pass(workers=1)
        assert len(rehearsal.ledger.posts()) == 1

    def test_next_one_leaves_after_the_spacing(self, one_page, settings, rehearsal):
        settings.SPACING_SECONDS = 60
        run_pass(workers=1)
        set_account(one_page, not_before=timezone.now())
        run_pass(workers=1)
        assert len(rehearsal.ledger.posts()) == 2

    def test_without_spacing_a_pass_sends_all(self, one_page, rehearsal):
        run_pass(workers=1)
        assert len(rehearsal.ledger.posts()) == 3


class TestFairness:
    def test_claims_go_round_the_pages(self, pages):
        claims = claim(limit=4)
        of_pages = Delivery.objects.filter(pk__in=[held.delivery_id for held in claims])
        assert sorted(of_pages.values_list("account_id", flat=True)) == sorted([pages[0].pk, pages[1].pk] * 2)

    def test_page_whose_calls_hang_does_not_take_all_hands(self, pages):
        """Its share is under way and stays there; the other page goes on."""
        busy = Delivery.objects.filter(account=pages[0]).order_by("pk")[: delivering.AT_ONCE]
        Delivery.objects.filter(pk__in=list(busy.values_list("pk", flat=True))).update(
            state="sending",
            claim_token="00000000-0000-0000-0000-000000000001",
            lease_until=timezone.now() + timedelta(minutes=2),
        )
        claims = claim(limit=8)
        of_pages = Delivery.objects.filter(pk__in=[held.delivery_id for held in claims])
        assert set(of_pages.values_list("account_id", flat=True)) == {pages[1].pk}

    def test_oldest_leaves_first(self, one_page):
        last = Delivery.objects.order_by("pk").last()
        Delivery.objects.filter(pk=last.pk).update(due_at=timezone.now() - timedelta(hours=1))
        assert claim(limit=1)[0].delivery_id == last.pk


class TestRest:
    def fail(self, account, times):
        for _time in range(times):
            pacing.learn(account.pk, Unknown("http-500", "…"), timezone.now())

    def test_third_failure_in_a_row_lets_the_page_rest(self, one_page):
        self.fail(one_page, 3)
        assert (fresh(one_page).breaker_until is not None, claim(limit=5)) == (True, [])

    def test_two_failures_do_not(self, one_page):
        self.fail(one_page, 2)
        assert fresh(one_page).breaker_until is None

    def test_success_in_between_starts_the_count_anew(self, one_page):
        self.fail(one_page, 2)
        pacing.learn(one_page.pk, Published("urn:li:share:1", "", ""), timezone.now())
        self.fail(one_page, 2)
        assert (fresh(one_page).failures, fresh(one_page).breaker_until) == (2, None)

    def test_our_own_lack_of_time_is_no_failure_of_the_page(self, one_page):
        pacing.learn(one_page.pk, NotSent("lease-too-short", "…"), timezone.now())
        assert fresh(one_page).failures == 0

    def test_page_that_answers_a_question_is_well_again_but_gets_no_flood(self, one_page, rehearsal):
        set_account(one_page, failures=3, breaker_until=timezone.now())
        run_pass(workers=1)
        account = fresh(one_page)
        assert (account.breaker_until, account.failures, rehearsal.ledger.posts()) == (None, 0, [])
        assert account.not_before > timezone.now()

    def test_question_that_fails_doubles_the_rest(self, one_page, settings):
        settings.LINKEDIN_API_URL = "http://127.0.0.1:9"
        now = timezone.now()
        set_account(one_page, failures=3, breaker_until=now)
        run_pass(workers=1)
        rest = fresh(one_page).breaker_until - now
        assert timedelta(seconds=590) < rest < timedelta(seconds=620)

    def test_question_that_shows_a_dead_access_asks_to_connect_again(self, one_page, rehearsal):
        set_account(one_page, failures=3, breaker_until=timezone.now())
        rehearsal.linkedin.revoke(fresh(one_page).token)
        run_pass(workers=1)
        assert fresh(one_page).needs_reconnect

    def test_rest_grows_to_an_hour_at_most(self):
        assert [pacing.rest(n).total_seconds() for n in range(6)] == [300, 600, 1200, 2400, 3600, 3600]

    @pytest.mark.parametrize("seconds", [1, 3600, 86_400])
    def test_wait_that_the_network_asks_for_holds_for_the_whole_page(self, one_page, seconds):
        now = timezone.now()
        pacing.learn(one_page.pk, TryLater("throttled", "…", retry_after=seconds), now)
        assert fresh(one_page).not_before == now + timedelta(seconds=seconds)


class TestHolding:
    @pytest.fixture
    def outage(self, one_page):
        Pulse.objects.create(pk=1, at=timezone.now() - timedelta(hours=3))
        Delivery.objects.update(due_at=timezone.now() - timedelta(hours=1))
        return one_page

    def test_after_an_outage_what_came_due_waits_for_a_person(self, outage, rehearsal):
        run_pass(workers=1)
        assert (rehearsal.ledger.posts(), {d.state for d in Delivery.objects.all()}) == ([], {"held"})

    def test_somebody_is_named(self, outage):
        run_pass(workers=1)
        assert None not in Delivery.objects.values_list("responsible", flat=True)

    def test_short_pause_holds_nothing(self, one_page, rehearsal):
        Pulse.objects.create(pk=1, at=timezone.now() - timedelta(minutes=10))
        run_pass(workers=1)
        assert len(rehearsal.ledger.posts()) == 3

    def test_first_round_ever_holds_nothing(self, one_page, rehearsal):
        run_pass(workers=1)
        assert (len(rehearsal.ledger.posts()), Pulse.objects.count()) == (3, 1)

    def test_released_ones_leave_and_the_others_do_not(self, outage, staff, rehearsal):
        run_pass(workers=1)
        ticked = Delivery.objects.order_by("pk").first()
        holding.release([ticked], reason="Encore utile", by=staff)
        run_pass(workers=1)
        assert [post["text"] for post in rehearsal.ledger.posts()] == [ticked.text]

    def test_release_is_refused_to_a_stranger(self, outage, student):
        run_pass(workers=1)
        with pytest.raises(PermissionDenied):
            holding.release(list(Delivery.objects.all()), reason="…", by=student.user)

    def test_release_is_refused_when_it_is_too_late(self, outage, staff):
        run_pass(workers=1)
        Delivery.objects.update(latest_useful_at=timezone.now())
        with pytest.raises(MoveRefused):
            holding.release(list(Delivery.objects.all()), reason="…", by=staff)

    def test_release_is_refused_for_what_is_not_held(self, one_page, staff):
        with pytest.raises(MoveRefused):
            holding.release(list(Delivery.objects.all()), reason="…", by=staff)

    def test_held_too_long_expires(self, outage):
        run_pass(workers=1)
        Delivery.objects.update(latest_useful_at=timezone.now())
        run_pass(workers=1)
        assert {d.state for d in Delivery.objects.all()} == {"expired"}

    def test_stop_of_one_page_holds_back_that_page_only(self, pages, staff, rehearsal):
        actions.press_stop(by=staff, account=pages[0])
        run_pass(workers=1)
        assert {post["author"] for post in rehearsal.ledger.posts()} == {pages[1].remote_id}


class TestAhead:
    """Pre-flight, a day and a quarter of an hour before."""

    @pytest.fixture
    def delivery(self, page, student, member, staff):
        portrait = factories.make_portrait("signed", student=student, comms=member)
        moment = timezone.now() + timedelta(hours=20)
        post = factories.make_post(
            "approved", portrait=portrait, comms=member, staff=staff, publish_at=moment
        )
        return post.deliveries.get()

    def check(self, ahead=None):
        if ahead is not None:
            Delivery.objects.update(due_at=timezone.now() + ahead)
        return checking.check_ahead(timezone.now())

    def test_nothing_in_the_way_says_nothing(self, delivery):
        assert (self.check(), fresh(delivery).message, fresh(delivery).checks_done) == (1, "", 1)

    def test_is_made_once_a_day_before_and_once_a_quarter_of_an_hour_before(self, delivery):
        rounds = [self.check(), self.check(), self.check(timedelta(minutes=10)), self.check()]
        assert rounds == [1, 0, 1, 0]

    def test_not_made_earlier(self, delivery):
        assert self.check(timedelta(days=3)) == 0

    def test_page_that_must_be_connected_again(self, delivery, page):
        set_account(page, needs_reconnect=True)
        assert "connect" in self.troubles(delivery).lower()

    def test_access_that_ends_before(self, delivery, page):
        set_account(page, expires_at=timezone.now() + timedelta(hours=1))
        assert self.troubles(delivery) != ""

    def test_access_that_renews_itself_is_no_trouble(self, delivery, page):
        account = fresh(page)
        account.refresh_token, account.expires_at = "r", timezone.now() + timedelta(hours=1)
        account.save()
        assert self.troubles(delivery) == ""

    def test_missing_picture(self, delivery):
        delivery.image.file.storage.delete(delivery.image.file.name)
        assert self.troubles(delivery) != ""

    def test_words_that_have_become_too_long_for_the_page(self, delivery, page):
        set_account(page, limits_there={"text": 10})
        assert self.troubles(delivery) != ""

    def troubles(self, delivery):
        self.check()
        return fresh(delivery).message

    def test_people_hear_of_it_once(self, delivery, page, mailoutbox, django_capture_on_commit_callbacks):
        set_account(page, needs_reconnect=True)
        with django_capture_on_commit_callbacks(execute=True):
            self.check()
            self.check(timedelta(minutes=10))
        assert sorted(message.to[0] for message in mailoutbox) == ["bureau@example.org", "ines@example.org"]

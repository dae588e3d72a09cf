"""From due to online, judged by the rehearsal network's ledger: once, as approved, or not at all, or a person is asked."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from portraits import actions as portrait_actions
from portraits.photos import Crop
from posts import actions
from posts.actions import sending, settling, sweeping
from posts.actions.delivering import claim, run_pass
from posts.actions.sending import deliver, write_intent
from posts.models import Account, Attempt, Delivery, Post
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db

TEXT = "Portrait (2021/2022) de Léa, @inet, plan_vélo & C#.\n\n#JoséphineBaker"


@pytest.fixture
def post(page, student, member, staff):
    """Approved and due now."""
    portrait = factories.make_portrait("signed", student=student, comms=member)
    return factories.make_post(
        "approved", portrait=portrait, comms=member, staff=staff, publish_at=timezone.now()
    )


@pytest.fixture
def delivery(post):
    return post.deliveries.get()


def passes(count=1):
    for _round in range(count):
        run_pass(workers=1)


def hurry(delivery, **fields):
    """Move a row's times, as if they had passed."""
    Delivery.objects.filter(pk=delivery.pk).update(**fields)


class TestPublishing:
    def test_publishes_once_with_the_approved_words(self, delivery, rehearsal):
        passes(3)
        assert [post["text"] for post in rehearsal.ledger.posts()] == [delivery.text]

    def test_keeps_the_identifier_and_the_link(self, delivery, rehearsal):
        passes()
        urn = rehearsal.ledger.posts()[0]["urn"]
        delivery = fresh(delivery)
        assert (delivery.state, delivery.remote_id, delivery.url) == (
            "published",
            urn,
            f"https://www.linkedin.com/feed/update/{urn}/",
        )

    def test_sends_the_approved_picture_with_its_description(self, delivery, rehearsal):
        passes()
        picture = rehearsal.ledger.posts()[0]["images"][0]
        assert (picture["sha256"], picture["alt"], picture["has_metadata"]) == (
            delivery.image_sha256,
            "Portrait souriant",
            0,
        )

    def test_breaks_no_rule_of_the_network(self, delivery, rehearsal):
        passes()
        assert rehearsal.ledger.failures() == []

    def test_commits_the_attempt_before_the_first_byte(self, delivery, rehearsal):
        passes()
        attempt = delivery.attempts.get()
        assert attempt.intent_at <= attempt.first_byte_at <= attempt.ended_at

    def test_puts_the_portrait_online_and_finishes_the_post(self, post, rehearsal):
        passes(2)
        assert (fresh(post).state, fresh(post.portrait).state) == ("done", "published")
        assert fresh(post.portrait).online.number == post.portrait_version

    def test_special_characters_arrive_uncut(self, page, student, member, staff, rehearsal):
        portrait = factories.make_portrait("signed", student=student, comms=member)
        post = actions.draft(portrait, by=member.user)
        post = actions.write(post, texts={page.pk: TEXT}, publish_at=timezone.now(), read=1, by=member.user)
        post = actions.ask_student(post, read=2, by=member.user)
        post = actions.sign_words(post, read=2, by=student.user)
        actions.approve(post, read=2, read_portrait=portrait.version, by=staff)
        passes()
        assert (rehearsal.ledger.posts()[0]["text"], rehearsal.ledger.failures()) == (TEXT, [])

    def test_nothing_leaves_before_its_time(self, post, delivery, rehearsal):
        hurry(delivery, due_at=timezone.now() + timedelta(seconds=30))
        passes()
        assert rehearsal.ledger.posts() == []

    def test_gallery_only_goes_online_without_any_delivery(self, page, student, member, staff):
        portrait = factories.make_portrait("signed", student=student, comms=member, places=("gallery",))
        post = factories.make_post(
            "approved", portrait=portrait, comms=member, staff=staff, publish_at=timezone.now()
        )
        passes()
        assert (fresh(portrait).state, fresh(post).state, post.deliveries.count()) == ("published", "done", 0)

    def test_without_gallery_consent_the_portrait_waits_for_the_network(
        self, page, student, member, staff, rehearsal
    ):
        portrait = factories.make_portrait("signed", student=student, comms=member, places=("linkedin",))
        factories.make_post(
            "approved", portrait=portrait, comms=member, staff=staff, publish_at=timezone.now()
        )
        rehearsal.ledger.set_faults("linkedin", [{"name": "quota"}])
        passes()
        assert fresh(portrait).state == "signed"


class TestLastCheck:
    """I5: what changed between claim and intent is seen, and nothing leaves."""

    def claimed(self):
        return claim(limit=1)[0]

    def test_withdrawal_calls_it_off(self, delivery, student, rehearsal):
        held = self.claimed()
        portrait_actions.withdraw(delivery.post.portrait, by=student.user)
        deliver(held)
        passes()
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "cancelled")

    def test_withdrawal_after_the_upload_calls_it_off(self, delivery, student, rehearsal):
        held = self.claimed()
        portrait_actions.withdraw(delivery.post.portrait, by=student.user)
        assert write_intent(held) is None
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "cancelled")

    def test_edit_of_the_portrait_calls_it_off(self, delivery, member, rehearsal):
        held = self.claimed()
        portrait = fresh(delivery.post.portrait)
        portrait_actions.edit(portrait, read=portrait.version, by=member.user, text="Autre texte.")
        deliver(held)
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "cancelled")

    def test_new_crop_calls_it_off(self, delivery, member, rehearsal):
        held = self.claimed()
        portrait = fresh(delivery.post.portrait)
        portrait_actions.reframe(portrait, Crop(0.1, 0.1, 0.7, 0.7), read=portrait.version, by=member.user)
        deliver(held)
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "cancelled")

    def test_edit_of_the_post_calls_it_off(self, delivery, member, rehearsal):
        held = self.claimed()
        post = fresh(delivery.post)
        actions.write(post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user)
        deliver(held)
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "cancelled")

    def test_return_by_staff_calls_it_off(self, delivery, staff, rehearsal):
        held = self.claimed()
        actions.return_to_group(delivery.post, reason="Pas ce jour-là", by=staff)
        deliver(held)
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "cancelled")

    def test_stop_gives_it_back(self, delivery, staff, rehearsal):
        held = self.claimed()
        actions.press_stop(by=staff)
        deliver(held)
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "scheduled")

    def test_stop_prevents_claims_and_lifting_it_holds_what_came_due(self, delivery, staff, rehearsal):
        actions.press_stop(by=staff)
        passes()
        actions.lift_stop(reason="Vérifié", by=staff)
        passes()
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "held")

    def test_consent_that_ran_out_calls_it_off(self, delivery, rehearsal):
        held = self.claimed()
        delivery.post.portrait.consents.update(until=timezone.localdate() - timedelta(days=1))
        deliver(held)
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "cancelled")

    def test_changed_row_is_not_sent(self, delivery, rehearsal):
        """I4: the bytes sent are those approved."""
        hurry(delivery, text="Autre chose")
        passes()
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "needs_person")

    def test_missing_picture_is_not_sent_and_a_person_is_asked(
        self, delivery, rehearsal, django_capture_on_commit_callbacks
    ):
        delivery.image.file.storage.delete(delivery.image.file.name)
        with django_capture_on_commit_callbacks(execute=True):
            passes()
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "needs_person")
        # Whoever answers; the others read of it in their summary.
        assert sorted(message.to[0] for message in mail.outbox) == ["ines@example.org", "lea@example.org"]

    def test_guard_that_fails_keeps_it_unsent(self, delivery, rehearsal, monkeypatch):
        """S25: an error of ours in the last check is a no."""

        def broken(*_arguments):
            raise ZeroDivisionError

        monkeypatch.setattr(sending, "may_leave", broken)
        with pytest.raises(ZeroDivisionError):
            deliver(self.claimed())
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "preparing")

    def test_lease_too_short_at_the_first_byte_gives_up_unsent(self, delivery, rehearsal, monkeypatch):
        """I8: a worker that froze does not speak any more."""
        monkeypatch.setattr(sending, "CALL_LIMIT", 10_000.0)
        passes()
        assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "retry_wait")


FAULTS_THAT_CREATE = ["cut-after", "answer-500", "answer-502", "answer-504", "answer-html", "no-id"]
FAULTS_THAT_DO_NOT = ["refuse-500", "refuse-503", "refuse-html"]


class TestLostAnswers:
    @pytest.mark.parametrize("fault", FAULTS_THAT_CREATE)
    def test_created_then_lost_is_uncertain_then_found_and_never_sent_again(self, delivery, rehearsal, fault):
        rehearsal.ledger.set_faults("linkedin", [{"name": fault}])
        passes(2)
        assert fresh(delivery).state == "uncertain"
        hurry(delivery, next_check_at=timezone.now())
        passes(2)
        assert (fresh(delivery).state, len(rehearsal.ledger.posts())) == ("published", 1)

    @pytest.mark.parametrize("fault", FAULTS_THAT_DO_NOT)
    def test_not_created_but_unknown_asks_a_person_after_the_last_look(self, delivery, rehearsal, fault):
        rehearsal.ledger.set_faults("linkedin", [{"name": fault}])
        passes()
        for _look in range(3):
            hurry(delivery, next_check_at=timezone.now())
            passes()
        assert (fresh(delivery).state, rehearsal.ledger.posts()) == ("needs_person", [])

    def test_looks_that_fail_end_in_a_question(self, delivery, rehearsal):
        rehearsal.ledger.set_faults("linkedin", [{"name": "cut-after"}, {"name": "find-500", "times": 0}])
        passes()
        for _look in range(3):
            hurry(delivery, next_check_at=timezone.now())
            passes()
        assert (fresh(delivery).state, len(rehearsal.ledger.posts())) == ("needs_person", 1)

    def test_page_that_lags_is_looked_at_again(self, delivery, rehearsal):
        rehearsal.ledger.set_faults(
            "linkedin", [{"name": "cut-after"}, {"name": "find-lag", "seconds": 3600}]
        )
        passes()
        for _look in range(2):
            hurry(delivery, next_check_at=timezone.now())
            passes()
        assert (fresh(delivery).state, len(rehearsal.ledger.posts())) == ("published", 1)

    def test_duplicate_answer_is_evidence_not_an_error(self, delivery, rehearsal):
        """The worker died between the answer and the row; another sent the same bytes within LinkedIn's window."""
        rehearsal.ledger.set_faults("linkedin", [{"name": "cut-after"}])
        passes()
        with_state(delivery, "scheduled")
        passes()
        assert fresh(delivery).state == "uncertain"
        hurry(delivery, next_check_at=timezone.now())
        passes()
        assert (fresh(delivery).state, len(rehearsal.ledger.posts())) == ("published", 1)

    def test_answer_after_the_claim_was_lost_leaves_evidence_only(self, delivery, rehearsal):
        """I2: who lost the claim touches nothing else."""
        held = claim(limit=1)[0]
        attempt, _key = write_intent(held)
        hurry(delivery, claim_token="00000000-0000-0000-0000-000000000001")
        from posts.networks.base import Published

        settling.settle(held, attempt, Published("urn:li:share:1", "https://example.org", ""), None)
        assert (fresh(delivery).state, delivery.evidence.get().remote_id) == ("sending", "urn:li:share:1")


def with_state(delivery, state):
    """Put a row where only a fault of the machine could have left it."""
    fields = {"state": state, "claim_token": None, "lease_until": None}
    Delivery.objects.filter(pk=delivery.pk).update(**fields)


class TestRefusals:
    def test_throttled_waits_as_long_as_it_is_told(self, delivery, rehearsal):
        rehearsal.ledger.set_faults("linkedin", [{"name": "quota", "retry_after": 3600}])
        before = timezone.now()
        passes()
        delivery = fresh(delivery)
        assert (delivery.state, delivery.due_at >= before + timedelta(seconds=3600)) == ("retry_wait", True)

    def test_unreachable_network_tries_again_later(self, delivery, settings):
        settings.LINKEDIN_API_URL = "http://127.0.0.1:9"
        passes()
        assert (fresh(delivery).state, fresh(delivery).tries) == ("retry_wait", 1)

    def test_revoked_token_stops_the_page_and_tells_the_staff(
        self, delivery, page, rehearsal, staff, django_capture_on_commit_callbacks
    ):
        rehearsal.linkedin.revoke(page.token)
        with django_capture_on_commit_callbacks(execute=True):
            passes(2)
        assert (fresh(delivery).state, fresh(page).needs_reconnect) == ("retry_wait", True)
        assert [message.to for message in mail.outbox] == [["lea@example.org"], [staff.email]]

    def test_retired_version_stops_the_page(self, delivery, page, settings):
        settings.LINKEDIN_VERSION = "202511"
        passes()
        assert (fresh(delivery).state, fresh(page).needs_reconnect) == ("retry_wait", True)

    def test_page_that_must_be_connected_again_gets_nothing(self, delivery, page, rehearsal):
        Account.objects.filter(pk=page.pk).update(needs_reconnect=True)
        passes()
        assert (fresh(delivery).state, rehearsal.ledger.posts()) == ("scheduled", [])

    def test_picture_the_network_cannot_process_fails_in_words(self, delivery, rehearsal):
        rehearsal.ledger.set_faults("linkedin", [{"name": "processing-fails", "times": 0}])
        passes()
        assert (fresh(delivery).state, rehearsal.ledger.posts()) == ("failed", [])
        assert fresh(delivery).message != ""

    def test_too_late_expires_and_is_never_sent(self, delivery, rehearsal):
        hurry(delivery, latest_useful_at=timezone.now())
        passes(2)
        assert (fresh(delivery).state, rehearsal.ledger.posts()) == ("expired", [])


class TestSweeping:
    def test_abandoned_before_the_intent_goes_back_in_line(self, delivery, rehearsal):
        claim(limit=1)
        hurry(delivery, lease_until=timezone.now())
        passes()
        assert (fresh(delivery).state, len(rehearsal.ledger.posts())) == ("published", 1)

    def test_abandoned_after_the_intent_is_looked_for_not_sent(self, delivery, rehearsal):
        write_intent(claim(limit=1)[0])
        hurry(delivery, lease_until=timezone.now())
        passes(2)
        assert (fresh(delivery).state, rehearsal.ledger.posts()) == ("uncertain", [])

    def test_poison_is_set_aside_after_five_claims(self, delivery):
        for _death in range(sweeping.CLAIMS_WITHOUT_PROGRESS):
            claim(limit=1)
            hurry(delivery, lease_until=timezone.now())
            sweeping.sweep(timezone.now())
        assert fresh(delivery).state == "needs_person"

    def test_living_claim_is_left_alone(self, delivery):
        claim(limit=1)
        sweeping.sweep(timezone.now())
        assert fresh(delivery).state == "preparing"

    def test_second_claim_finds_nothing(self, delivery):
        assert (len(claim(limit=5)), claim(limit=5)) == (1, [])

    def test_edit_of_the_portrait_takes_the_approval_back(self, post, member):
        portrait = fresh(post.portrait)
        portrait_actions.edit(portrait, read=portrait.version, by=member.user, text="Autre texte.")
        sweeping.call_off_stale()
        post = fresh(post)
        assert (post.state, post.approved_version, post.deliveries.get().state) == (
            "draft",
            None,
            "cancelled",
        )


class TestTakingDown:
    def test_withdrawal_takes_down_what_is_online(self, delivery, student, rehearsal):
        passes(2)
        portrait_actions.withdraw(fresh(delivery.post.portrait), by=student.user)
        passes()
        assert (fresh(delivery).state, rehearsal.ledger.posts()) == ("withdrawn", [])
        assert delivery.attempts.filter(kind=Attempt.Kind.REMOVE).get().outcome == "removed"

    def test_withdrawal_on_the_wire_takes_down_what_then_appears(self, delivery, student, rehearsal):
        rehearsal.ledger.set_faults("linkedin", [{"name": "cut-after"}])
        passes()
        portrait_actions.withdraw(fresh(delivery.post.portrait), by=student.user)
        hurry(delivery, next_check_at=timezone.now())
        passes(2)
        assert (fresh(delivery).state, rehearsal.ledger.posts()) == ("withdrawn", [])

    def test_signing_without_a_place_takes_it_down_there(self, delivery, student, member, rehearsal):
        passes(2)
        portrait = fresh(delivery.post.portrait)
        portrait = portrait_actions.edit(
            portrait, read=portrait.version, by=member.user, text="Nouveau texte."
        )
        portrait_actions.ask_signature(portrait, read=portrait.version, by=member.user)
        portrait_actions.sign(
            portrait, factories.agreement("gallery"), read=portrait.version, by=student.user
        )
        passes()
        assert (fresh(delivery).state, rehearsal.ledger.posts()) == ("withdrawn", [])

    def test_network_that_does_not_let_us_gets_a_person_after_five_tries(self, delivery, student, rehearsal):
        passes(2)
        rehearsal.ledger.set_faults("linkedin", [{"name": "delete-500", "times": 0}])
        portrait_actions.withdraw(fresh(delivery.post.portrait), by=student.user)
        for _round in range(6):
            passes()
            hurry(delivery, next_check_at=timezone.now())
        delivery = fresh(delivery)
        assert (delivery.state, len(rehearsal.ledger.posts())) == ("needs_person", 1)

    def test_withdrawn_post_is_dropped(self, post, student):
        portrait_actions.withdraw(fresh(post.portrait), by=student.user)
        sweeping.call_off_stale()
        assert (fresh(post).state, post.deliveries.get().state) == (Post.State.CANCELLED, "cancelled")

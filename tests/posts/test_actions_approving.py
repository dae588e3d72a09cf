"""The staff's key: exactly what they read is frozen and goes out; every reason why not, in words; returned with a reason."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation

from inet_comms.lifecycle import MoveRefused, StaleVersion
from portraits import actions as portrait_actions
from portraits.models import Consent, Portrait
from portraits.photos import Crop
from posts import actions
from posts.actions import NotReady
from posts.content import offline_content
from posts.models import Account, Delivery, Post, Variant
from posts.networks.base import Content
from posts.permissions import can_approve, can_return
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("signed", student=student, comms=member)


@pytest.fixture
def post(portrait, member, account):
    """Waiting for approval, planned for tomorrow."""
    return factories.make_post("in_review", portrait=portrait, comms=member)


def approve(post, by, **read):
    return actions.approve(
        post, **{"read": post.version, "read_portrait": post.portrait_version, "by": by} | read
    )


def reasons(post, by):
    with pytest.raises(NotReady) as refused:
        approve(fresh(post), by)
    return [str(reason) for reason in refused.value.reasons]


def offline_image(post):
    return offline_content("", "Portrait souriant", post.portrait.photo).images[0]


def unchanged(post):
    """Nothing was approved and nothing waits to leave."""
    post = fresh(post)
    return (post.state, post.approved_version, post.approved_by, post.deliveries.count()) == (
        "in_review",
        None,
        None,
        0,
    )


# Approving ----------------------------------------------------------------------------------------


def test_approve_names_version_and_person(post, staff):
    before = timezone.now()
    approve(post, staff)
    post = fresh(post)
    assert (post.state, post.approved_version, post.approved_by) == ("approved", post.version, staff)
    assert before <= post.approved_at <= timezone.now()


def test_approve_freezes_what_was_read(post, staff, account):
    text = post.variants.get().text
    approve(post, staff)
    delivery = post.deliveries.get()
    assert (
        delivery.account,
        delivery.state,
        delivery.text,
        delivery.alt_text,
        delivery.post_version,
        delivery.portrait_version.number,
        delivery.due_at,
        delivery.latest_useful_at,
    ) == (
        account,
        "scheduled",
        text,
        "Portrait souriant",
        post.version,
        post.portrait_version,
        post.publish_at,
        post.publish_at + timedelta(hours=24),
    )


def test_frozen_delivery_does_not_follow_a_later_edit(post, staff, account):
    approve(post, staff)
    before = post.deliveries.get()
    Variant.objects.filter(post=post).update(text="Autre chose.")
    after = fresh(before)
    assert (after.text, after.compute_fingerprint()) == (before.text, before.fingerprint)


def test_approve_freezes_the_picture_by_its_fingerprint(post, staff):
    approve(post, staff)
    delivery = post.deliveries.get()
    assert (delivery.image.name, delivery.image.photo, delivery.image_sha256) == (
        "1200.jpg",
        post.portrait.photo,
        delivery.image.sha256,
    )


def test_approve_leaves_a_history_row(post, staff):
    approve(post, staff)
    step = post.moves.last()
    assert (step.name, step.source, step.target, step.by, step.version) == (
        "approve",
        "in_review",
        "approved",
        staff,
        post.version,
    )


def test_approve_tells_the_group(post, staff, member, django_capture_on_commit_callbacks):
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        approve(post, staff)
    (notice,) = member.user.notices.all()
    assert (mail.outbox, notice.kind, notice.sentence) == (
        [],
        "approved",
        "Approuvé\u00a0: Portrait de Léa Le Goff",
    )


def test_post_for_the_gallery_only_is_approved_without_delivery(portrait, member, staff, account):
    post = factories.make_post("draft", portrait=portrait, comms=member)
    post = actions.write(post, texts={}, publish_at=post.publish_at, read=post.version, by=member.user)
    post = actions.ask_review(post, read=post.version, by=member.user)
    approve(post, staff)
    assert (fresh(post).state, post.deliveries.count()) == ("approved", 0)


# Refused by state ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in Post.State.values if state != "in_review"])
def test_approve_is_refused_from_every_other_state(post, staff, state):
    stamp = {"approved_version": post.version, "approved_by": staff, "approved_at": timezone.now()}
    Post.objects.filter(pk=post.pk).update(state=state, **stamp if state in ("approved", "done") else {})
    with pytest.raises(MoveRefused):
        approve(fresh(post), staff)
    assert (fresh(post).state, post.deliveries.count()) == (state, 0)


def test_approve_twice_is_refused_and_sends_once(post, staff):
    approve(post, staff)
    with pytest.raises(MoveRefused):
        approve(fresh(post), factories.make_staff())
    assert (post.deliveries.count(), fresh(post).approved_by) == (1, staff)


# Refused by right ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["student", "classmate", "member", "former_member", "neighbour"])
def test_approve_is_refused_to_everyone_but_staff(request, post, name):
    with pytest.raises(PermissionDenied):
        approve(post, request.getfixturevalue(name).user)
    assert unchanged(post)


def test_author_who_is_staff_cannot_approve_their_own(post, member):
    member.user.is_staff = True
    member.user.save()
    with pytest.raises(PermissionDenied):
        approve(post, member.user)
    assert unchanged(post)


def test_student_who_is_staff_cannot_approve_a_post_about_themselves(post, student):
    student.user.is_staff = True
    student.user.save()
    with pytest.raises(PermissionDenied):
        approve(post, student.user)
    assert unchanged(post)


def test_staff_who_left_cannot_approve(post, staff):
    staff.is_active = False
    assert (can_approve(staff, post), can_return(staff, post)) == (False, False)


# Refused by version -------------------------------------------------------------------------------


@pytest.mark.parametrize("read", [{"read": 1}, {"read": 99}, {"read_portrait": 1}, {"read_portrait": 99}])
def test_approve_of_another_version_is_refused(post, staff, read):
    with pytest.raises(StaleVersion):
        approve(post, staff, **read)
    assert unchanged(post)


def test_approve_of_a_text_edited_meanwhile_is_refused(post, staff, member):
    read = post.version
    edited = actions.write(
        fresh(post),
        texts={post.variants.get().account_id: "Second paragraphe."},
        publish_at=post.publish_at,
        read=read,
        by=member.user,
    )
    actions.ask_review(edited, read=edited.version, by=member.user)
    with pytest.raises(StaleVersion):
        approve(fresh(post), staff, read=read)
    assert unchanged(post)


def test_approve_of_a_portrait_edited_meanwhile_is_refused(post, staff, member, portrait):
    portrait_actions.edit(fresh(portrait), read=2, by=member.user, text="Autre texte.")
    with pytest.raises(StaleVersion):
        approve(fresh(post), staff)
    assert unchanged(post)


def test_approve_of_a_photo_framed_anew_meanwhile_is_refused(post, staff, member, portrait):
    portrait_actions.reframe(fresh(portrait), Crop(0.05, 0.05, 0.8, 0.8), read=2, by=member.user)
    with pytest.raises(StaleVersion):
        approve(fresh(post), staff)
    assert unchanged(post)


# Obstacles, in words ------------------------------------------------------------------------------

UNSIGNED = "The student has not signed the present version of the portrait. The group must ask them first."


def test_portrait_edited_and_not_signed_again_is_an_obstacle(post, staff, member, portrait):
    portrait_actions.edit(fresh(portrait), read=2, by=member.user, text="Autre texte.")
    with pytest.raises(NotReady) as refused:
        approve(fresh(post), staff, read_portrait=3)
    assert refused.value.reasons == [UNSIGNED]


def test_withdrawn_portrait_is_an_obstacle(post, staff, student, portrait):
    portrait_actions.withdraw(fresh(portrait), by=student.user)
    assert reasons(post, staff) == [UNSIGNED]
    assert unchanged(post)


def test_words_beyond_the_signed_ones_are_an_obstacle(post, staff):
    Variant.objects.filter(post=post).update(text="Elle a tout inventé.")
    assert reasons(post, staff) == [
        "The text goes beyond what the student signed. The group must ask for their agreement."
    ]


def test_words_beyond_are_none_once_the_student_signed_them(portrait, member, student, staff, account):
    post = factories.make_post("draft", portrait=portrait, comms=member)
    post = actions.write(
        post,
        texts={account.pk: "Demain, venez l’écouter."},
        publish_at=post.publish_at,
        read=post.version,
        by=member.user,
    )
    actions.ask_student(post, read=post.version, by=member.user)
    actions.sign_words(fresh(post), read=post.version, by=student.user)
    approve(fresh(post), staff)
    assert post.deliveries.get().text == "Demain, venez l’écouter."


def test_missing_moment_is_an_obstacle(post, staff):
    Post.objects.filter(pk=post.pk).update(publish_at=None, latest_useful_at=None)
    assert reasons(post, staff) == ["No moment is chosen. Return it and ask the group to choose one."]


def test_passed_moment_is_an_obstacle(post, staff):
    past = timezone.now() - timedelta(days=2)
    Post.objects.filter(pk=post.pk).update(publish_at=past, latest_useful_at=past + timedelta(days=1))
    assert reasons(post, staff) == ["Its moment has passed. Return it and ask the group to choose a new one."]


def test_moment_that_has_come_but_is_still_useful_is_none(post, staff):
    now = timezone.now()
    Post.objects.filter(pk=post.pk).update(
        publish_at=now - timedelta(hours=1), latest_useful_at=now + timedelta(hours=23)
    )
    approve(fresh(post), staff)
    assert fresh(post).state == "approved"


def test_missing_photo_is_an_obstacle(post, staff, portrait):
    Portrait.objects.filter(pk=portrait.pk).update(photo=None)
    assert "The photo is missing. The student must add one." in reasons(post, staff)


def test_post_that_goes_nowhere_is_an_obstacle(student, member, staff, account):
    portrait = factories.make_portrait("signed", student=student, comms=member, places=("facebook",))
    post = factories.make_post("in_review", portrait=portrait, comms=member)
    assert reasons(post, staff) == [
        "It goes nowhere: neither a page nor the gallery. Return it and ask the group to choose."
    ]


def test_page_that_the_consent_does_not_name_is_an_obstacle(post, staff, portrait):
    Consent.objects.filter(portrait=portrait).update(linkedin=False)
    assert reasons(post, staff) == ["The student’s consent does not name LinkedIn · INET. Remove that page."]


def test_consent_that_ran_out_is_an_obstacle(post, staff, portrait):
    Consent.objects.filter(portrait=portrait).update(until=timezone.localdate() - timedelta(days=1))
    assert reasons(post, staff) == ["The student’s consent does not name LinkedIn · INET. Remove that page."]


@pytest.mark.parametrize("fields", [{"needs_reconnect": True}, {"token": ""}])
def test_page_that_is_not_connected_is_an_obstacle(post, staff, account, fields):
    Account.objects.filter(pk=account.pk).update(**fields)
    assert reasons(post, staff) == ["LinkedIn · INET must be connected again before anything can go there."]


def test_what_the_network_would_refuse_is_an_obstacle(post, staff, account):
    Variant.objects.filter(post=post).update(text="")
    [problem] = account.connector.check(Content("", (offline_image(post),)), account.limits)
    assert reasons(post, staff) == [f"LinkedIn · INET: {problem.message}"]


def test_all_obstacles_are_said_together(post, staff, account):
    Account.objects.filter(pk=account.pk).update(needs_reconnect=True)
    Post.objects.filter(pk=post.pk).update(publish_at=None, latest_useful_at=None)
    assert reasons(post, staff) == [
        "No moment is chosen. Return it and ask the group to choose one.",
        "LinkedIn · INET must be connected again before anything can go there.",
    ]


# Returning ----------------------------------------------------------------------------------------


def test_return_keeps_the_reason_and_voids_the_approval(post, staff):
    approve(post, staff)
    actions.return_to_group(fresh(post), reason="Le prénom est mal écrit.", by=staff)
    returned, step = fresh(post), post.moves.last()
    assert (returned.state, returned.approved_version, returned.approved_by, returned.approved_at) == (
        "draft",
        None,
        None,
        None,
    )
    assert (step.name, step.by, step.note) == ("return", staff, "Le prénom est mal écrit.")


def test_return_cancels_what_waits_to_leave(post, staff):
    approve(post, staff)
    actions.return_to_group(fresh(post), reason="Plus tard.", by=staff)
    assert post.deliveries.get().state == "cancelled"


def test_return_leaves_what_is_on_the_wire(post, staff):
    approve(post, staff)
    Delivery.objects.filter(post=post).update(
        state="sending", claim_token="00000000-0000-0000-0000-000000000001", lease_until=timezone.now()
    )
    actions.return_to_group(fresh(post), reason="Plus tard.", by=staff)
    assert post.deliveries.get().state == "sending"


def test_return_tells_the_group_why(post, staff, member, django_capture_on_commit_callbacks):
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        actions.return_to_group(post, reason="Le prénom est mal écrit.", by=staff)
    assert [message.to for message in mail.outbox] == [[member.email]]
    assert "Le prénom est mal écrit." in mail.outbox[0].body


@pytest.mark.parametrize("state", ["draft", "to_sign", "cancelled"])
def test_return_is_refused_from_other_states(post, staff, state):
    Post.objects.filter(pk=post.pk).update(state=state)
    with pytest.raises(MoveRefused):
        actions.return_to_group(fresh(post), reason="Plus tard.", by=staff)


@pytest.mark.parametrize("name", ["student", "classmate", "member", "former_member", "neighbour"])
def test_return_is_refused_to_everyone_but_staff(request, post, name):
    with pytest.raises(PermissionDenied):
        actions.return_to_group(post, reason="Non.", by=request.getfixturevalue(name).user)


def test_returned_post_can_be_approved_again_as_a_new_delivery(post, staff, member):
    approve(post, staff)
    actions.return_to_group(fresh(post), reason="Plus tard.", by=staff)
    again = actions.write(
        fresh(post),
        texts={post.variants.get().account_id: post.variants.get().text},
        publish_at=post.publish_at + timedelta(days=1),
        read=post.version,
        by=member.user,
    )
    actions.ask_review(again, read=again.version, by=member.user)
    approve(fresh(post), staff)
    assert list(post.deliveries.order_by("pk").values_list("state", "post_version")) == [
        ("cancelled", post.version),
        ("scheduled", post.version + 1),
    ]

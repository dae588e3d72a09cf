"""What people are told about posts, by mail: each has one thing to do, and its subject says which."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts.models import User
from inet_comms.mailing import Action, send
from portraits.mails import comms_addresses

from .models import Delivery, Post


def staff_addresses() -> list[str]:
    return list(User.objects.filter(is_staff=True, is_active=True).values_list("email", flat=True))


def words_to_sign(post: Post, by: User) -> None:
    student = post.portrait.student
    send(
        [student.email],
        _("A post about you needs your agreement"),
        [
            _("Hello %(name)s,") % {"name": student.first_name},
            _(
                "%(by)s has prepared a post whose words go beyond the portrait you signed. It does not leave without your agreement."
            )
            % {"by": by},
        ],
        Action(_("Read the post"), reverse("post_words", args=[post.pk])),
    )


def words_refused(post: Post, message: str) -> None:
    student = post.portrait.student
    send(
        comms_addresses(post.promotion),
        _("%(name)s does not agree with the post") % {"name": student},
        [_("%(name)s writes:") % {"name": student}, message],
        Action(_("Edit the post"), post.get_absolute_url()),
    )


def to_approve(post: Post) -> None:
    send(
        staff_addresses(),
        _("A post awaits your approval: %(name)s") % {"name": post.portrait.student},
        [
            _(
                "It is written, signed by the student and planned. Read it as it will look, then approve it or return it."
            )
        ],
        Action(_("Read and decide"), reverse("admin:posts_post_review", args=[post.pk])),
    )


def approved(post: Post) -> None:
    send(
        comms_addresses(post.promotion),
        _("Approved: the portrait of %(name)s") % {"name": post.portrait.student},
        [
            _(
                "It leaves by itself at the moment you chose. If the text or the photo changes before, it comes back to you."
            )
        ],
        Action(_("See the post"), post.get_absolute_url()),
    )


def returned(post: Post, reason: str, by: User) -> None:
    send(
        comms_addresses(post.promotion),
        _("Returned: the portrait of %(name)s") % {"name": post.portrait.student},
        [_("%(by)s writes:") % {"by": by}, reason],
        Action(_("Edit the post"), post.get_absolute_url()),
    )


def question(delivery: Delivery) -> None:
    send(
        [*comms_addresses(delivery.post.promotion), *staff_addresses()],
        _("Did it go out? Please have a look at %(page)s") % {"page": delivery.account.name},
        [
            _("The portrait of %(name)s: we do not know whether it is online.")
            % {"name": delivery.post.portrait.student},
            delivery.message,
            _("We do not send it again by ourselves, so that it never appears twice."),
        ],
        Action(_("Look and answer"), reverse("did_it_go_out")),
    )


def not_out(delivery: Delivery) -> None:
    send(
        comms_addresses(delivery.post.promotion),
        _("It did not go out: the portrait of %(name)s") % {"name": delivery.post.portrait.student},
        [delivery.message],
        Action(_("See what to do"), reverse("did_it_go_out")),
    )


def reconnect(delivery: Delivery) -> None:
    send(
        staff_addresses(),
        _("%(page)s must be connected again") % {"page": delivery.account},
        [
            _(
                "The network does not accept our access any more. What is planned there waits, and expires if it waits too long."
            )
        ],
        Action(_("See the accounts"), reverse("admin:posts_account_changelist")),
    )

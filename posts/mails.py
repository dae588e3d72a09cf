"""What people are told about posts, by mail: each has one thing to do, and its subject says which."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import User
from inet_comms.mailing import Action, send
from inet_comms.moments import said
from portraits.mails import comms_addresses

from .asked import Asked, asked
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
        _("A post awaits your approval: %(name)s") % {"name": post.label},
        [
            _(
                "It is written and planned, and whoever is in it has agreed. Read it as it will look, then approve it or return it."
            )
        ],
        Action(_("Read and decide"), reverse("admin:posts_post_review", args=[post.pk])),
    )


def approved(post: Post) -> None:
    send(
        comms_addresses(post.promotion),
        _("Approved: %(post)s") % {"post": post},
        [
            _(
                "It leaves by itself at the moment you chose. If the text or a picture changes before, it comes back to you."
            )
        ],
        Action(_("See the post"), post.get_absolute_url()),
    )


def returned(post: Post, reason: str, by: User) -> None:
    send(
        comms_addresses(post.promotion),
        _("Returned: %(post)s") % {"post": post},
        [_("%(by)s writes:") % {"by": by}, reason],
        Action(_("Edit the post"), post.get_absolute_url()),
    )


def question(delivery: Delivery) -> None:
    """Somebody must look, and is named; everybody who may answer hears of it at once."""
    must_go = asked(delivery) is Asked.MUST_GO
    subject = (
        _("Please take it down by hand: %(page)s")
        if must_go
        else _("Did it go out? Please have a look at %(page)s")
    )
    about = {"name": delivery.post.label, "page": delivery.account}
    if must_go:
        known = [
            _("“%(name)s” is online on %(page)s and must not be any more.") % about,
            delivery.message,
            delivery.url,
        ]
    else:
        known = [
            _("“%(name)s” on %(page)s: someone must look and say what to do.") % about,
            delivery.message,
            _("We do not send it again by ourselves, so that it never appears twice."),
        ]
    send(
        _all_who_may_answer(delivery.post.promotion),
        subject % {"page": delivery.account.name},
        [*filter(None, known), _who_answers(delivery)],
        Action(_("Look and answer"), _answer_path(delivery)),
    )


def not_out(delivery: Delivery) -> None:
    send(
        comms_addresses(delivery.post.promotion),
        _("It did not go out: %(post)s") % {"post": delivery.post},
        [*filter(None, [delivery.message]), _who_answers(delivery)],
        Action(_("See what to do"), _answer_path(delivery)),
    )


def reminder(person: User, deliveries: list[Delivery]) -> None:
    """To the one who answers for these."""
    send(
        [person.email],
        ngettext(
            "%(count)d post still waits for your answer",
            "%(count)d posts still wait for your answer",
            len(deliveries),
        )
        % {"count": len(deliveries)},
        [
            _("You answer for these. Until then they stay as they are, and nothing is sent again by itself."),
            *map(_line, deliveries),
        ],
        Action(_("Look and answer"), reverse("did_it_go_out")),
    )


def reminder_to_all(deliveries: list[Delivery]) -> None:
    """Nobody answered for hours: to the whole group (of one promotion) and the staff."""
    send(
        _all_who_may_answer(deliveries[0].post.promotion),
        ngettext(
            "Nobody has answered: %(count)d post waits",
            "Nobody has answered: %(count)d posts wait",
            len(deliveries),
        )
        % {"count": len(deliveries)},
        [_("Any of you can answer now: whoever looks first says what they see."), *map(_line, deliveries)],
        Action(_("Look and answer"), reverse("did_it_go_out")),
    )


def digest(deliveries: list[Delivery]) -> None:
    """Each morning, to the staff, while something is open."""
    send(
        staff_addresses(),
        ngettext(
            "Still open: %(count)d post waits for an answer",
            "Still open: %(count)d posts wait for an answer",
            len(deliveries),
        )
        % {"count": len(deliveries)},
        [_("Nobody has said yet what became of these:"), *map(_line, deliveries)],
        Action(_("Look and answer"), reverse("did_it_go_out")),
    )


def left_before_the_change(delivery: Delivery) -> None:
    """It was on the wire when the post was changed or cancelled, and has come online since."""
    send(
        _all_who_may_answer(delivery.post.promotion),
        _("The former version has gone out: %(post)s") % {"post": delivery.post},
        [
            _(
                "It was already on its way to %(page)s when the post was changed or cancelled, and it is online now."
            )
            % {"page": delivery.account},
            delivery.url,
            _("If it must not stay, take it down from the page of the post."),
        ],
        Action(_("See the post"), delivery.post.get_absolute_url()),
    )


def _all_who_may_answer(promotion) -> list[str]:
    return sorted({*comms_addresses(promotion), *staff_addresses()})


def _answer_path(delivery: Delivery) -> str:
    return f"{reverse('did_it_go_out')}#envoi-{delivery.pk}"


def _who_answers(delivery: Delivery) -> str:
    if delivery.responsible is None:
        return _("Nobody is named yet: whoever reads this first, please answer.")
    return _("%(person)s answers, by %(moment)s.") % {
        "person": delivery.responsible,
        "moment": said(delivery.answer_by),
    }


def _line(delivery: Delivery) -> str:
    """“Léa Le Goff, LinkedIn · INET: refused by the network”."""
    about = {
        "name": delivery.post.label,
        "page": delivery.account,
        "state": delivery.get_state_display(),
    }
    return _("%(name)s, %(page)s: %(state)s") % about


def trouble_ahead(delivery: Delivery) -> None:
    """Before its time: there is still time to do something about it."""
    send(
        [*comms_addresses(delivery.post.promotion), *staff_addresses()],
        _("%(post)s will not be able to leave for %(page)s")
        % {"post": delivery.post, "page": delivery.account.name},
        [
            _("It is planned for %(moment)s. As things are, it will not leave:")
            % {"moment": said(delivery.due_at)},
            delivery.message,
        ],
        Action(_("See the post"), delivery.post.get_absolute_url()),
    )

"""Mails about posts that name or show a student."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts import kinds
from cohorts.models import User
from inet_comms.mailing import Action, send
from portraits.mails.telling import group, in_french, tell

from .models import Named, Post, Proposal


@in_french()
def named(post: Post, one: Named, by: User) -> None:
    if one.student.user is None:
        return
    send(
        [one.student.user.email],
        _("A post names you: “%(title)s”") % {"title": post.label},
        [
            _("Hello %(name)s,") % {"name": one.student.first_name},
            _(
                "%(by)s has prepared a post in which you are named or shown. It does not leave without your agreement."
            )
            % {"by": by},
        ],
        Action(_("Read the post"), reverse("post_words", args=[post.pk])),
    )


@in_french()
def refused(post: Post, by: User, message: str) -> None:
    tell(
        kinds.RETURNED,
        group(post.promotion),
        _("%(name)s does not agree to be in “%(title)s”") % {"name": by, "title": post.label},
        [_("%(name)s writes:") % {"name": by}, *filter(None, [message])],
        Action(_("Edit the post"), post.get_absolute_url()),
    )


@in_french()
def proposed(proposal: Proposal) -> None:
    tell(
        kinds.PROPOSALS,
        group(proposal.student.promotion),
        _("%(name)s proposes: “%(title)s”") % {"name": proposal.student, "title": proposal},
        [proposal.text],
        Action(_("Read the proposal"), reverse("proposals")),
    )


@in_french()
def taken_up(proposal: Proposal, by: User) -> None:
    _tell(
        proposal,
        _("“%(title)s” is being made into a post") % {"title": proposal},
        [_("%(by)s has taken up what you proposed. Follow here what becomes of it.") % {"by": by}],
    )


@in_french()
def declined(proposal: Proposal, reason: str, by: User) -> None:
    _tell(
        proposal,
        _("“%(title)s” is not taken up") % {"title": proposal},
        [_("%(by)s writes:") % {"by": by}, reason],
    )


@in_french()
def _tell(proposal: Proposal, subject: str, sentences: list[str]) -> None:
    if proposal.student.user:
        send(
            [proposal.student.user.email],
            subject,
            [_("Hello %(name)s,") % {"name": proposal.student.first_name}, *sentences],
            Action(_("See my proposals"), reverse("my_proposals")),
        )

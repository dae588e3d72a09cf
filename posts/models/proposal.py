"""What a student outside the comms group proposes to publish, and what became of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from cohorts.models import Student
from inet_comms.lifecycle import Arrow, BaseMove

from .. import querysets
from .post import Kind, Post


class Proposal(models.Model):
    """Words and pictures from somebody’s phone. `state` answers one question: what did the group decide about it?"""

    class State(models.TextChoices):
        SENT = "sent", _("sent to the group")
        TAKEN = "taken", _("taken up")
        DECLINED = "declined", _("not taken up")
        TAKEN_BACK = "taken_back", _("taken back")

    MOVES = {
        "take_up": Arrow((State.SENT,), State.TAKEN),
        "decline": Arrow((State.SENT,), State.DECLINED),
        "take_back": Arrow((State.SENT,), State.TAKEN_BACK),
    }

    student = models.ForeignKey(Student, models.CASCADE, related_name="proposals", verbose_name=_("student"))
    kind = models.SlugField(_("kind"), choices=Kind.choices)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"))
    state = models.SlugField(_("state"), choices=State.choices, default=State.SENT, editable=False)
    post = models.OneToOneField(
        Post, models.SET_NULL, null=True, blank=True, related_name="proposal", verbose_name=_("post")
    )
    sent_at = models.DateTimeField(_("sent at"), auto_now_add=True)

    objects = querysets.ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-sent_at"]

    def __str__(self):
        return self.title


class ProposalMove(BaseMove):
    record = models.ForeignKey(Proposal, models.CASCADE, related_name="moves", verbose_name=_("proposal"))

    class Meta(BaseMove.Meta):
        verbose_name = _("step of a proposal")
        verbose_name_plural = _("steps of proposals")

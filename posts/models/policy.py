"""What the school publishes where: for each network, or for one page of it, a sentence for people and rules for the machine."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ..networks import get_network
from ..networks.base import Limits
from ..rulings import Who
from .account import Account, NetworkName
from .post import Kind


class Audience(models.TextChoices):
    """Who reads a page, above all."""

    FIELD = "field", _("people of the field (managers of local authorities, future employers, tutors)")
    EVERYONE = "everyone", _("the general public")
    LIVE = "live", _("those who follow an event as it happens")


class Passes(models.TextChoices):
    """Who may let a post pass although a rule is against it: `Who`, in the words of a form."""

    ADVICE = Who.ADVICE.value, _("it is advice: nobody is stopped")
    COMMS = Who.COMMS.value, _("the communication group, with a reason")
    STAFF = Who.STAFF.value, _("the staff only, with a reason")
    NOBODY = Who.NOBODY.value, _("nobody")


def _passes(label, default=Passes.ADVICE):
    return models.SlugField(label, choices=Passes.choices, default=default)


class ChannelPolicy(models.Model):
    """Of a network (`account` is empty), or of the one page that is not as the others of its network: then it replaces theirs.

    What is empty asks for nothing. Each `…_passes` says who may let a post pass against the rule beside it.
    """

    network = models.SlugField(_("network"), choices=NetworkName.choices)
    account = models.OneToOneField(
        Account,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="policy",
        verbose_name=_("only for this page"),
        help_text=_(
            "Leave it empty for all pages of the network. A page with a row of its own follows that row alone."
        ),
    )
    sentence = models.TextField(
        _("what it is for"),
        max_length=300,
        help_text=_(
            "One or two sentences for the groups: who reads this page, and what it is for. They stand beside the text while one writes."
        ),
    )
    audience = models.SlugField(
        _("who reads it above all"),
        choices=Audience.choices,
        help_text=_("Where the general public reads, abbreviations that are not explained are pointed out."),
    )
    audience_passes = _passes(_("against unexplained abbreviations, who may let it pass"))

    kinds = models.JSONField(_("kinds of content"), default=list)
    kinds_passes = _passes(_("another kind of content: who may let it pass"), Passes.COMMS)

    shortest = models.PositiveIntegerField(
        _("at least"),
        null=True,
        blank=True,
        help_text=_("In characters, as the network counts them. Empty: no minimum."),
    )
    longest = models.PositiveIntegerField(
        _("at most"),
        null=True,
        blank=True,
        help_text=_("In characters, as the network counts them. Empty: whatever the network takes."),
    )
    length_passes = _passes(_("another length: who may let it pass"))

    picture_required = models.BooleanField(_("a picture or a document is needed"), default=False)
    picture_passes = _passes(_("without a picture: who may let it pass"), Passes.COMMS)
    links_allowed = models.BooleanField(_("links are welcome"), default=True)
    links_passes = _passes(_("with a link: who may let it pass"), Passes.COMMS)

    fewest_hashtags = models.PositiveSmallIntegerField(
        _("hashtags, at least"), null=True, blank=True, help_text=_("Empty: no minimum.")
    )
    most_hashtags = models.PositiveSmallIntegerField(
        _("hashtags, at most"), null=True, blank=True, help_text=_("Empty: no maximum. 0: none at all.")
    )
    hashtags_passes = _passes(_("another number of hashtags: who may let it pass"))

    spacing_hours = models.DecimalField(
        _("hours between two posts"),
        max_digits=4,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("On this page, whichever group they are of. 0.5 is half an hour. Empty: no rule."),
    )
    spacing_passes = _passes(_("closer to another post: who may let it pass"))

    live_in_windows = models.BooleanField(
        _("live posts only during an event"),
        default=True,
        help_text=_("An event of the calendar, from its beginning to its end."),
    )
    live_passes = _passes(_("live outside an event: who may let it pass"), Passes.STAFF)

    class Meta:
        verbose_name = _("channel policy")
        verbose_name_plural = _("channel policies")
        ordering = ["network", F("account").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                "network",
                name="one_policy_per_network",
                condition=Q(account__isnull=True),
                violation_error_message=_(
                    "This network has its policy already: change that one, or choose one page."
                ),
            ),
            models.CheckConstraint(
                condition=Q(shortest__isnull=True) | Q(longest__isnull=True) | Q(longest__gte=F("shortest")),
                name="policy_shortest_is_not_longer_than_longest",
            ),
            models.CheckConstraint(
                condition=Q(fewest_hashtags__isnull=True)
                | Q(most_hashtags__isnull=True)
                | Q(most_hashtags__gte=F("fewest_hashtags")),
                name="policy_fewest_is_not_more_than_most",
            ),
        ]

    def __str__(self):
        return str(self.account) if self.account else self.get_network_display()

    @property
    def limits(self) -> Limits:
        return self.account.limits if self.account else get_network(self.network).limits

    def allows(self, kind: str) -> bool:
        return kind in self.kinds

    @property
    def kinds_in_words(self) -> list[str]:
        return [str(label) for kind, label in Kind.choices if self.allows(kind)]

    def clean(self):
        super().clean()
        wrong = {}
        if self.account and self.account.network != self.network:
            wrong["account"] = _("This page is on another network: choose that network, or another page.")
        elif self.network:
            wrong |= self._beyond_the_network()
        if None not in (self.shortest, self.longest) and self.shortest > self.longest:
            wrong["longest"] = _("“At most” is less than “at least”: no text could follow both. Correct one.")
        if (
            None not in (self.fewest_hashtags, self.most_hashtags)
            and self.fewest_hashtags > self.most_hashtags
        ):
            wrong["most_hashtags"] = _(
                "“At most” is less than “at least”: no text could follow both. Correct one."
            )
        if wrong:
            raise ValidationError(wrong)

    def _beyond_the_network(self) -> dict:
        limit = self.limits.text
        sentence = _("%(network)s itself takes no more than %(limit)d: write a number up to that.")
        said = {"network": self.get_network_display(), "limit": limit}
        return {
            name: sentence % said for name in ("shortest", "longest") if (getattr(self, name) or 0) > limit
        }

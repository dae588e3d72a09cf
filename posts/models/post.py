"""A post: what people decided about a portrait, or another piece of content, going out, with one variant per page it goes to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cohorts.models import Promotion
from inet_comms.lifecycle import Arrow, BaseMove
from portraits.models import Card, Portrait
from portraits.models.card import NEEDED_FOR_CARDS

from .. import querysets, words


class Kind(models.TextChoices):
    """What a post is about. The school's rules for its pages, slots and the latest useful time go by it."""

    PORTRAIT = "portrait", _("portrait")
    MODULE = "module", _("training module")
    ROUND_TABLE = "round_table", _("round table")
    EVENT = "event", _("event")
    ARTICLE = "article", _("article with a document")
    ANNOUNCEMENT = "announcement", _("announcement")
    RELAY = "relay", _("relay")
    FOLLOW_UP = "follow_up", _("follow-up of a portrait")
    LIVE = "live", _("live from an event")


class Post(models.Model):
    """A portrait, or a `piece` of another kind, on its way out. `state` answers one question: what did people decide?

    `version` grows with every edit. Approval names the version of the post and of the portrait: either one moving on
    makes it void. What happened on each page stands on Delivery.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("being prepared")
        TO_SIGN = "to_sign", _("waiting for the student")
        IN_REVIEW = "in_review", _("waiting for approval")
        APPROVED = "approved", _("approved")
        DONE = "done", _("out")
        CANCELLED = "cancelled", _("cancelled")

    OPEN = (State.DRAFT, State.TO_SIGN, State.IN_REVIEW, State.APPROVED)
    MOVES = {
        "edit": Arrow(OPEN, State.DRAFT),
        "ask_student": Arrow((State.DRAFT,), State.TO_SIGN),
        "sign": Arrow((State.TO_SIGN,), State.IN_REVIEW),
        "refuse": Arrow((State.TO_SIGN,), State.DRAFT),
        "ask_review": Arrow((State.DRAFT,), State.IN_REVIEW),
        "approve": Arrow((State.IN_REVIEW,), State.APPROVED),
        "return": Arrow((State.IN_REVIEW, State.APPROVED), State.DRAFT),
        "cancel": Arrow(OPEN, State.CANCELLED),
        "call_off": Arrow((State.TO_SIGN, State.IN_REVIEW, State.APPROVED), State.DRAFT, clock=True),
        "drop": Arrow(OPEN, State.CANCELLED, clock=True),
        "finish": Arrow((State.APPROVED,), State.DONE, clock=True),
    }

    promotion = models.ForeignKey(
        Promotion, models.PROTECT, related_name="posts", verbose_name=_("promotion")
    )
    kind = models.SlugField(_("kind"), choices=Kind.choices, default=Kind.PORTRAIT, editable=False)
    portrait = models.ForeignKey(
        Portrait, models.CASCADE, null=True, blank=True, related_name="posts", verbose_name=_("portrait")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts", verbose_name=_("author")
    )
    state = models.SlugField(_("state"), choices=State.choices, default=State.DRAFT, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    portrait_version = models.PositiveIntegerField(
        _("version of the portrait"), null=True, blank=True, editable=False
    )
    publish_at = models.DateTimeField(_("goes out at"), null=True, blank=True)
    latest_useful_at = models.DateTimeField(_("useless after"), null=True, blank=True)
    student_signed_version = models.PositiveIntegerField(
        _("version the student signed"), null=True, blank=True, editable=False
    )
    approved_version = models.PositiveIntegerField(
        _("approved version"), null=True, blank=True, editable=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
        editable=False,
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("begun at"), auto_now_add=True)

    objects = querysets.PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = [F("publish_at").desc(nulls_first=True), "-pk"]
        constraints = [
            models.UniqueConstraint(
                "portrait",
                name="one_open_post_per_portrait",
                condition=Q(state__in=["draft", "to_sign", "in_review", "approved"]),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "done"])
                | (
                    Q(approved_version=F("version"))
                    & Q(approved_by__isnull=False)
                    & Q(publish_at__isnull=False)
                ),
                name="approved_means_this_version",
            ),
            models.CheckConstraint(
                condition=Q(kind="portrait", portrait__isnull=False, portrait_version__isnull=False)
                | (~Q(kind="portrait") & Q(portrait__isnull=True, portrait_version__isnull=True)),
                name="a_portrait_or_something_else",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("author")),
                name="nobody_approves_their_own",
            ),
        ]
        indexes = [
            models.Index("publish_at", name="post_publish_at"),
            models.Index("promotion", "publish_at", name="post_promotion_publish_at"),
            models.Index("publish_at", name="post_in_review", condition=Q(state="in_review")),
        ]

    def __str__(self):
        return _("Portrait of %(name)s") % {"name": self.portrait} if self.portrait else self.label

    def get_absolute_url(self):
        return reverse("post", args=[self.pk])

    @property
    def label(self) -> str:
        """Whom it is about, or its title: for lists and subjects. Lists select `portrait__student` and `piece`."""
        return str(self.portrait.student) if self.portrait else self.piece.title

    @property
    def signed(self):
        """The version of the portrait that this post is made from, as the student signed it."""
        if self.portrait is None:
            return None
        versions = self.portrait.versions.select_related(*NEEDED_FOR_CARDS)
        return versions.filter(number=self.portrait_version).first()

    @property
    def is_current(self) -> bool:
        """The portrait has not moved on since this post was written from it, and the student's key is turned for it."""
        return self.portrait is None or (
            self.portrait.version == self.portrait_version and self.portrait.is_signed
        )

    def unsigned_passages(self) -> list[str]:
        """What the variants say beyond the words the student signed (hashtags aside): this needs their agreement too."""
        if self.portrait is None:
            return []
        signed = self.signed
        known = words.signed_words(signed, self.portrait.student) if signed else ""
        return [passage for variant in self.variants.all() for passage in words.beyond(variant.text, known)]

    def awaited(self) -> list:
        """The students whom it names or shows, and who have not agreed to this very version."""
        return [
            one
            for one in self.named.all()
            if one.student_id is not None and one.agreed_version != self.version
        ]

    @property
    def needs_student(self) -> bool:
        if self.portrait is None:
            return bool(self.awaited())
        return self.student_signed_version != self.version and bool(self.unsigned_passages())


class PostMove(BaseMove):
    record = models.ForeignKey(Post, models.CASCADE, related_name="moves", verbose_name=_("post"))

    class Meta(BaseMove.Meta):
        verbose_name = _("step of a post")
        verbose_name_plural = _("steps of posts")


class Picture(models.TextChoices):
    """What goes with the words on one page. All but the photo are cards made of the signed version, by their kind."""

    PHOTO = "photo", _("the photo")
    CARD = Card.Kind.PORTRAIT.value, _("the card, upright (1080 × 1350)")
    SQUARE = Card.Kind.SQUARE.value, _("the card, square (1200 × 1200)")
    CAROUSEL = Card.Kind.CAROUSEL.value, _("the carousel (PDF to leaf through)")


class Variant(models.Model):
    """The words of a post on one page, and which picture goes with them; that comes from the signed portrait."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="variants", verbose_name=_("post"))
    account = models.ForeignKey("Account", models.PROTECT, related_name="variants", verbose_name=_("account"))
    text = models.TextField(_("text"))
    picture = models.SlugField(_("picture"), choices=Picture.choices, default=Picture.PHOTO)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [models.UniqueConstraint("post", "account", name="one_variant_per_page")]

    def __str__(self):
        return f"{self.post} · {self.account}"

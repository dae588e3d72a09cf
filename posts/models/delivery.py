"""One approved post going to one page at one time, each try, and everything the network ever said about it."""

from __future__ import annotations

import hashlib
import json
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inet_comms.lifecycle import Arrow, BaseMove
from portraits.models import Card, PortraitVersion, Rendition

from .. import querysets
from .post import Picture


class Delivery(models.Model):
    """Frozen at approval: what is sent is what was approved, byte for byte (`fingerprint`).

    `state` answers one question: what happened on that page? The row is the queue: a worker claims it by writing its
    token and a lease into it; only who holds the token may settle it.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("planned")
        HELD = "held", _("held back")
        PREPARING = "preparing", _("being prepared")
        SENDING = "sending", _("on its way")
        PUBLISHED = "published", _("online")
        RETRY_WAIT = "retry_wait", _("will be tried again")
        UNCERTAIN = "uncertain", _("being checked")
        CHECKING = "checking", _("being looked for")
        NEEDS_PERSON = "needs_person", _("to be checked by someone")
        NOT_THERE = "not_there", _("did not go out")
        FAILED = "failed", _("refused by the network")
        EXPIRED = "expired", _("too late, not sent")
        CANCELLED = "cancelled", _("cancelled")
        WITHDRAWING = "withdrawing", _("being taken down")
        WITHDRAWN = "withdrawn", _("taken down")

    MOVES = {
        "claim": Arrow((State.SCHEDULED, State.RETRY_WAIT), State.PREPARING, clock=True),
        "give_back": Arrow((State.PREPARING,), State.SCHEDULED, clock=True),
        "hold": Arrow((State.SCHEDULED, State.RETRY_WAIT), State.HELD, clock=True),
        "release": Arrow((State.HELD,), State.SCHEDULED),
        "arm": Arrow((State.PREPARING, State.CHECKING), State.SENDING, clock=True),
        "confirm": Arrow((State.SENDING, State.CHECKING), State.PUBLISHED, clock=True),
        "retry_later": Arrow((State.PREPARING, State.SENDING), State.RETRY_WAIT, clock=True),
        "fail": Arrow((State.PREPARING, State.SENDING), State.FAILED, clock=True),
        "lose_sight": Arrow((State.SENDING,), State.UNCERTAIN, clock=True),
        "look": Arrow((State.UNCERTAIN,), State.CHECKING, clock=True),
        "look_later": Arrow((State.CHECKING,), State.UNCERTAIN, clock=True),
        "ask": Arrow(
            (State.SCHEDULED, State.PREPARING, State.SENDING, State.CHECKING, State.WITHDRAWING),
            State.NEEDS_PERSON,
            clock=True,
        ),
        "miss": Arrow((State.PUBLISHED,), State.NEEDS_PERSON, clock=True),
        "expire": Arrow((State.SCHEDULED, State.RETRY_WAIT, State.HELD), State.EXPIRED, clock=True),
        "call_off": Arrow(
            (State.SCHEDULED, State.RETRY_WAIT, State.HELD, State.PREPARING), State.CANCELLED, clock=True
        ),
        "cancel": Arrow((State.SCHEDULED, State.RETRY_WAIT, State.HELD, State.PREPARING), State.CANCELLED),
        "say_it_is_there": Arrow((State.UNCERTAIN, State.CHECKING, State.NEEDS_PERSON), State.PUBLISHED),
        "say_it_is_not_there": Arrow((State.NEEDS_PERSON, State.FAILED, State.EXPIRED), State.NOT_THERE),
        "say_it_is_gone": Arrow((State.NEEDS_PERSON,), State.WITHDRAWN),
        "ask_take_down": Arrow((State.PUBLISHED,), State.WITHDRAWING),
        "disown_sending": Arrow((State.SENDING,), State.SENDING),
        "disown_uncertain": Arrow((State.UNCERTAIN,), State.UNCERTAIN),
        "disown_checking": Arrow((State.CHECKING,), State.CHECKING),
        "take_down": Arrow((State.PUBLISHED,), State.WITHDRAWING, clock=True),
        "take_down_later": Arrow((State.WITHDRAWING,), State.WITHDRAWING, clock=True),
        "removed": Arrow((State.WITHDRAWING,), State.WITHDRAWN, clock=True),
    }
    DUE = (State.SCHEDULED, State.RETRY_WAIT)
    WAITING = (*DUE, State.HELD)
    LEASED = (State.PREPARING, State.SENDING, State.CHECKING)
    ON_THE_WIRE = (State.SENDING, State.UNCERTAIN, State.CHECKING)
    UNSETTLED = (*WAITING, *LEASED, State.UNCERTAIN, State.NEEDS_PERSON)
    LIVE = (*UNSETTLED, State.PUBLISHED, State.WITHDRAWING)

    post = models.ForeignKey("Post", models.CASCADE, related_name="deliveries", verbose_name=_("post"))
    account = models.ForeignKey(
        "Account", models.PROTECT, related_name="deliveries", verbose_name=_("account")
    )
    post_version = models.PositiveIntegerField(_("version of the post"))
    generation = models.PositiveSmallIntegerField(_("try decided by a person"), default=1)
    state = models.SlugField(_("state"), choices=State.choices, default=State.SCHEDULED, editable=False)

    text = models.TextField(_("text"))
    portrait_version = models.ForeignKey(
        PortraitVersion,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version of the portrait"),
    )
    image = models.ForeignKey(
        Rendition, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("photo")
    )
    picture = models.SlugField(_("picture"), choices=Picture.choices, default=Picture.PHOTO)
    card = models.ForeignKey(
        Card, models.SET_NULL, null=True, blank=True, related_name="deliveries", verbose_name=_("card")
    )
    image_sha256 = models.CharField(_("fingerprint of the picture"), max_length=64, blank=True)
    alt_text = models.TextField(_("description of the picture"), blank=True)
    document_title = models.CharField(_("title of the document"), max_length=400, blank=True)
    fingerprint = models.CharField(_("fingerprint of what was approved"), max_length=64)

    due_at = models.DateTimeField(_("due at"))
    latest_useful_at = models.DateTimeField(_("useless after"))
    next_check_at = models.DateTimeField(_("next look at"), null=True, blank=True)
    claim_token = models.UUIDField(_("claimed by"), null=True, blank=True)
    lease_until = models.DateTimeField(_("claimed until"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    looks = models.PositiveSmallIntegerField(_("looks"), default=0)

    key = models.UUIDField(_("key of the sending"), default=uuid.uuid4, unique=True, editable=False)
    record_key = models.CharField(_("key of the record"), max_length=13, blank=True, editable=False)
    keyed_at = models.DateTimeField(_("first decided to leave at"), null=True, blank=True, editable=False)
    may_exist = models.BooleanField(_("may be online"), default=False, editable=False)
    disowned_at = models.DateTimeField(
        _("to be taken down if it appears, since"), null=True, blank=True, editable=False
    )
    checks_done = models.PositiveSmallIntegerField(_("checks made ahead"), default=0, editable=False)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who answers"),
    )
    answer_by = models.DateTimeField(_("to be answered by"), null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(_("reminders sent"), default=0, editable=False)

    remote_id = models.CharField(_("identifier there"), max_length=400, blank=True)
    confirmed_at = models.DateTimeField(_("read back at"), null=True, blank=True, editable=False)
    url = models.URLField(_("address there"), max_length=400, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    message = models.TextField(_("what happened"), blank=True)

    objects = querysets.DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "post",
                "post_version",
                "account",
                "generation",
                name="one_delivery_per_version_page_and_generation",
            ),
            models.UniqueConstraint(
                "post",
                "account",
                name="one_live_delivery_per_page",
                condition=Q(
                    state__in=[
                        "scheduled",
                        "retry_wait",
                        "held",
                        "preparing",
                        "sending",
                        "uncertain",
                        "checking",
                        "needs_person",
                        "published",
                        "withdrawing",
                    ]
                ),
            ),
            models.UniqueConstraint(
                "account", "remote_id", name="one_delivery_per_remote_post", condition=~Q(remote_id="")
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["preparing", "sending", "checking"])
                | Q(claim_token__isnull=False, lease_until__isnull=False),
                name="claimed_means_token_and_lease",
            ),
        ]
        indexes = [
            models.Index("due_at", name="delivery_due", condition=Q(state__in=["scheduled", "retry_wait"])),
            models.Index(
                "lease_until",
                name="delivery_leased",
                condition=Q(state__in=["preparing", "sending", "checking"]),
            ),
            models.Index(
                "next_check_at",
                name="delivery_to_look_at",
                condition=Q(state__in=["uncertain", "withdrawing", "published"]),
            ),
        ]

    def __str__(self):
        return f"{self.post} → {self.account}"

    def compute_fingerprint(self) -> str:
        """SHA-256 (hex) of text, picture and its description; of a card, which one it is; of another piece, its attachments."""
        parts = [self.text, self.image_sha256, self.alt_text]
        if self.picture != Picture.PHOTO:
            parts += [self.picture, self.document_title]
        if self.portrait_version_id is None:
            parts += [
                [one.attachment.sha256, one.alt_text] for one in self.attachments.select_related("attachment")
            ]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


class DeliveryMove(BaseMove):
    record = models.ForeignKey(Delivery, models.CASCADE, related_name="moves", verbose_name=_("delivery"))

    class Meta(BaseMove.Meta):
        verbose_name = _("step of a delivery")
        verbose_name_plural = _("steps of deliveries")


class Attempt(models.Model):
    """One call that may change something on a page. Committed before its first byte leaves; kept as long as it may be asked
    about, then as retention.toml says."""

    class Kind(models.TextChoices):
        CREATE = "create", _("publish")
        REMOVE = "remove", _("take down")

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="attempts", verbose_name=_("delivery")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    kind = models.SlugField(_("kind"), choices=Kind.choices)
    claim_token = models.UUIDField(_("claimed by"))
    intent_at = models.DateTimeField(_("decided at"))
    first_byte_at = models.DateTimeField(_("first byte at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    outcome = models.SlugField(_("outcome"), blank=True)
    answer = models.TextField(
        _("answer"), blank=True, help_text=_("What the network answered, without secrets.")
    )

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["number"]
        constraints = [models.UniqueConstraint("delivery", "number", name="attempts_are_numbered")]

    def __str__(self):
        return f"{self.delivery_id} #{self.number}"


class Evidence(models.Model):
    """Every sign that a post of ours exists there, from whoever saw it, a worker that had lost its claim included."""

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="evidence", verbose_name=_("delivery")
    )
    remote_id = models.CharField(_("identifier there"), max_length=400)
    source = models.SlugField(_("source"))
    seen_at = models.DateTimeField(_("seen at"), auto_now_add=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = [F("seen_at").asc(), "pk"]

    def __str__(self):
        return self.remote_id

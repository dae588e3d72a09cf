"""What a post is made of that is not a portrait: what it says, where and when, its pictures or document, who is in it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cohorts.models import Student

from .delivery import Delivery
from .event import Event
from .post import Post
from .proposal import Proposal


def random_name(instance, filename) -> str:
    """A name nobody can guess and that says nothing of what is in it; only the ending is ours."""
    return f"posts/{uuid.uuid4().hex}{filename[filename.rfind('.') :]}"


class Piece(models.Model):
    """Belongs to one post and shares its version: each change of it makes a new version of the post."""

    post = models.OneToOneField(Post, models.CASCADE, related_name="piece", verbose_name=_("post"))
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"))
    module = models.CharField(_("training module"), max_length=120, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    happens_at = models.DateTimeField(_("takes place at"), null=True, blank=True)
    event = models.ForeignKey(
        Event, models.SET_NULL, null=True, blank=True, related_name="pieces", verbose_name=_("event")
    )
    partners = models.CharField(_("partners to mention"), max_length=300, blank=True)
    link = models.URLField(_("link"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("content of a post")
        verbose_name_plural = _("contents of posts")

    def __str__(self):
        return self.title

    @cached_property
    def used(self) -> list[Attachment]:
        """Its pictures, or its document, as they stand."""
        return [one for one in self.attachments.all() if one.is_used]

    @property
    def has_undescribed(self) -> bool:
        return any(one.is_image and not one.alt_text for one in self.used)


class Attachment(models.Model):
    """A picture or a PDF of a post, or of a proposal until it is one, as it is sent: clean, without metadata. The file is never changed; one that is left out stays while a
    delivery has it."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("picture")
        DOCUMENT = "document", _("document")

    public_id = models.UUIDField(_("public identifier"), default=uuid.uuid4, unique=True, editable=False)
    piece = models.ForeignKey(
        Piece,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("content of a post"),
    )
    proposal = models.ForeignKey(
        Proposal,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=_("proposal"),
    )
    kind = models.SlugField(_("kind"), choices=Kind.choices)
    file = models.FileField(_("file"), upload_to=random_name)
    name = models.CharField(_("title of the document"), max_length=200, blank=True)
    alt_text = models.TextField(_("description of the picture"), blank=True)
    content_type = models.CharField(_("content type"), max_length=40)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    is_used = models.BooleanField(_("in use"), default=True)
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]

    def __str__(self):
        return self.name or str(self.public_id)

    @property
    def url(self) -> str:
        return reverse("attachment", args=[self.public_id])

    @property
    def is_image(self) -> bool:
        return self.kind == self.Kind.IMAGE


class Named(models.Model):
    """Somebody whom a post names or shows. A student agrees to the very version here; of anybody else the group says how they
    agreed."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="named", verbose_name=_("post"))
    student = models.ForeignKey(
        Student, models.CASCADE, null=True, blank=True, related_name="named_in", verbose_name=_("student")
    )
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=120, blank=True)
    agreement = models.CharField(_("how they agreed"), max_length=200, blank=True)
    agreed_version = models.PositiveIntegerField(
        _("version they agreed to"), null=True, blank=True, editable=False
    )
    agreed_at = models.DateTimeField(_("agreed at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("person in a post")
        verbose_name_plural = _("people in posts")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "post", "student", name="named_once_in_a_post", condition=Q(student__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(student__isnull=False) | ~Q(agreement=""), name="guests_have_agreed_somehow"
            ),
        ]

    def __str__(self):
        return self.name


class Sent(models.Model):
    """One attachment of one delivery, as it was approved."""

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="attachments", verbose_name=_("delivery")
    )
    attachment = models.ForeignKey(
        Attachment, models.PROTECT, related_name="sent", verbose_name=_("attachment")
    )
    alt_text = models.TextField(_("description of the picture"), blank=True)

    class Meta:
        verbose_name = _("attachment of a delivery")
        verbose_name_plural = _("attachments of deliveries")
        ordering = [F("pk").asc()]
        constraints = [models.UniqueConstraint("delivery", "attachment", name="sent_once_in_a_delivery")]

    def __str__(self):
        return f"{self.delivery} · {self.attachment}"

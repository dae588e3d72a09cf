"""A student's photo as framed, and the files made from it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..photos import Crop


def random_name(instance, filename) -> str:
    """A name nobody can guess and that says nothing about the person; only the ending is ours."""
    return f"photos/{uuid.uuid4().hex}{filename[filename.rfind('.') :]}"


class Photo(models.Model):
    """A clean master (see photos.py) and one crop of it, as fractions. Framing anew makes a new row that shares the master file.

    The upload itself is not kept: the master is upright, sRGB, without metadata, at most 2,400 px.
    """

    public_id = models.UUIDField(_("public identifier"), default=uuid.uuid4, unique=True, editable=False)
    portrait = models.ForeignKey(
        "Portrait", models.CASCADE, related_name="photos", verbose_name=_("portrait")
    )
    master = models.FileField(_("master"), upload_to=random_name)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    source_sha256 = models.CharField(_("fingerprint of the upload"), max_length=64, db_index=True)
    crop_x = models.FloatField(_("left edge"))
    crop_y = models.FloatField(_("top edge"))
    crop_width = models.FloatField(_("width of the crop"))
    crop_height = models.FloatField(_("height of the crop"))
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            models.CheckConstraint(
                condition=Q(crop_x__gte=0, crop_y__gte=0, crop_width__gt=0, crop_height__gt=0),
                name="crop_is_inside_the_photo",
            )
        ]

    def __str__(self):
        return str(self.public_id)

    @property
    def crop(self) -> Crop:
        return Crop(self.crop_x, self.crop_y, self.crop_width, self.crop_height)

    @property
    def fingerprint(self) -> str:
        frame = ",".join(
            f"{value:.5f}" for value in (self.crop_x, self.crop_y, self.crop_width, self.crop_height)
        )
        return f"{self.source_sha256}@{frame}"

    def url(self, name: str) -> str:
        return reverse("photo", args=[self.public_id, name])

    @property
    def srcset(self) -> str:
        return ", ".join(f"{self.url(f'{width}.webp')} {width}w" for width in (400, 800, 1200))

    @property
    def thumbnail_url(self) -> str:
        return self.url("96.webp")

    @property
    def small_url(self) -> str:
        return self.url("400.webp")

    @property
    def large_url(self) -> str:
        return self.url("1200.jpg")


class Rendition(models.Model):
    """One file made from a photo as framed, for one use: `1200.jpg` goes to the networks, the others to our pages."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="renditions", verbose_name=_("photo"))
    name = models.CharField(_("name"), max_length=20)
    file = models.FileField(_("file"), upload_to=random_name)
    content_type = models.CharField(_("content type"), max_length=20)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints = [models.UniqueConstraint("photo", "name", name="one_rendition_per_name")]

    def __str__(self):
        return self.name

"""Cards: how a promotion's look, and the files made of one version of a portrait."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cohorts.models import Promotion, hex_colour

from .photo import random_name

NEEDED_FOR_CARDS = (
    *("photo", "portrait__student__promotion__track", "portrait__student__promotion__card_style"),
)
"""What a version is selected with, so that saying which cards it has asks the database nothing more."""


class CardStyle(models.Model):
    """What a promotion's comms group chose for its cards. Without a row: the first layout in the promotion's colours."""

    class Layout(models.TextChoices):
        BAND = "band", _("band")
        FULL = "full", _("full picture")
        FRAME = "frame", _("frame")

    promotion = models.OneToOneField(
        Promotion, models.CASCADE, related_name="card_style", verbose_name=_("promotion")
    )
    layout = models.SlugField(_("layout"), choices=Layout.choices, default=Layout.BAND)
    colour = models.CharField(_("colour"), max_length=7, blank=True, validators=[hex_colour])
    second_colour = models.CharField(_("second colour"), max_length=7, blank=True, validators=[hex_colour])
    logo = models.FileField(_("logo"), upload_to=random_name, blank=True)
    shows_track = models.BooleanField(_("says the track"), default=True)
    shows_hashtag = models.BooleanField(_("says the hashtag"), default=True)

    class Meta:
        verbose_name = _("style of cards")
        verbose_name_plural = _("styles of cards")

    def __str__(self):
        return str(self.promotion)


class Card(models.Model):
    """One file made from one version of a portrait. `recipe` is the fingerprint of all that it was made from: same recipe, same bytes."""

    class Kind(models.TextChoices):
        PORTRAIT = "portrait", _("card 1080 × 1350")
        SQUARE = "square", _("card 1200 × 1200")
        CAROUSEL = "carousel", _("carousel (PDF)")
        SHARE = "share", _("picture of a shared link")

    version = models.ForeignKey(
        "PortraitVersion", models.CASCADE, related_name="cards", verbose_name=_("version")
    )
    kind = models.SlugField(_("kind"), choices=Kind.choices)
    recipe = models.CharField(_("recipe"), max_length=64)
    file = models.FileField(_("file"), upload_to=random_name)
    content_type = models.CharField(_("content type"), max_length=20)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    pages = models.PositiveSmallIntegerField(_("pages"), default=1)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    alt_text = models.TextField(_("description"), blank=True)
    names = models.TextField(_("names that it says"), blank=True, editable=False)
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        constraints = [models.UniqueConstraint("version", "kind", "recipe", name="one_card_per_recipe")]

    def __str__(self):
        return self.get_kind_display()

    @property
    def url(self) -> str:
        return address(self.version_id, self.kind, self.recipe)

    @property
    def small_url(self) -> str:
        return address(self.version_id, self.kind, self.recipe, "petit.jpg")


def address(version: int, kind: str, recipe: str, ending: str = "") -> str:
    """Of one file: with another recipe it has another address, so that nobody keeps an old card under a new one's."""
    whole = "pdf" if kind == Card.Kind.CAROUSEL else "jpg"
    return reverse(
        "card", args=[version, kind, f"{recipe[:16]}-{ending}" if ending else f"{recipe[:16]}.{whole}"]
    )

"""How words and pictures are kept: versions as rows, renditions as files with random names."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction

from cohorts.models import User

from .. import photos
from ..models import Card, Photo, Portrait, PortraitVersion, Rendition


def record_version(portrait: Portrait, *, by: User) -> PortraitVersion:
    """The portrait's present words and photo as its next version (the caller writes `version` with its move)."""
    version = PortraitVersion(
        portrait=portrait,
        number=portrait.version + 1,
        title=portrait.title,
        quote=portrait.quote,
        text=portrait.text,
        alt_text=portrait.alt_text,
        photo=portrait.photo,
        by=by,
    )
    version.fingerprint = version.compute_fingerprint()
    version.save()
    return version


def keep_photo(portrait: Portrait, *, master: photos.Master | None, crop: photos.Crop | None) -> Photo:
    """A photo row with its eight renditions, from a new master or from the one the portrait has.

    Raises PhotoRefused when the crop leaves too few pixels.
    """
    if master is None:
        before = portrait.photo
        file, data = before.master.name, before.master.read()
        width, height, source = before.width, before.height, before.source_sha256
    else:
        file, data, width, height, source = (
            None,
            master.data,
            master.width,
            master.height,
            master.source_sha256,
        )
    crop = (crop or photos.default_crop(width, height)).clamped(width, height)
    pictures = photos.render(data, crop)
    photo = Photo(portrait=portrait, width=width, height=height, source_sha256=source)
    photo.crop_x, photo.crop_y, photo.crop_width, photo.crop_height = crop.x, crop.y, crop.width, crop.height
    if file:
        photo.master.name = file
    else:
        photo.master.save("master.jpg", ContentFile(data), save=False)
    photo.save()
    for picture in pictures:
        rendition = Rendition(
            photo=photo,
            name=picture.name,
            content_type=picture.content_type,
            width=picture.width,
            height=picture.height,
            sha256=hashlib.sha256(picture.data).hexdigest(),
        )
        rendition.file.save(picture.name, ContentFile(picture.data), save=False)
        rendition.save()
    return photo


def discard_photos(portrait: Portrait) -> None:
    """Forget every picture of this portrait, cards too; the files go once the transaction has said yes."""
    _discard(portrait.photos.all())
    discard_cards(Card.objects.filter(version__portrait=portrait))


def discard_photo(portrait: Portrait, source: str) -> None:
    """Forget every frame of the photo with this fingerprint, and the cards made from it."""
    discard_cards(Card.objects.filter(version__portrait=portrait, version__photo__source_sha256=source))
    _discard(portrait.photos.filter(source_sha256=source))


def discard_earlier_drafts(portrait: Portrait) -> None:
    """Forget the pictures that were replaced before any version was made from them."""
    drafts = portrait.photos.exclude(pk=portrait.photo_id)
    _discard(drafts.exclude(pk__in=portrait.versions.filter(photo__isnull=False).values("photo")))


def _discard(unwanted) -> None:
    """The rows now; on commit their files, but for a master that another frame of the same photo still uses."""
    unwanted = list(unwanted)
    names = {photo.master.name for photo in unwanted}
    names |= set(Rendition.objects.filter(photo__in=unwanted).values_list("file", flat=True))
    Photo.objects.filter(pk__in=[photo.pk for photo in unwanted]).delete()
    names -= set(Photo.objects.filter(master__in=names).values_list("master", flat=True))
    remove_on_commit(Photo._meta.get_field("master").storage, names)


def discard_cards(unwanted) -> None:
    """Forget these cards now; their files go once the transaction has said yes."""
    cards = list(unwanted)
    Card.objects.filter(pk__in=[card.pk for card in cards]).delete()
    remove_on_commit(Card._meta.get_field("file").storage, {card.file.name for card in cards})


def remove_on_commit(storage, names: set[str]) -> None:
    def remove_files():
        for name in names:
            storage.delete(name)

    transaction.on_commit(remove_files)

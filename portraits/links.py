"""Signed links to one agreement: what a person holds in a mail or on paper and can use without signing in.

A link names the portrait and one agreement. Once that agreement has ended, the link shows how things stand and moves nothing.
"""

from __future__ import annotations

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from .models import Consent

WITHDRAW, KEEP = "withdrawal_link", "keeping_link"
"""The names of the two addresses; a link made for one does not open the other."""


class LinkRefused(Exception):
    """This link opens nothing. str() says why and what to do."""


def path(consent: Consent, address: str) -> str:
    """Always the same for the same agreement, so that a receipt printed twice is the same receipt."""
    signer = signing.Signer(salt=f"portraits.links.{address}")
    return reverse(address, args=[signer.sign_object([consent.portrait.public_id, consent.pk])])


def read(token: str, address: str) -> Consent:
    """The agreement that this link names. Raises LinkRefused."""
    try:
        public_id, pk = signing.Signer(salt=f"portraits.links.{address}").unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkRefused(_incomplete()) from error
    found = (
        Consent.objects.select_related(
            "version__photo",
            "by",
            "portrait__student__promotion__track",
            "portrait__student__user",
            "portrait__consent__version",
            "portrait__online",
        )
        .filter(pk=pk, portrait__public_id=public_id)
        .first()
    )
    if found is None:
        raise LinkRefused(_incomplete())
    return found


def _incomplete() -> str:
    return _("This link is not complete, or it was not made here. Copy it again, whole, from your mail.")

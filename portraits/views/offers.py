"""The moves that a portrait's state allows to the comms group, as buttons that say what will happen."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import Portrait


@dataclass(frozen=True)
class Offer:
    """One move that the present state allows, as a button that says what will happen."""

    verb: str
    label: str
    consequence: str
    url: str
    is_primary: bool = False


def offers(portrait: Portrait, *, has_open_post: bool, is_free: bool) -> list[Offer]:
    """In the order in which they usually come. `is_free`: everyone in the photo has agreed."""
    return [offer for offer in _all(portrait) if _is_open(offer.verb, portrait, has_open_post, is_free)]


def allows(portrait: Portrait, move: str) -> bool:
    return portrait.state in portrait.MOVES[move].sources


def _all(portrait: Portrait) -> list[Offer]:
    name = {"name": portrait.student.first_name}
    draft = reverse("post_draft", args=[portrait.pk])
    return [
        Offer(
            "take-up",
            _("Begin to edit"),
            _("The others of the group see that it is being worked on."),
            _url(portrait, "take-up"),
            True,
        ),
        Offer(
            "keep-as-signed",
            _("Keep it as it is"),
            _("%(name)s already agreed to exactly these words: no new signature is needed.") % name,
            _url(portrait, "keep-as-signed"),
        ),
        Offer(
            "ask-signature",
            _("Ask %(name)s to sign") % name,
            _(
                "%(name)s receives a mail. Nothing appears before they have signed exactly this text and this photo."
            )
            % name,
            _url(portrait, "ask-signature"),
            True,
        ),
        Offer(
            "draft",
            _("Prepare the post"),
            _("Words for each page, day and time; then the staff approve it."),
            draft,
            True,
        ),
        Offer(
            "draft-early",
            _("Write the posts already"),
            _("Words for each page, from the text as it is. They go to the staff once %(name)s has signed.")
            % name,
            draft,
        ),
    ]


def _url(portrait: Portrait, verb: str) -> str:
    return reverse("studio_act", args=[portrait.pk, verb])


def _is_open(verb: str, portrait: Portrait, has_open_post: bool, is_free: bool) -> bool:
    if verb == "draft":
        return portrait.state == Portrait.State.SIGNED and not has_open_post
    if verb == "draft-early":
        is_early = portrait.state in (Portrait.State.IN_EDIT, Portrait.State.TO_SIGN)
        return is_early and portrait.consent_id is not None and not has_open_post
    if verb == "keep-as-signed" and (
        portrait.signed_version != portrait.version or portrait.consent_id is None
    ):
        return False
    if not allows(portrait, verb.replace("-", "_")):
        return False
    return verb not in ("ask-signature", "keep-as-signed") or is_free

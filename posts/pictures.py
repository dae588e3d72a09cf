"""What goes with the words on one page: the photo, a card or the carousel, as it would be sent and as a preview shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from portraits import sketches
from portraits.actions import carding
from portraits.cards import CardRefused
from portraits.models import Card, Photo, Portrait, PortraitVersion, Rendition
from portraits.sketches import Sketch

from .models import Account, Attachment, Delivery, Picture, Post
from .networks.base import Content, Document, Image


def shown_on(account: Account, wanted: str) -> str:
    """What this page shows of that: where its network takes no documents, the upright card stands in for the carousel."""
    if wanted == Picture.CAROUSEL and not account.connector.takes_documents:
        return Picture.CARD.value
    return wanted


def choices_for(account: Account) -> list[tuple[str, str]]:
    """What can be chosen for this page, in words; the choice that turns into another one says so."""
    return [
        (
            key,
            label
            if shown_on(account, key) == key
            else _("the carousel; here its card, since %(network)s shows no documents")
            % {"network": account.get_network_display()},
        )
        for key, label in Picture.choices
    ]


@dataclass(frozen=True)
class Leaf:
    """One picture of a preview."""

    url: str
    alt: str


class Shown:
    """What goes with the words of one page about a portrait: `version` is a portrait's, None where there is none yet.

    `frozen` is what was approved for the page: its card is shown and sent, whatever look was chosen since.
    """

    def __init__(
        self,
        version: PortraitVersion | None,
        wanted: str,
        account: Account,
        frozen: Delivery | None = None,
    ):
        self.version, self.account = version, account
        self.kind = shown_on(account, wanted)
        self.frozen = frozen if frozen and frozen.picture == self.kind and frozen.card else None

    @property
    def is_photo(self) -> bool:
        return self.kind == Picture.PHOTO

    @property
    def is_document(self) -> bool:
        return self.kind == Picture.CAROUSEL

    @cached_property
    def sketch(self) -> Sketch | None:
        return None if self.is_photo or self.version is None else Sketch(self.version, self.kind)

    @property
    def photo(self) -> Photo | None:
        return self.version.photo if self.version else None

    @property
    def alt(self) -> str:
        if self.frozen:
            return self.frozen.alt_text
        if self.sketch:
            return self.sketch.alt
        return self.version.alt_text if self.version else ""

    @property
    def title(self) -> str:
        """Under the carousel: whose it is."""
        if self.frozen:
            return self.frozen.document_title
        if self.sketch is None or not self.is_document:
            return ""
        return f"{self.sketch.student.full_name} · {self.sketch.words.promotion}"

    @property
    def refusal(self) -> str:
        """Why the card cannot be drawn, in a sentence that says what to do."""
        return self.sketch.refusal if self.sketch and not self.frozen else ""

    @property
    def trouble(self) -> str:
        """Why there is no such card to send; empty if there is one, or if it is the photo that goes out."""
        if self.is_photo or self.card is not None:
            return ""
        return self.refusal or _(
            "Its card could not be made. Choose the photo for this page, or look again in a minute."
        )

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return ()

    # For a preview ------------------------------------------------------------------------------

    @property
    def width(self) -> int:
        return self.sketch.width if self.sketch else 1200

    @property
    def height(self) -> int:
        return self.sketch.height if self.sketch else 1500

    @property
    def leaves(self) -> list[Leaf]:
        """Each picture of it. The pages of a carousel are known once it is made, which looking at it does."""
        if self.refusal or self.version is None:
            return []
        if self.sketch is None:
            return [Leaf(self.photo.large_url, self.alt)] if self.photo else []
        if not self.is_document:
            return [Leaf(self.url, self.alt)]
        if self.card is None:
            return []
        return [
            Leaf(sketches.page_address(self.version.pk, self.card.recipe, number), alt)
            for number, alt in enumerate(self.card.alt_text.split("\n"), start=1)
        ]

    @property
    def url(self) -> str:
        """Of the file itself."""
        if self.frozen:
            return self.frozen.card.url
        return self.sketch.url if self.sketch else ""

    @cached_property
    def card(self) -> Card | None:
        """The very file, made now if need be; None where there is none to be had."""
        if self.frozen:
            return self.frozen.card
        try:
            return carding.make_card(self.sketch) if self.sketch and not self.refusal else None
        except (CardRefused, carding.NoCard, OSError):
            return None

    @cached_property
    def image(self) -> Rendition | None:
        """The photo as it is sent, or as what the card was made from."""
        return Rendition.objects.filter(photo=self.photo, name="1200.jpg").first() if self.photo else None

    # For `check` --------------------------------------------------------------------------------

    def content(self, text: str) -> Content:
        """The words with this picture as `check` looks at it. The bytes of a photo are left out, which is always small enough."""
        if self.is_photo:
            return offline_content(text, self.alt, self.photo)
        if self.card is None:
            return Content(text)
        if self.is_document:
            return Content(text, document=document_of(self.card, self.title, b""))
        return Content(text, (image_of(self.card, self.alt, read(self.card)),))


class ShownPiece:
    """The same for a post of another kind: its document where the network takes one, else as many pictures as the page holds.

    `given`: its attachments in use.
    """

    kind = Picture.PHOTO.value
    is_photo = True
    version = image = card = frozen = None
    title = refusal = trouble = url = ""

    def __init__(self, given: list[Attachment], account: Account):
        self.account = account
        documents = [one for one in given if not one.is_image] if account.connector.takes_documents else []
        images = [one for one in given if one.is_image][: account.limits.images]
        self.attachments = tuple(documents[:1] or images)

    @property
    def is_document(self) -> bool:
        return any(not one.is_image for one in self.attachments)

    @property
    def width(self) -> int:
        return self.attachments[0].width if self.attachments else 0

    @property
    def height(self) -> int:
        return self.attachments[0].height if self.attachments else 0

    @property
    def alt(self) -> str:
        return " ".join(filter(None, (one.alt_text for one in self.attachments)))

    @property
    def leaves(self) -> list[Leaf]:
        return [Leaf(one.url, one.alt_text) for one in self.attachments if one.is_image]

    @property
    def document(self) -> Attachment | None:
        return self.attachments[0] if self.is_document else None

    def content(self, text: str) -> Content:
        return content_of(text, [(one, one.alt_text, b"") for one in self.attachments])


def shown_of(
    post: Post,
    version: PortraitVersion | None,
    picture: str,
    account: Account,
    frozen: Delivery | None = None,
) -> Shown | ShownPiece:
    """What goes out with the words of this post on this page: of this version of its portrait, or of its piece as it stands."""
    if post.portrait_id is None:
        return ShownPiece(post.piece.used, account)
    return Shown(version, picture, account, frozen)


def content_of(text: str, given: list[tuple[Attachment, str, bytes]]) -> Content:
    """Attachments, each with its description and its bytes (or none, for `check`), as the networks take them."""
    for one, _alt, data in given:
        if not one.is_image:
            return Content(text, document=Document(data, one.name, one.pages, one.size, one.sha256))
    return Content(text, tuple(image_of(one, alt, data) for one, alt, data in given))


def says_todays_names(delivery: Delivery, portrait: Portrait) -> bool:
    """A card says who it is about: once they are called otherwise, it does not go out as it was approved."""
    return delivery.card_id is None or delivery.card.names == sketches.names_of(portrait.student)


def frozen_for(post: Post) -> dict[int, Delivery]:
    """By account, what was approved for each page of the present version of the post; empty before."""
    if post.approved_version is None:
        return {}
    deliveries = post.deliveries.select_related("card").filter(post_version=post.version, card__isnull=False)
    return {delivery.account_id: delivery for delivery in deliveries.order_by("pk")}


def read(card: Card) -> bytes:
    with card.file.open("rb") as file:
        return file.read()


def offline_content(text: str, alt_text: str, photo: Photo | None) -> Content:
    """The same shape without the bytes, for `check`: lengths, sizes and alternative text are all it looks at."""
    rendition = Rendition.objects.filter(photo=photo, name="1200.jpg").first()
    return Content(text, (image_of(rendition, alt_text, b""),) if rendition else ())


def image_of(file: Rendition | Card | Attachment, alt_text: str, data: bytes) -> Image:
    return Image(
        data=data,
        content_type=file.content_type,
        alt=alt_text,
        width=file.width,
        height=file.height,
        sha256=file.sha256,
    )


def document_of(card: Card, title: str, data: bytes) -> Document:
    return Document(data=data, title=title, pages=card.pages, size=card.file.size, sha256=card.sha256)

"""What it means that a rule of a network was broken, for whoever has to tell the program's authors."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RULES: dict[str, Promise] = {
    rule: said
    for said, rules in (
        (_("A text is too long."), "text-too-long title-too-long description-too-long tag-too-long"),
        (_("The text was cut at a character that this network reads as a sign of its own."), "text-cut"),
        (_("There was nothing to publish or to change."), "nothing-to-post nothing-said empty-edit no-patch"),
        (_("The description of a picture is too long."), "alt-too-long"),
        (_("A picture has no description."), "no-alt no-alt-text"),
        (
            _("There are too many pictures, or too few for this kind of post."),
            "image-count too-many-pictures too-many-media media-ids",
        ),
        (
            _("A picture is too large."),
            "image-too-large image-pixels picture-too-large too-many-pixels blob-too-large",
        ),
        (
            _("A picture is none, or of a kind that this network does not take."),
            "image-type image-format image-unreadable no-picture no-file",
        ),
        (_("A picture still says where or when it was taken."), "image-metadata"),
        (_("The post left before its picture was ready."), "image-not-awaited media-not-awaited"),
        (_("The post left before its picture had arrived."), "image-not-uploaded"),
        (_("The post has a picture that the network could not use."), "image-failed"),
        (
            _("The post has a picture that this network does not know."),
            "unknown-image unknown-picture unknown-media no-such-picture no-blob blob-changed",
        ),
        (_("A picture was used for two posts."), "picture-used-twice"),
        (_("The proportions said of a picture are not its own."), "aspect-ratio"),
        (
            _("A link, a mention or a hashtag is marked in the wrong place."),
            "facets-overlap facet-outside facet-inside-a-character facet-edges facet-beside-its-words"
            " half-a-character mention-without-did link-uri",
        ),
        (
            _("A post was sent in a way that could double it, or write over another."),
            "no-key no-tid key-taken no-swap-record same-key-at-once written-after-delete",
        ),
        (
            _("A post was left to the network to publish later."),
            "scheduled-photo scheduled-and-published schedule-bounds temporary-published",
        ),
        (
            _("It was asked without the right access."),
            "no-token no-proof wrong-proof token-of-a-person token-in-an-address unknown-app app-secret"
            " app-only secret-in-the-body at-sign not-our-repo unknown-repo",
        ),
        (
            _("An account was connected in a way that this network does not allow."),
            "redirect-uri response-type no-state scope unknown-scope app-scopes app-redirect app-without-name"
            " grant-type code-used-twice code-reused pkce pkce-in-the-web-flow",
        ),
        (
            _("It was asked in no version of its language, or in one that does not exist."),
            "no-version malformed-version unknown-version no-protocol-version",
        ),
        (
            _("Figures were asked for that this network does not give."),
            "dead-metric no-metric date-format time-intervals old-edge-type statistics-without-finder",
        ),
        (
            _("What was sent says something that this network does not know."),
            "unknown-field unknown-parameter unknown-method unknown-action",
        ),
        (
            _("What was sent lacks something that this network asks for."),
            "missing-field document-without-title no-handle no-list",
        ),
        (
            _("What was sent is not in the form that this network reads."),
            "wrong-type not-json invalid-json content-type no-content-type",
        ),
        (
            _("The rehearsal itself failed here: the app is not to blame."),
            "bug-of-the-rehearsal-network",
        ),
    )
    for rule in rules.split()
}
"""Rule, as the ledger calls it → what happened. Those that only a programmer can read are shown by their name."""


def rule_in_words(rule: str) -> str | Promise:
    return RULES.get(rule, _("What was sent does not keep to a rule of this network."))

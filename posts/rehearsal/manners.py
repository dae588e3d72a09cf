"""How each network shows pages and posts to its readers, and where they would stand on the real one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from ..networks.linkedin import FOLD


@dataclass(frozen=True)
class Manner:
    """`fold` and `link_length` count characters; 0: never folds, shows addresses whole."""

    slug: str
    label: str
    address: str
    """Of a post on the real network: {page} and {handle} are the page's, {urn} and {number} (its last piece) the post's."""
    reactions: tuple[tuple[str, str | Promise], ...]
    """(drawing, word) of what readers may do; the word may be empty."""
    fold: int = 0
    pictures: int = 4
    """How many pictures stand side by side; the last one says how many more there are."""
    link_length: int = 0
    finds_links: bool = True
    """Whether it makes an address in plain text a link."""
    shows_followers: bool = False
    shows_handle: bool = False
    """In the head of each post."""
    shows_alt: bool = True
    """A badge on the picture lets everybody read its description."""
    large_text: int = 0
    """A text this short, alone, is set in large type."""
    instance: str = ""
    """The server that all accounts are on, where a network has several; a page's `data` may name another."""
    author: str = "{}"
    """How the `author` of a post is made from the page's id."""
    page_path: str = ""
    post_path: str = ""
    """Formed like the real ones, so that a link copied from here is understood where people paste it."""

    def __str__(self) -> str:
        return self.label

    def path_of_page(self, key: str) -> str:
        return (self.page_path or f"/{self.slug}/{{}}/").format(quote(key, safe=":"))

    def path_of_post(self, urn: str) -> str:
        return (self.post_path or f"/{self.slug}/post/{{}}/").format(quote(urn, safe=""))

    def author_of(self, key: str) -> str:
        return self.author.format(key)

    def page_of(self, author: str) -> str:
        return author.removeprefix(self.author.format(""))

    def real_address(self, page: dict, urn: str) -> str:
        """Empty where it cannot be known."""
        handle, _at, instance = page["handle"].partition("@")
        instance = instance or page["data"].get("instance", "")
        if "{instance}" in self.address and not instance:
            return ""
        number = re.split("[:/_]", urn)[-1]
        return self.address.format(page=page["id"], handle=handle, instance=instance, urn=urn, number=number)


LIKE, COMMENT = pgettext_lazy("reaction", "Like"), pgettext_lazy("reaction", "Comment")
MANNERS: dict[str, Manner] = {
    manner.slug: manner
    for manner in (
        Manner(
            "linkedin",
            "LinkedIn",
            "https://www.linkedin.com/feed/update/{urn}/",
            (
                ("like", LIKE),
                ("comment", COMMENT),
                ("repost", pgettext_lazy("reaction", "Repost")),
                ("send", pgettext_lazy("reaction", "Send")),
            ),
            fold=FOLD,
            pictures=5,
            shows_followers=True,
            author="urn:li:organization:{}",
            page_path="/linkedin/company/{}/",
            post_path="/linkedin/feed/update/{}/",
        ),
        Manner(
            "facebook",
            "Facebook",
            "https://www.facebook.com/{page}/posts/{number}",
            (("like", LIKE), ("comment", COMMENT), ("share", pgettext_lazy("reaction", "Share"))),
            fold=477,
            pictures=5,
            shows_alt=False,
            large_text=85,
        ),
        Manner(
            "x",
            "X",
            "https://x.com/{handle}/status/{number}",
            (("reply", ""), ("repost", ""), ("heart", ""), ("views", ""), ("bookmark", ""), ("share", "")),
            fold=280,
            post_path="/x/i/status/{}/",
            shows_handle=True,
            link_length=30,
        ),
        Manner(
            "mastodon",
            "Mastodon",
            "https://{instance}/@{handle}/{number}",
            (("reply", ""), ("repost", ""), ("star", ""), ("bookmark", ""), ("dots", "")),
            # 32 lines, of which the standard 500 characters rarely need a third.
            fold=1900,
            post_path="/mastodon/statuses/{}/",
            shows_handle=True,
            link_length=30,
            instance="mastodon.rehearsal",
        ),
        Manner(
            "bluesky",
            "Bluesky",
            "https://bsky.app/profile/{page}/post/{number}",
            (("reply", ""), ("repost", ""), ("heart", ""), ("share", ""), ("dots", "")),
            finds_links=False,
            shows_handle=True,
        ),
    )
}
"""Where a network folds depends on the screen and changes with the years: near enough to judge a first line by."""

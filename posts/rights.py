"""What each right that we ask a network for lets us do, in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

PUBLISH = _("publish on the page")
PICTURES = _("add pictures")
READ = _("read the page’s posts")
PAGES = _("see which pages you administer")
FIGURES = _("see the page’s figures")
WHO = _("see whose account it is")
STAY = _("stay connected")

RIGHTS = {
    "w_organization_social": PUBLISH,
    "r_organization_social": READ,
    "rw_organization_admin": PAGES,
    "r_organization_admin": PAGES,
    "r_organization_followers": FIGURES,
    "pages_show_list": PAGES,
    "pages_manage_posts": PUBLISH,
    "pages_read_engagement": READ,
    "pages_read_user_content": READ,
    "read_insights": FIGURES,
    "tweet.read": READ,
    "tweet.write": PUBLISH,
    "users.read": WHO,
    "media.write": PICTURES,
    "offline.access": STAY,
    "profile": WHO,
    "read:accounts": WHO,
    "read:statuses": READ,
    "write:statuses": PUBLISH,
    "write:media": PICTURES,
}


def missing(asked: Iterable[str], granted: Iterable[str]) -> list[str]:
    """The scopes that we ask for and were not given. A network that names none has given what was asked (RFC 6749, 5.1)."""
    granted = set(granted)
    return sorted(set(asked) - granted) if granted else []


def in_words(scopes: Iterable[str]) -> str:
    """“publish on the page, add pictures”: each thing once; a right that we have no words for by its name."""
    return ", ".join(dict.fromkeys(str(RIGHTS.get(scope, scope)) for scope in scopes))

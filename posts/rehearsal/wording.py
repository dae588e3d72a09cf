"""What faults, options, events and permissions are called for people."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import faults

FAULTS: dict[str, dict[str, Promise]] = {
    "before": {
        "cut-before": _("The connection breaks, and nothing is stored."),
        "refuse-500": _("It answers with an error (500), and stores nothing."),
        "refuse-502": _("It answers that its gateway is ill (502), and stores nothing."),
        "refuse-503": _("It answers that it is overloaded (503), and stores nothing."),
        "refuse-html": _("It answers with a web page that says “back soon”, and stores nothing."),
        "slow-before": _("It waits before it does anything."),
    },
    "after": {
        "cut-after": _("The connection breaks, although the post is online."),
        "answer-500": _("It answers with an error (500), although the post is online."),
        "answer-502": _("It answers that its gateway is ill (502), although the post is online."),
        "answer-503": _("It answers that it is overloaded (503), although the post is online."),
        "answer-504": _("It answers that it took too long (504), although the post is online."),
        "answer-html": _("It answers with a web page that says “back soon”, although the post is online."),
        "no-id": _("The post is online, but the answer does not say its number."),
        "slow-after": _("The post is online, but the answer is long in coming."),
        "endless": _("The post is online, but the answer never ends."),
    },
    "access": {
        "quota": _("It says that there were too many calls, and to come back later."),
        "token-revoked": _("It says that the access was withdrawn."),
        "token-expired": _("It says that the access has expired."),
        "scope-missing": _("It says that a permission is missing."),
        "refresh-lost": _("The access is renewed, but the answer that says so is lost."),
    },
    "pictures": {
        "upload-500": _("It takes no picture, and answers with an error (500)."),
        "processing-slow": _("A picture takes long to be ready."),
        "processing-fails": _("A picture arrives, and turns out to be unusable later."),
    },
    "reading": {
        "find-500": _("Asked for the posts of the page, it answers with an error (500)."),
        "find-html": _("Asked for the posts of the page, it answers with a web page that says “back soon”."),
        "find-lag": _("New posts do not appear at once in the list that the app reads."),
        "get-500": _("Asked for one post, it answers with an error (500)."),
        "delete-500": _("Asked to take a post down, it answers with an error (500)."),
    },
}
"""The faults of all networks, by the moment at which they strike."""
OWN: dict[str, dict[str, Promise]] = {
    "linkedin": {
        "conflict": _("It says that somebody else is writing on the page just now, and stores nothing."),
        "waiting-upload": _("It says that the picture has not arrived yet."),
        "version-retired": _("It no longer speaks the version that the app speaks."),
        "upload-expired": _("The address for the picture is no longer valid."),
        "upload-redirect": _("It sends the picture on to another address."),
        "acl-name": _("In the list of pages, the page stands under another name than usual."),
        "shares-restricted": _("It keeps the figures of single posts to itself."),
        "no-refresh": _("It gives an access that cannot be renewed."),
        "refresh-in-minutes": _("It says in minutes, not in seconds, how long the access can be renewed."),
    },
    "facebook": {
        "refuse-code-1": _("It says “unknown error”, and stores nothing."),
        "refuse-code-2": _("It says “try again later”, and stores nothing."),
        "refuse-transient": _("It says that this will pass, and stores nothing."),
        "answer-code-1": _("It says “unknown error”, although the post is online."),
        "answer-code-2": _("It says “try again later”, although the post is online."),
        "answer-transient": _("It says that this will pass, although the post is online."),
        "throttled": _("It says that the app calls too often, and stores nothing."),
        "blocked": _("It blocks the page for a while, and stores nothing."),
        "already-posted": _("It says that this is already online, and stores nothing."),
        "usage": _("It says that its allowance is nearly used up."),
        "version-served": _("It answers in another version than it was asked in."),
        "photo-transient": _("It takes no picture, and says that this will pass."),
        "no-permalink": _("It does not say at which address a post is."),
        "bare-next": _("The way to older posts lacks the access."),
        "edit-500": _("Asked to change a post, it answers with an error (500)."),
        "exchange-500": _("Asked for a lasting access, it answers with an error (500)."),
        "total-value": _("It gives figures in another form than usual."),
    },
    "x": {
        "refuse-empty": _("It answers nothing but an error (503), and stores nothing."),
        "credits": _("It says that there is no money left on the account."),
        "usage-capped": _("It says that the month’s allowance is used up."),
        "day-quota": _("It says that the day’s posts are used up, and to come back tomorrow."),
        "suspended": _("It says that the account is suspended."),
        "app-refused": _("It says that the app may not do that."),
        "ghost-duplicate": _("It says that these words are online already, although they are not."),
        "media-gone": _("It no longer knows the pictures that were sent."),
        "errors-too": _("The post is online, but the answer speaks of an error, too."),
    },
    "mastodon": {
        "key-ignored": _("It does not recognise a post that is sent a second time."),
        "lock-held": _("It says that the same post is just being sent."),
        "fewer-attachments": _("The post is online, but lacks pictures."),
        "media-gone": _("It no longer knows the pictures that were sent."),
        "spam-drop": _("It takes the post for spam: it answers as always, and nobody sees it."),
        "limited": _("It shows the post to followers only."),
        "error-text": _("It says its refusals in plain text."),
        "error-html": _("It says its refusals on a web page."),
        "error-empty": _("It refuses without a word."),
    },
    "bluesky": {
        "swap-refused": _("It says that something else stands where the post should be."),
        "blob-gone": _("It no longer knows the picture that was sent."),
        "appview-down": _("It publishes, but its figures and profiles cannot be reached."),
        "resolve-500": _("Asked who somebody is, it answers with an error (500)."),
    },
}
LACKS: dict[str, set[str]] = {
    "linkedin": set(),
    "facebook": {"processing-slow", "processing-fails"},
    "x": set(),
    "mastodon": {"refresh-lost"},
    "bluesky": {"processing-slow", "processing-fails"},
}
"""Faults that cannot strike there: nothing is processed, nothing is renewed."""
MOMENTS: dict[str, Promise] = {
    "own": _("Only here"),
    "before": _("Publishing: before the post is online"),
    "after": _("Publishing: after the post is online"),
    "access": _("Access"),
    "pictures": _("Pictures"),
    "reading": _("Reading back and taking down"),
    "other": _("Other"),
}
OPTIONS: dict[str, tuple[Promise, object]] = {
    "seconds": (_("Seconds"), 45),
    "retry_after": (_("Seconds after which to come back"), ""),
    "scope": (_("Which permission"), ""),
    "polls": (_("After being asked how often"), 3),
    "to": (_("To which address"), "https://elsewhere.example/"),
    "field": (_("Under which name"), "organizationTarget"),
    "code": (_("Number of the refusal"), 4),
    "percent": (_("Percent used up"), 95),
    "version": (_("Which version"), "v25.0"),
    "kept": (_("Pictures that stay"), 0),
}
"""Option → its label and what stands there at first; an empty one is left out."""
KNOBS: dict[str, tuple[Promise, Promise, float]] = {
    "clock_offset": (_("The clock of all networks is ahead by"), _("minutes"), 60),
    "duplicate_seconds": (_("LinkedIn and X refuse the same words for"), _("minutes"), 60),
    "ghost_seconds": (_("LinkedIn refuses words that were taken down for"), _("hours"), 3600),
    "calls_per_day": (_("LinkedIn allows one person’s access, a day,"), _("calls"), 1),
}
"""Knob → what it does, in which unit, and how much of the ledger's unit that is."""
EVENTS: dict[str, Promise] = {
    "created": _("A post is online."),
    "updated": _("The words of a post were changed."),
    "deleted": _("A post was taken down."),
    "granted": _("Access was given."),
    "refreshed": _("The access was renewed."),
    "revoked": _("The access was withdrawn."),
    "uploaded": _("A picture or a document has arrived."),
    "dropped": _("A post was taken for spam: nobody sees it."),
    "same-key": _("The same post was sent again, and is online once."),
}
SCOPES: dict[str, Promise] = {
    # LinkedIn
    "w_organization_social": _("Publish and take down posts in the name of the page"),
    "r_organization_social": _("Read the posts of the page and their figures"),
    "rw_organization_admin": _("See which pages you look after, and their figures"),
    "r_organization_admin": _("See which pages you look after, and their figures"),
    "r_organization_followers": _("See how many people follow the page"),
    # Facebook
    "pages_show_list": _("See which pages you look after"),
    "pages_manage_posts": _("Publish and take down posts in the name of the page"),
    "pages_read_engagement": _("Read the posts of the page and their figures"),
    "pages_read_user_content": _("Read what others write on the page"),
    "read_insights": _("See the figures of the page"),
    "business_management": _("See the pages of your organisation"),
    # X
    "tweet.read": _("Read the posts of the account"),
    "tweet.write": _("Publish and take down posts"),
    "users.read": _("See the account’s name and figures"),
    "media.write": _("Upload pictures"),
    "offline.access": _("Keep the access until you withdraw it"),
    # Mastodon
    "profile": _("See the account’s name"),
    "read": _("Read everything in the account"),
    "write": _("Write everywhere in the account"),
    "read:accounts": _("See the account’s name and figures"),
    "read:statuses": _("Read the posts of the account"),
    "write:statuses": _("Publish and take down posts"),
    "write:media": _("Upload pictures"),
    # Bluesky
    "atproto": _("See which account it is"),
    "transition:generic": _("Publish, read and take down in the account"),
}
"""Each network's own names for what a program may do."""


def moments(network: str) -> list[tuple[str | Promise, list[tuple[str, str | Promise, list[str]]]]]:
    """(moment, [(fault, sentence, its options)]) of everything that can go wrong there."""
    options = faults.COMMON | faults.OWN[network]
    left = [name for name in options if name not in LACKS[network]]
    known = {"own": faults.OWN[network], **FAULTS, "other": left}
    found = []
    for moment, names in known.items():
        here = [name for name in names if name in left]
        left = [name for name in left if name not in here]
        if here:
            said = [(name, fault_in_words(network, name), sorted(options[name])) for name in here]
            found.append((MOMENTS[moment], said))
    return found


def fault_in_words(network: str, name: str) -> str | Promise:
    for names in (OWN.get(network, {}), *FAULTS.values()):
        if name in names:
            return names[name]
    return name

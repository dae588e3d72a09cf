"""The school's rules in the words of the pages: who reads there, how much, how far apart."""

from __future__ import annotations

from decimal import Decimal

from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import Audience, ChannelPolicy


def readers_of(rule: ChannelPolicy) -> str:
    return Audience(rule.audience).label


def why_so_long(rule: ChannelPolicy) -> str:
    """Why a text is too long here, by who reads it: with %(page)s, %(longest)d and %(length)d."""
    if rule.audience == Audience.LIVE:
        return _(
            "On %(page)s we are brief, since it is read in passing: at most %(longest)d characters as it counts them, and this text has %(length)d."
        )
    return _(
        "On %(page)s few people read so far: at most %(longest)d characters as it counts them, and this text has %(length)d."
    )


def hours(number: Decimal) -> str:
    """“30 minutes” below an hour, else “1 hour”, “2.5 hours”."""
    if number < 1:
        return ngettext("%(count)d minute", "%(count)d minutes", int(number * 60)) % {
            "count": int(number * 60)
        }
    whole = number == int(number)
    return ngettext("%(count)s hour", "%(count)s hours", 1 if number < 2 else 2) % {
        "count": int(number) if whole else localize(number.normalize())
    }


def in_words(rule: ChannelPolicy) -> list[str]:
    """What is asked of a post on this page, one short line each."""
    lines = [_("Content: %(kinds)s.") % {"kinds": ", ".join(rule.kinds_in_words)}]
    lines += _length(rule)
    lines.append(
        _("A picture or a document is needed.") if rule.picture_required else _("With or without a picture.")
    )
    if not rule.links_allowed:
        lines.append(_("No link."))
    lines += _hashtags(rule)
    if rule.spacing_hours:
        lines.append(_("%(hours)s between two posts.") % {"hours": hours(rule.spacing_hours)})
    if rule.live_in_windows and rule.allows("live"):
        lines.append(_("Live posts during an event only."))
    return lines


def _length(rule: ChannelPolicy) -> list[str]:
    said = {"shortest": rule.shortest, "longest": rule.longest}
    if rule.shortest and rule.longest:
        return [_("From %(shortest)d to %(longest)d characters.") % said]
    if rule.longest:
        return [_("At most %(longest)d characters.") % said]
    return [_("At least %(shortest)d characters.") % said] if rule.shortest else []


def _hashtags(rule: ChannelPolicy) -> list[str]:
    few, many = rule.fewest_hashtags, rule.most_hashtags
    if many == 0:
        return [_("No hashtag.")]
    if few and many:
        return [_("From %(few)d to %(many)d hashtags.") % {"few": few, "many": many}]
    if many:
        return [ngettext("At most %(count)d hashtag.", "At most %(count)d hashtags.", many) % {"count": many}]
    return (
        [ngettext("At least %(count)d hashtag.", "At least %(count)d hashtags.", few) % {"count": few}]
        if few
        else []
    )

"""The newest portraits as an Atom feed, for readers and for the school's own site."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..models import Portrait
from .conditional import asked_anew, fingerprint
from .gallery import shown

NEWEST = 20
"""At most as many as a page of the gallery, whose mark it shares."""


class Portraits(Feed):
    """What the gallery shows first. Addresses are the public ones, whatever host was asked."""

    feed_type = Atom1Feed

    def title(self):
        return _("%(school)s, the portraits") % {"school": settings.SCHOOL_NAME}

    def link(self):
        return settings.PUBLIC_URL + reverse("gallery")

    def feed_url(self):
        return settings.PUBLIC_URL + reverse("gallery_feed")

    def items(self):
        online = Portrait.objects.online().newest_first()
        return online.select_related("student__promotion", "online")[:NEWEST]

    def item_title(self, portrait):
        return portrait.student.full_name

    def item_description(self, portrait):
        # Readers take it for HTML.
        return escape(portrait.online.quote or portrait.online.title)

    def item_link(self, portrait):
        return settings.PUBLIC_URL + portrait.get_absolute_url()

    def item_guid(self, portrait):
        """The same for ever, whatever the name becomes (RFC 4151)."""
        host = urlsplit(settings.PUBLIC_URL).hostname
        return f"tag:{host},{portrait.published_at:%Y-%m-%d}:{portrait.public_id}"

    def item_pubdate(self, portrait):
        return portrait.published_at

    def item_updateddate(self, portrait):
        return max(portrait.published_at, portrait.online.at)

    def item_categories(self, portrait):
        return [str(portrait.student.promotion)]


@require_safe
def feed(request):
    """The feed, unless the reader has it already."""
    return asked_anew(request, fingerprint(request, shown()), lambda: _feed(request))


_feed = Portraits()

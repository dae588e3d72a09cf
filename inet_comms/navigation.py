"""The frame around every page: the entries of the rail, for who is looking."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from cohorts.permissions import is_anyones_comms, is_staff
from posts.models import Post

from .todo import counts

TODO_PAGES = ("notifications",)
BOARD_PAGES = ("outbox", "balance", "questionnaire", "cards")


@dataclass
class Entry:
    url: str
    label: str
    icon: str
    is_current: bool = False
    count: int = 0
    pages: tuple[str, ...] = ()
    """Further pages that belong to it: the names of their addresses."""

    rank: int = 2
    """On a phone the lowest have a tab, the others stand under “More”."""

    def holds(self, path: str) -> bool:
        """This path is its page, or below it, or one of its further pages."""
        return path == self.url or any(
            path.startswith(url) for url in (self.url, *map(reverse, self.pages)) if url != "/"
        )


def frame(request):
    """Context for templates/base.html."""
    navigation = SimpleLazyObject(lambda: entries(request))
    return {
        "navigation": navigation,
        "tabs": SimpleLazyObject(lambda: on_phone(navigation)),
        "school": settings.SCHOOL_NAME,
        "legal_links": [{"url": reverse("retention"), "label": _("What we keep")}],
        "is_demo": settings.DEMO,
        "rehearsal_url": settings.REHEARSAL_URL
        if settings.LINKEDIN_API_URL == settings.REHEARSAL_URL
        else "",
    }


def on_phone(navigation: list[Entry]) -> list[Entry]:
    """The four that have a tab, then the others, each as the rail has them."""
    tabs = sorted(navigation, key=lambda entry: entry.rank)[:4]
    return sorted(navigation, key=lambda entry: entry not in tabs)


def entries(request) -> list[Entry]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    found = []
    works_here = is_anyones_comms(user) or is_staff(user)
    if works_here:
        waiting = counts(user)
        found.append(
            Entry(reverse("todo"), _("To do"), "done", rank=0, count=waiting.waiting, pages=TODO_PAGES)
        )
    if user.as_student and not works_here:
        found.append(Entry(reverse("my_portrait"), _("My portrait"), "portrait", rank=0))
    if works_here:
        found.append(Entry(reverse("board"), _("Board"), "board", rank=0, pages=BOARD_PAGES))
        found.append(Entry(reverse("calendar"), _("Calendar"), "calendar", rank=0))
        found.append(Entry(reverse("posts"), _("Posts"), "posts", rank=1))
        asking = waiting.asking
        found.append(Entry(reverse("did_it_go_out"), _("Did it go out?"), "question", rank=0, count=asking))
        found.append(Entry(reverse("accounts"), _("Accounts"), "globe"))
    if user.as_student and works_here:
        found.append(Entry(reverse("my_portrait"), _("My portrait"), "portrait"))
    if user.as_student:
        found.append(Entry(reverse("my_proposals"), _("Propose"), "comment"))
        found.append(Entry(reverse("my_consents"), _("My consents"), "key"))
    if is_staff(user):
        waiting = Post.objects.waiting_for_review().count()
        found.append(Entry(reverse("admin:index"), _("Staff desk"), "desk", count=waiting))
    found.append(Entry(reverse("gallery"), _("Gallery"), "gallery"))
    if is_staff(user):
        found.append(Entry(reverse("stop"), _("Stop switch"), "stop"))
    for entry in found:
        entry.is_current = entry.holds(request.path)
    return found

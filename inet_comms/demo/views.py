"""Sign in as anyone with one click, and read the mails that were sent: for demonstrations only."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cohorts.models import CommsMember, User
from portraits.models import Portrait

MOST_LETTERS = 50


@dataclass
class Role:
    """Someone worth being: `person` may sign in, `what` says what can be tried."""

    person: User
    title: str
    what: str


@require_safe
@never_cache
def people(request):
    """The doors: one card a role."""
    return render(request, "demo/people.html", {"roles": list(roles()), "rehearsal": settings.REHEARSAL_URL})


def roles():
    """One person for each thing that one would like to try, as far as the demo school has one."""
    State = Portrait.State
    by_state = [
        (
            State.INVITED,
            _("A student who has just been invited"),
            _("Write a portrait on a phone: seven questions, a photo, where it may appear."),
        ),
        (State.DRAFT, _("A student in the middle of writing"), _("Go on where they stopped.")),
        (
            State.TO_SIGN,
            _("A student who must sign"),
            _("Read the edited text, see what changed, sign it or ask for a change."),
        ),
        (
            State.PUBLISHED,
            _("A student whose portrait is online"),
            _("See what was allowed, and withdraw: the gallery and the network follow at once."),
        ),
    ]
    found = []
    for state, title, what in by_state:
        portraits = Portrait.objects.filter(
            state=state, student__user__isnull=False, student__mandates__isnull=True
        )
        portrait = portraits.select_related("student__user").order_by("pk").first()
        if portrait:
            found.append(Role(portrait.student.user, title, what))
    seen = set()
    for mandate in (
        CommsMember.objects.active().select_related("student__user", "student__promotion").order_by("pk")
    ):
        if mandate.student.promotion_id not in seen and mandate.student.user:
            seen.add(mandate.student.promotion_id)
            title = _("Communication group, promotion %(name)s") % {"name": mandate.student.promotion.name}
            found.append(
                Role(
                    mandate.student.user,
                    title,
                    _("Invite, edit, ask for the signature, prepare and plan the post."),
                )
            )
    former = (
        CommsMember.objects.exclude(pk__in=CommsMember.objects.active())
        .select_related("student__user")
        .first()
    )
    if former and former.student.user:
        found.append(
            Role(
                former.student.user,
                _("A former member of the group"),
                _("See that the rights ended by themselves with the mandate."),
            )
        )
    for user in User.objects.filter(is_staff=True, is_superuser=False).order_by("pk")[:1]:
        found.append(
            Role(
                user,
                _("Staff of the school"),
                _("Approve or return what waits, import students, stop everything."),
            )
        )
    for user in User.objects.filter(is_superuser=True).order_by("pk")[:1]:
        found.append(Role(user, _("Administrator"), _("All that staff can do, and the users besides.")))
    return found


@require_POST
def enter(request):
    """Become this person. There is no such address outside demo mode."""
    user = get_object_or_404(User, pk=request.POST.get("user"), is_active=True)
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("home")


@dataclass
class Letter:
    name: str
    subject: str
    to: str
    sent_at: datetime
    text: str

    @classmethod
    def read(cls, path: Path):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        sent_at = datetime.fromtimestamp(int(path.stem.split("-")[0]) / 1e9, UTC)
        return cls(
            path.stem,
            message["subject"] or "",
            message["to"] or "",
            sent_at,
            body.get_content() if body else "",
        )


@require_safe
@never_cache
def mailbox(request):
    """The mails that would have been sent, newest first."""
    paths = sorted(settings.MAIL_DIR.glob("*.eml"), reverse=True)[:MOST_LETTERS]
    return render(request, "demo/mailbox.html", {"letters": [Letter.read(path) for path in paths]})


@require_safe
@never_cache
def letter(request, name):
    """One mail."""
    path = settings.MAIL_DIR / f"{name}.eml"
    if not re.fullmatch(r"\d+-[0-9a-f]{8}", name) or not path.is_file():
        raise Http404
    return render(request, "demo/letter.html", {"letter": Letter.read(path)})


DEMO_ONLY = gettext_lazy(
    "The demo exists in demo mode only. Set DEMO=1, never on a server that people reach."
)

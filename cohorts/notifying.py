"""How somebody is told of a kind of thing, what they chose, and the signed link that switches a kind off without signing in."""

from __future__ import annotations

from collections.abc import Iterable

from django.core import signing
from django.db import transaction
from django.urls import reverse

from .kinds import BY_SLUG, How, Kind, kinds_of
from .models import Preference, User

SALT = "cohorts.notifying.off"


def chosen(users: Iterable[User | int], kinds: Iterable[Kind]) -> dict[tuple[int, str], How]:
    """What was chosen, by person and kind; what is missing here is as the kind says. One query."""
    rows = Preference.objects.filter(user__in=list(users), kind__in=[kind.slug for kind in kinds])
    return {(user, kind): How(how) for user, kind, how in rows.values_list("user", "kind", "how")}


def hows(user: User) -> dict[Kind, How]:
    """How this person is told of each kind that concerns them today. One query."""
    kinds = list(kinds_of(user))
    wishes = chosen([user], kinds)
    return {kind: how_of(kind, wishes.get((user.pk, kind.slug))) for kind in kinds}


def how_of(kind: Kind, wish: How | None) -> How:
    return kind.default if wish is None or kind.is_fixed else wish


@transaction.atomic
def choose(user: User, wishes: dict[Kind, How]) -> None:
    """This person's own choice. A kind that cannot be switched off, or has no such way, stays as it is."""
    for kind, how in wishes.items():
        if not kind.is_fixed and how in dict(kind.choices):
            Preference.objects.update_or_create(user=user, kind=kind.slug, defaults={"how": how})


def switch_off(user: User, kind: Kind) -> None:
    """By the link in a mail. Saying it twice changes nothing."""
    choose(user, {kind: How.OFF})


def way_out(user: User, kind: Kind) -> str:
    """The path of the link “none of these by mail”: it lives as long as the mail that carries it."""
    return reverse("notices_off", args=[signing.dumps([user.pk, kind.slug], salt=SALT)])


def read_way_out(token: str) -> tuple[User, Kind] | None:
    """Whose mails of which kind."""
    try:
        pk, slug = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user, kind = User.objects.filter(pk=pk).first(), BY_SLUG.get(slug)
    return (user, kind) if user and kind and not kind.is_fixed else None

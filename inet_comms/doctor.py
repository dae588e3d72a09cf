"""What is not ready for production, in words: the server's settings, its worker, each account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import Digest
from posts.condition import Condition
from posts.models import Account, Pulse, Stop
from posts.versions import Version

from .moments import said, said_day

READY, SOON, NOT_READY = "ok", "soon", "not ready"
SILENCE = timedelta(minutes=2)
UNHEARD = timedelta(days=3)
NETWORK_FILES = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "glusterfs", "ceph", "afs"}
HERE = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Finding:
    """`level` is READY, SOON (something to do before long) or NOT_READY."""

    level: str
    sentence: str


def examine() -> list[Finding]:
    """Everything, worst first; what is well is said by the accounts' lines only."""
    found = [Finding(NOT_READY, sentence) for sentence in [*_settings(), *_database(), *_addresses()]]
    found += [*_work(timezone.now()), *_versions(), *_accounts(timezone.now()), *_mails()]
    order = [NOT_READY, SOON, READY]
    return sorted(found, key=lambda finding: order.index(finding.level))


def _settings() -> Iterator[str]:
    if settings.DEBUG:
        yield _("DEBUG is on: errors would show the inside of the program to everyone. Set DEBUG=false.")
    if settings.DEMO:
        yield _("The demo is on: anyone signs in as anyone. Set DEMO=false.")
    if _is_kept("secret_key", settings.SECRET_KEY):
        yield _("SECRET_KEY was made by the program and lies beside the data. Set it, and keep it elsewhere.")
    if any(_is_kept("token_key", key) for key in settings.TOKEN_KEYS):
        yield _(
            "TOKEN_KEYS was made by the program and lies beside the data: a copy of the folder opens every account. Set it, run rotate_tokens, and keep it elsewhere."
        )
    if not settings.STAFF_SECOND_FACTOR:
        yield _("Staff sign in without a second factor. Set STAFF_SECOND_FACTOR=true.")
    if settings.EMAIL_BACKEND.rpartition(".")[2] == "KeptMailBackend" or ".dummy." in settings.EMAIL_BACKEND:
        yield _("Mails do not leave this machine. Set EMAIL_URL.")


def _is_kept(name: str, value: str) -> bool:
    path = settings.DATA_DIR / name
    return path.is_file() and path.read_text().strip() == value


def _database() -> Iterator[str]:
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return
    if not settings.CELERY_BROKER_URL.startswith("filesystem"):
        yield _(
            "The database is SQLite, yet the worker is reached over the network: several machines cannot share SQLite. Set DATABASE_URL to PostgreSQL."
        )
    if _file_system(Path(database["NAME"])) in NETWORK_FILES:
        yield _(
            "The database is SQLite on a network drive, where it gets damaged. Put DATA_DIR on a local disk, or set DATABASE_URL to PostgreSQL."
        )


def _file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that holds this file; empty where the system does not say."""
    try:
        lines = mounts.read_text().splitlines()
    except OSError:
        return ""
    rows = [line.split()[1:3] for line in lines if len(line.split()) > 2]
    holding = [(len(point), kind) for point, kind in rows if path.resolve().is_relative_to(point)]
    return max(holding)[1] if holding else ""


def _addresses() -> Iterator[str]:
    public = urlsplit(settings.PUBLIC_URL)
    if public.scheme != "https":
        yield _("PUBLIC_URL is not https: sessions could be read on the way. Set it to the https address.")
    if public.hostname in HERE:
        yield _("PUBLIC_URL is this machine’s own name for itself: links in mails lead nowhere. Set it.")
    for network in ("LINKEDIN", "FACEBOOK", "X"):
        if _is_rehearsal(getattr(settings, f"{network}_API_URL")):
            yield _(
                "%(name)s leads to the rehearsal: nothing is published for real. Set it, or leave it out."
            ) % {"name": f"{network}_API_URL"}
    for account in Account.objects.exclude(api_url=""):
        if _is_rehearsal(account.api_url):
            yield _("%(page)s is on the rehearsal: nothing is published for real. Disconnect it.") % {
                "page": account
            }


def _is_rehearsal(url: str) -> bool:
    return url.startswith(settings.REHEARSAL_URL) or urlsplit(url).hostname in HERE


def _work(now: datetime) -> Iterator[Finding]:
    pulse = Pulse.objects.first()
    if pulse is None:
        yield Finding(
            NOT_READY, _("No worker has made a round yet: nothing goes out. Start worker and beat.")
        )
    elif now - pulse.at > SILENCE:
        yield Finding(
            NOT_READY,
            _("No worker has made a round since %(moment)s: nothing goes out. Start worker and beat.")
            % {"moment": said(pulse.at)},
        )


def _mails() -> Iterator[Finding]:
    """Staff whom the mail server refuses; students of whom it says so are marked on the board."""
    lately = Digest.objects.filter(day__gte=timezone.localdate() - UNHEARD, user__is_staff=True)
    for one in lately.exclude(failure="").select_related("user").order_by("day", "user"):
        yield Finding(
            SOON,
            _("The summary of %(day)s did not reach %(person)s: %(failure)s.")
            % {"day": said_day(one.day), "person": one.user.email, "failure": one.failure},
        )


def _versions() -> Iterator[Finding]:
    today = timezone.localdate()
    for network in ("linkedin", "facebook"):
        version, name = Version.asked(network), f"{network.upper()}_VERSION"
        if version.is_over(today):
            yield Finding(
                NOT_READY,
                _("%(name)s is %(number)s, which the network does not answer to any more. Set a newer one.")
                % {"name": name, "number": version.number or "—"},
            )
        elif version.ends_soon(today):
            yield Finding(
                SOON,
                _("%(name)s is %(number)s, which ends on %(day)s. Set a newer one before.")
                % {"name": name, "number": version.number, "day": said_day(version.sunset)},
            )


def _accounts(now: datetime) -> Iterator[Finding]:
    accounts = Account.objects.select_related("upkeep")
    if not accounts:
        yield Finding(NOT_READY, _("No page is connected: nothing can go out. Connect one under Accounts."))
    stops = frozenset(Stop.objects.filter(lifted_at__isnull=True).values_list("account_id", flat=True))
    for account in accounts:
        condition = Condition(account, now, stops)
        yield Finding(_level(condition, now), f"{account}: {', '.join(_said(condition))}.")


def _level(condition: Condition, now: datetime) -> str:
    if condition.is_unreadable or condition.account.needs_reconnect or condition.missing:
        return NOT_READY
    last = condition.account.last_read_at
    is_heard = last is not None and now - last < UNHEARD
    return READY if condition.is_well and is_heard and not condition.warning else SOON


def _said(condition: Condition) -> Iterator[str]:
    """One account in a line: how it is, the version in use and its end, last answer, what is missing, days left."""
    account, version = condition.account, Version.asked(condition.account.network)
    yield condition.word
    if version.number and account.version_there and account.version_there != version.number:
        yield _("asks for version %(asked)s, is answered by %(there)s") % {
            "asked": version.number,
            "there": account.version_there,
        }
    elif number := version.number or account.version_there:
        until = _("until %(day)s") % {"day": said_day(version.sunset)} if version.sunset else ""
        yield _("version %(number)s") % {"number": number} + (f" {until}" if until else "")
    if account.last_read_at:
        yield _("last answered %(moment)s") % {"moment": said(account.last_read_at)}
    else:
        yield _("has not answered yet")
    if condition.missing:
        yield _("lacks the right to %(rights)s") % {"rights": condition.missing_in_words}
    if (days := condition.days_left) is not None:
        yield ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    if account.last_error:
        yield _("last trouble: %(sentence)s") % {"sentence": account.last_error.rstrip(".")}
    if condition.warning:
        yield condition.warning.rstrip(".")

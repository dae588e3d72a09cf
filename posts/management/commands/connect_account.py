"""`manage.py connect_account linkedin --organization ID`: connect a page of the school. The token never stands on the command line."""

import re
import sys
from datetime import datetime, time
from getpass import getpass
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.models import User
from posts.actions.connecting import connect
from posts.models.account import NetworkName
from posts.networks.base import NeedsReconnect, NotSent, Outcome, Refused, TryLater

URN = "urn:li:organization:"

WHY = (
    (
        NeedsReconnect,
        gettext_lazy(
            "The network does not accept this token for this page. Whoever made it must be an administrator of the page; make a new one."
        ),
    ),
    (
        Refused,
        gettext_lazy(
            "The network refused the question. Check the number of the page and the network’s version."
        ),
    ),
    (TryLater, gettext_lazy("The network takes no questions at the moment. Try again in a few minutes.")),
    (NotSent, gettext_lazy("The network could not be reached. Check the connection of this machine.")),
    (
        Outcome,
        gettext_lazy(
            "The network did not answer in a way that can be understood. Try again in a few minutes."
        ),
    ),
)


class Command(BaseCommand):
    help = "Connect a page of the school with a token read from a file or from standard input, after asking the network whether it works."

    def add_arguments(self, parser):
        parser.add_argument("network", choices=NetworkName.values)
        parser.add_argument("--organization", required=True, metavar="ID", help="the page's number or URN")
        parser.add_argument("--token-file", type=Path, metavar="FILE", help="default: standard input")
        parser.add_argument("--by", metavar="EMAIL", help="the member of staff who answers for it")
        parser.add_argument("--expires", metavar="YYYY-MM-DD", help="the last day of the token, if known")

    def handle(self, *, network, organization, token_file, by, expires, **options):
        number = organization.removeprefix(URN)
        if not re.fullmatch(r"\d{1,20}", number):
            raise CommandError(
                _("“%(value)s” is not the number of a page: it has digits only.") % {"value": organization}
            )
        expires_at = self._expires_at(expires)
        staff = self._staff(by)
        try:
            account = connect(
                network, URN + number, token=self._token(token_file), by=staff, expires_at=expires_at
            )
        except Outcome as outcome:
            why = next(sentence for kind, sentence in WHY if isinstance(outcome, kind))
            details = f"\n{outcome.answer}" if outcome.answer else ""
            raise CommandError(_("The page is not connected.") + f" {why}{details}") from None
        self.stdout.write(
            _("Connected: %(page)s, %(followers)s followers.")
            % {"page": account, "followers": "?" if account.followers is None else account.followers}
        )

    def _token(self, file):
        try:
            if file:
                token = file.read_text()
            else:
                token = getpass(_("Token: ")) if sys.stdin.isatty() else sys.stdin.read()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(_("The token cannot be read: %(error)s.") % {"error": error}) from None
        token = token.strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise CommandError(
                _("This is not a token: it is empty, or holds blanks or letters that no token has.")
            )
        return token

    def _staff(self, email):
        staff = User.objects.filter(is_staff=True, is_active=True)
        if email:
            person = staff.filter(email__iexact=email).first()
            if person is None:
                raise CommandError(_("%(email)s is not a member of staff.") % {"email": email})
            return person
        people = list(staff[:2])
        if len(people) != 1:
            raise CommandError(_("Say with --by which member of staff connects this page."))
        return people[0]

    def _expires_at(self, day):
        if not day:
            return None
        try:
            return timezone.make_aware(datetime.combine(datetime.strptime(day, "%Y-%m-%d"), time.max))
        except ValueError:
            raise CommandError(
                _("“%(value)s” is not a day. Write it like 2026-03-01.") % {"value": day}
            ) from None

"""`manage.py connect_account NETWORK …`: connect a page of the school without a browser. No secret stands on the command line.

linkedin --organization ID · facebook --page ID · x · mastodon --instance SERVER: a token, from a file or from standard input
bluesky --handle NAME: an app password, in the same way, which is used once and kept nowhere
"""

import re
import sys
from datetime import datetime, time
from getpass import getpass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from cohorts.models import User
from posts.actions.connecting import connect, why
from posts.actions.joining import ConnectionRefused, sign_in
from posts.forms.connecting import BLUESKY, ServerField
from posts.models.account import NetworkName
from posts.networks.base import Outcome

URN = "urn:li:organization:"
ASKED = {"linkedin": "organization", "facebook": "page", "mastodon": "instance", "bluesky": "handle"}


class Command(BaseCommand):
    help = "Connect a page of the school with a secret read from a file or from standard input, after asking the network whether it works."

    def add_arguments(self, parser):
        parser.add_argument("network", choices=NetworkName.values)
        parser.add_argument("--organization", metavar="ID", help="LinkedIn: the page's number or URN")
        parser.add_argument("--page", metavar="ID", help="Facebook: the page's number")
        parser.add_argument("--instance", metavar="SERVER", help="Mastodon: the account's server")
        parser.add_argument("--handle", metavar="NAME", help="Bluesky: the account's name")
        parser.add_argument(
            "--server", metavar="SERVER", help="Bluesky: its server, unless it is Bluesky's own"
        )
        parser.add_argument(
            "--token-file",
            type=Path,
            metavar="FILE",
            help="the token, or the app password; default: standard input",
        )
        parser.add_argument(
            "--refresh-token-file", type=Path, metavar="FILE", help="what renews the token, if there is one"
        )
        parser.add_argument("--by", metavar="EMAIL", help="the member of staff who answers for it")
        parser.add_argument("--expires", metavar="YYYY-MM-DD", help="the last day of the token, if known")

    def handle(self, *, network, token_file, refresh_token_file, by, expires, **options):
        which = self._which(network, options)
        expires_at, staff = self._expires_at(expires), self._staff(by)
        secret = self._secret(token_file)
        again = self._secret(refresh_token_file) if refresh_token_file else ""
        try:
            if network == NetworkName.BLUESKY:
                account = sign_in(network, password=secret, by=staff, **which)
            else:
                account = connect(
                    network, token=secret, refresh_token=again, by=staff, expires_at=expires_at, **which
                )
        except Outcome as outcome:
            self._refuse(why(outcome), outcome.answer)
        except ConnectionRefused as refused:
            self._refuse(str(refused), refused.details)
        self.stdout.write(
            _("Connected: %(page)s, %(followers)s followers.")
            % {"page": account, "followers": "?" if account.followers is None else account.followers}
        )

    def _refuse(self, sentence, details):
        details = f"\n{details}" if details else ""
        raise CommandError(_("The page is not connected.") + f" {sentence}{details}") from None

    def _which(self, network, options):
        """Which page, in the words of the action that connects it."""
        asked = ASKED.get(network)
        value = options[asked] if asked else ""
        if value is None:
            raise CommandError(_("Say which page: --%(option)s is missing.") % {"option": asked})
        if network == NetworkName.LINKEDIN:
            return {"remote_id": URN + self._number(value, URN)}
        if network == NetworkName.FACEBOOK:
            return {"remote_id": self._number(value)}
        if network == NetworkName.MASTODON:
            return {"remote_id": "", "api_url": self._server(network, value)}
        if network == NetworkName.BLUESKY:
            server = options["server"]
            return {"identifier": value, "api_url": self._server(network, server) if server else BLUESKY}
        return {"remote_id": ""}

    def _number(self, value, prefix=""):
        number = value.removeprefix(prefix)
        if not re.fullmatch(r"[0-9]{1,20}", number):
            raise CommandError(
                _("“%(value)s” is not the number of a page: it has digits only.") % {"value": value}
            )
        return number

    def _server(self, network, value):
        try:
            return ServerField(network).clean(value)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def _secret(self, file):
        try:
            if file:
                secret = file.read_text()
            else:
                secret = getpass(_("Token or app password: ")) if sys.stdin.isatty() else sys.stdin.read()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(_("The token cannot be read: %(error)s.") % {"error": error}) from None
        secret = secret.strip()
        if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
            raise CommandError(
                _("This is not a token: it is empty, or holds blanks or letters that no token has.")
            )
        return secret

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

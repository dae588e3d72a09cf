"""`manage.py bounced`: reads a mail that came back from standard input, as a mail server's alias pipes it."""

import sys

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from portraits.actions import mail_refused
from portraits.bounces import MAX_BYTES, students_refused


class Command(BaseCommand):
    help = "Read a mail that came back (RFC 3464) from standard input, and mark the student it was to."

    def handle(self, **options):
        refused = students_refused(sys.stdin.buffer.read(MAX_BYTES))
        for student in refused:
            mail_refused(student)
            self.stdout.write(
                _("Mail to %(name)s comes back: no reminder is sent there.") % {"name": student}
            )
        if not refused:
            # Not an error: an alias that fails would make the mail server write about it in its turn.
            self.stdout.write(_("Nothing to mark: not a mail of ours that was given up."))

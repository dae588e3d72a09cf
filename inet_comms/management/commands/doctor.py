"""`manage.py doctor`: what is not ready for production, in words. Ends with 1 if something is not."""

import sys

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inet_comms.doctor import NOT_READY, READY, SOON, examine

MARKS = {NOT_READY: gettext_lazy("not ready"), SOON: gettext_lazy("soon"), READY: gettext_lazy("well")}


class Command(BaseCommand):
    help = "Say what is not ready for production. Ends with 1 if something is not."

    def handle(self, **options):
        findings = examine()
        for finding in findings:
            self.stdout.write(f"[{MARKS[finding.level]}] {finding.sentence}")
        if any(finding.level == NOT_READY for finding in findings):
            self.stdout.write(_("Not ready for production yet."))
            sys.exit(1)
        self.stdout.write(_("Ready for production."))

"""`manage.py publish_due [--until-idle] [--seconds N]`: what the worker does, without Celery."""

import time

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from posts.actions.delivering import run_pass
from posts.models import Stop


class Command(BaseCommand):
    help = "Carry out once what is due now: publish, look, take down. Safe beside a running worker."

    def add_arguments(self, parser):
        parser.add_argument(
            "--until-idle", action="store_true", help="go on until a pass finds nothing to do"
        )
        parser.add_argument(
            "--seconds", type=float, default=0, metavar="N", help="a pass every second, for N seconds at most"
        )

    def handle(self, *, until_idle, seconds, **options):
        if Stop.is_on():
            self.stdout.write(_("The stop switch is on: nothing leaves."))
        end = time.monotonic() + seconds
        total = 0
        while True:
            done = run_pass(workers=1)
            total += done
            if (until_idle and not done) or (not until_idle and not seconds):
                break
            if seconds and time.monotonic() >= end:
                break
            if not done:
                time.sleep(1)
        self.stdout.write(
            ngettext("%(count)s thing done.", "%(count)s things done.", total) % {"count": total}
        )

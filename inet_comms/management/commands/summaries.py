"""`manage.py summaries`: the summaries of this morning, without Celery."""

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from inet_comms import digest


class Command(BaseCommand):
    help = "Send each person the summary of this morning, once. Does nothing before half past eight or after noon in Paris."

    def handle(self, **options):
        sent = digest.send_all()
        self.stdout.write(
            ngettext("%(count)d summary has left.", "%(count)d summaries have left.", sent) % {"count": sent}
        )

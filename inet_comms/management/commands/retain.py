"""`manage.py retain`: apply the rules of retention now; with --dry-run only say what would go."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from inet_comms import retention
from inet_comms.retention_words import said_rule


class Command(BaseCommand):
    help = "Apply the rules of retention (inet_comms/retention.toml). With --dry-run, only say what would go."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Change nothing.")

    def handle(self, dry_run=False, **options):
        words = retention.policy().words
        reached = retention.count() if dry_run else retention.apply()
        for rule, rows in reached:
            if rows:
                self.stdout.write(f"{rule.label}: {rows} – {said_rule(rule, words)}")
        total = sum(rows for _rule, rows in reached)
        words = _("%(rows)d rows would change.") if dry_run else _("%(rows)d rows changed.")
        self.stdout.write(words % {"rows": total})

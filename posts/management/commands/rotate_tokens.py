"""`manage.py rotate_tokens`: encrypt every secret anew with the first of TOKEN_KEYS. Then the older keys can go."""

from django.apps import apps
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from posts.secrecy import EncryptedTextField, rotate


class Command(BaseCommand):
    help = "Encrypt every secret anew with the first of TOKEN_KEYS. It may run while everything runs, and as often as wanted."

    def handle(self, **options):
        totals = {"rotated": 0, "current": 0, "unreadable": 0}
        for model in apps.get_models():
            for field in model._meta.local_fields:
                if isinstance(field, EncryptedTextField):
                    for name, count in rotate(model, field.attname).items():
                        totals[name] += count
        self.stdout.write(
            _(
                "%(rotated)d encrypted anew, %(current)d were already, %(unreadable)d cannot be read with any of the keys."
            )
            % totals
        )
        if totals["unreadable"]:
            self.stdout.write(
                _(
                    "What cannot be read: put the old key back behind the others, or connect those pages again."
                )
            )

"""`manage.py import_students FILE --promotion SLUG [--dry-run]`: a promotion's students from CSV or XLSX, all or none."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cohorts.importing import import_sheet
from cohorts.models import Promotion
from cohorts.spreadsheets import Unreadable, read


class Command(BaseCommand):
    help = "Import a promotion's students from a CSV or XLSX file: all rows, or none if one of them is wrong."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--promotion", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")

    def handle(self, *, file, promotion, dry_run, **options):
        try:
            chosen = Promotion.objects.get(slug=promotion)
        except Promotion.DoesNotExist:
            known = ", ".join(Promotion.objects.values_list("slug", flat=True))
            raise CommandError(
                _("There is no promotion “%(slug)s”. There are: %(known)s.")
                % {"slug": promotion, "known": known or "–"}
            ) from None
        try:
            result = import_sheet(read(file.read_bytes()), chosen, dry_run=dry_run)
        except OSError as error:
            raise CommandError(
                _("The file cannot be opened: %(error)s.") % {"error": error.strerror}
            ) from None
        except Unreadable as error:
            self._refuse(error.problems)
        if result.problems:
            self._refuse(result.problems)
        for row in result.rows:
            if row.import_type == row.IMPORT_TYPE_SKIP:
                continue
            mark = "+" if row.import_type == row.IMPORT_TYPE_NEW else "~"
            changes = "; ".join(f"{old} → {new}" if old else new for old, new in row.diff if old != new)
            self.stdout.write(f"{mark} {row.object_repr}: {changes}")
        text = (
            _("Would import into %(promotion)s: %(new)s new, %(changed)s changed, %(same)s unchanged.")
            if dry_run
            else _("Imported into %(promotion)s: %(new)s new, %(changed)s changed, %(same)s unchanged.")
        )
        self.stdout.write(text % {"promotion": chosen, **result.counts})

    def _refuse(self, problems):
        raise CommandError("\n".join([_("Nothing was imported."), *problems]))

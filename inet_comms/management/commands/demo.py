"""`manage.py demo`: fill an empty installation with the demo school. Running it again changes nothing."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from inet_comms.demo.roles import roles
from inet_comms.demo.school import AlreadyThere, load


class Command(BaseCommand):
    help = "Fill an empty installation with the demo school, through the real actions. Demo mode only."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError(
                _("The demo exists in demo mode only: set DEMO=1, never on a server that people reach.")
            )
        try:
            load(self.stdout.write)
        except AlreadyThere:
            self.stdout.write(_("There is a school here already: nothing was changed."))
        self.stdout.write(_("Sign in with one click on %(url)s") % {"url": f"{settings.PUBLIC_URL}/demo/"})
        for role in roles():
            self.stdout.write(f"  {role.person.email:<44} {role.title}")

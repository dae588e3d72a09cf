"""Fill an empty installation with the demo school. Running it again changes nothing."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inet_comms.demo.school import AlreadyThere, load


class Command(BaseCommand):
    help = "Fill an empty installation with the demo school, through the real actions. Demo mode only."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError(
                "The demo exists in demo mode only: set DEMO=1, never on a server that people reach."
            )
        try:
            load(lambda text: self.stdout.write(f"  {text}"))
        except AlreadyThere:
            self.stdout.write("The demo school is there already; nothing was changed.")
        from inet_comms.demo.views import roles

        self.stdout.write(f"\nDemo logins (one click each on {settings.PUBLIC_URL}/demo/):")
        for role in roles():
            self.stdout.write(f"  {role.person.email:<48} {role.title}")

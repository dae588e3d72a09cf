"""`manage.py login_link EMAIL`: a link that signs one person in, for the first administrator and for when mail is down."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from cohorts.actions import verify_address
from cohorts.models import User
from inet_comms.sign_in import login_link_path


class Command(BaseCommand):
    help = "Print a link that signs this person in. It works once, within ten minutes."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(_("Nobody signs in with %(email)s.") % {"email": email})
        if not user.is_active:
            raise CommandError(_("%(email)s may not sign in any more.") % {"email": email})
        # Whoever can run this command vouches for the address.
        verify_address(user)
        self.stderr.write(
            _("This link signs %(person)s in. It works once, within ten minutes; give it to nobody else.")
            % {"person": user}
        )
        self.stdout.write(settings.PUBLIC_URL + login_link_path(user))

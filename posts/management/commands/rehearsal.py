"""`manage.py rehearsal [--port 8001] [--host 127.0.0.1]`: the rehearsal network, beside the app. Needs no database."""

import signal

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from posts.rehearsal.server import serve


class Command(BaseCommand):
    help = "Run the rehearsal network, a strict stand-in for the real ones: everything can be tried without any account."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *, port, host, **options):
        def end(_number, _frame):
            raise KeyboardInterrupt

        try:
            server = serve(settings.DATA_DIR / "rehearsal", port, host=host)
        except OSError as error:
            raise CommandError(
                _("The rehearsal network cannot listen on %(host)s:%(port)s: %(error)s.")
                % {"host": host, "port": port, "error": error.strerror}
            ) from None
        signal.signal(signal.SIGTERM, end)
        self.stdout.write(_("The rehearsal network is at %(url)s/") % {"url": server.url})
        try:
            server.run()
        except KeyboardInterrupt:
            self.stdout.write(_("The rehearsal network has stopped."))
        finally:
            server.close()

"""Run the rehearsal network: a strict stand-in for the real ones, beside the app."""

import signal

from django.conf import settings
from django.core.management.base import BaseCommand

from posts.rehearsal.server import serve


class Command(BaseCommand):
    help = "Run the rehearsal network, where everything can be tried without any account."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *, port, host, **options):
        def stop(_number, _frame):
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, stop)
        server = serve(settings.DATA_DIR / "rehearsal", port, host=host)
        self.stdout.write(f"Rehearsal network on {server.url}/")
        try:
            server.run()
        except KeyboardInterrupt:
            self.stdout.write("Rehearsal network stopped.")
        finally:
            server.http.server_close()
            server.ledger.close()

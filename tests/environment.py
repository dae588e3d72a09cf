"""Loaded before Django (`-p tests.environment`): a throw-away DATA_DIR, and the database that this run is on."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="inet-comms-tests-"))
(DATA_DIR / "static").mkdir()
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)

if "PREPARED_DIR" not in os.environ:
    # By the process that starts the others, which inherit it.
    os.environ["PREPARED_DIR"] = tempfile.mkdtemp(prefix="inet-comms-stack-")
    atexit.register(shutil.rmtree, os.environ["PREPARED_DIR"], ignore_errors=True)

os.environ |= {
    "DATA_DIR": str(DATA_DIR),
    "DEBUG": "1",
    "DEMO": "0",
    "SECRET_KEY": "for tests only",
    "PUBLIC_URL": "http://testserver",
    "LOG_LEVEL": "ERROR",
    "STAFF_SECOND_FACTOR": "0",
    # One post a minute and page would make every second test wait; spacing has its own.
    "SPACING_SECONDS": "0",
}
for name in ("DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "EMAIL_URL", "LINKEDIN_API_URL"):
    os.environ.pop(name, None)

is_idle_controller = "-n" in sys.argv and "PYTEST_XDIST_WORKER" not in os.environ
if os.environ.get("TEST_ON") == "postgres" and not is_idle_controller:
    from tests import services

    server = services.Postgres()
    server.start()
    atexit.register(server.stop)
    os.environ["DATABASE_URL"] = server.url

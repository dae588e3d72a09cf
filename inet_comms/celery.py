"""The worker and its clock: Celery carries nudges only, the database is the queue."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inet_comms.settings")

app = Celery("inet_comms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

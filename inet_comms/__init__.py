"""The project: settings, addresses, the worker, and the one place where a state is written."""

from .celery import app as celery_app

__all__ = ["celery_app"]

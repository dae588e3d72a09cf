"""When a worker last made its round: a gap is an outage, after which nobody wants everything at once."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Pulse(models.Model):
    """One row."""

    at = models.DateTimeField(_("last round at"))

    class Meta:
        verbose_name = _("pulse")
        verbose_name_plural = _("pulses")

    def __str__(self):
        return f"{self.at:%d/%m/%Y %H:%M:%S}"

"""The record of the stop switch: who pressed it, who lifted it, why. The switch itself has its own page."""

from django.contrib import admin

from inet_comms.admin_site import ReadOnlyAdmin

from ..models import Stop


@admin.register(Stop)
class StopAdmin(ReadOnlyAdmin):
    list_display = ("pressed_at", "account", "pressed_by", "lifted_at", "lifted_by", "reason")
    list_select_related = ("account", "pressed_by", "lifted_by")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = ("reason", "account__name", "pressed_by__email", "lifted_by__email")

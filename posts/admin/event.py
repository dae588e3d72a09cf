"""Events, as staff enter them."""

from django.contrib import admin

from ..models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    list_display = ("name", "starts_at", "ends_at", "place", "promotion")
    list_select_related = ("promotion",)
    list_filter = ("promotion",)
    search_fields = ("name", "place")
    date_hierarchy = "starts_at"

"""How promotions share the pages, as staff set it: the shares of a period, and the weekly slots."""

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cohorts.models import Promotion
from inet_comms.admin_site import StaffAdmin

from .. import actions
from ..forms.sharing import shares_form
from ..models import Account, SharedPeriod, Slot
from ..sharing import overlaps


@admin.register(SharedPeriod)
class SharedPeriodAdmin(StaffAdmin):
    list_display = ("account", "starts", "ends", "parts")
    list_select_related = ("account",)
    list_filter = ("account",)

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("shares__promotion")

    @admin.display(description=_("shares"))
    def parts(self, period):
        return ", ".join(f"{share.promotion.name} {share.percent} %" for share in period.shares.all())

    def get_changeform_initial_data(self, request):
        """The days on which two promotions are both there, on the first page: what is shared most often."""
        overlap = next(iter(overlaps()), None)
        days = {"starts": max(overlap.first, timezone.localdate()), "ends": overlap.last} if overlap else {}
        return {"account": Account.objects.first(), **days, **super().get_changeform_initial_data(request)}

    def get_form(self, request, obj=None, change=False, **kwargs):
        there = Q(ends__gte=timezone.localdate())
        if obj:
            there |= Q(shares__period=obj)
        promotions = Promotion.objects.filter(there).distinct().order_by("starts", "pk")
        return shares_form(list(promotions))

    def get_fieldsets(self, request, obj=None):
        form = self.get_form(request, obj)
        shares = [name for name in form.base_fields if name.startswith("share_")]
        return [(None, {"fields": ("account", "starts", "ends")}), (_("Shares"), {"fields": shares})]

    def save_model(self, request, obj, form, change):
        """The action saves the very row, so that the desk's record of the change names it."""
        actions.set_shares(obj.account, obj.starts, obj.ends, form.shares, period=obj, by=request.user)


@admin.register(Slot)
class SlotAdmin(StaffAdmin):
    """What a slot is stays as it is once there, since posts may have taken it: end it, and make another one."""

    list_display = ("account", "weekday", "time", "kind", "promotion", "starts", "ends")
    list_select_related = ("account", "promotion")
    list_filter = ("account", "promotion", "kind", "weekday")
    ordering = ("account", "weekday", "time")
    fields = ("account", "promotion", "kind", "weekday", "time", "starts", "ends")

    def get_readonly_fields(self, request, obj=None):
        return ("account", "promotion", "weekday", "time", "starts") if obj else ()

    def save_model(self, request, obj, form, change):
        actions.set_slot(obj, by=request.user)

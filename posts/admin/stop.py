"""The stop switch: pressed by one click from the desk, lifted with a reason that stays on record."""

from django.contrib import admin, messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from inet_comms.admin_site import ReadOnlyAdmin

from .. import actions
from ..forms.deciding import LiftForm
from ..models import Delivery, Stop


@admin.register(Stop)
class StopAdmin(ReadOnlyAdmin):
    list_display = ("pressed_at", "pressed_by", "lifted_at", "lifted_by", "reason")
    list_select_related = ("pressed_by", "lifted_by")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = ("reason", "pressed_by__email", "lifted_by__email")

    def get_urls(self):
        return [
            path("arreter/", self.admin_site.admin_view(self.press), name="posts_stop_press"),
            path("reprendre/", self.admin_site.admin_view(self.lift), name="posts_stop_lift"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def press(self, request):
        actions.press_stop(by=request.user)
        messages.warning(
            request, _("Everything is stopped: nothing leaves any more until someone lifts the stop.")
        )
        return redirect("admin:index")

    @method_decorator(require_http_methods(["GET", "POST"]))
    def lift(self, request):
        form = LiftForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            actions.lift_stop(reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, _("The stop is lifted: what is due leaves again."))
            return redirect("admin:index")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Let things leave again"),
            "opts": self.opts,
            "form": form,
            "stop": Stop.objects.select_related("pressed_by").filter(lifted_at__isnull=True).first(),
            "due": Delivery.objects.filter(state__in=Delivery.WAITING, due_at__lte=timezone.now()).count(),
        }
        return TemplateResponse(
            request, "admin/posts/stop/lift.html", context, status=422 if form.errors else 200
        )

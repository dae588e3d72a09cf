"""Events, as staff enter them or take them in from a file: they read what would change, then say so."""

import secrets

from django import forms
from django.contrib import admin, messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import models
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cohorts.models import Promotion
from inet_comms.admin_site import StaffAdmin

from .. import actions, permissions
from ..event_files import read
from ..forms.events import EventFileForm, EventPlanForm
from ..models import Event

KEPT_FOR = 3600
"""Seconds between reading what a file would change and saying so."""


@admin.register(Event)
class EventAdmin(StaffAdmin):
    list_display = ("name", "starts_at", "ends_at", "place", "promotion")
    list_select_related = ("promotion",)
    list_filter = ("promotion",)
    search_fields = ("name", "place")
    date_hierarchy = "starts_at"
    fields = ("name", "promotion", "place", "starts_at", "ends_at", "hashtag", "link")
    change_list_template = "admin/posts/event/change_list.html"
    formfield_overrides = {
        models.DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(
                attrs={"type": "datetime-local", "class": "vTextField"}, format="%Y-%m-%dT%H:%M"
            ),
        },
        models.URLField: {"assume_scheme": "https"},
    }

    def has_delete_permission(self, request, obj=None):
        return permissions.can_manage_events(request.user)

    def get_urls(self):
        return [
            path("importer/", self.admin_site.admin_view(self.choose), name="posts_event_import"),
            path("importer/confirmer/", self.admin_site.admin_view(self.confirm), name="posts_event_confirm"),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def choose(self, request):
        """The file; then what it would change. Nothing is changed here."""
        if not permissions.can_manage_events(request.user):
            raise PermissionDenied
        if request.method != "POST":
            return self._show(request, form=EventFileForm())
        form = EventFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(request, status=422, form=form)
        promotion, key = form.cleaned_data["promotion"], secrets.token_urlsafe(16)
        cache.set(_cached(request.user, key), (form.data_read, promotion.pk if promotion else None), KEPT_FOR)
        plan = actions.plan_events(form.found, promotion, timezone.now())
        confirm = EventPlanForm(initial={"key": key})
        return self._show(request, plan=plan, confirm=confirm, promotion=promotion)

    @method_decorator(require_POST)
    def confirm(self, request):
        form = EventPlanForm(request.POST)
        kept = cache.get(_cached(request.user, form.cleaned_data["key"])) if form.is_valid() else None
        if kept is None:
            messages.error(request, _("The check was made more than an hour ago. Choose the file again."))
            return redirect("admin:posts_event_import")
        data, promotion = kept
        plan = actions.import_events(
            read(data, timezone.now()),
            promotion=Promotion.objects.get(pk=promotion) if promotion else None,
            removes_gone=form.cleaned_data["removes_gone"],
            by=request.user,
        )
        messages.success(request, _said(plan, form.cleaned_data["removes_gone"]))
        return redirect("admin:posts_event_changelist")

    def _show(self, request, status=200, **context):
        context = {
            **self.admin_site.each_context(request),
            "title": _("Take in events from a file"),
            "opts": self.opts,
            **context,
        }
        return TemplateResponse(request, "admin/posts/event/import.html", context, status=status)


def _cached(user, key):
    return f"events-import:{user.pk}:{key}"


def _said(plan, removes_gone):
    return _("Events: %(new)s new, %(changed)s changed, %(same)s unchanged, %(gone)s removed.") % {
        "new": len(plan.new),
        "changed": len(plan.changed),
        "same": len(plan.same),
        "gone": len(plan.gone) if removes_gone else 0,
    }

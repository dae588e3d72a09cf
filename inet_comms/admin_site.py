"""The staff's desk: Django's admin, behind the same door as everything else, opening on what awaits the person."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.db.models import F
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(AdminConfig):
    default_site = "inet_comms.admin_site.StaffSite"


class StaffSite(admin.AdminSite):
    site_header = "Inet Comms"
    site_title = "Inet Comms"
    index_title = _("Staff desk")

    def index(self, request, extra_context=None):
        from posts.models import Delivery, Post, Stop

        waiting = Post.objects.waiting_for_review().select_related(
            "portrait__student__promotion", "portrait__photo", "piece", "promotion", "author"
        )
        return super().index(
            request,
            {
                "waiting": waiting.order_by("publish_at")[:20],
                "asking": Delivery.objects.awaiting_someone().count(),
                "stop": Stop.objects.filter(lifted_at__isnull=True)
                .select_related("pressed_by", "account")
                .order_by(F("account").asc(nulls_first=True))
                .first(),
                **(extra_context or {}),
            },
        )


def badge(label, tone):
    """A state in a list, as on the other pages."""
    return render_to_string("_parts/state_badge.html", {"label": label, "tone": tone})


class StaffAdmin(admin.ModelAdmin):
    """Staff see and change what this desk offers; what is deleted, and who is a user, stays with the superusers.

    Pages are titled by what they show: Django's own titles put an article before any noun, which French does not forgive.
    """

    def changelist_view(self, request, extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def add_view(self, request, form_url="", extra_context=None):
        title = {"title": _("New: %(name)s") % {"name": self.opts.verbose_name}}
        return super().add_view(request, form_url, title | (extra_context or {}))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        title = {"title": capfirst(self.opts.verbose_name)}
        return super().change_view(request, object_id, form_url, title | (extra_context or {}))

    def has_module_permission(self, request):
        return request.user.is_staff

    def has_view_permission(self, request, obj=None):
        return request.user.is_staff

    def has_add_permission(self, request):
        return request.user.is_staff

    def has_change_permission(self, request, obj=None):
        return request.user.is_staff


class ReadOnlyAdmin(StaffAdmin):
    """Looked at here, changed elsewhere by actions only."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnlyInline(admin.TabularInline):
    """What belongs to a record and is looked at with it."""

    template = "admin/rows.html"
    extra = 0
    can_delete = False

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def has_view_permission(self, request, obj=None):
        return request.user.is_staff

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


class Steps:
    """How the rows of a history read: when, from which state to which, who, why (for an admin or an inline on a BaseMove)."""

    columns = ("at", "came_from", "went_to", "who", "note")

    @admin.display(description=_("from"), ordering="source")
    def came_from(self, step):
        return self._word(step, step.source)

    @admin.display(description=_("to"), ordering="target")
    def went_to(self, step):
        return self._word(step, step.target)

    @admin.display(description=_("by"), ordering="by")
    def who(self, step):
        return step.by or _("the clock")

    @staticmethod
    def _word(step, state):
        return dict(step._meta.get_field("record").related_model.State.choices).get(state, state)

"""The staff's desk for people: promotions and their names, students and their import, mandates, logins."""

from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import Count, Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inet_comms.admin_site import ReadOnlyInline, StaffAdmin

from . import actions
from .forms import PromotionForm, RenameForm, StudentForm
from .models import CommsMember, FormerName, Internship, Promotion, Student, Track, User
from .permissions import can_manage_people
from .roster import EXPORTS, RosterImport, exported

# Rights follow from who a person is (cohorts/permissions.py), not from groups. Importing auth's admin registers them.
auth_admin.admin.site.unregister(Group)


class StaffInline(admin.TabularInline):
    """Rows that staff keep up within their parent's page."""

    extra = 0

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and field.label:
            # A column's title labels nothing for a screen reader.
            field.widget.attrs["aria-label"] = str(field.label)
        return field

    def has_view_permission(self, request, obj=None):
        return can_manage_people(request.user)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class InternshipInline(StaffInline):
    model = Internship
    fields = ("host", "place", "subject", "tutor_name", "tutor_email", "starts", "ends")


class MandateInline(StaffInline):
    """A mandate ends on a date; it is not deleted, so that who had which rights stays on record."""

    model = CommsMember
    fields = ("starts", "ends")
    can_delete = False


class FormerNameInline(ReadOnlyInline):
    model = FormerName
    fields = ("name", "slug", "until")


@admin.register(Track)
class TrackAdmin(StaffAdmin):
    list_display = ("name", "hashtag")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Promotion)
class PromotionAdmin(StaffAdmin):
    form = PromotionForm
    inlines = [FormerNameInline]
    list_display = ("name", "track", "number", "starts", "ends", "student_count")
    list_filter = ("track",)
    list_select_related = ("track",)
    search_fields = ("name", "number", "former_names__name")

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(student_count=Count("students"))

    @admin.display(description=gettext_lazy("students"), ordering="student_count")
    def student_count(self, promotion):
        return promotion.student_count

    def get_readonly_fields(self, request, obj=None):
        return ("track", "number", "name", "slug") if obj else ()

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ("name",)}

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_urls(self):
        return [
            path(
                "<int:pk>/renommer/", self.admin_site.admin_view(self.rename), name="cohorts_promotion_rename"
            ),
            path(
                "<int:pk>/eleves.<slug:kind>",
                self.admin_site.admin_view(self.export),
                name="cohorts_promotion_export",
            ),
            *super().get_urls(),
        ]

    def rename(self, request, pk):
        promotion = get_object_or_404(Promotion, pk=pk)
        form = RenameForm(request.POST or None, instance=promotion)
        if request.method == "POST" and form.is_valid():
            before = form.initial["name"]
            actions.rename(Promotion(pk=pk), **form.cleaned_data, by=request.user)
            self.log_change(request, promotion, _("Renamed: before, it was %(name)s.") % {"name": before})
            if form.cleaned_data["slug"] == form.initial["slug"]:
                done = _("The spelling is corrected: %(name)s.")
            else:
                done = _("The promotion is now called %(name)s. Its former address leads to the new one.")
            messages.success(request, done % {"name": form.cleaned_data["name"]})
            return redirect("admin:cohorts_promotion_change", pk)
        promotion = Promotion.objects.get(pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Rename %(name)s") % {"name": promotion.name},
            "opts": self.opts,
            "original": promotion,
            "form": form,
        }
        return TemplateResponse(
            request, "admin/cohorts/promotion/rename.html", context, status=422 if form.errors else 200
        )

    def export(self, request, pk, kind):
        promotion = get_object_or_404(Promotion, pk=pk)
        if kind not in EXPORTS:
            raise Http404
        return exported(promotion.students.all(), promotion.slug, kind)


@admin.register(Student)
class StudentAdmin(RosterImport, StaffAdmin):
    form = StudentForm
    inlines = [InternshipInline, MandateInline]
    list_display = ("last_name", "first_name", "promotion", "email", "has_login")
    list_display_links = ("last_name", "first_name")
    list_filter = (("promotion", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("promotion",)
    search_fields = ("last_name", "first_name", "email", "internships__host")
    actions = ["export_xlsx", "export_csv"]

    @admin.display(description=gettext_lazy("can sign in"), boolean=True)
    def has_login(self, student):
        return student.user_id is not None

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        actions.update_login(obj)

    @admin.action(description=gettext_lazy("Export the chosen students (Excel)"), permissions=["view"])
    def export_xlsx(self, request, queryset):
        return exported(queryset, _("students"), "xlsx")

    @admin.action(description=gettext_lazy("Export the chosen students (CSV)"), permissions=["view"])
    def export_csv(self, request, queryset):
        return exported(queryset, _("students"), "csv")


@admin.register(CommsMember)
class CommsMemberAdmin(StaffAdmin):
    list_display = ("student", "promotion", "starts", "ends", "is_running")
    list_filter = (("student__promotion", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("student__promotion",)
    search_fields = ("student__last_name", "student__first_name")
    date_hierarchy = "starts"

    def get_readonly_fields(self, request, obj=None):
        return ("student",) if obj else ()

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Mandates are given to students of promotions that have not graduated."""
        if db_field.name == "student":
            kwargs["queryset"] = Student.objects.filter(promotion__ends__gte=timezone.localdate())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request):
        running = CommsMember.objects.active().filter(pk=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_running=Exists(running))

    @admin.display(description=gettext_lazy("promotion"), ordering="student__promotion")
    def promotion(self, mandate):
        return mandate.student.promotion

    @admin.display(description=gettext_lazy("runs today"), boolean=True)
    def is_running(self, mandate):
        return mandate.is_running


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Who may sign in, and who is staff. Superusers only: the model's own permissions are given to nobody else."""

    fields = (
        "email",
        "first_name",
        "last_name",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
        "date_joined",
    )
    readonly_fields = ("last_login", "date_joined")
    list_display = ("email", "last_name", "first_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "last_name", "first_name")
    ordering = ("email",)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        actions.verify_address(obj)

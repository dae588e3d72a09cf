"""The staff's desk for people: promotions and their names, students and their import, mandates, logins."""

import logging

from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import Count, Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ImportMixin
from import_export.tmp_storages import CacheStorage

from inet_comms.admin_site import StaffAdmin

from . import actions
from .forms import ConfirmRosterForm, PromotionForm, RenameForm, RosterForm, StudentForm
from .importing import OUR_MISTAKE, StudentResource, export_students
from .models import CommsMember, FormerName, Internship, Promotion, Student, Track, User
from .permissions import can_manage_people
from .spreadsheets import Spreadsheet, Unreadable, write_csv, write_xlsx

# Rights follow from who a person is (cohorts/permissions.py), not from groups.
auth_admin.admin.site.unregister(Group)

log = logging.getLogger(__name__)

EXPORTS = {
    "csv": (write_csv, "text/csv"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def exported(students, name: str, kind: str) -> HttpResponse:
    write, content_type = EXPORTS[kind]
    dataset = export_students(students)
    response = HttpResponse(write([dataset.headers, *dataset]), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{slugify(name)}.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response


class StaffInline(admin.TabularInline):
    """Rows that staff keep up within their parent's page."""

    extra = 0
    show_change_link = False

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


class FormerNameInline(StaffInline):
    model = FormerName
    fields = readonly_fields = ("name", "slug", "until")
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


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


class RosterStorage(CacheStorage):
    """The uploaded list between the check and the import: an hour in the cache, then gone by itself. It names people."""

    CACHE_LIFETIME = 3600

    def read(self):
        data = super().read()
        if data is None:
            raise Unreadable(_("The check was made more than an hour ago. Choose the file again."))
        return data


@admin.register(Student)
class StudentAdmin(ImportMixin, StaffAdmin):
    form = StudentForm
    inlines = [InternshipInline, MandateInline]
    list_display = ("last_name", "first_name", "promotion", "email", "has_login")
    list_display_links = ("last_name", "first_name")
    list_filter = (("promotion", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("promotion",)
    search_fields = ("last_name", "first_name", "email", "internships__host")
    actions = ["export_xlsx", "export_csv"]

    import_formats = [Spreadsheet]
    import_form_class = RosterForm
    confirm_form_class = ConfirmRosterForm
    import_template_name = "admin/cohorts/student/import.html"
    import_export_change_list_template = "admin/cohorts/student/change_list.html"
    resource_classes = [StudentResource]
    tmp_storage_class = RosterStorage

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

    # Import, in two steps: what would change, then the same file again -----------------------------

    def has_import_permission(self, request):
        return can_manage_people(request.user)

    def get_import_form_initial(self, request):
        return {"promotion": request.GET.get("promotion")}

    def get_confirm_form_initial(self, request, import_form):
        initial = super().get_confirm_form_initial(request, import_form)
        return initial | {"promotion": import_form.cleaned_data["promotion"].pk} if import_form else initial

    def get_import_resource_kwargs(self, request, form=None, **kwargs):
        return {"promotion": getattr(form, "cleaned_data", {}).get("promotion")}

    def get_import_data_kwargs(self, **kwargs):
        return {"rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form, e):
        if not isinstance(e, Unreadable):
            log.error("A file to import could not be read", exc_info=e)
        form.add_error("import_file", getattr(e, "problems", OUR_MISTAKE))

    def import_action(self, request, **kwargs):
        response = super().import_action(request, **kwargs)
        context = response.context_data
        context["title"] = _("Import students")
        if context["form"].errors or ("result" in context and context["result"].problems):
            response.status_code = 422
        return response

    def process_import(self, request, **kwargs):
        try:
            return super().process_import(request, **kwargs)
        except Unreadable as error:
            messages.error(request, str(error))
            return redirect("admin:cohorts_student_import")

    def process_result(self, result, request):
        if not result.problems:
            return super().process_result(result, request)
        for problem in [_("Nothing was imported."), *result.problems]:
            messages.error(request, problem)
        return redirect("admin:cohorts_student_import")

    def generate_log_entries(self, result, request):
        for promotion in {row.instance.promotion for row in result.rows}:
            self.log_change(
                request, promotion, _("Students imported: %(new)s new, %(changed)s changed.") % result.counts
            )

    def add_success_message(self, result, request):
        messages.success(
            request,
            _("Imported: %(new)s new, %(changed)s changed, %(same)s unchanged.") % result.counts,
        )


@admin.register(CommsMember)
class CommsMemberAdmin(StaffAdmin):
    list_display = ("student", "promotion", "starts", "ends", "is_running")
    list_filter = (("student__promotion", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("student__promotion",)
    search_fields = ("student__last_name", "student__first_name")
    autocomplete_fields = ("student",)
    date_hierarchy = "starts"

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

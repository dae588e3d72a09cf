"""How the desk takes a list of students in and gives one out: the check, the import, the files."""

import logging

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.utils.translation import gettext as _
from import_export.admin import ImportMixin
from import_export.tmp_storages import CacheStorage

from .forms import ConfirmRosterForm, RosterForm
from .importing import OUR_MISTAKE, StudentResource, export_students
from .permissions import can_manage_people
from .spreadsheets import Spreadsheet, Unreadable, write_csv, write_xlsx

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


class RosterStorage(CacheStorage):
    """The uploaded list between the check and the import: an hour in the cache, then gone by itself. It names people."""

    CACHE_LIFETIME = 3600

    def read(self):
        data = super().read()
        if data is None:
            raise Unreadable(_("The check was made more than an hour ago. Choose the file again."))
        return data


class RosterImport(ImportMixin):
    """For the admin of students. Two steps: staff see what would change, then the same file is read again and imported."""

    import_formats = [Spreadsheet]
    import_form_class = RosterForm
    confirm_form_class = ConfirmRosterForm
    import_template_name = "admin/cohorts/student/import.html"
    import_export_change_list_template = "admin/cohorts/student/change_list.html"
    resource_classes = [StudentResource]
    tmp_storage_class = RosterStorage

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

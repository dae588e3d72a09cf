"""A promotion's students from and to a spreadsheet: what becomes of each row, all of them or none."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import date

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import resources, results
from import_export.fields import Field

from . import actions
from .columns import COLUMNS, OF_INTERNSHIP, match_columns
from .models import Internship, Promotion, Student
from .spreadsheets import LINE, MAX_PROBLEMS, Sheet, Unreadable, sentence

log = logging.getLogger(__name__)

OUR_MISTAKE = gettext_lazy("Nothing was imported, by a mistake of this program. It has been noted.")


class Cells(resources.Diff):
    """A row's cells before and after, as pairs of plain text: the template says how they look."""

    def as_html(self) -> list[tuple[str, str]]:
        left = [""] * len(self.right) if self.new else self.left
        return list(zip(left, self.right, strict=True))


class Result(results.Result):
    """What an import did or would do. `problems` are sentences; as long as there is one, nothing is imported."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.titles: list[str] = []
        self.row_problems: list[str] = []

    @property
    def problems(self) -> list[str]:
        found = []
        for error in self.base_errors:
            found += getattr(error.error, "problems", [OUR_MISTAKE])
        return found + self.row_problems

    @property
    def counts(self) -> dict[str, int]:
        kinds = results.RowResult
        return {
            "new": self.totals[kinds.IMPORT_TYPE_NEW],
            "changed": self.totals[kinds.IMPORT_TYPE_UPDATE],
            "same": self.totals[kinds.IMPORT_TYPE_SKIP],
        }


class StudentResource(resources.ModelResource):
    """Each row is one student of `promotion`, found by e-mail address, and at most one internship of theirs.

    An internship is the student's one at that host, so importing a file twice changes nothing the second time.
    """

    class Meta:
        model = Student
        fields = ()
        import_id_fields = ("email",)
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True
        store_instance = True

    def __init__(self, promotion: Promotion | None = None, **kwargs):
        super().__init__(**kwargs)
        self.promotion = promotion
        self.fields = {name: Field(column.attribute, name, column.widget) for name, column in COLUMNS.items()}
        self.titles: dict[str, str] = {}
        self.lines_by_email: dict[str, list[int]] = defaultdict(list)

    @classmethod
    def get_result_class(cls):
        return Result

    @classmethod
    def get_diff_class(cls):
        return Cells

    def before_import(self, dataset: Sheet, **kwargs):
        """Columns are matched; a file whose columns are wrong is not read any further."""
        try:
            self.titles = match_columns(dataset.headers[:-1])
        except Unreadable:
            dataset.wipe()
            raise
        dataset.headers = [*self.titles, LINE]
        self.fields = {name: self.fields[name] for name in self.titles}
        for email, line in zip(dataset["email"], dataset[LINE], strict=True):
            self.lines_by_email[email.lower()].append(line)

    def get_instance(self, instance_loader, row) -> Student | None:
        return (
            Student.objects.select_related("promotion__track", "user")
            .filter(email__iexact=row["email"])
            .first()
        )

    def init_instance(self, row=None) -> Student:
        return Student(promotion=self.promotion)

    def after_init_instance(self, instance, new, row, **kwargs):
        host = row.get("host", "")
        known = None if new or not host else instance.internships.filter(host__iexact=host).first()
        instance.stage = known or Internship()

    def import_instance(self, instance, row, **kwargs):
        problems = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            problems = error.update_error_dict(problems)
        if "email" not in problems and (problem := self._address_problem(instance, row)):
            problems["email"] = [problem]
        if any(row.get(name) for name in OF_INTERNSHIP) and not row.get("host"):
            problems["stage__host"] = [_("the cell is empty, and the internship needs it.")]
        if problems:
            raise ValidationError(problems)

    def _address_problem(self, student: Student, row) -> str | None:
        first = self.lines_by_email[student.email][0]
        if first != row[LINE]:
            return _("the same address already stands in line %(line)s.") % {"line": first}
        if student.promotion != self.promotion:
            return _("%(name)s, a student of %(promotion)s, already has this address.") % {
                "name": student.full_name,
                "promotion": student.promotion,
            }
        if student.user_id is None and actions.is_taken(student.email, student):
            return _("another student already signs in with this address.")
        return None

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        problems = dict(import_validation_errors or {})
        if instance.stage.host:
            checked = {key.removeprefix("stage__") for key in problems}
            try:
                instance.stage.full_clean(exclude={"student", *checked}, validate_unique=False)
            except ValidationError as error:
                for name, errors in error.update_error_dict({}).items():
                    problems["stage__ends" if name == NON_FIELD_ERRORS else f"stage__{name}"] = errors
        super().validate_instance(instance, problems, validate_unique)

    def skip_row(self, instance, original, row, import_validation_errors=None) -> bool:
        unchanged = super().skip_row(instance, original, row, import_validation_errors)
        return unchanged and instance.user_id is not None

    def after_save_instance(self, instance, row, **kwargs):
        actions.update_login(instance)
        if instance.stage.host:
            instance.stage.student = instance
            instance.stage.save()

    def after_import(self, dataset, result, **kwargs):
        result.titles = list(self.titles.values())
        for row in result.invalid_rows[:MAX_PROBLEMS]:
            result.row_problems += self._sentences(dataset[LINE][row.number - 1], row.error)
        for row in result.error_rows:
            log.error("Row %s of an import failed", row.number, exc_info=row.errors[0].error)
            result.row_problems.append(OUR_MISTAKE)

    def handle_import_error(self, result, error, raise_errors=False):
        if not isinstance(error, Unreadable):
            log.error("An import failed", exc_info=error)
        super().handle_import_error(result, error, raise_errors)

    def _sentences(self, line: int, error: ValidationError) -> list[str]:
        columns = {column.attribute: name for name, column in COLUMNS.items()}
        return [
            sentence(line, self.titles.get(columns.get(attribute, ""), attribute), message)
            for attribute, messages in error.message_dict.items()
            for message in messages
        ]


def import_sheet(sheet: Sheet, promotion: Promotion, *, dry_run: bool) -> Result:
    """Import all rows or none."""
    return StudentResource(promotion).import_data(sheet, dry_run=dry_run, rollback_on_validation_errors=True)


def export_students(students) -> tablib.Dataset:
    """One line a student under the titles of an import, with their latest internship."""
    dataset = tablib.Dataset(headers=[str(column.title) for column in COLUMNS.values()])
    resource = StudentResource()
    for student in students.prefetch_related("internships"):
        student.stage = max(
            student.internships.all(),
            key=lambda stage: (stage.starts or date.min, stage.pk),
            default=Internship(),
        )
        dataset.append(resource.export_resource(student))
    return dataset

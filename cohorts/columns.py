"""The columns of a list of students: what each is called, by whomever, and what its cells may hold."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from import_export import widgets

from .spreadsheets import MAX_PROBLEMS, Unreadable


class Text(widgets.Widget):
    """Text as typed."""

    def __init__(self, limit: int, is_required: bool = False):
        super().__init__()
        self.limit, self.is_required = limit, is_required

    def clean(self, value, row=None, **kwargs):
        if self.is_required and not value:
            raise ValueError(_("the cell is empty."))
        if len(value) > self.limit:
            raise ValueError(_("%(limit)s characters at most.") % {"limit": self.limit})
        return value


class Address(Text):
    """One e-mail address, in small letters."""

    def clean(self, value, row=None, **kwargs):
        value = super().clean(value.lower())
        if value:
            try:
                validate_email(value if value.isprintable() else "")
            except ValidationError as error:
                raise ValueError(_("“%(value)s” is not an e-mail address.") % {"value": value}) from error
        return value


class Day(widgets.Widget):
    """A day as the French write it, or as Excel stores it."""

    FORMATS = ("%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d")

    def clean(self, value, row=None, **kwargs):
        if not value:
            return None
        for form in self.FORMATS:
            try:
                return datetime.strptime(value, form).date()
            except ValueError:
                continue
        raise ValueError(_("“%(value)s” is not a date. Write it like 01/03/2026.") % {"value": value})

    def render(self, value, obj=None, **kwargs):
        return f"{value:%d/%m/%Y}" if value else ""


@dataclass(frozen=True)
class Column:
    """`title` heads it in our exports; `names` are what people call it, without capitals and accents, between commas."""

    title: str | Promise
    attribute: str
    widget: widgets.Widget
    names: str


COLUMNS = {
    "first_name": Column(
        pgettext_lazy("column", "First name"),
        "first_name",
        Text(80, is_required=True),
        "prenom, prenoms, prenom s, first name, firstname, given name",
    ),
    "last_name": Column(
        pgettext_lazy("column", "Last name"),
        "last_name",
        Text(80, is_required=True),
        "nom, nom de famille, nom d usage, last name, lastname, surname, family name",
    ),
    "email": Column(
        pgettext_lazy("column", "E-mail"),
        "email",
        Address(254, is_required=True),
        "courriel, adresse courriel, e mail, email, mail, mel, adresse e mail, adresse email, adresse mail, adresse electronique, "
        "e mail address, email address",
    ),
    "host": Column(
        pgettext_lazy("column", "Authority"),
        "stage__host",
        Text(120),
        "collectivite, collectivite d accueil, structure d accueil, authority, host authority, host",
    ),
    "place": Column(
        pgettext_lazy("column", "Place"), "stage__place", Text(80), "lieu, ville, commune, place, city"
    ),
    "tutor_name": Column(
        pgettext_lazy("column", "Tutor"),
        "stage__tutor_name",
        Text(120),
        "tuteur, tutrice, tuteur tutrice, nom du tuteur, tutor, tutor name",
    ),
    "tutor_email": Column(
        pgettext_lazy("column", "Tutor’s e-mail"),
        "stage__tutor_email",
        Address(254),
        "courriel du tuteur, courriel tuteur, e mail du tuteur, email du tuteur, mail du tuteur, e mail tuteur, email tuteur, "
        "mail tuteur, adresse electronique du tuteur, tutor e mail, tutor email, tutor s e mail, tutor s email",
    ),
    "subject": Column(
        pgettext_lazy("column", "Subject"),
        "stage__subject",
        Text(200),
        "sujet, sujet du stage, mission, subject",
    ),
    "starts": Column(
        pgettext_lazy("column", "Start"),
        "stage__starts",
        Day(),
        "debut, date de debut, debut du stage, du, start, starts, starts on, start date",
    ),
    "ends": Column(
        pgettext_lazy("column", "End"),
        "stage__ends",
        Day(),
        "fin, date de fin, fin du stage, au, end, ends, ends on, end date",
    ),
}
REQUIRED = ("first_name", "last_name", "email")
OF_INTERNSHIP = tuple(name for name in COLUMNS if COLUMNS[name].attribute.startswith("stage__"))


def recognise(title: str) -> str | None:
    """Which column a title means, whatever its capitals, accents and punctuation; None if none of ours."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", title.lower()) if not unicodedata.combining(c))
    plain = re.sub(r"[^a-z0-9]+", " ", plain).strip()
    return next((name for name, column in COLUMNS.items() if plain in column.names.split(", ")), None)


def match_columns(titles: list[str]) -> dict[str, str]:
    """Title as typed by column name, in the order of the file. Raises Unreadable for what is unknown, double or missing."""
    found: dict[str, str] = {}
    problems = []
    for number, title in enumerate(titles, 1):
        name = recognise(title)
        if not title:
            problems.append(
                _("Column %(number)s has no title. Give it one or remove it.") % {"number": number}
            )
        elif name is None:
            problems.append(
                _("The column “%(title)s” is not one of the import. Remove it.") % {"title": title}
            )
        elif name in found:
            problems.append(
                _("The columns “%(one)s” and “%(other)s” mean the same. Keep one of them.")
                % {"one": found[name], "other": title}
            )
        else:
            found[name] = title
    problems = problems[:MAX_PROBLEMS]
    problems += [
        _("The column “%(title)s” is missing.") % {"title": COLUMNS[name].title}
        for name in REQUIRED
        if name not in found
    ]
    if problems:
        known = ", ".join(str(column.title) for column in COLUMNS.values())
        raise Unreadable(*problems, _("The columns of an import are: %(titles)s.") % {"titles": known})
    return found

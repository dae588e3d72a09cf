"""The rules of retention in words, in the reader's language: what the file says in both, put into sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from .retention import Policy, Rule, Subject

LANGUAGES = ("en", "fr")


@dataclass(frozen=True)
class Words:
    """By key, each in every one of LANGUAGES."""

    bases: dict[str, dict]
    purposes: dict[str, dict]
    moments: dict[str, dict]


def load_words(data: dict) -> Words:
    """Takes them out of what was read; the rest are models."""
    return Words(data.pop("bases"), data.pop("purposes"), data.pop("moments"))


def in_ours(entry: dict) -> str:
    language = (get_language() or "")[:2]
    return entry[language if language in LANGUAGES else "fr"]


def said_period(count: int, unit: str) -> str:
    words = {
        "day": ngettext("%(count)d day", "%(count)d days", count),
        "month": ngettext("%(count)d month", "%(count)d months", count),
        "year": ngettext("%(count)d year", "%(count)d years", count),
    }
    return words[unit] % {"count": count}


def said_rule(rule: Rule, words: Words) -> str:
    """“Title, quote: erased 30 days after the end of the consent.”"""
    parts = {
        "what": said_fields(rule.model, rule.fields),
        "period": said_period(*rule.after),
        "moment": in_ours(words.moments[rule.start]),
    }
    return _sentence(rule) % parts


def _sentence(rule: Rule) -> str:
    if rule.do == "keep":
        return _("Kept as long as %(moment)s")
    if rule.do == "delete":
        return (
            _("Deleted %(period)s after %(moment)s")
            if rule.after[0]
            else _("Deleted at once after %(moment)s")
        )
    if rule.do == "pseudonymise":
        return _("Replaced by a pseudonym %(period)s after %(moment)s: %(what)s")
    if rule.is_whole:
        return _("Erased %(period)s after %(moment)s")
    return _("Erased %(period)s after %(moment)s: %(what)s")


def said_fields(model, names) -> str:
    return ", ".join(str(model._meta.get_field(name).verbose_name) for name in names)


@dataclass(frozen=True)
class Row:
    """One kind of thing that is kept, as a row of the page."""

    what: str
    fields: str
    basis: str
    rules: list[str]


def chapters(policy: Policy) -> list[tuple[str, str, list[Row]]]:
    """(title, why, rows) for each purpose, in the order of the file; what says nothing about a person comes last."""
    found = []
    for key, purpose in policy.words.purposes.items():
        rows = [_row(subject, policy.words) for subject in policy.subjects if subject.purpose == key]
        if rows:
            found.append((in_ours(purpose), in_ours(purpose["why"]), rows))
    return found


def _row(subject: Subject, words: Words) -> Row:
    names = subject.personal or subject.plain
    return Row(
        what=capfirst(str(subject.model._meta.verbose_name_plural)),
        fields=said_fields(subject.model, names),
        basis=in_ours(words.bases[subject.basis]) if subject.basis else "",
        rules=list(dict.fromkeys(said_rule(rule, words) for rule in subject.rules)),
    )

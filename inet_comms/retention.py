"""What is kept of people, why and for how long: the rules stand as data in retention.toml; this reads and applies them."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .retention_words import Words, load_words

log = logging.getLogger(__name__)

FILE = Path(__file__).with_name("retention.toml")
AT_ONCE = 100
"""Rows in one transaction."""
PSEUDONYM = "@pseudonym.invalid"
DAYS = {"day": 1, "month": 30.4375, "year": 365.25}


@dataclass(frozen=True)
class Rule:
    """One thing that happens to one model's rows, or to some of their fields, some time after a moment."""

    label: str
    do: str
    start: str
    fields: tuple[str, ...]
    is_whole: bool
    after: tuple[int, str] = (0, "day")
    at: tuple[str, ...] = ()
    where: dict = field(default_factory=dict)
    unless: dict = field(default_factory=dict)

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    @property
    def period(self) -> timedelta:
        count, unit = self.after
        return timedelta(days=round(count * DAYS[unit]))

    def due(self, now: datetime) -> models.QuerySet:
        """The rows to which it has to be done, and has not been."""
        if self.do == "keep":
            return self.model._base_manager.none()
        every = self.model._base_manager.all()
        # Lookups over many rows in queries of their own: each row stands once, and can be locked.
        rows = every.filter(pk__in=every.filter(**self.where).values("pk")) if self.where else every
        if self.unless:
            rows = rows.exclude(pk__in=every.filter(**self.unless).values("pk"))
        rows = rows.filter(self._is_over(now - self.period), self._is_open())
        return rows.order_by("pk")

    def _is_over(self, cutoff: datetime) -> Q:
        over, none_before = Q(), Q()
        for path in self.at:
            over |= none_before & self._is_before(path, cutoff)
            none_before &= Q(**{f"{path}__isnull": True})
        return over

    def _is_before(self, path: str, cutoff: datetime) -> Q:
        steps = list(walk(self.model, path))
        limit = cutoff if isinstance(steps[-1], models.DateTimeField) else timezone.localtime(cutoff).date()
        if not any(step.one_to_many or step.many_to_many for step in steps):
            return Q(**{f"{path}__lt": limit})
        mine = self.model._base_manager.filter(pk=OuterRef("pk"))
        return Q(Exists(mine.filter(**{f"{path}__lt": limit}))) & ~Q(
            Exists(mine.filter(**{f"{path}__gte": limit}))
        )

    def _is_open(self) -> Q:
        if self.do == "delete":
            return Q(*(~Exists(rows) for rows in holders(self.model)))
        if self.do == "pseudonymise":
            return ~Q(*(Q(**{f"{name}__endswith": PSEUDONYM}) for name in self.fields))
        return ~Q(
            **{lookup: value for name in self.fields for lookup, value in [_is_blank(self.model, name)]}
        )


@dataclass(frozen=True)
class Subject:
    """One model: what it is kept for, which of its fields say something about a person, what happens to them."""

    label: str
    purpose: str
    basis: str
    personal: tuple[str, ...]
    plain: tuple[str, ...]
    rules: tuple[Rule, ...]

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)


@dataclass(frozen=True)
class Policy:
    subjects: tuple[Subject, ...]
    words: Words

    @property
    def rules(self) -> Iterator[Rule]:
        return chain.from_iterable(subject.rules for subject in self.subjects)


@cache
def policy() -> Policy:
    """The rules as the file has them, from top to bottom."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    words = load_words(data)
    return Policy(tuple(_subject(label, table) for label, table in data.items()), words)


def _subject(label: str, table: dict) -> Subject:
    personal = tuple(table.get("personal", ()))
    rules = tuple(_rule(label, personal, dict(rule)) for rule in table.get("rules", ()))
    return Subject(
        label, table["purpose"], table.get("basis", ""), personal, tuple(table.get("plain", ())), rules
    )


def _rule(label: str, personal: tuple[str, ...], table: dict) -> Rule:
    """Raises TypeError for a word that no rule knows, ValueError for a period that is none."""
    fields = tuple(table.pop("fields", personal))
    count, unit = table.pop("after", "0 days").split()
    at = table.pop("at", ())
    rule = Rule(
        label,
        table.pop("do"),
        table.pop("from"),
        fields,
        is_whole=fields == personal,
        after=(int(count), unit.removesuffix("s")),
        at=(at,) if isinstance(at, str) else tuple(at),
        **table,
    )
    if rule.do not in VERBS or rule.after[1] not in DAYS or (rule.do != "keep" and not rule.at):
        raise ValueError(f"{label}: {rule}")
    return rule


def walk(model: type[models.Model], path: str) -> Iterator[models.Field]:
    """Each step of a lookup path. Raises FieldDoesNotExist where it leads nowhere."""
    for name in path.split("__"):
        if model is None:
            raise FieldDoesNotExist(path)
        step = model._meta.get_field(name)
        yield step
        model = step.related_model


def holders(model: type[models.Model]) -> Iterator[models.QuerySet]:
    """The rows of others that must not lose this one: what they prove or decided names it."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        if relation.on_delete in (models.PROTECT, models.RESTRICT):
            yield relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})


# Applying ---------------------------------------------------------------------------------------


def count(now: datetime | None = None) -> list[tuple[Rule, int]]:
    """How many rows each rule would reach now, without what one rule sets free for another."""
    now = now or timezone.now()
    return [(rule, rule.due(now).count()) for rule in policy().rules]


def apply(now: datetime | None = None) -> list[tuple[Rule, int]]:
    """Do what is due, rule by rule, in small transactions; how many rows each reached. Again at once reaches none."""
    now = now or timezone.now()
    done = []
    for rule in policy().rules:
        keys = list(rule.due(now).values_list("pk", flat=True))
        reached = sum(
            _apply(rule, keys[start : start + AT_ONCE], now) for start in range(0, len(keys), AT_ONCE)
        )
        if reached:
            log.info("Retention: %s of %s, %d rows (%s)", rule.do, rule.label, reached, rule.start)
        done.append((rule, reached))
    return done


@transaction.atomic
def _apply(rule: Rule, keys: list, now: datetime) -> int:
    """What has moved on since the keys were read is left alone."""
    rows = rule.due(now).filter(pk__in=keys)
    return VERBS[rule.do](rule, list(rows.select_for_update(of=("self",))))


def _delete(rule: Rule, rows: list[models.Model]) -> int:
    """With everything that belongs to them; the files go once the transaction has said yes."""
    try:
        with transaction.atomic():
            collector = Collector(using=DEFAULT_DB_ALIAS)
            collector.collect(rows)
            files = _files(collector)
            collector.delete()
    except (ProtectedError, RestrictedError):
        # Something below one of them is held on to: the others go, one by one.
        return sum(_delete(rule, [row]) for row in rows) if len(rows) > 1 else 0
    transaction.on_commit(lambda: _remove_files(files))
    return len(rows)


def _files(collector: Collector) -> list[tuple[models.FileField, str]]:
    below = [*collector.data.items(), *((rows.model, rows) for rows in collector.fast_deletes)]
    return [
        (one, getattr(row, one.attname).name)
        for model, rows in below
        for one in file_fields(model)
        for row in rows
        if getattr(row, one.attname)
    ]


def file_fields(model: type[models.Model]) -> list[models.FileField]:
    return [one for one in model._meta.concrete_fields if isinstance(one, models.FileField)]


def _remove_files(files: list[tuple[models.FileField, str]]) -> None:
    """But for one that another row still names: two frames of a photo share its master."""
    for one, name in files:
        if not one.model._base_manager.filter(**{one.name: name}).exists():
            one.storage.delete(name)


def _blank(rule: Rule, rows: list[models.Model]) -> int:
    blank = {name: _blank_value(rule.model, name) for name in rule.fields}
    return rule.model._base_manager.filter(pk__in=[row.pk for row in rows]).update(**blank)


def _pseudonymise(rule: Rule, rows: list[models.Model]) -> int:
    """The same person stays the same one, and nobody can say who: the value is not kept anywhere."""
    for row in rows:
        for name in rule.fields:
            digest = salted_hmac("inet_comms.retention", f"{row.pk}:{getattr(row, name)}").hexdigest()
            setattr(row, name, f"{digest[:20]}{PSEUDONYM}")
        row.save(update_fields=rule.fields)
    return len(rows)


VERBS = {"delete": _delete, "blank": _blank, "pseudonymise": _pseudonymise, "keep": None}


def _blank_value(model: type[models.Model], name: str):
    one = model._meta.get_field(name)
    if one.null:
        return None
    return one.get_default() if isinstance(one, models.JSONField) else ""


def _is_blank(model: type[models.Model], name: str) -> tuple[str, object]:
    value = _blank_value(model, name)
    return (f"{name}__isnull", True) if value is None else (name, value)

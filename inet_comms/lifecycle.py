"""The one place where a state is written: lock the row, read it again, then decide.

An action reads: `lock` → may they? → is it the version they read? → `move` → tell, on commit. A model that has a life
declares its states, a `MOVES` table right under them (one line per arrow) and a history model made from `BaseMove`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Record = TypeVar("Record", bound=models.Model)


@dataclass(frozen=True)
class Arrow:
    """One way from some states to another. `clock` arrows are taken by the machine, all others by a person."""

    sources: tuple[str, ...]
    target: str
    clock: bool = False


class MoveRefused(Exception):
    """The record is not where this move starts from: most often, someone was faster."""

    def __init__(self, record: models.Model, name: str):
        self.record, self.name = record, name
        super().__init__(f"{record._meta.label} {record.pk}: no move {name!r} from {record.state!r}")

    @property
    def for_people(self) -> str:
        return _(
            "Someone was faster: this is now “%(state)s”. Nothing you wrote is lost; have a look and try again."
        ) % {"state": self.record.get_state_display()}


class StaleVersion(MoveRefused):
    """They decided on a text that has changed since they read it."""

    @property
    def for_people(self) -> str:
        return _("The text has changed since you opened this page. Read the new version below, then decide.")


def lock(record: Record) -> Record:
    """The row as it is now, locked until the transaction ends. Decide on what this returns, never on what was passed."""
    manager = type(record)._base_manager
    locked = manager.select_for_update(of=("self",)).get(pk=record.pk)
    locked._is_locked = True
    return locked


def require(allowed: bool) -> None:
    """Stop here unless a permission said yes."""
    if not allowed:
        raise PermissionDenied


def require_version(record: models.Model, name: str, read: int) -> None:
    """Stop here if the version they read is no longer the version (called after `lock`, or it proves nothing)."""
    if record.version != read:
        raise StaleVersion(record, name)


def move(record: models.Model, name: str, *, by, note: str = "", **changes) -> models.Model:
    """A person's move: writes the state and `changes`, and one history row. Raises MoveRefused, writes nothing then."""
    if by is None:
        raise TypeError("a person's move needs a person; the clock's verbs call tick()")
    return _write(record, name, by=by, note=note, changes=changes)


def tick(record: models.Model, name: str, *, note: str = "", **changes) -> models.Model:
    """The clock's move: same promise as `move`, only along arrows marked `clock`."""
    return _write(record, name, by=None, note=note, changes=changes)


def _write(record, name, *, by, note, changes):
    if not transaction.get_connection(record._state.db).in_atomic_block or not getattr(
        record, "_is_locked", False
    ):
        raise RuntimeError("lock(record) first, inside the transaction that moves it")
    arrow = record.MOVES[name]
    if arrow.clock != (by is None):
        raise TypeError(f"{name!r} belongs to {'the clock' if arrow.clock else 'a person'}")
    if record.state not in arrow.sources:
        raise MoveRefused(record, name)
    source = record.state
    record.state = arrow.target
    for field, value in changes.items():
        setattr(record, field, value)
    record.save(update_fields=["state", *changes])
    record.moves.create(
        name=name, source=source, target=arrow.target, by=by, note=note, version=getattr(record, "version", 0)
    )
    return record


class BaseMove(models.Model):
    """Who moved what, from where to where, when and why. Append-only: no code changes or deletes a row, but for who and why, which go once their
    time is over (retention.toml)."""

    name = models.SlugField(gettext_lazy("move"), max_length=30)
    source = models.SlugField(gettext_lazy("from"), max_length=20)
    target = models.SlugField(gettext_lazy("to"), max_length=20)
    version = models.PositiveIntegerField(gettext_lazy("version"), default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("by"),
    )
    note = models.TextField(gettext_lazy("note"), blank=True)
    at = models.DateTimeField(gettext_lazy("at"), auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.source} → {self.target}"

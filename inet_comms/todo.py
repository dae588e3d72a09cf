"""À faire: everything that waits for one person, from every part of the app, and how much that is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Value
from django.utils import timezone

from cohorts.models import User
from cohorts.todo import Todo
from portraits import todo as portraits_todo
from posts import todo as posts_todo

AREAS = (posts_todo, portraits_todo)


def todos(user: User, now: datetime | None = None) -> list[Todo]:
    """The most urgent first, and what must reach somebody before the rest of it; then by its moment, or how long it has waited."""
    now = now or timezone.now()
    found = [todo for area in AREAS for todo in area.todos(user, now)]
    return sorted(found, key=lambda todo: _place(todo, now))


def _place(todo: Todo, now: datetime) -> tuple:
    return todo.urgency, not todo.kind.is_fixed, todo.by or todo.since or now, todo.path


@dataclass(frozen=True)
class Counts:
    """`waiting`: what waits for this person; `asking`: all the questions on their desk, others' too."""

    waiting: int
    asking: int


def counts(user: User, now: datetime | None = None) -> Counts:
    """As many as `todos` holds. One query, since every page asks."""
    now = now or timezone.now()
    questions = posts_todo.asking(user).order_by()
    rows = questions.values_list(Value("asking", output_field=CharField()), "waits")
    others = [part for area in AREAS for part in area.counted(user, now)]
    found = Counter(rows.union(*others, all=True))
    mine = sum(count for (area, key), count in found.items() if area != "asking" or key == 1)
    return Counts(mine, sum(count for (area, _key), count in found.items() if area == "asking"))

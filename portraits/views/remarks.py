"""Remarks as they are shown: where their passage stands now, who said and answered what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .. import anchors
from ..forms.studio import RemarkAnswerForm
from ..models import Portrait, Remark


@dataclass
class Shown:
    """One remark beside the portrait as it is now. `form` is bound after an error."""

    remark: Remark
    portrait: Portrait
    form: RemarkAnswerForm

    @cached_property
    def start(self) -> int | None:
        """Where the passage begins in the text as it is now; None if it is gone, or if there is none."""
        if self.remark.field not in Remark.WORDS:
            return None
        return anchors.locate(
            getattr(self.portrait, self.remark.field), self.remark.passage, self.remark.start
        )

    @property
    def end(self) -> int | None:
        return None if self.start is None else self.start + len(self.remark.passage)

    @property
    def has_changed(self) -> bool:
        """It was about words that do not stand there any more."""
        return bool(self.remark.passage) and self.start is None


def shown(remarks, portrait: Portrait, answering: tuple[int, RemarkAnswerForm] | None = None) -> list[Shown]:
    """The remarks in the order of the text, those on the whole first. `answering`: the one whose answer had an error."""
    order = list(Remark.Field.values)
    number, form = answering or (None, None)
    found = [
        Shown(
            remark,
            portrait,
            form if remark.pk == number else RemarkAnswerForm(auto_id=f"id_answer_{remark.pk}_%s"),
        )
        for remark in remarks
    ]
    return sorted(found, key=lambda one: (order.index(one.remark.field), one.remark.start, one.remark.pk))

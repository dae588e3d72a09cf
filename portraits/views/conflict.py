"""Two people edited the same version: what each changed, what fits together, and what somebody must choose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from ..forms.studio import WORDS, StudioForm
from ..models import Portrait, PortraitVersion
from ..words import merge, shortened, word_diff

MINE, THEIRS, TOGETHER = "mine", "theirs", "together"


@dataclass
class Both:
    """One field that differs: what is saved, what was typed, and what both began from."""

    name: str
    label: str
    base: str
    mine: str
    theirs: str
    chosen: str = ""

    @cached_property
    def diff(self) -> list[tuple[str, str]]:
        """Word by word from what is saved to what was typed, around the changes; the fields hold all of it."""
        return shortened(word_diff(self.theirs, self.mine))

    @cached_property
    def together(self) -> str | None:
        return merge(self.base, self.mine, self.theirs)

    @property
    def must_choose(self) -> bool:
        return self.together is None

    @property
    def says(self) -> str:
        """Who changed this field, and what becomes of it."""
        if self.base == self.theirs:
            return _("Only you changed this: your words stay.")
        if self.base == self.mine:
            return _("Only they changed this: their words stay.")
        if self.together is not None:
            return _("You changed different paragraphs: both stay.")
        return _("You both changed the same passage: choose.")

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """(value, label, whether it is chosen)."""
        offered = [(MINE, _("My words")), (THEIRS, _("The words saved meanwhile"))]
        return [(value, label, value == self.chosen) for value, label in offered]

    @property
    def result(self) -> str | None:
        """None until somebody has chosen."""
        return {MINE: self.mine, THEIRS: self.theirs}.get(self.chosen, self.together)


class Conflict:
    """What `typed` (begun from `base`) and the portrait as it is now have in common, and what not."""

    def __init__(
        self,
        portrait: Portrait,
        typed: dict[str, str],
        base: PortraitVersion | None,
        chosen: dict[str, str] | None = None,
    ):
        self.portrait, self.typed, self.base = portrait, typed, base
        labels = {name: StudioForm.base_fields[name].label for name in WORDS}
        self.fields = [
            Both(
                name,
                str(labels[name]),
                getattr(base, name) if base else "",
                typed[name],
                getattr(portrait, name),
                (chosen or {}).get(f"choose_{name}", ""),
            )
            for name in WORDS
            if typed[name] != getattr(portrait, name)
        ]

    @property
    def is_open(self) -> bool:
        """Something must still be chosen."""
        return any(field.result is None for field in self.fields)

    @property
    def must_choose(self) -> bool:
        return any(field.must_choose for field in self.fields)

    @property
    def words(self) -> dict[str, str]:
        """Both put together, as chosen; what is still open keeps the words typed."""
        result = {name: getattr(self.portrait, name) for name in WORDS}
        for field in self.fields:
            result[field.name] = field.mine if field.result is None else field.result
        return result

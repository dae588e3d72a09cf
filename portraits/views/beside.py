"""What stands beside the edited words while one types: the comparison with the student's own, the style hints, a description."""

from __future__ import annotations

from django.conf import settings

from .. import hints
from ..forms.studio import StudioForm
from ..models import Portrait
from ..questions import QUOTE
from ..words import word_diff


def comparison(portrait: Portrait, words: dict[str, str]) -> list[tuple]:
    """(name of the field, word diff) from what the student wrote to the edited words, where they differ."""
    own = portrait.own_words
    quote = own.pop(QUOTE, "")
    pairs = [
        ("quote", quote, words["quote"]),
        ("text", "\n\n".join(text for text in own.values() if text), words["text"]),
    ]
    label = {name: StudioForm.base_fields[name].label for name, _own, _edited in pairs}
    return [(label[name], word_diff(own, edited)) for name, own, edited in pairs if own != edited]


def style_hints(portrait: Portrait, words: dict[str, str]) -> list[tuple[str, hints.Hint]]:
    """(name of the field, hint) for the words as typed."""
    student = portrait.student
    found = hints.hints_for(
        hints.Words(
            **words, names=(student.first_name, student.last_name), inclusive=settings.INCLUSIVE_WRITING
        )
    )
    return [(StudioForm.base_fields[hint.field].label, hint) for hint in found]


def proposed_description(portrait: Portrait, written: str) -> str:
    """What the description of the photo may begin from; empty where there is no photo. `written`: the student's own."""
    if portrait.photo is None:
        return ""
    student = portrait.student
    return hints.proposed_description(
        written,
        promotion=str(student.promotion),
        width=portrait.photo.crop_width,
        names=(student.full_name, student.first_name, student.last_name),
        limit=StudioForm.base_fields["alt_text"].max_length,
    )

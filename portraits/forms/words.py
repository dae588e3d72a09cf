"""The field for words that people write, student and comms group alike."""

from __future__ import annotations

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that cannot be seen and change how the rest is read: control characters, overrides of the direction."""


def check_visible(text: str) -> None:
    """Refuse text that holds something nobody sees, and say where."""
    found = HIDDEN.search(text)
    if found:
        near = text[max(0, found.start() - 15) : found.end() + 15]
        raise ValidationError(
            _(
                "There are invisible characters near “%(near)s”, often from copying out of a document. Type that passage again."
            ),
            code="invisible",
            params={"near": " ".join(HIDDEN.sub("", near).split())},
        )


class WordsField(forms.CharField):
    """Words as people type them: all of it can be seen, lines end in \\n, and the browser cuts nothing off."""

    def __init__(self, **kwargs):
        super().__init__(validators=[check_visible], **kwargs)
        # check_visible refuses NUL too, and says it as a colleague would.
        self.validators = [
            check for check in self.validators if not isinstance(check, ProhibitNullCharactersValidator)
        ]

    def to_python(self, value):
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)

    def widget_attrs(self, widget):
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}

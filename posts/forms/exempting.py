"""Why a post should go out although a rule is against it."""

from __future__ import annotations

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from portraits.forms.words import WordsField

from ..rulings import Ruling


class ExemptForm(forms.Form):
    """One ruling, named by its rule and what it is about, and the reason. Several stand on one page: each has ids of its own."""

    rule = forms.CharField(widget=forms.HiddenInput)
    about = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = WordsField(
        label=_("Publish all the same, because…"),
        help_text=_("Your name and this reason stay on record with the post; the staff read them."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Say in a sentence why it should go out all the same: the staff read it.")
        },
    )

    def __init__(self, ruling: Ruling, data=None):
        key = re.sub(r"\W", "-", f"{ruling.rule}-{ruling.about}")
        super().__init__(data, auto_id=f"{key}-%s", initial={"rule": ruling.rule, "about": ruling.about})

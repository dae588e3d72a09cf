"""What a student proposes, and why the group does not take it up."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portraits.forms.words import WordsField
from portraits.photos import PhotoRefused

from .. import attachments
from ..kinds import ABOUT
from ..models import Kind
from .composing import MOST_PICTURES, PICTURES, FilesField

PROPOSED = (Kind.MODULE, Kind.ROUND_TABLE, Kind.EVENT, Kind.ANNOUNCEMENT)


class ProposalForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What is it about?"),
        choices=[(kind.value, ABOUT[kind].label) for kind in PROPOSED],
    )
    title = WordsField(
        label=gettext_lazy("In a line"),
        max_length=120,
        error_messages={"required": gettext_lazy("Say in a line what it is about.")},
    )
    text = WordsField(
        label=gettext_lazy("What happened, or will happen?"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6, "autocapitalize": "sentences", "spellcheck": "true"}),
        help_text=gettext_lazy("Who, where, when, and what struck you. The group writes the post."),
        error_messages={"required": gettext_lazy("Write a sentence or two: what is it about?")},
    )
    pictures = FilesField(
        label=gettext_lazy("Photos"),
        required=False,
        help_text=gettext_lazy("Four at most. Only of people who agree to be shown."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["pictures"].widget.attrs["accept"] = PICTURES
        self.prepared = []

    def clean_pictures(self):
        given = self.cleaned_data["pictures"]
        if len(given) > MOST_PICTURES:
            raise forms.ValidationError(_("A post shows four pictures at most. Leave some out."))
        for upload in given:
            try:
                self.prepared.append(attachments.picture(upload))
            except PhotoRefused as refused:
                raise forms.ValidationError(f"{upload.name} : {refused}") from refused
        return given


class DeclineForm(forms.Form):
    reason = WordsField(
        label=gettext_lazy("Why not, in a sentence"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why in a sentence: the student reads it.")},
    )

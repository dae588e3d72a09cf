"""A file of events that staff choose, and their word after they have read what it would change."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cohorts.models import Promotion

from ..event_files import MAX_BYTES, Found, Unreadable, read


class EventFileForm(forms.Form):
    """`found` is what is in the file, `data` the file."""

    file = forms.FileField(
        label=gettext_lazy("Calendar file (.ics)"),
        help_text=gettext_lazy(
            "Outlook, Google Calendar and Apple Calendar export it. From today on, eighteen months are taken."
        ),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        error_messages={
            "required": gettext_lazy("Choose the file."),
            "empty": gettext_lazy("This file is empty. Choose the one that your programme exported."),
        },
    )
    promotion = forms.ModelChoiceField(
        label=gettext_lazy("Whom these events concern"),
        queryset=Promotion.objects.none(),
        required=False,
        empty_label=gettext_lazy("the whole school"),
    )

    found: list[Found]
    data_read: bytes

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["promotion"].queryset = Promotion.objects.order_by("-starts")

    def clean_file(self):
        # One byte more than may be, so that what is too large is not read whole.
        self.data_read = self.cleaned_data["file"].read(MAX_BYTES + 1)
        try:
            self.found = read(self.data_read, timezone.now())
        except Unreadable as error:
            raise forms.ValidationError(list(error.problems)) from error
        return self.cleaned_data["file"]


class EventPlanForm(forms.Form):
    """`key` names the file that was read."""

    key = forms.CharField(max_length=60, widget=forms.HiddenInput)
    removes_gone = forms.BooleanField(
        label=gettext_lazy("Remove from the calendar what is no longer in the file"), required=False
    )

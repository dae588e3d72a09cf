"""Another moment for a post."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .fields import DayField, TimeField, on_the_wall


class MoveForm(forms.Form):
    """Day and time on the school’s wall clock; `moment` is the instant. `version` is the version that was before their eyes."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    """What stood against the moment, before their eyes: whoever sends it anew means it."""
    day = DayField(label=gettext_lazy("Day"), error_messages={"required": gettext_lazy("Choose the day.")})
    time = TimeField(
        label=gettext_lazy("Time"), error_messages={"required": gettext_lazy("Choose the time.")}
    )

    moment: datetime

    def clean(self):
        if self.errors:
            return
        try:
            self.moment = on_the_wall(datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"]))
        except ValidationError as error:
            self.add_error("time", error)
            return
        if self.moment <= timezone.now():
            self.add_error("day", _("This moment has passed. Choose a later one."))

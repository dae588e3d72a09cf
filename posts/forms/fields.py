"""A day and a time as people choose them on the school's wall clock, and what clock changes do to them."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inet_comms.moments import said_day


class DayField(forms.DateField):
    """A day, in the browser's own field."""

    default_error_messages = {"invalid": gettext_lazy("Write the day like this: 2027-03-02.")}

    def __init__(self, **kwargs):
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs)


class TimeField(forms.TimeField):
    """Hours and minutes, in the browser's own field."""

    default_error_messages = {"invalid": gettext_lazy("Write the time like this: 08:30.")}

    def __init__(self, **kwargs):
        super().__init__(widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), **kwargs)


def on_the_wall(moment: datetime) -> datetime:
    """The instant at which the school's clocks show this. Raises ValidationError where they never do, or do so twice."""
    zone = timezone.get_default_timezone()
    first, second = moment.replace(tzinfo=zone), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    said = {"day": said_day(moment.date()), "time": f"{moment:%H:%M}"}
    if first.utcoffset() < second.utcoffset():
        raise ValidationError(
            _(
                "On %(day)s there is no %(time)s: the clocks go forward that night. Choose a time outside that hour."
            )
            % said,
            "no-such-time",
        )
    raise ValidationError(
        _("On %(day)s, %(time)s comes twice: the clocks go back that night. Choose a time outside that hour.")
        % said,
        "twice",
    )


def typed_moment(data) -> datetime | None:
    """The instant that the fields `day` and `time` say; None where they say none that can be."""
    try:
        day, hour = DayField().clean(data.get("day")), TimeField().clean(data.get("time"))
        return on_the_wall(datetime.combine(day, hour))
    except ValidationError:
        return None

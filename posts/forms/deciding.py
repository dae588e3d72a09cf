"""What staff decide about a post, with the versions that they read."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DecisionForm(forms.Form):
    """Approve, or return with a reason. The versions are those on the screen when they decided."""

    APPROVE, RETURN = "approve", "return"

    decision = forms.ChoiceField(choices=[(APPROVE, APPROVE), (RETURN, RETURN)], widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    portrait_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What should change?"),
        help_text=_("The group gets these words by mail."),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("decision") == self.RETURN and not cleaned.get("reason"):
            self.add_error("reason", _("Write in a sentence what should change: the group cannot guess it."))
        return cleaned


class ReasonForm(forms.Form):
    """One reason for all the posts that are returned together."""

    reason = forms.CharField(
        label=_("What should change?"),
        help_text=_("The groups get these words by mail."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write in a sentence what should change: the group cannot guess it.")},
    )

"""What a person answers where the machine cannot know: the link of a post that is online, or why it is left."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portraits.forms.words import WordsField


class ThereForm(forms.Form):
    """It is online, here is the link."""

    link = forms.CharField(
        label=_("Link of the post"),
        help_text=_(
            "On the page, open the menu of the post (…), choose “Copy link to post”, and paste it here."
        ),
        max_length=500,
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        error_messages={"required": _("Paste the link of the post.")},
    )


class ReasonForm(forms.Form):
    """It is not online, and this is how they know."""

    reason = WordsField(
        label=_("What did you see?"),
        help_text=_("One sentence, for those who read this later."),
        max_length=300,
        error_messages={"required": _("Say in one sentence what you saw on the page.")},
    )


class ResendForm(ReasonForm):
    """It is not online, and goes out anew. Who says so must have looked, unless nothing can be there."""

    looked = forms.BooleanField(
        label=_("I have opened the page just now, and the post is not there."),
        error_messages={"required": _("Open the page first, look, and tick this box.")},
    )

    def __init__(self, *args, must_look: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not must_look:
            del self.fields["looked"]


class WhyForm(forms.Form):
    """Why something must not be, or not stay, online."""

    reason = WordsField(
        label=_("Why?"),
        help_text=_("It stays on record with your name."),
        max_length=300,
        error_messages={"required": _("Say why in one sentence: it stays on record.")},
    )

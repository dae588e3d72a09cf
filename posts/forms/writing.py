"""What the comms group writes about a post: the pages it goes to, the words on each, the moment; and the student's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portraits.forms.words import WordsField

from ..actions.writing import opening_words
from ..models import Account, Post
from .fields import DayField, TimeField, on_the_wall


@dataclass
class Page:
    """One page that the post may go to, with its two fields."""

    account: Account
    use: forms.BoundField
    text: forms.BoundField


class PostForm(forms.Form):
    """One box and one text for each page, and the moment. `version` is the version that was before their eyes."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    day = DayField(label=gettext_lazy("Day"), required=False)
    time = TimeField(label=gettext_lazy("Time"), required=False)

    def __init__(self, post: Post, accounts: list[Account], *args, **kwargs):
        self.accounts = accounts
        texts = {variant.account_id: variant.text for variant in post.variants.all()}
        local = timezone.localtime(post.publish_at) if post.publish_at else None
        initial = {"version": post.version}
        if local:
            initial |= {"day": local.date(), "time": local.time()}
        for account in accounts:
            initial |= {
                f"use_{account.pk}": account.pk in texts,
                f"text_{account.pk}": texts.get(account.pk) or opening_words(post.portrait, account),
            }
        super().__init__(*args, initial=initial, **kwargs)
        for account in accounts:
            self.fields[f"use_{account.pk}"] = forms.BooleanField(
                label=_("Publish on %(page)s") % {"page": account}, required=False
            )
            self.fields[f"text_{account.pk}"] = WordsField(
                label=_("Text for %(page)s") % {"page": account},
                required=False,
                widget=forms.Textarea(attrs={"rows": 12}),
            )

    @property
    def pages(self) -> list[Page]:
        return [
            Page(account, self[f"use_{account.pk}"], self[f"text_{account.pk}"]) for account in self.accounts
        ]

    def clean(self):
        for account in self.accounts:
            if self.cleaned_data.get(f"use_{account.pk}") and not self.cleaned_data.get(f"text_{account.pk}"):
                self.add_error(f"text_{account.pk}", _("Write the text, or leave this page out."))
        if not {"day", "time"} & set(self.errors):
            self._clean_moment()

    def _clean_moment(self):
        day, time = self.cleaned_data["day"], self.cleaned_data["time"]
        self.cleaned_data["publish_at"] = None
        if day and not time:
            self.add_error("time", _("Choose the time as well."))
        elif time and not day:
            self.add_error("day", _("Choose the day as well."))
        elif day and time:
            try:
                moment = on_the_wall(datetime.combine(day, time))
            except ValidationError as error:
                self.add_error("time", error)
                return
            if moment <= timezone.now():
                self.add_error("day", _("This moment has passed. Choose a later one."))
            self.cleaned_data["publish_at"] = moment

    @property
    def texts(self) -> dict[int, str]:
        """Text by account, of the pages that are ticked."""
        return {
            account.pk: self.cleaned_data[f"text_{account.pk}"]
            for account in self.accounts
            if self.cleaned_data[f"use_{account.pk}"]
        }


class ReadForm(forms.Form):
    """A verb that takes nothing but the version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class RefuseForm(forms.Form):
    """The student does not agree, and says what should be otherwise."""

    message = WordsField(
        label=gettext_lazy("What should be otherwise?"),
        help_text=gettext_lazy("The communication group receives your words and writes the text again."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Say in a sentence what should be otherwise.")},
    )

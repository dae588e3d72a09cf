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
from ..models import Account, Picture, Post
from ..opening import piece_words
from ..pictures import choices_for
from .fields import DayField, TimeField, on_the_wall


@dataclass
class Page:
    """One page that the post may go to, with its three fields."""

    account: Account
    use: forms.BoundField
    text: forms.BoundField
    picture: forms.BoundField | None
    """None where there is nothing to choose: a post that is no portrait shows what it has."""


class PictureField(forms.ChoiceField):
    """A form that does not name it shows what is saved."""

    def bound_data(self, data, initial):
        return initial if data is None else data


class PostForm(forms.Form):
    """One box and one text for each page, and the moment. `version` is the version that was before their eyes."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    day = DayField(label=gettext_lazy("Day"), required=False)
    time = TimeField(label=gettext_lazy("Time"), required=False)

    def __init__(self, post: Post, accounts: list[Account], *args, **kwargs):
        self.post, self.accounts = post, accounts
        written = {variant.account_id: variant for variant in post.variants.all()}
        local = timezone.localtime(post.publish_at) if post.publish_at else None
        initial = {"version": post.version}
        if local:
            initial |= {"day": local.date(), "time": local.time()}
        for account in accounts:
            variant = written.get(account.pk)
            initial |= {
                f"use_{account.pk}": variant is not None,
                f"text_{account.pk}": variant.text if variant else _opening_words(post, account),
                f"picture_{account.pk}": variant.picture if variant else Picture.PHOTO.value,
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
            if post.portrait_id is not None:
                self.fields[f"picture_{account.pk}"] = PictureField(
                    label=_("With the words on %(page)s") % {"page": account},
                    required=False,
                    choices=choices_for(account),
                )

    @property
    def pages(self) -> list[Page]:
        return [
            Page(
                account,
                self[f"use_{account.pk}"],
                self[f"text_{account.pk}"],
                self[f"picture_{account.pk}"] if f"picture_{account.pk}" in self.fields else None,
            )
            for account in self.accounts
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
    def moment(self) -> datetime | None:
        """As it is typed; what is saved where nothing, or nothing that can be, is typed."""
        typed = getattr(self, "cleaned_data", {}).get("publish_at") if self.is_bound else None
        return typed or self.post.publish_at

    @property
    def texts(self) -> dict[int, str]:
        """Text by account, of the pages that are ticked."""
        return {
            account.pk: self.cleaned_data[f"text_{account.pk}"]
            for account in self.accounts
            if self.cleaned_data[f"use_{account.pk}"]
        }

    @property
    def pictures(self) -> dict[int, str]:
        """What goes with the words, by account; a form that does not say leaves it as it is."""
        chosen = {account.pk: self.cleaned_data.get(f"picture_{account.pk}") for account in self.accounts}
        return {account: picture for account, picture in chosen.items() if picture}


def _opening_words(post: Post, account: Account) -> str:
    return piece_words(post, account) if post.portrait is None else opening_words(post.portrait, account)


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

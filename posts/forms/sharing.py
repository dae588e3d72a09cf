"""How a page is shared in a period, one field for each promotion's share; and which post goes out in a slot."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cohorts.models import Promotion
from inet_comms.moments import said

from ..actions.sharing import check_shares
from ..models import Post, SharedPeriod


class SharesForm(forms.ModelForm):
    """Shares by promotion; empty where a promotion has none. Made by `shares_form`, which knows the promotions."""

    promotions: list[Promotion] = []

    class Meta:
        model = SharedPeriod
        fields = ("account", "starts", "ends")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for share in self.instance.shares.all():
                self.initial[f"share_{share.promotion_id}"] = share.percent

    @property
    def shares(self) -> dict[Promotion, int]:
        named = {one: self.cleaned_data.get(f"share_{one.pk}") for one in self.promotions}
        return {promotion: percent for promotion, percent in named.items() if percent is not None}

    def clean(self):
        cleaned = super().clean()
        if not any(name.startswith("share_") for name in self.errors):
            check_shares(self.shares.values())
        return cleaned


def shares_form(promotions: list[Promotion]) -> type[SharesForm]:
    """A form with a field for each of these."""
    fields = {
        f"share_{one.pk}": forms.IntegerField(
            label=_("Share of %(name)s, in percent") % {"name": one},
            min_value=0,
            max_value=100,
            required=False,
        )
        for one in promotions
    }
    return type("SharesForm", (SharesForm,), fields | {"promotions": promotions, "__module__": __name__})


class ChooseForm(forms.Form):
    """One of the group’s posts. With each stands the version that was before their eyes."""

    post = forms.ModelChoiceField(
        queryset=None,
        label=gettext_lazy("Which post goes out then?"),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose a post."),
            "invalid_choice": gettext_lazy("This post has gone elsewhere meanwhile. Choose another one."),
        },
    )

    def __init__(self, posts, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["post"].queryset = posts
        self.fields["post"].label_from_instance = _as_choice

    @property
    def versions(self) -> dict[int, int]:
        """As they were read: a post that has changed since is not moved."""
        pairs = (pair.split("-") for pair in self.data.getlist("read") if pair.count("-") == 1)
        return {int(pk): int(version) for pk, version in pairs if pk.isdecimal() and version.isdecimal()}


def _as_choice(post: Post) -> str:
    when = said(post.publish_at) if post.publish_at else _("no moment chosen yet")
    return f"{post} · {post.get_state_display()} · {when}"

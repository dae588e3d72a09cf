"""How a page is shared in a period: one field for each promotion's share."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _

from cohorts.models import Promotion

from ..actions.sharing import check_shares
from ..models import SharedPeriod


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

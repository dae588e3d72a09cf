"""The look of a promotion's cards: layout, colours, logo, what is said besides the name and the quote."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cohorts.models import hex_colour

from .. import logos
from ..models import CardStyle

LOOK = ("layout", "colour", "second_colour", "shows_track", "shows_hashtag")


class CardStyleForm(forms.Form):
    """Every field of it is small and of a known kind: the same form guards the live preview."""

    layout = forms.ChoiceField(
        label=_("Layout"), choices=CardStyle.Layout.choices, widget=forms.RadioSelect, required=True
    )
    colour = forms.CharField(label=_("Main colour"), validators=[hex_colour], widget=forms.ColorInput)
    second_colour = forms.CharField(
        label=_("Second colour"), validators=[hex_colour], widget=forms.ColorInput
    )
    logo = forms.FileField(
        label=_("Logo"),
        help_text=_("PNG with a transparent background if you have one, 4 MB at most."),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    without_logo = forms.BooleanField(label=_("Take the logo off"), required=False)
    shows_track = forms.BooleanField(label=_("Say the track"), required=False)
    shows_hashtag = forms.BooleanField(label=_("Say the hashtag"), required=False)

    @classmethod
    def of(cls, style: CardStyle) -> CardStyleForm:
        """The form that shows the style as it is; where no colour was chosen, the promotion's."""
        return cls(initial=values_of(style))

    def clean_logo(self):
        """PNG bytes of our own, or None."""
        upload = self.cleaned_data["logo"]
        if not upload:
            return None
        try:
            return logos.clean(upload)
        except logos.LogoRefused as refused:
            raise ValidationError(str(refused), code=refused.code) from refused

    def look(self, promotion) -> dict:
        """For `set_card_style`: a colour that is the promotion's stays the promotion's, whatever it becomes."""
        look = {name: self.cleaned_data[name] for name in LOOK}
        for name in ("colour", "second_colour"):
            if look[name].lower() == getattr(promotion, name).lower():
                look[name] = ""
        return look


def values_of(style: CardStyle) -> dict:
    promotion = style.promotion
    return {name: getattr(style, name) for name in LOOK} | {
        "colour": style.colour or promotion.colour,
        "second_colour": style.second_colour or promotion.second_colour,
    }

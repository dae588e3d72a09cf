"""What staff type to connect a page: the server it lives on, or a name and a password made for us; then which page."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..networks.addresses import server_address
from ..networks.base import Choice, Refused

BLUESKY = "https://bsky.social"
"""Where an account lives unless it says otherwise; it is led on to its own server from there."""


def rehearsal_address(network: str) -> str:
    """Where this network is rehearsed, if it may be: in the demo only."""
    return f"{settings.REHEARSAL_URL}/api/{network}" if settings.DEMO else ""


class ServerField(forms.CharField):
    """A server as people name it, cleaned to its address; in the demo also the rehearsal's."""

    def __init__(self, network: str, **kwargs):
        self.network = network
        kwargs.setdefault("max_length", 200)
        super().__init__(
            widget=forms.TextInput(
                attrs={
                    "inputmode": "url",
                    "autocapitalize": "none",
                    "autocomplete": "off",
                    "spellcheck": "false",
                }
            ),
            **kwargs,
        )

    def clean(self, value):
        value = super().clean(value)
        if not value or value.rstrip("/") == rehearsal_address(self.network):
            return value.rstrip("/")
        try:
            return server_address(value)
        except Refused as refused:
            raise ValidationError(str(refused.message), code=refused.reason) from None


class AwayForm(forms.Form):
    """Nothing to type: the network is one for all."""


class MastodonForm(forms.Form):
    """Which server the account lives on."""

    server = ServerField(
        "mastodon",
        label=_("Server of the account"),
        help_text=_(
            "What stands after the second @ of its name: for @inet@mastodon.example, type mastodon.example."
        ),
        error_messages={"required": _("Type the server on which the account lives.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["server"].initial = rehearsal_address("mastodon")


class BlueskyForm(forms.Form):
    """The account's name and a password made for us; its server only where that is not Bluesky's own."""

    handle = forms.CharField(
        label=_("Name of the account"),
        help_text=_("For example inet.bsky.social."),
        max_length=253,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type the name of the account.")},
    )
    password = forms.CharField(
        label=_("App password"),
        help_text=_(
            "Made for us on Bluesky, under Settings, Privacy and security, App passwords. It is used once and kept nowhere."
        ),
        max_length=200,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Paste the app password.")},
    )
    server = ServerField(
        "bluesky",
        label=_("Its server"),
        help_text=_("Only for an account that does not live on Bluesky’s own server."),
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["server"].initial = rehearsal_address("bluesky")

    def clean_handle(self):
        return self.cleaned_data["handle"].strip().removeprefix("@")


class PageForm(forms.Form):
    """Which of the pages that the consent reaches; those on which we could not publish stand there, and cannot be chosen."""

    page = forms.ChoiceField(
        label=_("Page"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the page."), "invalid_choice": _("Choose one of these pages.")},
    )

    def __init__(self, choices: list[Choice], *args, **kwargs):
        super().__init__(*args, **kwargs)
        usable = [choice for choice in choices if choice.can_publish]
        self.fields["page"].choices = [(choice.remote_id, choice.name) for choice in usable]
        if len(usable) == 1:
            self.fields["page"].initial = usable[0].remote_id

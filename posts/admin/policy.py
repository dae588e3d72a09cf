"""The school's rules for its pages, as staff write them."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from inet_comms.admin_site import StaffAdmin

from ..models import ChannelPolicy, Kind


class PolicyForm(forms.ModelForm):
    """The kinds of content as boxes."""

    kinds = forms.MultipleChoiceField(
        label=_("Kinds of content"),
        help_text=_("What may go out here. At least one."),
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one kind of content that may go out here.")},
    )


@admin.register(ChannelPolicy)
class ChannelPolicyAdmin(StaffAdmin):
    """A row for one page can be deleted, which gives it back to the rule of its network; that one stays."""

    form = PolicyForm
    list_display = ("__str__", "sentence", "audience", "content")
    list_select_related = ("account",)
    list_filter = ("network",)
    fieldsets = (
        (None, {"fields": ("network", "account", "sentence")}),
        (_("Who reads it"), {"fields": ("audience", "audience_passes")}),
        (_("What goes out"), {"fields": ("kinds", "kinds_passes")}),
        (_("Length"), {"fields": ("shortest", "longest", "length_passes")}),
        (
            _("Pictures and links"),
            {"fields": ("picture_required", "picture_passes", "links_allowed", "links_passes")},
        ),
        (_("Hashtags"), {"fields": ("fewest_hashtags", "most_hashtags", "hashtags_passes")}),
        (
            _("When"),
            {"fields": ("spacing_hours", "spacing_passes", "live_in_windows", "live_passes")},
        ),
    )

    @admin.display(description=_("kinds of content"))
    def content(self, policy):
        return ", ".join(policy.kinds_in_words)

    def has_delete_permission(self, request, obj=None):
        return request.user.is_staff and obj is not None and obj.account_id is not None

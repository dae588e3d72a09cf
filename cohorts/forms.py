"""What staff type about people: a corrected student, a promotion's new name, a file to import."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.forms import ConfirmImportForm, ImportForm

from .actions import is_taken
from .kinds import BY_SLUG, How, Kind
from .models import FormerName, Promotion, Student


class StudentForm(forms.ModelForm):
    """A student by hand. Their login follows: see `actions.update_login`."""

    class Meta:
        model = Student
        fields = ("promotion", "first_name", "last_name", "email")

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if is_taken(email, self.instance):
            raise forms.ValidationError(_("Someone else already signs in with this address."))
        return email


class PromotionForm(forms.ModelForm):
    """A promotion; colours are picked, not typed."""

    class Meta:
        model = Promotion
        fields = ("track", "number", "name", "slug", "starts", "ends", "hashtag", "colour", "second_colour")
        widgets = {
            "colour": forms.TextInput(attrs={"type": "color"}),
            "second_colour": forms.TextInput(attrs={"type": "color"}),
        }


class RenameForm(forms.ModelForm):
    """A promotion's new name. What the old name and address become is `actions.rename`."""

    class Meta:
        model = Promotion
        fields = ("name", "slug")
        labels = {"name": gettext_lazy("New name"), "slug": gettext_lazy("New address")}

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        other = FormerName.objects.filter(slug=slug).exclude(promotion=self.instance).first()
        if other:
            raise forms.ValidationError(
                _("This address still leads to %(promotion)s, which bore it before.")
                % {"promotion": other.promotion}
            )
        return slug


def _promotions():
    return Promotion.objects.select_related("track")


class RosterForm(ImportForm):
    """Which file, for which promotion. Its kind is found out by reading it."""

    promotion = forms.ModelChoiceField(label=gettext_lazy("Promotion"), queryset=Promotion.objects.none())
    field_order = ["promotion", "import_file"]
    media = forms.Media()

    def __init__(self, formats, resources, **kwargs):
        super().__init__(formats, resources, **kwargs)
        self.fields["promotion"].queryset = _promotions()
        self.fields["import_file"].widget.attrs["accept"] = ".csv,.xlsx,text/csv"
        self.fields["import_file"].label = gettext_lazy("CSV or Excel file")
        self.fields["format"].required = False
        self.fields["format"].widget = forms.HiddenInput()
        self.initial["format"] = "0"

    def clean_format(self):
        return "0"


class ConfirmRosterForm(ConfirmImportForm):
    """The same file and promotion, after staff have read what would change."""

    promotion = forms.ModelChoiceField(widget=forms.HiddenInput, queryset=Promotion.objects.none())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["promotion"].queryset = _promotions()

    def clean_format(self):
        return "0"


class PreferencesForm(forms.Form):
    """How somebody wishes to be told: one choice for each kind that can be chosen at all."""

    def __init__(self, hows: dict[Kind, How], data=None):
        super().__init__(data)
        for kind, how in hows.items():
            if not kind.is_fixed:
                self.fields[kind.slug] = forms.ChoiceField(
                    label=kind.label,
                    help_text=kind.help,
                    choices=kind.choices,
                    initial=how,
                    widget=forms.RadioSelect,
                    error_messages=dict.fromkeys(
                        ("required", "invalid_choice"), _("Choose one of the answers offered.")
                    ),
                )

    @property
    def wishes(self) -> dict[Kind, How]:
        """What differs from before: what was never touched goes on following the default."""
        return {BY_SLUG[name]: How(self.cleaned_data[name]) for name in self.changed_data}

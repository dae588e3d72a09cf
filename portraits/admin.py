"""The staff's desk for portraits: looked at here, written by students and edited by their group on their own pages."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inet_comms.admin_site import ReadOnlyAdmin, ReadOnlyInline, Steps, badge

from .models import Consent, Portrait, PortraitMove, PortraitVersion
from .steps import TONES


class VersionInline(ReadOnlyInline):
    model = PortraitVersion
    fields = ("number", "at", "by", "title")
    show_change_link = True


class ConsentInline(ReadOnlyInline):
    model = Consent
    fk_name = "portrait"
    fields = ("given_at", "version", "until", "ended_at", "end")
    show_change_link = True


class PortraitMoveInline(Steps, ReadOnlyInline):
    model = PortraitMove
    fields = Steps.columns


@admin.register(Portrait)
class PortraitAdmin(ReadOnlyAdmin):
    list_display = ("student", "promotion", "badge", "version", "signed_version", "published_at")
    list_filter = ("state", ("student__promotion", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("student__promotion",)
    search_fields = ("student__last_name", "student__first_name", "student__email", "title")
    inlines = (VersionInline, ConsentInline, PortraitMoveInline)
    fields = (
        "student",
        "state",
        "invited_at",
        "title",
        "quote",
        "text",
        "alt_text",
        "version",
        "signed_version",
        "consent",
        "online",
        "published_at",
    )

    def view_on_site(self, portrait):
        return portrait.get_absolute_url() if portrait.online_id else None

    @admin.display(description=_("promotion"), ordering="student__promotion")
    def promotion(self, portrait):
        return portrait.student.promotion

    @admin.display(description=_("state"), ordering="state")
    def badge(self, portrait):
        return badge(portrait.get_state_display(), TONES[portrait.state])


class OfPortrait(ReadOnlyAdmin):
    """A list of what belongs to portraits, found by the student's name."""

    list_select_related = ("portrait__student",)
    search_fields = ("portrait__student__last_name", "portrait__student__first_name")


@admin.register(PortraitVersion)
class PortraitVersionAdmin(OfPortrait):
    list_display = ("portrait", "number", "title", "by", "at")
    list_select_related = ("portrait__student", "by")
    search_fields = (*OfPortrait.search_fields, "title", "text")
    date_hierarchy = "at"
    fields = ("portrait", "number", "title", "quote", "text", "alt_text", "fingerprint", "by", "at")


@admin.register(Consent)
class ConsentAdmin(OfPortrait):
    """The proof: what was on the screen, who agreed, when, and how long it holds."""

    list_display = ("portrait", "given_at", "version", "allowed", "until", "ended_at", "end")
    list_select_related = ("portrait__student", "version")
    list_filter = ("end", ("ended_at", admin.EmptyFieldListFilter), "gallery", "linkedin")
    date_hierarchy = "given_at"
    fields = (
        "portrait",
        "version",
        "allowed",
        "until",
        "terms",
        "language",
        "fingerprint",
        "by",
        "signed_in_with",
        "given_at",
        "reminded_at",
        "ended_at",
        "end",
        "ended_with",
        "receipt",
    )
    readonly_fields = ("allowed", "receipt")

    @admin.display(description=_("receipt"))
    def receipt(self, consent):
        return format_html('<a href="{}">PDF</a>', reverse("consent_receipt", args=[consent.pk]))

    @admin.display(description=_("places"))
    def allowed(self, consent):
        return ", ".join(str(place.label) for place in consent.places) or "–"


@admin.register(PortraitMove)
class PortraitMoveAdmin(Steps, ReadOnlyAdmin):
    list_display = ("at", "student", *Steps.columns[1:])
    list_select_related = ("record__student", "by")
    search_fields = ("record__student__last_name", "by__email", "note")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")

    @admin.display(description=_("portrait"), ordering="record__student__last_name")
    def student(self, step):
        return step.record.student

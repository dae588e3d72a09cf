"""What became of posts on the pages: deliveries, each try, every sign that one is online. Looked at only."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from inet_comms.admin_site import ReadOnlyAdmin, ReadOnlyInline, Steps, badge

from ..models import Attempt, Delivery, DeliveryMove, Evidence
from ..steps import DELIVERY_TONES

STUDENT = "post__portrait__student"


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = ("number", "kind", "intent_at", "first_byte_at", "ended_at", "outcome", "answer")


class EvidenceInline(ReadOnlyInline):
    model = Evidence
    fields = ("remote_id", "source", "seen_at")


class DeliveryMoveInline(Steps, ReadOnlyInline):
    model = DeliveryMove
    fields = Steps.columns


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("student", "account", "badge", "due_at", "published_at", "tries", "message")
    list_display_links = ("student",)
    list_filter = ("state", "account", "may_exist")
    list_select_related = (STUDENT, "post__piece", "account")
    search_fields = (f"{STUDENT}__last_name", f"{STUDENT}__first_name", "remote_id", "text")
    date_hierarchy = "due_at"
    inlines = [AttemptInline, EvidenceInline, DeliveryMoveInline]
    fields = (
        "post",
        "account",
        "state",
        "message",
        "may_exist",
        "responsible",
        "answer_by",
        "url",
        "text",
        "picture",
        "card",
        "alt_text",
        "document_title",
        "post_version",
        "portrait_version",
        "generation",
        "due_at",
        "latest_useful_at",
        "published_at",
        "confirmed_at",
        "tries",
        "looks",
        "checks_done",
        "reminders",
        "next_check_at",
        "lease_until",
        "key",
        "record_key",
        "keyed_at",
        "remote_id",
        "image_sha256",
        "fingerprint",
    )

    @admin.display(description=_("post"), ordering=f"{STUDENT}__last_name")
    def student(self, delivery):
        return delivery.post.label

    @admin.display(description=_("state"), ordering="state")
    def badge(self, delivery):
        return badge(delivery.get_state_display(), DELIVERY_TONES[delivery.state])


class OfDelivery(ReadOnlyAdmin):
    """A list of what belongs to deliveries, found by the student's name."""

    list_select_related = (f"delivery__{STUDENT}", "delivery__post__piece", "delivery__account")
    search_fields = (f"delivery__{STUDENT}__last_name", f"delivery__{STUDENT}__first_name")

    @admin.display(description=_("post"), ordering=f"delivery__{STUDENT}__last_name")
    def student(self, row):
        return row.delivery.post.label

    @admin.display(description=_("account"), ordering="delivery__account")
    def account(self, row):
        return row.delivery.account


@admin.register(Attempt)
class AttemptAdmin(OfDelivery):
    list_display = ("student", "account", "number", "kind", "intent_at", "ended_at", "outcome")
    list_filter = ("kind", "outcome")
    date_hierarchy = "intent_at"


@admin.register(Evidence)
class EvidenceAdmin(OfDelivery):
    list_display = ("student", "account", "remote_id", "source", "seen_at")
    list_filter = ("source",)
    search_fields = (*OfDelivery.search_fields, "remote_id")
    date_hierarchy = "seen_at"


@admin.register(DeliveryMove)
class DeliveryMoveAdmin(Steps, ReadOnlyAdmin):
    list_display = ("at", "student", *Steps.columns[1:])
    list_select_related = (f"record__{STUDENT}", "record__post__piece", "by")
    search_fields = (f"record__{STUDENT}__last_name", "by__email", "note")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")

    @admin.display(description=_("post"), ordering=f"record__{STUDENT}__last_name")
    def student(self, step):
        return step.record.post.label

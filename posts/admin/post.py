"""The approval queue: the list of posts, what waits first, and the pages where staff decide about one or several."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, When
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from inet_comms.admin_site import ReadOnlyAdmin, ReadOnlyInline, Steps, badge
from inet_comms.lifecycle import MoveRefused
from inet_comms.moments import said

from .. import actions
from ..actions import NotReady
from ..forms.deciding import DecisionForm, ReasonForm
from ..models import Delivery, Post, PostMove, Variant
from ..steps import POST_TONES
from .exempting import Exempting
from .reviewing import Review

STUDENT = "portrait__student"
MOST = 30
"""Posts decided about on one page: each is to be read."""


class VariantInline(ReadOnlyInline):
    model = Variant
    fields = ("account", "text")


class DeliveryInline(ReadOnlyInline):
    model = Delivery
    fields = ("account", "state", "due_at", "published_at", "url", "message")
    show_change_link = True


class PostMoveInline(Steps, ReadOnlyInline):
    model = PostMove
    fields = Steps.columns


@admin.register(Post)
class PostAdmin(Exempting, ReadOnlyAdmin):
    list_display = ("student", "badge", "decide", "promotion", "publish_at", "author")
    list_display_links = ("student",)
    list_filter = ("state", "kind", ("promotion", admin.RelatedOnlyFieldListFilter))
    list_select_related = (STUDENT, "piece", "promotion", "author")
    list_per_page = 50
    search_fields = (
        "piece__title",
        f"{STUDENT}__last_name",
        f"{STUDENT}__first_name",
        "author__last_name",
        "author__email",
    )
    ordering = (
        Case(When(state=Post.State.IN_REVIEW, then=0), default=1),
        F("publish_at").desc(nulls_first=True),
        "-pk",
    )
    actions = ("approve_many", "return_many")
    inlines = (VariantInline, DeliveryInline, PostMoveInline)
    fields = (
        "kind",
        "portrait",
        "promotion",
        "author",
        "state",
        "publish_at",
        "latest_useful_at",
        "version",
        "portrait_version",
        "student_signed_version",
        "approved_version",
        "approved_by",
        "approved_at",
        "created_at",
    )
    readonly_fields = fields

    @admin.display(description=gettext_lazy("post"), ordering=f"{STUDENT}__last_name")
    def student(self, post):
        return post.label

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def badge(self, post):
        return badge(post.get_state_display(), POST_TONES[post.state])

    @admin.display(description=gettext_lazy("to decide"))
    def decide(self, post):
        if post.state != Post.State.IN_REVIEW:
            return "–"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:posts_post_review", args=[post.pk]), _("Read and decide")
        )

    # Deciding ---------------------------------------------------------------------------------------

    def get_urls(self):
        return [
            path("decider/", self.admin_site.admin_view(self.decide_many), name="posts_post_decide"),
            path("<int:pk>/decider/", self.admin_site.admin_view(self.review), name="posts_post_review"),
            *super().get_urls(),
        ]

    @admin.action(description=gettext_lazy("Read and approve the chosen posts"), permissions=["view"])
    def approve_many(self, request, queryset):
        return self._read_first(DecisionForm.APPROVE, queryset)

    @admin.action(
        description=gettext_lazy("Read and return the chosen posts, with a reason"), permissions=["view"]
    )
    def return_many(self, request, queryset):
        return self._read_first(DecisionForm.RETURN, queryset)

    def _read_first(self, decision, queryset):
        chosen = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[:MOST])
        query = urlencode({"decision": decision, "ids": chosen})
        return redirect(f"{reverse('admin:posts_post_decide')}?{query}")

    def _posts(self, user):
        return (
            Post.objects.visible_to(user)
            .select_related(
                f"{STUDENT}__promotion__track",
                f"{STUDENT}__user",
                "portrait__consent__version",
                "portrait__consent__by",
                "portrait__photo",
                "portrait__online__photo",
                "piece",
                "promotion",
                "author",
                "approved_by",
            )
            .prefetch_related("exemptions__by")
        )

    def _carry_out(self, request, post, cleaned) -> str:
        """Approve or return, and what to say about it. Raises NotReady, MoveRefused, PermissionDenied."""
        if cleaned["decision"] == DecisionForm.RETURN:
            actions.return_to_group(post, reason=cleaned["reason"], by=request.user)
            return _("%(post)s: returned to the group with your reason.") % {"post": post}
        actions.approve(
            post, read=cleaned["version"], read_portrait=cleaned["portrait_version"], by=request.user
        )
        return _("%(post)s: approved. It leaves by itself, %(moment)s.") % {
            "post": post,
            "moment": said(post.publish_at),
        }

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def review(self, request, pk):
        post = get_object_or_404(self._posts(request.user), pk=pk)
        form, status, refusals = DecisionForm(request.POST or None), 200, []
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    messages.success(request, self._carry_out(request, post, form.cleaned_data))
                    return redirect("admin:index")
                except NotReady as refused:
                    refusals = refused.reasons
                except MoveRefused as refused:
                    status, refusals = 409, [refused.for_people]
                post = get_object_or_404(self._posts(request.user), pk=pk)
        return self._show_review(request, post, form=form, refusals=refusals, status=status)

    def _show_review(self, request, post, *, form=None, refusals=(), standing=None, status=200):
        context = {
            **self.admin_site.each_context(request),
            "title": str(post),
            "opts": self.opts,
            "original": post,
            "review": Review(post, request.user, standing),
            "form": form or DecisionForm(),
            "refusals": refusals,
        }
        return TemplateResponse(request, "admin/posts/post/review.html", context, status=status)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def decide_many(self, request):
        data = request.POST if request.method == "POST" else request.GET
        decision = data.get("decision")
        ids = [int(pk) for pk in data.get("ids", "").split(",") if re.fullmatch(r"[0-9]{1,18}", pk)][:MOST]
        posts = sorted(self._posts(request.user).filter(pk__in=ids), key=lambda post: ids.index(post.pk))
        if decision not in (DecisionForm.APPROVE, DecisionForm.RETURN) or not posts:
            return redirect("admin:posts_post_changelist")
        returning = decision == DecisionForm.RETURN
        form = ReasonForm(request.POST or None) if returning else None
        if request.method == "POST" and (form is None or form.is_valid()):
            reason = form.cleaned_data["reason"] if form else ""
            for post in posts:
                if str(post.pk) in request.POST.getlist("chosen"):
                    self._decide_one_of_many(request, post, decision, reason)
            return redirect("admin:posts_post_changelist")
        reviews = [Review(post, request.user) for post in posts]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Return with a reason") if returning else _("Read, then approve"),
            "opts": self.opts,
            "reviews": reviews,
            "offered": [
                review for review in reviews if (review.can_return if returning else review.can_approve)
            ],
            "decision": decision,
            "returning": returning,
            "ids": ",".join(str(post.pk) for post in posts),
            "form": form,
        }
        status = 422 if form is not None and form.errors else 200
        return TemplateResponse(request, "admin/posts/post/decide.html", context, status=status)

    def _decide_one_of_many(self, request, post, decision, reason):
        read = DecisionForm(
            {
                "decision": decision,
                "version": request.POST.get(f"version-{post.pk}"),
                "portrait_version": request.POST.get(f"portrait_version-{post.pk}"),
                "reason": reason,
            }
        )
        try:
            if not read.is_valid():
                raise PermissionDenied
            messages.success(request, self._carry_out(request, post, read.cleaned_data))
        except NotReady as refused:
            self._report(request, post, " ".join(str(reason) for reason in refused.reasons))
        except MoveRefused as refused:
            self._report(request, post, refused.for_people)
        except PermissionDenied:
            self._report(
                request, post, Review(post, request.user).why_not or _("You cannot decide about it.")
            )

    def _report(self, request, post, why):
        messages.warning(request, _("%(post)s: not done. %(why)s") % {"post": post, "why": why})


@admin.register(PostMove)
class PostMoveAdmin(Steps, ReadOnlyAdmin):
    list_display = ("at", "student", *Steps.columns[1:])
    list_select_related = (f"record__{STUDENT}", "record__piece", "by")
    search_fields = (f"record__{STUDENT}__last_name", "by__email", "note")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")

    @admin.display(description=gettext_lazy("post"), ordering=f"record__{STUDENT}__last_name")
    def student(self, step):
        return step.record.label

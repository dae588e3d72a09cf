"""Letting a post pass on the staff's desk, from the page where they decide."""

from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from ..views.exempting import let_pass
from ..views.standing import Standing


class Exempting:
    """For the admin of posts."""

    def get_urls(self):
        return [
            path("<int:pk>/quand-meme/", self.admin_site.admin_view(self.exempt), name="posts_post_exempt"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def exempt(self, request, pk):
        post = get_object_or_404(self._posts(request.user), pk=pk)
        standing = Standing(post, request.user, request.POST)
        if not let_pass(request, standing):
            return self._show_review(request, post, standing=standing, status=422)
        return redirect("admin:posts_post_review", pk)

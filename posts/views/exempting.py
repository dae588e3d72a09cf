"""“Publish all the same, because…”, from the page of a post."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inet_comms.lifecycle import require

from .. import actions, permissions
from .desk import on_desk
from .piece_reading import reading_of
from .standing import Standing


@require_POST
@login_required
def exempt(request, pk):
    """Let the post pass although one rule is against it; whoever may not is refused, an empty reason is asked again."""
    found = get_object_or_404(on_desk(request.user), pk=pk)
    standing = Standing(found, request.user, request.POST)
    if not let_pass(request, standing):
        reading = reading_of(found, request.user, standing=standing)
        return render(request, "posts/post.html", {"reading": reading, "post": found}, status=422)
    return redirect(f"{found.get_absolute_url()}#rules")


def let_pass(request, standing) -> bool:
    """Carry it out and say so; False where the reason is missing."""
    ruling = standing.answered
    if ruling is None:
        messages.warning(request, _("This does not stand against the post any more: nothing had to be done."))
        return True
    require(permissions.can_exempt(request.user, standing.post, ruling.who))
    if not standing.answer.is_valid():
        return False
    given = actions.exempt(
        standing.post, ruling, reason=standing.answer.cleaned_data["reason"], by=request.user
    )
    if given.by_id == request.user.pk:
        messages.success(request, _("Noted with your name and your reason. This rule no longer stops it."))
    else:
        messages.info(request, _("%(name)s had let it pass already.") % {"name": given.by})
    return True

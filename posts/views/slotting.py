"""The next free slot, as one button of the page of a post."""

from django.contrib import messages
from django.utils.translation import gettext as _

from inet_comms.lifecycle import MoveRefused
from inet_comms.moments import said

from .. import actions


def take_next(request, post):
    """Says which slot it is, or why there is none."""
    try:
        moved = actions.take_next_slot(post, read=post.version, by=request.user)
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
    else:
        messages.success(request, _("It has the slot of %(moment)s.") % {"moment": said(moved.publish_at)})

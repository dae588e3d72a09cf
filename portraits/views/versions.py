"""The versions of one portrait: who made which, what it changed, and the way back to it."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from inet_comms.lifecycle import MoveRefused, require

from .. import actions, permissions
from ..forms.studio import WORDS, StudioForm
from ..models import PortraitVersion
from .reading import Studio, differences
from .studio import whole


@dataclass
class Line:
    """One version beside the one before it."""

    version: PortraitVersion
    before: PortraitVersion | None

    @property
    def changed(self) -> list:
        """The names of what it changed."""
        if self.before is None:
            return [_("as handed in")]
        names = [
            StudioForm.base_fields[name].label
            for name in WORDS
            if getattr(self.version, name) != getattr(self.before, name)
        ]
        return [*names, _("Photo")] if self.has_other_photo else names

    @property
    def has_other_photo(self) -> bool:
        return self.before is not None and self.version.photo_id != self.before.photo_id

    @property
    def changes(self) -> list[tuple]:
        """(label, word diff) of each field from the version before."""
        words = {name: getattr(self.version, name) for name in WORDS}
        return differences(self.before or PortraitVersion(), words)


@require_safe
@login_required
def versions(request, pk):
    """All versions, the newest first, and what the chosen one changed."""
    portrait = get_object_or_404(whole(request.user), pk=pk)
    studio = Studio(portrait, request.user)
    found = studio.versions if studio.shows_words else []
    lines = [Line(one, before) for one, before in zip(found, [*found[1:], None], strict=False)]
    asked = request.GET.get("version", str(portrait.version))
    chosen = next((line for line in lines if str(line.version.number) == asked), None)
    if chosen is None and lines:
        raise Http404
    context = {"studio": studio, "portrait": portrait, "lines": lines, "chosen": chosen}
    return render(request, "portraits/studio_versions.html", context)


@require_POST
@login_required
def restore(request, pk, number):
    """An earlier version once more, as the newest one."""
    portrait = get_object_or_404(whole(request.user), pk=pk)
    require(permissions.can_edit(request.user, portrait))
    read = request.POST.get("version", "")
    try:
        after = actions.restore(portrait, number, read=int(read) if read.isdecimal() else 0, by=request.user)
    except PortraitVersion.DoesNotExist as missing:
        raise Http404 from missing
    except MoveRefused as refused:
        messages.warning(request, refused.for_people)
        return redirect("studio_versions", pk)
    if after.version == portrait.version:
        messages.info(request, _("It says exactly what is there already: nothing was changed."))
    else:
        said = _("Version %(number)d is back, as version %(now)d.")
        messages.success(request, said % {"number": number, "now": after.version})
    return redirect("studio", pk)

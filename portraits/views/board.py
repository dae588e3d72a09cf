"""The board of a promotion: everyone, how far their portrait is, what is missing, who looks after them; and the invitations."""

from collections import Counter

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cohorts.models import Student
from cohorts.permissions import is_anyones_comms, is_comms, is_staff
from cohorts.spreadsheets import write_csv
from inet_comms.lifecycle import require

from .. import actions
from ..forms.studio import InviteForm
from ..models import Contact
from .choosing import choose, promotions_of
from .sieve import Sieve, back_to_board
from .tiles import Tile
from .wall import Wall


@require_safe
@login_required
def board(request):
    """Everyone of one promotion. What is shown, and whom `tick` ticks beforehand, stands in the address."""
    chosen = choose(request, "board")
    context = {
        "promotion": chosen.promotion,
        "chosen": chosen,
        "switcher": chosen.switcher,
        "total": 0,
        "tiles": [],
    }
    if chosen.promotion is not None:
        context |= _wall(request, Wall(chosen.promotion), chosen)
    return render(request, "portraits/board.html", context)


def _wall(request, wall, chosen):
    sieve = Sieve(request.GET, wall, request.user.as_student)
    shown = [tile for tile in wall.tiles if sieve.keeps(tile)]
    menus = _menus(wall, {tile.keeper for tile in shown if tile.keeper})
    for tile in shown:
        tile.is_ticked = sieve.ticks(tile)
        tile.menu = menus[tile.keeper.pk if tile.keeper else None]
    return {
        "wall": wall,
        "sieve": sieve,
        "chips": sieve.chips(),
        "tiles": shown,
        "total": len(wall.tiles),
        "online": sum(tile.is_online for tile in wall.tiles),
        "to_remind": sum(tile.is_to_remind for tile in wall.tiles),
        "unreachable": sum(tile.is_unreachable for tile in wall.tiles),
        "means": Contact.Means.choices,
        "can_work": chosen.may_work,
        "can_invite": is_comms(request.user, chosen.promotion),
    }


def _menus(wall, keepers):
    """The choices of “looked after by” as they are with each keeper: made once for each, not once for each face."""
    # Narrow as a face: the first name is enough in a group of three, unless two of them share it.
    firsts = Counter(member.first_name for member in wall.members)
    people = {None: "–"} | {
        member.pk: member.first_name if firsts[member.first_name] == 1 else member.full_name
        for member in wall.members
    }
    gone = {keeper.pk: keeper.full_name for keeper in keepers if keeper.pk not in people}
    menus = {}
    for chosen in [*people, *gone]:
        shown = people | {chosen: gone[chosen]} if chosen in gone else people
        rows = (
            (
                pk or "",
                format_html(" selected{}", " disabled" if pk in gone else "") if pk == chosen else "",
                name,
            )
            for pk, name in shown.items()
        )
        menus[chosen] = format_html_join("", '<option value="{}"{}>{}</option>', rows)
    return menus


@require_POST
@login_required
def invite(request):
    """Write to those who were ticked, as far as they have not begun."""
    require(is_staff(request.user) or is_anyones_comms(request.user))
    people = Student.objects.filter(promotion__in=promotions_of(request.user))
    invitable = {
        student.pk: student
        for student in people.select_related("promotion", "portrait")
        if not Tile(student, None).has_begun
    }
    # Whoever has begun is left out: they are among the ticked faces when one ticks all.
    ticked = [pk for pk in request.POST.getlist("students") if pk.isdecimal() and int(pk) in invitable]
    form = InviteForm(invitable.values(), {"students": ticked})
    back = redirect(back_to_board(request.POST, request.POST.get("promotion", "")))
    if not form.is_valid():
        messages.warning(request, _("Nobody was written to: tick at least one person who has not begun yet."))
        return back
    chosen = [invitable[pk] for pk in form.cleaned_data["students"]]
    for student in chosen:
        actions.invite(student, by=request.user)
    if len(chosen) == 1:
        told = _("%(name)s receives an invitation by mail.") % {"name": chosen[0].full_name}
    else:
        told = _("%(count)d people receive an invitation by mail.") % {"count": len(chosen)}
    left_out = len(request.POST.getlist("students")) - len(chosen)
    if left_out:
        told += " " + ngettext(
            "%(count)d of those ticked has begun already.",
            "%(count)d of those ticked have begun already.",
            left_out,
        ) % {"count": left_out}
    messages.success(request, told)
    return back


@require_safe
@login_required
def export(request):
    """The whole board as a spreadsheet, one line a student; the columns stay in this order."""
    chosen = choose(request, "board")
    if chosen.promotion is None:
        raise Http404
    titles = [
        *(_("Name"), _("E-mail"), _("State"), _("Missing"), _("Looked after by")),
        *(_("Last contact"), _("By which means"), _("Next reminder")),
    ]
    rows = [titles, *map(_row, Wall(chosen.promotion).tiles)]
    response = HttpResponse(write_csv(rows), content_type="text/csv; charset=utf-8")
    name = f"{chosen.promotion.slug}-{timezone.localdate():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _row(tile):
    last = tile.student.last_contact
    return [
        tile.student.full_name,
        tile.student.email,
        capfirst(str(tile.label)),
        tile.missing_said,
        tile.keeper.full_name if tile.keeper else "",
        f"{timezone.localtime(last):%d/%m/%Y}" if last else "",
        str(Contact.Means(tile.student.last_means).label) if last else "",
        tile.next_said,
    ]

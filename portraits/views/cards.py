"""*Cartes*: the look of a promotion's cards, previewed as it changes, and each card for whoever may see it."""

import io
import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, F, OuterRef
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from PIL import Image

from cohorts.models import Student
from inet_comms.lifecycle import require

from .. import cards as pixels
from .. import permissions, sketches
from ..actions import carding
from ..forms.cards import CardStyleForm, values_of
from ..leafing import leaves
from ..models import Card, CardStyle, Portrait, PortraitVersion
from ..sketches import Sketch
from .choosing import choose
from .pictures import require_one, shown

NAME = re.compile(r"([0-9a-f]{16})(?:\.(?:jpg|pdf)|-(petit|page-[1-9])\.jpg)")
SMALL = (432, 540)
"""What a small one fits in, px: twice what it takes on a list."""


# The look ----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cards(request):
    """Choose the look on the left, see it on the right; below, the card of everyone who has one."""
    chosen = choose(request, "cards")
    promotion = chosen.promotion
    if promotion is None:
        return render(request, "portraits/cards.html", {"chosen": chosen})
    style = sketches.style_of(promotion)
    if request.method != "POST":
        return _page(request, chosen, CardStyleForm.of(style))
    require(permissions.can_style_cards(request.user, promotion))
    form = CardStyleForm(_typed(request, promotion), request.FILES)
    if not form.is_valid():
        return _page(request, chosen, form, status=422)
    if "save" not in request.POST:
        return _page(request, chosen, form)
    carding.set_card_style(
        promotion,
        by=request.user,
        logo=form.cleaned_data["logo"],
        without_logo=form.cleaned_data["without_logo"],
        **form.look(promotion),
    )
    messages.success(
        request, _("Saved. The cards below have the new look; what was approved before keeps its own.")
    )
    return redirect(reverse("cards", query={"promotion": promotion.slug}))


def _typed(request, promotion):
    """What they chose; with “the promotion's colours”, those in place of theirs."""
    data = request.POST.copy()
    if "promotion_colours" in data:
        data["colour"], data["second_colour"] = promotion.colour, promotion.second_colour
    return data


def _page(request, chosen, form, status=200):
    promotion = chosen.promotion
    typed = {name: form[name].value() for name in values_of(sketches.style_of(promotion))}
    context = {
        "chosen": chosen,
        "switcher": chosen.switcher,
        "promotion": promotion,
        "style": sketches.style_of(promotion),
        "form": form,
        "layouts": [
            (choice, _preview_address(promotion, typed | {"layout": key}, "portrait", small=True))
            for choice, key in zip(form["layout"], CardStyle.Layout.values, strict=True)
        ],
        "previews": [
            (kind, kind.label, *pixels.SIZES[kind], _preview_address(promotion, typed, kind))
            for kind in (Card.Kind.PORTRAIT, Card.Kind.SQUARE, Card.Kind.SHARE)
        ],
        "sheet": [Sketch(version, Card.Kind.PORTRAIT) for version in of_promotion(promotion)],
        "is_changed": form.is_bound,
    }
    return render(request, "portraits/cards.html", context, status=status)


def _preview_address(promotion, typed, kind, small=False):
    query = {name: value if isinstance(value, str) else "on" for name, value in typed.items() if value}
    query |= {"promotion": promotion.slug, "kind": str(kind)} | ({"small": "1"} if small else {})
    return reverse("card_preview", query=query)


def of_promotion(promotion):
    """The present version of each portrait of it that its student has handed in and not taken back, by name."""
    found = PortraitVersion.objects.filter(
        portrait__student__promotion=promotion,
        number=F("portrait__version"),
        portrait__consent__isnull=False,
        portrait__state__in=Portrait.UNDER_WAY,
    )
    return found.select_related(*sketches.NEEDED).order_by(
        "portrait__student__last_name", "portrait__student__first_name"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preview(request):
    """The picture that these choices would give (a POST may carry a logo), with a real portrait of the promotion; not kept."""
    chosen = choose(request, "cards")
    data = request.POST if request.method == "POST" else request.GET
    kind = data.get("kind", Card.Kind.PORTRAIT)
    if chosen.promotion is None or kind not in pixels.SIZES:
        raise Http404
    form = CardStyleForm(data, request.FILES)
    if not form.is_valid():
        return JsonResponse(
            {"errors": [str(error) for errors in form.errors.values() for error in errors]}, status=422
        )
    style = _unsaved(chosen.promotion, form)
    look = sketches.look(style, None if form.cleaned_data["without_logo"] else form.cleaned_data["logo"])
    photo, words = _sample(chosen.promotion)
    try:
        drawn = pixels.draw(photo, words, look, kind)
    except pixels.CardRefused as refused:
        return JsonResponse({"errors": [str(refused)]}, status=422)
    data = _small(drawn.data) if "small" in data else drawn.data
    return HttpResponse(data, content_type=drawn.content_type, headers={"Cache-Control": "private, no-store"})


def _unsaved(promotion, form):
    style = CardStyle(promotion=promotion, **form.look(promotion))
    if not form.cleaned_data["without_logo"]:
        style.logo = sketches.style_of(promotion).logo.name
    return style


def _sample(promotion):
    """Photo and words of the promotion's last signed portrait; before there is one, of nobody."""
    found = of_promotion(promotion).filter(photo__isnull=False).order_by("-portrait__signed_version", "-pk")
    for version in found[:5]:
        sketch = Sketch(version, Card.Kind.PORTRAIT)
        if not sketch.refusal:
            return sketch.photo_bytes(), sketch.words
    nobody = Student(first_name=_("First name"), last_name=_("Last name"), promotion=promotion)
    return None, sketches.words_of(nobody, _("The sentence that is them."))


# One card ----------------------------------------------------------------------------------------


@require_safe
def card(request, version, kind, name):
    """One file, made when it is first asked for. The picture of a shared link is public while the portrait is online."""
    match = NAME.fullmatch(name)
    if match is None or kind not in Card.Kind.values:
        raise Http404
    online = Portrait.objects.online().filter(online=OuterRef("pk"))
    found = get_object_or_404(
        PortraitVersion.objects.select_related(*sketches.NEEDED).annotate(is_online=Exists(online)),
        pk=version,
    )
    is_public = found.is_online and kind == Card.Kind.SHARE
    if not is_public:
        require_one(request.user, found.portrait, permissions.can_see)
    recipe, part = match.groups()
    kept = Card.objects.filter(version=found, kind=kind, recipe__startswith=recipe).first()
    if kept is None:
        sketch = Sketch(found, kind)
        if carding.may_be_made(found.portrait, found) and not sketch.recipe.startswith(recipe):
            return redirect(_same_part(sketch, part))
        try:
            kept = carding.make_card(sketch)
        except carding.NoCard:
            return redirect(_same_part(Sketch(_newer(found), kind), part))
        except pixels.CardRefused:
            raise Http404 from None
    if part is None:
        return shown(request, kept.file, kept.content_type, kept.sha256, is_public)
    data, content_type = _part(kept, part)
    return shown(request, data, content_type, f"{kept.sha256}-{part}", is_public)


def _newer(version):
    """What this version has become, for a page that was loaded before it was edited, or while it was drawn."""
    newer = PortraitVersion.objects.select_related(*sketches.NEEDED).filter(number__gt=version.number)
    return get_object_or_404(newer, portrait=version.portrait_id, number=F("portrait__version"))


def _same_part(sketch, part):
    if part is None:
        return sketch.url
    return (
        sketch.small_url
        if part == "petit"
        else sketches.page_address(sketch.version.pk, sketch.recipe, int(part[-1]))
    )


def _part(kept, part):
    """(bytes, content type): a small picture of it, or one page of the carousel."""
    with kept.file.open("rb") as file:
        data = file.read()
    pages = leaves(data) if kept.kind == Card.Kind.CAROUSEL else [(data, kept.content_type)]
    number = 1 if part == "petit" else int(part[-1])
    if number > len(pages):
        raise Http404
    data, content_type = pages[number - 1]
    return (_small(data), "image/jpeg") if part == "petit" else (data, content_type)


def _small(data):
    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as picture:
        picture.draft(None, SMALL)
        picture = picture.convert("RGB")
    picture.thumbnail(SMALL)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()

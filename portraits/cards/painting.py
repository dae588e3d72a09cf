"""From a plan to pixels."""

from __future__ import annotations

import io

from PIL import Image, ImageColor, ImageDraw, ImageOps

from cohorts.colours import LEGIBLE, contrast

from .inks import PAPER
from .kinds import Box
from .lettering import mask
from .plan import LOGO_PAD, Logo, Photo, Plan, Veil

OPTIONS = {"JPEG": {"quality": 90, "subsampling": 0}, "PNG": {"optimize": False, "compress_level": 6}}

EDGE_ROWS = 6
"""A photo without a left edge goes on in the colours of its margin, smoothed to so many rows."""


def picture(plan: Plan, photo: bytes | None, logo: bytes | None) -> Image.Image:
    card = ground(plan, photo, logo)
    for line in plan.lines:
        letters, left, top = mask(
            line.face,
            line.text,
            line.px,
            line.tracking,
            0 if line.turned else line.x,
            0 if line.turned else line.y,
        )
        if line.turned:
            letters = letters.transpose(Image.Transpose.ROTATE_90)
            left, top = round(line.x + top), round(line.y - left - letters.height)
        card.paste(line.ink, (left, top), letters)
    return card


def ground(plan: Plan, photo: bytes | None, logo: bytes | None) -> Image.Image:
    """Everything but the texts: what they must be readable on."""
    if plan.photo and photo:
        card = _with_photo(plan, plan.photo, photo)
    else:
        card = Image.new("RGB", (plan.width, plan.height), plan.ground)
    for veil in plan.veils:
        _draw_veil(card, veil, plan)
    pen = ImageDraw.Draw(card)
    for fill in plan.fills:
        box = (fill.box.left, fill.box.top, fill.box.right - 1, fill.box.bottom - 1)
        if fill.radius:
            pen.rounded_rectangle(box, fill.radius, fill.colour)
        else:
            pen.rectangle(box, fill.colour)
    if plan.logo and logo:
        _paste_logo(card, plan.logo, logo)
    return card


def _with_photo(plan: Plan, seen: Photo, photo: bytes) -> Image.Image:
    left, top, right, bottom = (
        round(edge) for edge in (seen.box.left, seen.box.top, seen.box.right, seen.box.bottom)
    )
    with Image.open(io.BytesIO(photo), formats=["JPEG"]) as source:
        source.draft("RGB", (round(seen.width), round(seen.height)))
        pixels = source if source.mode == "RGB" else source.convert("RGB")
        scale = pixels.width / seen.width
        frame = (
            max(0.0, (left - seen.left) * scale),
            max(0.0, (top - seen.top) * scale),
            min(float(pixels.width), (right - seen.left) * scale),
            min(float(pixels.height), (bottom - seen.top) * scale),
        )
        # As sharp as BICUBIC for a photo that is made a little smaller, in 60 % of its time.
        sharp = pixels.resize((right - left, bottom - top), Image.Resampling.HAMMING, box=frame)
    if sharp.size == (plan.width, plan.height):
        sharp.info.clear()
        return sharp
    card = Image.new("RGB", (plan.width, plan.height), plan.ground)
    if not seen.feather:
        card.paste(sharp, (left, top))
        return card
    margin = sharp.crop((0, 0, sharp.width // 12, sharp.height)).resize((1, EDGE_ROWS), Image.Resampling.BOX)
    card.paste(margin.resize((left + seen.feather, card.height), Image.Resampling.BICUBIC), (0, 0))
    edge = Image.new("L", (sharp.width, 1))
    edge.putdata([round(255 * _eased(at / seen.feather)) for at in range(sharp.width)])
    card.paste(sharp, (left, top), edge.resize(sharp.size, Image.Resampling.NEAREST))
    return card


def _paste_logo(card: Image.Image, place: Logo, logo: bytes) -> None:
    pad = LOGO_PAD if place.on_paper else 0
    box = (round(place.box.width) - 2 * pad, round(place.box.height) - 2 * pad)
    with Image.open(io.BytesIO(logo), formats=["PNG", "JPEG"]) as source:
        drawn = ImageOps.contain(source.convert("RGBA"), box, Image.Resampling.LANCZOS)
    free = round(place.box.width) - 2 * pad - drawn.width
    left = round(place.box.left) + pad + {"left": 0, "centre": free // 2, "right": free}[place.stands]
    top = round(place.box.top + place.box.height / 2) - drawn.height // 2
    if place.on_paper:
        chip = (left - pad, top - pad, left + drawn.width + pad - 1, top + drawn.height + pad - 1)
        ImageDraw.Draw(card).rounded_rectangle(chip, 6, PAPER)
    card.paste(drawn, (left, top), drawn)


def encoded(card: Image.Image, form: str) -> bytes:
    out = io.BytesIO()
    card.save(out, form, **OPTIONS[form])
    return out.getvalue()


# Veils ------------------------------------------------------------------------------------------


def _draw_veil(card: Image.Image, veil: Veil, plan: Plan) -> None:
    runs = [run for run in (line.run() for line in plan.lines) if _is_behind(run.box, veil)]
    thick = max([veil.least, *(_needed(card, run.box, run.ink, veil.colour) for run in runs)])
    start, full = round(veil.start), round(veil.full)
    if veil.way == "down":
        box, length = (0, start, card.width, card.height), card.height - start
        line = Image.new("L", (1, length))
    else:
        box, length = (0, 0, start, card.height), start
        line = Image.new("L", (length, 1))
    way = [round(255 * thick * _eased(at / abs(full - start))) for at in range(length)]
    line.putdata(way if veil.way == "down" else way[::-1])
    clear = card.crop(box)
    glass = clear.point(
        [seen * channel // 255 for channel in ImageColor.getrgb(veil.colour) for seen in range(256)]
    )
    card.paste(glass, box, line.resize(clear.size, Image.Resampling.NEAREST))


def _is_behind(box: Box, veil: Veil) -> bool:
    return box.top >= veil.full if veil.way == "down" else box.right <= veil.full


def _eased(way: float) -> float:
    """From 0 to 1, slow at both ends."""
    way = min(max(way, 0.0), 1.0)
    return way * way * (3 - 2 * way)


def _needed(card: Image.Image, box: Box, ink: str, colour: str) -> float:
    """How thick the glass must be for `ink` to read on the lightest pixel that the box could hold."""
    part = card.crop((max(0, int(box.left)), max(0, int(box.top)), int(box.right) + 1, int(box.bottom) + 1))
    lightest, glass = [high for _low, high in part.getextrema()], ImageColor.getrgb(colour)
    low, high = 0, 100
    while low < high:
        share = (low + high) // 2 / 100
        # Two more than exact: what is rounded on the way must not count against the reader.
        seen = [
            min(255, int(one * (1 - share + share * other / 255)) + 2)
            for one, other in zip(lightest, glass, strict=True)
        ]
        readable = contrast(ink, "#{:02X}{:02X}{:02X}".format(*seen)) >= LEGIBLE
        low, high = (low, (low + high) // 2) if readable else ((low + high) // 2 + 1, high)
    return low / 100

"""Layout "full": the photo to every edge, a veil in the promotion's colour that thickens where the words stand."""

from __future__ import annotations

from dataclasses import replace

from cohorts.colours import readable_ink

from .inks import WHITE, deep, legible, mixed
from .kinds import Box, Style
from .plan import Copy, Fill, Logo, Photo, Plan, Veil, initials_in, logo_width
from .setting import Block, Line, fitted, single

RULE = 36
"""From the top of the short rule to the name, in px."""
CHIN = 16
"""Room in px between the face and the first line under it."""


def plan(copy: Copy, style: Style, size: str, with_photo: bool) -> Plan:
    return {"portrait": _portrait, "square": _square, "share": _share}[size](copy, style, with_photo)


def _portrait(copy: Copy, style: Style, with_photo: bool) -> Plan:
    card = Plan(1080, 1350, style.colour)
    photo = Photo(Box(0, 0, 1080, 1350), 1080, 0, 0)
    return _tall(card, photo, copy, style, with_photo, 72, ((128, 50), (50, 27), 27))


def _square(copy: Copy, style: Style, with_photo: bool) -> Plan:
    """The photo as high as leaves room for the words; it comes out of its own colours on the left."""
    card, width = Plan(1200, 1200, style.colour), 960
    photo = Photo(Box(1200 - width, 0, 1200, 1200), width, 1200 - width, 0, feather=150)
    return _tall(card, photo, copy, style, with_photo, 64, ((112, 44), (46, 25), 26))


def _tall(card: Plan, photo: Photo, copy: Copy, style: Style, with_photo: bool, margin: int, sizes) -> Plan:
    dark, column = deep(style.colour), card.width - 2 * margin
    room = card.height - margin - photo.face.bottom - CHIN - RULE
    stack = fitted(_blocks(copy, style, dark, *sizes), column, room)
    top = round(card.height - margin - stack.height)
    rule = top - RULE
    if with_photo:
        card.photo = photo
        card.veils = [Veil(dark, rule - 210, rule + 30, 0.94)]
    else:
        card.ground = dark
        card.lines += initials_in(copy, Box(0, 90, card.width, rule - 20), legible(style.second_colour, dark))
    card.fills.append(Fill(Box(margin, rule, margin + 88, rule + 7), legible(style.second_colour, dark, 3)))
    card.lines += stack.lines(margin, top, column)
    _tab(card, copy, style, margin)
    return card


def _blocks(copy: Copy, style: Style, dark: str, name, quote, track) -> list[Block]:
    tint = legible(mixed(style.second_colour, WHITE, 0.3), dark, 7)
    return [
        Block(
            (copy.first_name, copy.last_name), "display", WHITE, *name, leading=1.02, tracking=-0.012, rows=3
        ),
        Block((copy.track,), "sans", WHITE, track, 19, above=20, leading=1.3),
        Block((copy.quote,), "italic", WHITE, *quote, above=36, leading=1.24, rows=6),
        Block((copy.hashtag,), "bold", tint, track * 0.95, 19, above=34),
    ]


def _tab(card: Plan, copy: Copy, style: Style, margin: int) -> None:
    """A ribbon from the upper edge, above the face: the school, then the promotion."""
    ink, height, x = readable_ink(style.colour), 64, margin + 28
    lines, most = [], card.width - 2 * margin - 56
    if style.logo:
        across = logo_width(style.logo, 170, height - 12)
        card.logo = Logo(Box(x, 6, x + across, height - 6))
        x += across + 26
    elif copy.school:
        of, px = single(copy.school, "bold", 30, 10, most * 0.4, 0.02)
        lines.append(Line(copy.school, of, px, x, round((height + of.cap_height * px) / 2), ink, 0.02))
        x += lines[0].width + 26
    if copy.promotion:
        text = copy.promotion.upper()
        of, px = single(text, "bold", 22, 10, margin + 28 + most - x, 0.12)
        lines.append(Line(text, of, px, x, round((height + of.cap_height * px) / 2), ink, 0.12))
        x += lines[-1].width + 26
    if x > margin + 28:
        card.fills.append(Fill(Box(margin, 0, round(x + 2), height), style.colour))
    card.lines += lines


def _share(copy: Copy, style: Style, with_photo: bool) -> Plan:
    """The photo on the right; the promotion's colour comes over it from the left, as far as the face."""
    dark, margin = deep(style.colour), 60
    card = Plan(1200, 630, dark)
    photo = Photo(Box(660, 0, 1200, 630), 540, 660, 0, feather=90)
    column = 600 - margin
    promotion = Block((copy.promotion.upper(),), "bold", WHITE, 20, 13, above=24, tracking=0.12)
    name, track, quote, hashtag = _blocks(copy, style, dark, (88, 34), (36, 20), 24)
    stack = fitted(
        [name, promotion, replace(track, above=10), replace(quote, above=30), replace(hashtag, above=26)],
        column,
        630 - 2 * margin - 112,
    )
    top = round(630 - margin - stack.height)
    if with_photo:
        card.photo = photo
        card.veils = [Veil(dark, photo.face.left + 30, 604, 0.96, "left")]
    else:
        card.fills.append(Fill(photo.box, style.colour))
        card.lines += initials_in(copy, photo.box, readable_ink(style.colour))
    card.fills.append(
        Fill(Box(margin, top - 36, margin + 72, top - 30), legible(style.second_colour, dark, 3))
    )
    card.lines += stack.lines(margin, top, column)
    if style.logo:
        card.logo = Logo(Box(margin, margin - 16, margin + 240, margin + 44))
    elif copy.school:
        of, px = single(copy.school, "bold", 32, 10, column, 0.02)
        card.lines.append(Line(copy.school, of, px, margin, margin + round(of.cap_height * px), WHITE, 0.02))
    return card

"""Layout "frame": a print on pale paper, everything on one axis; promotion and hashtag interrupt the frame around it."""

from __future__ import annotations

from dataclasses import replace

from cohorts.colours import readable_ink

from .inks import legible
from .kinds import Box, Style
from .plan import Copy, Fill, Logo, Photo, Plan, initials_in
from .setting import Block, Line, fitted, fitting, single

EDGE, STROKE = 44, 3


def plan(copy: Copy, style: Style, size: str, with_photo: bool) -> Plan:
    return {"portrait": _portrait, "square": _square, "share": _share}[size](copy, style, with_photo)


def _portrait(copy: Copy, style: Style, with_photo: bool) -> Plan:
    return _tall(
        Plan(1080, 1350, style.second_colour),
        copy,
        style,
        with_photo,
        120,
        (720, 470),
        ((96, 44), (48, 27), 25),
    )


def _square(copy: Copy, style: Style, with_photo: bool) -> Plan:
    return _tall(
        Plan(1200, 1200, style.second_colour),
        copy,
        style,
        with_photo,
        120,
        (560, 400),
        ((92, 42), (44, 25), 24),
    )


def _tall(
    card: Plan, copy: Copy, style: Style, with_photo: bool, side: int, photo: tuple[int, int], sizes
) -> Plan:
    """The photo is as wide as the words leave room for, between `photo` px."""
    _frame(card, copy, style)
    column, top = card.width - 2 * side, EDGE + 56
    widest, narrowest = photo
    bottom = card.height - EDGE - 52
    blocks = _blocks(copy, style, *sizes)
    for width in range(widest, narrowest - 1, -20):
        room = bottom - top - _tallness(width) - 44
        stack = fitting(blocks, column, room)
        if stack and all(placed.px >= 0.8 * placed.block.most for placed, _above in stack.items):
            break
    stack = stack or fitted(blocks, column, room)
    height = _tallness(width)
    spare = max(0, bottom - top - height - 44 - stack.height)
    height += round(min(spare * 0.6, width * 1.25 - height))
    left = (card.width - width) // 2
    _print(card, copy, style, with_photo, Box(left, top, left + width, top + height))
    spare = max(0, bottom - top - height - 44 - stack.height)
    card.lines += stack.lines(side, top + height + 44 + spare / 2, column, centred=True)
    return card


def _tallness(width: int) -> int:
    """A little less than the crop's 5:4: what it loses is under the face."""
    return round(width * 1.06)


def _blocks(copy: Copy, style: Style, name, quote, track) -> list[Block]:
    ground = style.second_colour
    ink, accent = readable_ink(ground), legible(style.colour, ground)
    return [
        Block(
            (copy.first_name, copy.last_name), "display", accent, *name, leading=1.02, tracking=-0.01, rows=3
        ),
        Block((copy.track,), "sans", ink, track, 18, above=20, leading=1.3),
        Block((copy.quote,), "italic", ink, *quote, above=34, leading=1.24, rows=6),
    ]


def _print(card: Plan, copy: Copy, style: Style, with_photo: bool, box: Box) -> None:
    if with_photo:
        card.photo = Photo(box, box.width, box.left, box.top)
    else:
        card.fills.append(Fill(box, style.colour))
        card.lines += initials_in(copy, box, readable_ink(style.colour))


def _frame(card: Plan, copy: Copy, style: Style) -> None:
    """Four strokes; promotion above and hashtag below stand in gaps of it."""
    ground = style.second_colour
    accent = legible(style.colour, ground)
    right, bottom = card.width - EDGE, card.height - EDGE
    for box in (
        Box(EDGE, EDGE, right, EDGE + STROKE),
        Box(EDGE, bottom - STROKE, right, bottom),
        Box(EDGE, EDGE, EDGE + STROKE, bottom),
        Box(right - STROKE, EDGE, right, bottom),
    ):
        card.fills.append(Fill(box, accent))
    _gap(card, copy.promotion.upper(), EDGE + 1, accent, 0.12, 24, less=480 if style.logo else 0)
    school = "" if style.logo else copy.school
    foot = "  ·  ".join(text for text in (school, copy.hashtag) if text)
    _gap(card, foot, bottom - 2, accent, 0.01, 26)
    if style.logo:
        card.fills.append(Fill(Box(right - 236, EDGE - 20, right - 40, EDGE + 22), ground))
        card.logo = Logo(Box(right - 224, EDGE - 24, right - 52, EDGE + 28), "centre", on_paper=False)


def _gap(card: Plan, text: str, y: int, ink: str, tracking: float, most: float, less: int = 0) -> None:
    if not text:
        return
    of, px = single(text, "bold", most, 10, card.width - 4 * EDGE - less, tracking)
    line = Line(text, of, px, 0, round(y + of.cap_height * px / 2), ink, tracking)
    left = (card.width - line.width) / 2
    card.fills.append(Fill(Box(round(left - 24), y - 18, round(left + line.width + 24), y + 18), card.ground))
    card.lines.append(replace(line, x=left))


def _share(copy: Copy, style: Style, with_photo: bool) -> Plan:
    card = Plan(1200, 630, style.second_colour)
    _frame(card, copy, style)
    box = Box(96, 95, 96 + 352, 95 + 440)
    left, column = box.right + 56, 1200 - EDGE - 56 - box.right - 56
    stack = fitted(_blocks(copy, style, (84, 36), (38, 21), 23), column, box.height)
    _print(card, copy, style, with_photo, box)
    card.lines += stack.lines(left, box.top + (box.height - stack.height) / 2, column, centred=True)
    return card

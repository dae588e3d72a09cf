"""Layout "band": the promotion's colour as an L around the photo, the name on its foot, the quote on paper below."""

from __future__ import annotations

from dataclasses import replace

from cohorts.colours import readable_ink

from .inks import INK, PAPER, legible
from .kinds import Box, Style
from .plan import FACE, Copy, Fill, Logo, Photo, Plan, initials_in
from .setting import Block, Line, Stack, fitted, fitting, single


def plan(copy: Copy, style: Style, size: str, with_photo: bool) -> Plan:
    return {"portrait": _portrait, "square": _square, "share": _share}[size](copy, style, with_photo)


def _blocks(
    copy: Copy, style: Style, name: tuple[float, float], quote: tuple[float, float], track: float
) -> list[Block]:
    on_colour = readable_ink(style.colour)
    return [
        Block(
            (copy.first_name, copy.last_name),
            "display",
            on_colour,
            *name,
            leading=1.04,
            tracking=-0.01,
            rows=3,
        ),
        Block((copy.track,), "sans", on_colour, track, 20, above=22, leading=1.3),
        Block((copy.quote,), "serif", INK, *quote, leading=1.26, hangs=True, rows=6),
    ]


def _parted(whole: Stack) -> tuple[Stack, Stack]:
    """What stands on the band, and the quote below it."""
    on_band = tuple(item for item in whole.items if item[0].block.face != "serif")
    below = tuple(item for item in whole.items if item[0].block.face == "serif")
    return Stack(on_band), Stack(below)


def _signature(
    copy: Copy, style: Style, left: float, right: float, baseline: int, px: int = 26
) -> list[Line]:
    """The hashtag at the foot."""
    if not copy.hashtag:
        return []
    of, px = single(copy.hashtag, "bold", px, 12, right - left)
    return [Line(copy.hashtag, of, px, left, baseline, legible(style.colour, PAPER))]


def _portrait(copy: Copy, style: Style, with_photo: bool) -> Plan:
    """A narrow upright with the promotion turned; everything else starts where the photo does."""
    card, upright, margin = Plan(1080, 1350, PAPER), 120, 72
    top = _foot(card, copy, style, with_photo, upright, upright, margin, ((112, 46), (52, 28), 28))
    ink = readable_ink(style.colour)
    if style.logo:
        card.logo = Logo(Box(8, 56, upright - 8, 140), "centre")
    elif copy.school:
        of, px = single(copy.school, "bold", 34, 10, upright - 24, 0.02)
        line = Line(copy.school, of, px, 0, 64 + round(of.cap_height * px), ink, 0.02)
        card.lines.append(replace(line, x=(upright - line.width) / 2))
    if copy.promotion:
        text = copy.promotion.upper()
        of, px = single(text, "bold", 25, 10, top - 200, 0.14)
        middle = round((upright + of.cap_height * px) / 2)
        card.lines.append(Line(text, of, px, middle, top - 4, ink, 0.14, turned=True))
    return card


def _square(copy: Copy, style: Style, with_photo: bool) -> Plan:
    """A wide upright with the school on top and the promotion above the name."""
    card, upright, margin = Plan(1200, 1200, PAPER), 340, 72
    top = _foot(card, copy, style, with_photo, upright, margin, margin, ((112, 46), (50, 28), 28))
    _upright(card, copy, style, Box(margin, 72, upright - 32, top))
    return card


def _share(copy: Copy, style: Style, with_photo: bool) -> Plan:
    """The whole photo on the right, the band to the left of it."""
    card, margin, left = Plan(1200, 630, PAPER), 56, 696
    column, foot = left - 2 * margin, 48
    blocks = _blocks(copy, style, (84, 34), (36, 20), 24)
    promotion = Block((copy.promotion.upper(),), "bold", readable_ink(style.colour), 20, 13, tracking=0.12)
    hashtag = 16 + 28 if copy.hashtag else 0
    fixed = 48 + 40 + 36 + foot + hashtag + (64 + 40 if copy.school or style.logo else 0)
    blocks = [blocks[0], replace(promotion, above=26), replace(blocks[1], above=12), blocks[2]]
    on_band, quote = _parted(fitted(blocks, column, card.height - fixed))
    paper = (
        round(card.height - foot - hashtag - quote.height - 36)
        if copy.quote
        else card.height - foot - hashtag - 20
    )
    card.fills.append(Fill(Box(0, 0, left, paper), style.colour))
    _picture(
        card,
        copy,
        style,
        with_photo,
        Photo(Box(left, 0, card.width, card.height), card.width - left, left, 0),
    )
    card.lines += on_band.lines(margin, paper - 40 - on_band.height, column)
    card.lines += quote.lines(margin, paper + 36, column)
    card.lines += _signature(copy, style, margin, left - margin, card.height - foot, 22)
    _school(card, copy, style, Box(margin, 48, left - margin, 48 + 44))
    return card


def _foot(card, copy, style, with_photo, upright, left, margin, sizes) -> int:
    """Photo, band, quote and hashtag of the two tall forms. Answers where the photo ends."""
    foot, column = 64, card.width - left - margin
    face_ends = FACE.bottom * 1.25 * (card.width - upright) + 8
    hashtag = 18 + 46 if copy.hashtag else 0
    blocks = _blocks(copy, style, *sizes)
    for air in (1.0, 0.72, 0.5):
        band, over = round(46 * air), round(54 * air) if copy.quote else 0
        room = card.height - face_ends - 2 * band - over - foot - hashtag
        whole = fitting(blocks, column, room) if air > 0.5 else fitted(blocks, column, room)
        if whole and (
            air < 1.0 or all(placed.px > 0.7 * placed.block.most for placed, _above in whole.items)
        ):
            break
    on_band, quote = _parted(whole)
    paper = (
        round(card.height - foot - hashtag - quote.height - over)
        if copy.quote
        else card.height - foot - hashtag
    )
    top = round(paper - on_band.height - 2 * band)
    card.fills += [
        Fill(Box(0, 0, upright, paper), style.colour),
        Fill(Box(upright, top, card.width, paper), style.colour),
    ]
    _picture(
        card,
        copy,
        style,
        with_photo,
        Photo(Box(upright, 0, card.width, top), card.width - upright, upright, 0),
    )
    card.lines += on_band.lines(left, top + band, column)
    card.lines += quote.lines(left, paper + over, column)
    card.lines += _signature(copy, style, left, card.width - margin, card.height - foot)
    return top


def _picture(card: Plan, copy: Copy, style: Style, with_photo: bool, photo: Photo) -> None:
    if with_photo:
        card.photo = photo
    else:
        card.fills.append(Fill(photo.box, style.second_colour))
        card.lines += initials_in(copy, photo.box, legible(style.colour, style.second_colour))


def _upright(card: Plan, copy: Copy, style: Style, box: Box) -> None:
    _school(card, copy, style, Box(box.left, box.top, box.right, box.top + 64))
    block = Block(
        (copy.promotion.upper(),), "bold", readable_ink(style.colour), 25, 12, leading=1.35, tracking=0.12
    )
    stack = fitted([block], box.width, box.height - 140)
    card.lines += stack.lines(box.left, box.bottom - stack.height, box.width)


def _school(card: Plan, copy: Copy, style: Style, box: Box) -> None:
    if style.logo:
        card.logo = Logo(box)
    elif copy.school:
        of, px = single(copy.school, "bold", 40 if box.height > 50 else 32, 10, box.width, 0.02)
        y = round(box.top + of.cap_height * px)
        card.lines.append(Line(copy.school, of, px, box.left, y, readable_ink(style.colour), 0.02))

"""Cards: everything that is written is inside, apart from the face and from each other, and can be read on these pixels."""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
import unicodedata
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

import pytest
from django.conf import settings
from django.utils import translation
from PIL import Image, ImageChops, ImageDraw, ImageStat

from cohorts.colours import contrast
from portraits import cards
from portraits.cards import lettering, painting, typography
from portraits.cards.document import planned
from tests.portraits import card_names

ALL = range(200)
ONE = cards.Words(
    "Éléonore",
    "Vasseur",
    promotion="Promotion Estuaire",
    track="Ingénieurs en chef",
    quote="L’eau ne ment jamais : il faut l’écouter !",
    hashtag="#PromotionEstuaire",
    path=(
        ("D’où je viens", "De Roubaix, rue de Lannoy. " * 8),
        ("Ensuite", "Une direction de l’eau ; ou du vélo. " * 9),
    ),
)
KINDS = [(layout, size) for layout in cards.LAYOUTS for size in cards.SIZES]


@lru_cache
def photo(kind: str) -> bytes:
    """A 4:5 crop as the application keeps the smallest: all white, all black, or each few pixels another colour."""
    if kind == "busy":
        noise = random.Random(4).randbytes(60 * 75 * 3)
        picture = Image.frombytes("RGB", (60, 75), noise).resize((400, 500), Image.Resampling.NEAREST)
    else:
        picture = Image.new("RGB", (400, 500), {"light": "#FFFFFF", "dark": "#05060A"}[kind])
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82, progressive=True)
    return out.getvalue()


def style(layout: str, number: int = 0) -> cards.Style:
    return cards.Style(layout, *card_names.COLOURS[number % len(card_names.COLOURS)])


@lru_cache
def logo(form: str = "PNG") -> bytes:
    picture, out = Image.new("RGB", (400, 160), "#C8102E"), io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


def opened(drawn: cards.Drawn) -> Image.Image:
    return Image.open(io.BytesIO(drawn.data)).convert("RGB")


# Two hundred names ------------------------------------------------------------------------------


@pytest.mark.parametrize(("layout", "size"), KINDS)
def test_two_hundred_names_stay_inside_apart_and_off_the_face(layout, size):
    card = cards.Box(0, 0, *cards.SIZES[size])
    wrong = []
    for number in ALL:
        plan = cards.plan(card_names.words(number), style(layout, number), size, with_photo=number % 5 > 0)
        boxes = [(line.text, line.run().box) for line in plan.lines]
        wrong += [(number, text, "outside") for text, box in boxes if not card.holds(box)]
        wrong += [(number, one[0], two[0]) for one, two in combinations(boxes, 2) if one[1].meets(two[1])]
        wrong += [(number, text, "face") for text, box in boxes if plan.face and plan.face.meets(box)]
        if plan.face and not (card.holds(plan.face) and plan.photo.box.holds(plan.face)):
            wrong.append((number, "the face is cut", plan.face))
    assert wrong == []


@pytest.mark.parametrize("layout", cards.LAYOUTS)
def test_two_hundred_names_can_be_read_on_the_pixels_behind_them(layout):
    measured = [(number, *pixels_behind(layout, "portrait", number)) for number in ALL]
    assert [one for one in measured if one[1] < 4.5] == []


@pytest.mark.parametrize("size", ["square", "share"])
@pytest.mark.parametrize("layout", cards.LAYOUTS)
def test_names_can_be_read_in_the_other_sizes(layout, size):
    measured = [(number, *pixels_behind(layout, size, number)) for number in range(0, 200, 17)]
    assert [one for one in measured if one[1] < 4.5] == []


def pixels_behind(layout: str, size: str, number: int) -> tuple[float, str]:
    """The least contrast of the ink of any text with any pixel in its box, from the same card without its texts."""
    data = photo(("light", "dark", "busy")[number % 3])
    plan = cards.plan(card_names.words(number), style(layout, number), size, with_photo=True)
    ground = painting.ground(plan, data, None)
    worst = (21.0, "")
    for line in plan.lines:
        run = line.run()
        part = ground.crop(
            (int(run.box.left), int(run.box.top), int(run.box.right) + 1, int(run.box.bottom) + 1)
        )
        seen = part.getcolors(400) or extremes(part)
        worst = min(
            [
                worst,
                *(
                    (contrast(run.ink, "#{:02X}{:02X}{:02X}".format(*colour)), run.text)
                    for _n, colour in seen
                ),
            ]
        )
    return worst


def extremes(part: Image.Image) -> list[tuple[int, tuple[int, ...]]]:
    """Darker than the darkest and lighter than the lightest pixel: no pixel between them reads worse than both do."""
    bands = part.getextrema()
    return [(1, tuple(low for low, _high in bands)), (1, tuple(high for _low, high in bands))]


@pytest.mark.parametrize(("layout", "size"), KINDS)
def test_ink_falls_only_into_the_boxes_that_are_told(layout, size):
    """Which makes every measure above a measure of what is really drawn."""
    for number in (0, 13, 57, 93, 104):
        plan = cards.plan(card_names.words(number), style(layout, number), size, with_photo=True)
        ground = painting.ground(plan, photo("dark"), None)
        drawn = painting.picture(plan, photo("dark"), None)
        changed = ImageChops.difference(ground, drawn).convert("L").point(lambda value: 255 if value else 0)
        assert changed.getbbox() is not None
        pen = ImageDraw.Draw(changed)
        for line in plan.lines:
            box = line.run().box
            assert changed.crop(tuple(map(round, (box.left, box.top, box.right, box.bottom)))).getbbox(), (
                line.text
            )
            pen.rectangle((int(box.left), int(box.top), int(box.right) + 1, int(box.bottom) + 1), 0)
        assert changed.getbbox() is None, number


# What is drawn ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("layout", "size"), KINDS)
def test_card_has_its_size_and_says_its_texts(layout, size):
    drawn = cards.draw(photo("busy"), ONE, style(layout), size)
    assert opened(drawn).size == cards.SIZES[size] == (drawn.width, drawn.height)
    assert drawn.content_type == "image/jpeg"
    said = " ".join(run.text for run in drawn.texts)
    for text in (
        "Éléonore",
        "Vasseur",
        "Ingénieurs en chef",
        "#PromotionEstuaire",
        "INET",
        "PROMOTION ESTUAIRE",
    ):
        assert text in said.replace("\u00a0", " ")


@pytest.mark.parametrize("layout", cards.LAYOUTS)
def test_card_hides_track_and_hashtag_where_its_style_says_so(layout):
    plain = replace(style(layout), shows_track=False, shows_hashtag=False)
    said = [run.text for run in cards.draw(photo("dark"), ONE, plain, "portrait").texts]
    assert not any("Ingénieurs" in text or "#" in text for text in said)


@pytest.mark.parametrize(("layout", "size"), KINDS)
def test_card_without_photo_shows_initials(layout, size):
    drawn = cards.draw(None, ONE, style(layout), size)
    assert drawn.face is None
    assert "ÉV" in [run.text for run in drawn.texts]


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
@pytest.mark.parametrize(("layout", "size"), KINDS)
def test_logo_is_drawn_where_no_text_and_no_face_is(layout, size, form):
    plan = cards.plan(ONE, replace(style(layout), logo=logo(form)), size, with_photo=True)
    without = painting.ground(replace(plan, logo=None), photo("light"), None)
    changed = ImageChops.difference(without, painting.ground(plan, photo("light"), logo(form))).getbbox()
    box = cards.Box(*changed)
    assert not any(box.meets(line.run().box) for line in plan.lines)
    assert not plan.face.meets(box)


def test_card_may_be_a_png():
    drawn = cards.draw(photo("dark"), ONE, style("band"), "square", form="PNG")
    assert (drawn.content_type, drawn.data[:4]) == ("image/png", b"\x89PNG")


@pytest.mark.parametrize("width", [800, 1200, 2400])
def test_larger_photo_fills_the_same_place(width):
    out = io.BytesIO()
    Image.open(io.BytesIO(photo("light"))).resize((width, width * 5 // 4)).save(out, "JPEG")
    card = opened(cards.draw(out.getvalue(), ONE, style("band"), "portrait"))
    assert ImageStat.Stat(card.crop((130, 0, 1080, 600))).extrema == [(255, 255)] * 3


@pytest.mark.parametrize("layout", cards.LAYOUTS)
def test_card_carries_no_metadata(layout):
    with Image.open(io.BytesIO(cards.draw(photo("busy"), ONE, style(layout), "portrait").data)) as card:
        assert sorted(set(card.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}) == []


# The same for the same --------------------------------------------------------------------------


@pytest.mark.parametrize(("layout", "size"), KINDS)
def test_same_input_gives_same_bytes(layout, size):
    one = cards.draw(photo("busy"), ONE, style(layout), size)
    forget_letters()
    assert cards.draw(photo("busy"), ONE, style(layout), size) == one


def forget_letters():
    lettering._glyph.cache_clear()
    lettering._font.cache_clear()


SCRIPT = """
import hashlib, sys
from django.conf import settings; settings.configure(USE_I18N=False)
from PIL import ImageFont
ImageFont.core.HAVE_RAQM = sys.argv[1] == "with"
from portraits import cards
words = cards.Words("Łukasz", "Țepeș-Dvořák", promotion="Promotion É", quote="AVATAR : Ève, Tolède, Yvetot !", path=(("Avant", "To. Va."),))
style = cards.Style("full")
print(hashlib.sha256(cards.draw(None, words, style, "portrait", form="PNG").data).hexdigest())
print(hashlib.sha256(cards.carousel(None, words, style).data).hexdigest())
"""


def test_another_process_makes_the_same_bytes_even_without_raqm():
    def made(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", SCRIPT, *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=settings.BASE_DIR,
        ).stdout

    assert made("with") == made("without") != ""


def test_threads_draw_the_same_bytes():
    kinds = [(layout, size) for layout, size in KINDS if size != "share"] * 2
    alone = [cards.draw(photo("busy"), ONE, style(layout), size).data for layout, size in kinds]
    forget_letters()
    with ThreadPoolExecutor(8) as threads:
        together = list(
            threads.map(lambda kind: cards.draw(photo("busy"), ONE, style(kind[0]), kind[1]).data, kinds)
        )
    assert together == alone


@pytest.mark.parametrize("layout", cards.LAYOUTS)
def test_composed_and_decomposed_letters_give_the_same_pixels(layout):
    composed = replace(ONE, first_name="Élève Nguyễn", last_name="Șerban-Żółć", quote="Où ça ? À Noël.")
    apart = replace(
        composed,
        **{
            name: unicodedata.normalize("NFD", getattr(composed, name))
            for name in ("first_name", "last_name", "quote", "track", "promotion")
        },
    )
    assert apart != composed
    drawn = [cards.draw(photo("light"), words, style(layout), "portrait") for words in (composed, apart)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    "change",
    [
        {"photo_fingerprint": "other"},
        {"words": replace(ONE, quote="Autre")},
        {"words": replace(ONE, language="en")},
        {"style": cards.Style("full")},
        {"style": cards.Style("band", logo=b"one")},
        {"kind": "square"},
    ],
)
def test_fingerprint_changes_with_each_input(change):
    given = {"photo_fingerprint": "one", "words": ONE, "style": cards.Style("band"), "kind": "portrait"}
    assert cards.fingerprint(**given | change) != cards.fingerprint(**given)
    assert re.fullmatch("[0-9a-f]{64}", cards.fingerprint(**given))


def test_fingerprint_changes_with_the_recipe(monkeypatch):
    before = cards.fingerprint("one", ONE, cards.Style(), "portrait")
    monkeypatch.setattr(cards, "RECIPE", cards.RECIPE + 1)
    assert cards.fingerprint("one", ONE, cards.Style(), "portrait") != before


# Letters and lines ------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", list("łşžğőțŐẠễỹđ"))
@pytest.mark.parametrize("face", ["display", "serif", "italic", "sans", "bold"])
def test_every_face_has_the_letters_of_europe_and_vietnam(face, sign):
    assert lettering.face_for(face, sign).name == face


def test_face_with_more_signs_takes_a_whole_text():
    assert lettering.face_for("display", "Ḥasan").name == "bold"


def test_letters_are_kerned():
    face = lettering.face("display")
    assert face.width("AV") < face.width("A") + face.width("V") - 0.04


def test_mark_without_composed_letter_stands_above_its_letter():
    face = lettering.face("display")
    (letter, _x, on), (mark, mark_x, up) = face.places("Ọ\u0301")
    assert (letter, on, mark) == ("Ọ", 0.0, "\u0301")
    middle = mark_x + sum(face.glyphs[mark][1:4:2]) / 2 / face.units
    assert middle == pytest.approx(sum(face.glyphs["Ọ"][1:4:2]) / 2 / face.units)
    assert up + face.glyphs[mark][2] / face.units > face.glyphs["Ọ"][4] / face.units


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Où est-ce ?", "«\u202fOù est-ce\u202f?\u202f»"),
        ("Oui: c'est ça!", "«\u202fOui\u00a0: c’est ça\u202f!\u202f»"),
        ("À 8:30, c'est dit.", "«\u202fÀ\u00a08:30, c’est dit.\u202f»"),
        ("Oui : non ; si...", "«\u202fOui\u00a0: non\u202f; si…\u202f»"),
        ("« Déjà entre guillemets »", "«\u202fDéjà entre guillemets\u202f»"),
        ("Elle dit « oui » à tous", "«\u202fElle dit “oui” à\u00a0tous\u202f»"),
        ('Elle dit "oui"', "«\u202fElle dit “oui”\u202f»"),
        ("“Anglais”", "«\u202fAnglais\u202f»"),
        ("  ", ""),
    ],
)
def test_quote_is_set_as_french_printers_do(given, expected):
    assert typography.quoted(given, "fr") == expected


def test_quote_in_english_has_english_marks():
    assert typography.quoted("It's time; go!", "en") == "“It’s time; go!”"


@pytest.mark.parametrize("layout", cards.LAYOUTS)
def test_no_line_starts_with_a_sign_that_ends_something_nor_ends_with_an_opening_one(layout):
    lines = [
        line.text
        for number in ALL
        for line in cards.plan(card_names.words(number), style(layout), "square", with_photo=True).lines
    ]
    assert [text for text in lines if text[0] in ";?!»:”,…)" or text[-1] in "«“("] == []


@pytest.mark.parametrize("layout", cards.LAYOUTS)
def test_no_short_word_is_left_alone_on_the_last_line(layout):
    alone = []
    for number in range(1, 23):
        words = replace(ONE, quote=" ".join(["territoire"] * number) + " vu.")
        lines = cards.plan(words, style(layout), "portrait", with_photo=True).lines
        quote = [line.text for line in lines if line.face.name in ("serif", "italic")]
        alone += [quote] if len(quote) > 1 and len(quote[-1]) < 9 else []
    assert alone == []


def test_double_name_breaks_at_its_hyphen_or_its_space_only():
    words = replace(ONE, first_name="Marie-Sophie", last_name="Dufourcq-Lascaux de Saint-Exupéry")
    names = []
    for layout, size in KINDS:
        lines = cards.plan(words, style(layout), size, with_photo=True).lines
        names.append([line.text.replace("\u00a0", " ") for line in lines if line.face.name == "display"])
    whole = "Marie-Sophie Dufourcq-Lascaux de Saint-Exupéry"
    for lines in names:
        joined = "".join(line if line.endswith("-") else f"{line} " for line in lines).strip()
        assert joined == whole
        assert not any(line.endswith(" de") for line in lines)


# Refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code", "sign"),
    [
        ({"first_name": "Zoé 🌱"}, "emoji", "🌱"),
        ({"quote": "Bravo ❤️"}, "emoji", "❤"),
        ({"last_name": "王"}, "script", "王"),
        ({"last_name": "שלום"}, "script", "ש"),
        ({"first_name": "محمد"}, "script", "م"),
        ({"promotion": "Promotion ☺"}, "emoji", "☺"),
    ],
)
def test_card_refuses_what_no_font_has_and_says_which_sign(change, code, sign):
    with pytest.raises(cards.CardRefused) as refused:
        cards.draw(None, replace(ONE, **change), style("band"), "portrait")
    with translation.override("en"):
        assert (refused.value.code, f"“{sign}”" in str(refused.value)) == (code, True)


def test_card_refuses_a_quote_that_cannot_fit():
    with pytest.raises(cards.CardRefused) as refused:
        cards.draw(None, replace(ONE, quote="intercommunalité " * 200), style("full"), "share")
    with translation.override("en"):
        assert (refused.value.code, str(refused.value)[-11:]) == ("too-long", "Shorten it.")


def test_way_is_checked_by_the_carousel_alone():
    words = replace(ONE, path=(("Avant", "Du thé 🍵."),))
    assert cards.draw(None, words, style("band"), "portrait").texts
    with pytest.raises(cards.CardRefused) as refused:
        cards.carousel(None, words, style("band"))
    assert refused.value.code == "emoji"


# The carousel -----------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", cards.LAYOUTS)
def test_carousel_has_cover_way_quote_and_promotion(layout):
    made = cards.carousel(photo("busy"), ONE, style(layout))
    assert made.data.startswith(b"%PDF-")
    assert made.data.count(b"/Type /Page\n") == made.pages == len(made.alt_texts) == 4
    assert re.findall(rb"/MediaBox \[([^\]]+)\]", made.data) == [b"0 0 1080.00 1350.00"]
    assert (made.width, made.height) == (1080, 1350)
    assert b"/Lang (fr)" in made.data
    assert b"/Title" in made.data


def test_carousel_leaves_out_what_there_is_not():
    assert cards.carousel(None, replace(ONE, quote="", path=()), style("band")).pages == 2


@pytest.mark.parametrize(("signs", "pages"), [(300, 1), (1600, 2), (2400, 3), (3200, 3), (4000, 3)])
def test_way_takes_as_many_pages_as_it_needs(signs, pages):
    part = ("De Roubaix à Strasbourg, en passant par la mairie. " * 20)[: signs // 4].strip()
    words = replace(ONE, path=tuple((f"Titre {number}", part) for number in range(4)))
    assert cards.carousel(None, words, style("band")).pages == pages + 3


def test_way_that_goes_on_on_the_next_page_keeps_every_word():
    long = " ".join(f"mot{number} Saint-Étienne-du-Rouvray" for number in range(110))
    made = cards.carousel(None, replace(ONE, path=(("Avant", long),)), style("band"))
    assert made.pages == 3 + 3
    assert " ".join(made.alt_texts[1:4]).replace("- ", "-") == f"Avant {long}"


def test_carousel_refuses_a_way_of_more_than_three_pages():
    with pytest.raises(cards.CardRefused) as refused:
        cards.carousel(None, replace(ONE, path=(("Avant", "intercommunalité " * 600),)), style("band"))
    assert refused.value.code == "path-too-long"


def test_carousel_is_the_same_bytes_each_time():
    assert cards.carousel(photo("busy"), ONE, style("frame")) == cards.carousel(
        photo("busy"), ONE, style("frame")
    )


def test_carousel_describes_each_page():
    words = replace(ONE, language="en")
    cover, way, quote, last = cards.carousel(None, words, style("band")).alt_texts
    assert cover == (
        "Cover of a portrait to leaf through. Written on it: Éléonore Vasseur, Promotion Estuaire, Ingénieurs en chef, "
        "#PromotionEstuaire, INET."
    )
    assert way.startswith("D’où je viens De Roubaix")
    assert quote == "“L’eau ne ment jamais : il faut l’écouter !” Éléonore Vasseur"
    assert last == "Promotion Estuaire, Ingénieurs en chef, #PromotionEstuaire"


def test_each_page_of_the_carousel_holds_its_words_for_search():
    data = cards.carousel(None, ONE, style("frame")).data
    streams = [zlib.decompress(found) for found in re.findall(rb"stream\n(x.+?)\nendstream", data, re.DOTALL)]
    assert sum(b" 3 Tr" in stream for stream in streams) == 4


@pytest.mark.parametrize("number", range(0, 200, 5))
def test_pages_of_the_carousel_keep_their_words_inside_apart_and_readable(number):
    words = replace(card_names.words(number), path=(("D’où je viens", "Par ici, toujours. " * (5 + number)),))
    look = style(cards.LAYOUTS[number % 3], number)
    cover = cards.plan(replace(words, quote=""), look, "portrait", with_photo=False)
    wrong = []
    for plan, _text in planned(words, look, cover)[1:]:
        ground = painting.ground(plan, None, None)
        runs = [line.run() for line in plan.lines]
        wrong += [run.text for run in runs if not cards.Box(0, 0, 1080, 1350).holds(run.box)]
        wrong += [(one.text, two.text) for one, two in combinations(runs, 2) if one.box.meets(two.box)]
        for run in runs:
            behind = ground.getpixel((round(run.box.left), round(run.box.top)))
            if contrast(run.ink, "#{:02X}{:02X}{:02X}".format(*behind)) < 4.5:
                wrong.append((run.text, run.ink, behind))
    assert wrong == []


# In words ---------------------------------------------------------------------------------------


def test_alt_text_says_what_is_written_and_what_the_photo_shows():
    words = replace(ONE, language="en")
    assert cards.alt_text(words, "Éléonore smiles in front of a lock.", "portrait") == (
        "Portrait card. Written on it: Éléonore Vasseur, Promotion Estuaire, Ingénieurs en chef, "
        "“L’eau ne ment jamais : il faut l’écouter !”, #PromotionEstuaire, INET. "
        "Photo: Éléonore smiles in front of a lock."
    )


def test_alt_text_does_not_say_what_the_style_hides():
    hidden = replace(style("band"), shows_track=False, shows_hashtag=False)
    words = replace(ONE, language="en", quote="")
    assert cards.alt_text(words, "", "share", hidden) == (
        "Portrait card. Written on it: Éléonore Vasseur, Promotion Estuaire, INET."
    )

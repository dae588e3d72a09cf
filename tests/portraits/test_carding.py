"""How cards are made, kept, made anew and forgotten; and how the look of a promotion's cards is chosen."""

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation
from PIL import Image as PILImage

from portraits import actions, cards, logos, sketches
from portraits.actions.carding import NoCard, make_card, set_card_style
from portraits.leafing import leaves
from portraits.models import Card, Consent
from portraits.sketches import Sketch, path_of, sketches_of
from tests import factories
from tests.factories import fresh

pytestmark = pytest.mark.django_db
LOOK = {"layout": "frame", "colour": "", "second_colour": "", "shows_track": True, "shows_hashtag": False}


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("signed", student=student, comms=member)


def sketch(portrait, kind="portrait"):
    return next(one for one in sketches_of(fresh(portrait)) if one.kind == kind)


def made(portrait, *kinds):
    return [make_card(sketch(portrait, kind)) for kind in kinds or Card.Kind.values]


def exists(card):
    return card.file.storage.exists(card.file.name)


def picture(*size, mode="RGBA", form="PNG"):
    out = io.BytesIO()
    PILImage.new(mode, size, (10, 90, 200, 0)[: len(mode)]).save(out, form)
    out.seek(0)
    return out


# Making ------------------------------------------------------------------------------------------


def test_each_kind_is_kept_with_what_it_is(portrait):
    kept = [(card.kind, card.content_type, card.width, card.height, card.pages) for card in made(portrait)]
    assert kept == [
        ("portrait", "image/jpeg", 1080, 1350, 1),
        ("square", "image/jpeg", 1200, 1200, 1),
        ("carousel", "application/pdf", 1080, 1350, 4),
        ("share", "image/jpeg", 1200, 630, 1),
    ]


def test_the_same_is_made_once(portrait):
    assert made(portrait, "portrait") == made(portrait, "portrait")
    assert Card.objects.count() == 1


def test_whoever_was_slower_throws_their_own_pixels_away(portrait):
    class Slower(Sketch):
        def draw(self):
            drawn = super().draw()
            self.faster = make_card(sketch(portrait))
            return drawn

    slower = Slower(sketch(portrait).version, "portrait")
    assert make_card(slower) == slower.faster
    assert Card.objects.count() == 1


def test_equal_recipes_give_equal_bytes(portrait):
    first, second = sketch(portrait, "carousel"), sketch(portrait, "carousel")
    assert (first.recipe, first.draw()) == (second.recipe, second.draw())


@pytest.mark.parametrize("language", ["fr", "en"])
def test_recipe_and_description_are_the_same_on_every_screen(portrait, language):
    here = [(one.recipe, one.alt) for one in sketches_of(portrait)]
    with translation.override(language):
        assert [(one.recipe, one.alt) for one in sketches_of(fresh(portrait))] == here


def test_description_says_what_is_written_and_the_photo(portrait):
    alt = made(portrait, "portrait")[0].alt_text
    assert alt == sketch(portrait).alt
    assert [words in alt for words in ("Léa Le Goff", "Réponse à « quote »", "Portrait souriant")] == [
        True
    ] * 3


def test_taken_back_while_it_was_drawn_nothing_is_kept(portrait):
    class Late(Sketch):
        def draw(self):
            drawn = super().draw()
            actions.withdraw(fresh(portrait), by=portrait.student.user)
            return drawn

    with pytest.raises(NoCard):
        make_card(Late(sketch(portrait).version, "portrait"))
    assert Card.objects.count() == 0


def test_nothing_is_made_of_an_older_version(portrait, member):
    old = sketch(portrait)
    actions.edit(
        fresh(portrait), read=portrait.version, by=member.user, title="", quote="Autre.", text="Neuf."
    )
    with pytest.raises(NoCard):
        make_card(old)


def test_what_is_online_has_its_card_while_another_version_is_written(portrait, member):
    actions.publish(portrait)
    online = fresh(portrait)
    actions.edit(online, read=online.version, by=member.user, title="", quote="Autre.", text="Neuf.")
    assert make_card(Sketch(online.online, "share")).version == online.online


def test_an_emoji_is_refused_with_what_to_do(portrait, member):
    actions.edit(
        fresh(portrait), read=portrait.version, by=member.user, title="", quote="Merci 🎉", text="Neuf."
    )
    refused = sketch(portrait)
    with pytest.raises(cards.CardRefused) as raised:
        make_card(refused)
    assert refused.refusal == str(raised.value)


# Making anew -------------------------------------------------------------------------------------


def changed_name(portrait, member):
    portrait.student.last_name = "Le Goff-Martin"
    portrait.student.save()


def changed_photo(portrait, member):
    frame = portrait.photo.crop
    crop = type(frame)(0.1, 0.1, frame.width * 0.8, frame.height * 0.8)
    actions.reframe(fresh(portrait), crop, read=portrait.version, by=member.user)


def changed_text(portrait, member):
    actions.edit(
        fresh(portrait), read=portrait.version, by=member.user, title="", quote="Autre.", text="Neuf."
    )


def changed_style(portrait, member):
    set_card_style(portrait.student.promotion, by=member.user, **LOOK)


@pytest.mark.parametrize("change", [changed_name, changed_photo, changed_text, changed_style])
@pytest.mark.parametrize("kind", Card.Kind.values)
def test_another_name_photo_text_or_style_makes_another_card(
    portrait, member, change, kind, django_capture_on_commit_callbacks
):
    [before] = made(portrait, kind)
    change(portrait, member)
    with django_capture_on_commit_callbacks(execute=True):
        [after] = made(portrait, kind)
    assert before.recipe != after.recipe
    assert (list(Card.objects.all()), exists(before), exists(after)) == ([after], False, True)


def test_the_others_of_the_same_version_stay(portrait, member):
    made(portrait)
    changed_style(portrait, member)
    made(portrait, "square")
    assert sorted(Card.objects.values_list("kind", flat=True)) == ["carousel", "portrait", "share", "square"]


# Forgetting --------------------------------------------------------------------------------------


def withdrawn(portrait):
    actions.withdraw(fresh(portrait), by=portrait.student.user)


def lapsed(portrait):
    Consent.objects.filter(portrait=portrait).update(until="2020-01-01")
    actions.lapse(fresh(portrait))


@pytest.mark.parametrize("end", [withdrawn, lapsed])
def test_taken_back_every_card_is_gone_from_the_disk(portrait, end, django_capture_on_commit_callbacks):
    kept = made(portrait)
    with django_capture_on_commit_callbacks(execute=True):
        end(portrait)
    assert (Card.objects.count(), [exists(card) for card in kept]) == (0, [False] * 4)


def test_taken_back_there_is_no_card_to_be_had(portrait):
    before = sketch(portrait)
    withdrawn(portrait)
    assert sketches_of(fresh(portrait)) == []
    with pytest.raises(NoCard):
        make_card(before)


# The way in the carousel -------------------------------------------------------------------------


def test_a_paragraph_that_is_an_answer_has_its_question_as_heading(student, member):
    portrait = factories.make_portrait("submitted", student=student, comms=member)
    assert path_of(sketch(portrait).version)[0] == ("D’où venez-vous\u202f?", "Réponse à « origin ».")


def test_an_edited_paragraph_stands_alone(portrait):
    assert path_of(sketch(portrait).version)[1] == ("", "Second paragraphe.")


@pytest.mark.parametrize("paragraphs", [1, 6, 40])
def test_the_longest_text_fits_with_its_first_sentences(portrait, member, paragraphs):
    sentence = "Une phrase qui dit quelque chose de sensé et qui s’arrête là. "
    text = "\n\n".join([(sentence * 200)[: 8900 // paragraphs].rstrip()] * paragraphs)
    actions.edit(fresh(portrait), read=portrait.version, by=member.user, title="", quote="Oui.", text=text)
    [card] = made(portrait, "carousel")
    shown = [part for _heading, part in path_of(sketch(portrait).version)]
    assert card.pages <= 6
    assert all(part in text for part in shown)
    assert {part[-1] for part in shown} == {"."}


def test_a_sentence_longer_than_a_page_ends_between_two_words(portrait, member):
    actions.edit(
        fresh(portrait), read=portrait.version, by=member.user, title="", quote="Oui.", text="mot " * 900
    )
    [(_heading, part)] = path_of(sketch(portrait).version)
    assert part.endswith("mot…")
    assert made(portrait, "carousel")[0].pages <= 6


@pytest.mark.parametrize("paragraphs", [1, 5])
def test_text_in_wide_letters_is_shortened_until_it_fits(portrait, member, paragraphs):
    text = "\n\n".join(["MMMMM WWWW " * 100] * paragraphs)
    actions.edit(fresh(portrait), read=portrait.version, by=member.user, title="", quote="Oui.", text=text)
    assert made(portrait, "carousel")[0].pages <= 6


def test_pages_of_a_carousel_come_out_as_they_look(portrait):
    [card] = made(portrait, "carousel")
    found = leaves(card.file.read())
    sizes = [PILImage.open(io.BytesIO(data)).convert("RGB").size for data, _type in found]
    assert sizes == [(1080, 1350)] * card.pages


# The look ----------------------------------------------------------------------------------------


def test_group_chooses_the_look(promotion, member):
    set_card_style(promotion, by=member.user, **LOOK | {"colour": "#AA0000"})
    assert sketches.look(sketches.style_of(fresh(promotion))) == cards.Style(
        "frame", "#AA0000", promotion.second_colour, None, True, False
    )


def test_staff_help_out(promotion, staff):
    assert set_card_style(promotion, by=staff, **LOOK).layout == "frame"


@pytest.mark.parametrize("who", ["student", "former_member", "neighbour"])
def test_nobody_else_chooses_the_look(promotion, who, request):
    with pytest.raises(PermissionDenied):
        set_card_style(promotion, by=request.getfixturevalue(who).user, **LOOK)


def test_without_a_choice_the_promotions_colours(promotion):
    promotion.colour = "#123456"
    style = sketches.look(sketches.style_of(promotion))
    assert (style.layout, style.colour, style.second_colour) == ("band", "#123456", promotion.second_colour)


def test_another_logo_takes_the_last_ones_place_on_the_disk(
    promotion, member, django_capture_on_commit_callbacks
):
    logo = logos.clean(picture(300, 120))
    before = set_card_style(promotion, by=member.user, logo=logo, **LOOK).logo
    with django_capture_on_commit_callbacks(execute=True):
        after = set_card_style(promotion, by=member.user, logo=logo, **LOOK).logo
    assert (before.storage.exists(before.name), before.storage.exists(after.name)) == (False, True)
    with django_capture_on_commit_callbacks(execute=True):
        gone = set_card_style(promotion, by=member.user, without_logo=True, **LOOK).logo
    assert (bool(gone), before.storage.exists(after.name)) == (False, False)


def test_a_logo_whose_file_is_missing_is_left_out(promotion, member):
    style = set_card_style(promotion, by=member.user, logo=logos.clean(picture(300, 120)), **LOOK)
    style.logo.storage.delete(style.logo.name)
    assert sketches.look(style).logo is None


# Logos -------------------------------------------------------------------------------------------


def opened(data):
    return PILImage.open(io.BytesIO(data))


@pytest.mark.parametrize(("mode", "form"), [("RGBA", "PNG"), ("RGBA", "WEBP"), ("LA", "PNG")])
def test_logo_keeps_its_transparency(mode, form):
    out = io.BytesIO()
    PILImage.new("RGBA", (200, 150), (200, 30, 30, 0)).convert(mode).save(out, form)
    out.seek(0)
    logo = opened(logos.clean(out))
    assert (logo.mode, logo.size, logo.getpixel((5, 5))[3]) == ("RGBA", (200, 150), 0)


def test_large_logo_is_made_smaller_and_loses_what_it_carries():
    source, out = PILImage.new("RGB", (2000, 1000), "red"), io.BytesIO()
    exif = PILImage.Exif()
    exif[0x010E] = "secret"
    source.save(out, "JPEG", exif=exif)
    out.seek(0)
    logo = opened(logos.clean(out))
    assert (logo.format, logo.size, dict(logo.getexif())) == ("PNG", (800, 400), {})


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not-an-image"),
        (b"\x89PNG\r\n\x1a\n" + b"nonsense" * 9, "truncated"),
        (b"\x89PNG" + b"0" * logos.MAX_BYTES, "too-large"),
        (picture(60, 60).getvalue(), "too-small"),
        (picture(1500, 20).getvalue(), "too-long"),
        (picture(9000, 9000, mode="RGB").getvalue(), "too-many-pixels"),
        (b"", "not-an-image"),
    ],
)
def test_bad_logo_is_refused_in_words(upload, code):
    with pytest.raises(logos.LogoRefused) as refused:
        logos.clean(io.BytesIO(upload))
    assert refused.value.code == code
    assert "logo" in str(refused.value).lower() or code == "not-an-image"

"""What a variant says beyond the signed words."""

import pytest

from posts.words import beyond, normalise

KNOWN = normalise(
    "Servir au plus près\nJe viens de Brest. J’ai travaillé dix ans.\nLéa Le Goff\nJoséphine Baker (2025/2027)"
)


@pytest.mark.parametrize(
    "text",
    [
        "Je viens de Brest. J’ai travaillé dix ans.",
        "Je viens de Brest.\n\nJ’ai travaillé dix ans.",
        "« Servir au plus près »",
        "Léa Le Goff\n#Portrait #PromotionBaker",
        "Je viens  de\u00a0Brest. #Bretagne",
        "",
        "#SeulementUnMotDièse",
    ],
)
def test_signed_words_and_hashtags_need_nobody(text):
    assert beyond(text, KNOWN) == []


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("Je viens de Paris.", ["Je viens de Paris."]),
        ("Léa Le Goff\nUne future directrice", ["Une future directrice"]),
        ("Je viens de Brest. Bravo à elle", ["Je viens de Brest. Bravo à elle"]),
    ],
)
def test_other_words_are_named(text, passages):
    assert beyond(text, KNOWN) == passages

"""Where a passage stands in a text that goes on being edited."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portraits.anchors import followed, locate

texts = st.text(st.sampled_from("ab ’-é.\n👩"), max_size=60)


@pytest.mark.parametrize(
    ("text", "passage", "near", "place"),
    [
        ("la mer, la mer", "la mer", 0, 0),
        ("la mer, la mer", "la mer", 9, 8),
        ("la mer", "la terre", 0, None),
        ("la mer", "", 0, None),
        ("👩 mer", "mer", 0, 2),
    ],
)
def test_locate_takes_the_nearest(text, passage, near, place):
    assert locate(text, passage, near) == place


@pytest.mark.parametrize(
    ("before", "after", "position", "place"),
    [
        ("Un. Deux.", "Zéro. Un. Deux.", 4, 10),
        ("Un. Deux. Trois.", "Un. Trois.", 10, 4),
        ("Un. Deux.", "Un. Deux.", 4, 4),
        ("Un.", "", 1, 0),
    ],
)
def test_followed(before, after, position, place):
    assert followed(before, after, position) == place


@given(texts, texts, st.integers(0, 60))
def test_followed_stays_inside_the_text(before, after, position):
    assert 0 <= followed(before, after, min(position, len(before))) <= len(after)


@given(texts, st.integers(0, 60))
def test_followed_in_the_same_text_stays_put(text, position):
    position = min(position, len(text))
    assert followed(text, text, position) == position

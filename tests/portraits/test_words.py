"""Two texts compared word by word: what is said about them is true of any two texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portraits.words import word_diff

SAID = {
    "equal": ("Servir au plus près.", "Servir au plus près.", [("same", "Servir au plus près.")]),
    "empty": ("", "", []),
    "all new": ("", "Servir.", [("added", "Servir.")]),
    "all gone": ("Servir.", "", [("removed", "Servir.")]),
    "one word": (
        "Je viens de Brest.",
        "Je viens de Quimper.",
        [("same", "Je viens de"), ("removed", " Brest"), ("added", " Quimper"), ("same", ".")],
    ),
    "elision": ("l’eau", "l’air", [("removed", "l’eau"), ("added", "l’air")]),
    "new line": ("un deux", "un\n\ndeux", [("same", "un"), ("removed", " deux"), ("added", "\n\ndeux")]),
}
texts = st.text(st.sampled_from("ab ’-é.\n👩"), max_size=60)


@pytest.mark.parametrize(("before", "after", "expected"), SAID.values(), ids=SAID)
def test_word_diff(before, after, expected):
    assert word_diff(before, after) == expected


@given(texts, texts)
def test_what_is_not_removed_is_the_new_text_and_what_is_not_added_the_old_one(before, after):
    pieces = word_diff(before, after)
    assert "".join(text for op, text in pieces if op != "removed") == after
    assert "".join(text for op, text in pieces if op != "added") == before


@given(texts, texts)
def test_neighbours_differ(before, after):
    ops = [op for op, _text in word_diff(before, after)]
    assert all(one != next_one for one, next_one in zip(ops, ops[1:], strict=False))

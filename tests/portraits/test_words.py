"""Two texts compared word by word: what is said about them is true of any two texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portraits.words import merge, shortened, word_diff

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


# Shortened ----------------------------------------------------------------------------------------

LONG = "mot " * 60


def test_shortened_keeps_the_ends_of_long_unchanged_stretches():
    pieces = shortened([("same", LONG), ("added", "un"), ("same", LONG), ("removed", "deux"), ("same", LONG)])
    assert [op for op, _text in pieces] == [
        "gap",
        "same",
        "added",
        "same",
        "gap",
        "same",
        "removed",
        "same",
        "gap",
    ]
    assert all(len(text) <= 60 for _op, text in pieces)


def test_shortened_leaves_short_ones_alone():
    diff = [("same", "Je viens de"), ("removed", " Brest"), ("added", " Quimper"), ("same", ".")]
    assert shortened(diff) == diff


@given(texts, texts)
def test_shortened_keeps_every_change(before, after):
    diff = word_diff(before, after)
    changes = [piece for piece in diff if piece[0] != "same"]
    assert [piece for piece in shortened(diff, around=3) if piece[0] in ("added", "removed")] == changes


# Put together -------------------------------------------------------------------------------------

BASE = "Un.\n\nDeux.\n\nTrois."
MERGED = {
    "different paragraphs": (
        "Un !\n\nDeux.\n\nTrois.",
        "Un.\n\nDeux.\n\nTrois !",
        "Un !\n\nDeux.\n\nTrois !",
    ),
    "the same change": ("Un.\n\n2.\n\nTrois.", "Un.\n\n2.\n\nTrois.", "Un.\n\n2.\n\nTrois."),
    "the same change and another": ("Un.\n\n2.\n\nTrois !", "Un.\n\n2.\n\nTrois.", "Un.\n\n2.\n\nTrois !"),
    "one adds, one changes": (
        "Un.\n\nDeux.\n\nTrois.\n\nQuatre.",
        "1.\n\nDeux.\n\nTrois.",
        "1.\n\nDeux.\n\nTrois.\n\nQuatre.",
    ),
    "one takes away, one changes": ("Deux.\n\nTrois.", "Un.\n\nDeux.\n\n3.", "Deux.\n\n3."),
    "the same paragraph": ("Un.\n\nDeux !\n\nTrois.", "Un.\n\nDeux ?\n\nTrois.", None),
    "both add at the end": (f"{BASE}\n\nA.", f"{BASE}\n\nB.", None),
    "changed and taken away": ("Un.\n\nTrois.", "Un.\n\nDeux !\n\nTrois.", None),
}
lines = st.lists(st.sampled_from("abc"), max_size=6).map("\n\n".join)


@pytest.mark.parametrize(("mine", "theirs", "merged"), MERGED.values(), ids=MERGED)
def test_merge(mine, theirs, merged):
    assert (merge(BASE, mine, theirs), merge(BASE, theirs, mine)) == (merged, merged)


@given(lines, lines)
def test_merge_with_someone_who_changed_nothing_is_the_others_text(base, mine):
    assert (merge(base, mine, base), merge(base, base, mine), merge(base, mine, mine)) == (mine, mine, mine)


@given(lines, lines, lines)
def test_merge_is_the_same_from_both_sides(base, mine, theirs):
    assert merge(base, mine, theirs) == merge(base, theirs, mine)


@given(lines, lines)
def test_merge_of_a_change_before_and_one_after_loses_neither(first, second):
    base = "début\n\nmilieu\n\nfin"
    mine, theirs = base.replace("début", f"x{first}"), base.replace("fin", f"y{second}")
    assert merge(base, mine, theirs) == f"x{first}\n\nmilieu\n\ny{second}"

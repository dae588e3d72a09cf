"""How a text will look on a network: where it folds, what is shown without a script, how long it is on each page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posts import actions
from posts.templatetags.posts_preview import fold_of, lengths_on_pages, network_words
from tests import factories

WORDS = "mot " * 600


@pytest.mark.parametrize(
    ("network", "place"),
    [("linkedin", 207), ("facebook", 475), ("x", 279), ("mastodon", None), ("bluesky", None)],
)
def test_each_network_folds_at_its_place(network, place):
    assert fold_of(WORDS, network) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Un titre\n\n" + WORDS, 77),
        ("Un\nDeux\nTrois\nQuatre\n" + WORDS, 13),
        ("a" * 600, 210),
        ("Court.", None),
        ("mot " * 60, None),
        ("", None),
    ],
)
def test_linkedin_folds_after_three_lines(text, place):
    assert fold_of(text.strip(), "linkedin") == place


@given(st.text(st.sampled_from("ab \n👩"), max_size=600), st.sampled_from(["linkedin", "facebook", "x"]))
def test_fold_is_inside_the_text(text, network):
    place = fold_of(text, network)
    assert place is None or 0 < place < len(text)


def test_without_a_script_all_is_shown_with_a_mark():
    html = network_words("début " + WORDS + "fin", "linkedin")
    assert [html.count(part) for part in ("fold-mark", "data-unfold", "après", "fin</span>")] == [1, 1, 0, 1]


def test_text_that_does_not_fold_has_no_mark():
    assert network_words("Bref.", "x") == '<span class="">Bref.</span>'


def test_text_is_escaped_on_both_sides_of_the_fold():
    html = network_words("<b> " + WORDS + "<i>", "linkedin")
    assert ("<b>" in html, "<i>" in html, "&lt;b&gt;" in html, "&lt;i&gt;" in html) == (
        False,
        False,
        True,
        True,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("has_post", [True, False])
def test_lengths_are_counted_as_each_page_does(has_post, member, account):
    portrait = factories.make_portrait("in_edit", comms=member)
    post = actions.draft(portrait, by=member.user) if has_post else None
    found = lengths_on_pages(portrait, post)
    promotion = member.promotion
    text = f"{portrait.title}\n\n{portrait.text}\n\n{promotion.hashtag} {promotion.track.hashtag}"
    expected = account.connector.length(text, account.limits)
    assert [(one.account, one.length, one.limit, one.is_over, one.is_shortened) for one in found] == [
        (account, expected, 3000, False, False)
    ]


@pytest.mark.django_db
def test_lengths_leave_out_pages_that_the_consent_does_not_name(member, account):
    portrait = factories.make_portrait("in_edit", comms=member, places=("gallery",))
    assert lengths_on_pages(portrait, None) == []

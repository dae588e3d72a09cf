"""The Facebook connector against the rehearsal network: the page and its rights, reading back, changing, taking down, figures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from posts.networks.base import (
    Content,
    Counts,
    Found,
    NeedsReconnect,
    NotSent,
    Page,
    Refused,
    TryLater,
)
from tests.posts.networks.conftest import image
from tests.posts.networks.facebook_stage import LONG_AGO, PAGE, TEXT, Stage, just_now, refusal, said
from tests.posts.networks.peer import answering, peer


@pytest.fixture
def stage(server):
    return Stage(server)


# The page ------------------------------------------------------------------------------------------


def test_verify_names_the_page(stage):
    stage.publish()
    assert stage.facebook.verify(stage.credentials) == Page(
        name="INET",
        remote_id=PAGE,
        url="https://www.facebook.com/inet",
        followers=3052,
        role="PAGE",
        handle="inet",
        version="v26.0",
    )
    assert stage.breaches() == []


@pytest.mark.parametrize(
    ("grant", "reason"),
    [
        ({"expires_in": -1}, "token-expired"),
        ({"scopes": "pages_read_engagement"}, "no-right"),
        ({"scopes": "pages_manage_posts"}, "no-right"),
    ],
)
def test_verify_refuses_an_access_that_cannot_post_and_read_there(stage, grant, reason):
    assert refusal(NeedsReconnect, stage.facebook.verify, stage.access(**grant)).reason == reason


def test_verify_tells_a_persons_token_from_the_pages(stage):
    person = replace(stage.access(kind="user"), remote_id=PAGE)
    assert refusal(NeedsReconnect, stage.facebook.verify, person).reason == "token-of-a-person"


def test_verify_of_another_page(stage):
    other = replace(stage.access(page="2002"), remote_id=PAGE)
    assert refusal(NeedsReconnect, stage.facebook.verify, other).reason == "no-right"


def test_verify_unreachable(stage):
    refusal(NotSent, stage.facebook.verify, stage.elsewhere("http://127.0.0.1:9"))


@pytest.mark.parametrize("answer", [b"", said("", 500), said("<html>"), said('{"id": "2002"}'), said("[]")])
def test_verify_that_fails_is_no_verdict(stage, answer):
    with peer(answering(answer)) as (url, _received):
        refusal(TryLater, stage.facebook.verify, stage.elsewhere(url))


def warning(stage, **changes):
    return str(stage.facebook.verify(replace(stage.credentials, **changes)).warning)


def test_45_version_that_has_ended_is_warned_of(stage):
    text = "Facebook answers with version v21.0, we speak v20.0. Whoever runs the server must set FACEBOOK_VERSION."
    assert warning(stage, version="v20.0") == text


def test_45_version_that_answers_is_told(stage):
    stage.faults("version-served", version="v25.0")
    page = stage.facebook.verify(stage.credentials)
    assert (page.version, str(page.warning)[:44]) == ("v25.0", "Facebook answers with version v25.0, we spea")


def test_46_app_that_never_published_here_is_warned_of(stage):
    """No call tells whether an app is in development mode, where posts are seen by its own team only."""
    stage.there.told("app", {"mode": "development"})
    before = warning(stage)
    stage.publish()
    assert (before[:46], warning(stage), stage.posts()[0]["is_visible"]) == (
        "Nothing was published here with our program ye",
        "",
        False,
    )


def test_46_posts_of_another_program_prove_nothing(stage):
    stage.there.told("foreign", {"page": PAGE, "application": "another"})
    assert warning(stage).startswith("Nothing was published here with our program yet.")


def test_page_that_is_not_public_is_warned_of(stage):
    stage.there.told("page", {"id": PAGE, "data": {"is_hidden": True}})
    assert warning(stage) == "This page is not public: nobody will see what is published there."


def test_43_access_that_ends_is_warned_of(stage):
    stage.publish()
    short = stage.access(expires_in=5000)
    assert str(stage.facebook.verify(short).warning).startswith("This access ends by itself.")


# Reading back --------------------------------------------------------------------------------------


def test_get_reads_what_people_read(stage):
    published = stage.publish(TEXT, image(), image())
    found = stage.facebook.get(published.remote_id, stage.credentials)
    assert (found.remote_id, found.url, found.text) == (published.remote_id, published.url, TEXT)
    assert (len(found.media_ids), found.created_at > just_now(), found.created_at.tzinfo) == (2, True, UTC)


def test_get_by_the_posts_own_number(stage):
    published = stage.publish()
    number = published.remote_id.partition("_")[2]
    assert stage.facebook.get(number, stage.credentials).remote_id == published.remote_id


def test_get_by_its_picture(stage):
    published = stage.publish(TEXT, image())
    found = stage.facebook.get(published.remote_id, stage.credentials)
    again = stage.facebook.get(f"photo:{found.media_ids[0]}", stage.credentials)
    assert again.remote_id == published.remote_id


def test_get_by_a_picture_that_belongs_to_no_post(stage):
    (number,) = stage.facebook.prepare(Content(TEXT, (image(),)), stage.credentials).ids
    assert stage.facebook.get(f"photo:{number}", stage.credentials) is None


def test_get_by_a_public_name(stage):
    name, post = "pfbid02abcDEF345678", '"id": "1001_7", "created_time": "2026-11-24T08:00:03+0000"'
    body = f'{{"data": [{{{post}, "permalink_url": "https://www.facebook.com/inet/posts/{name}"}}]}}'
    with peer(answering(said(body))) as (url, _received):
        assert stage.facebook.get(name, stage.elsewhere(url)).remote_id == "1001_7"


@pytest.mark.parametrize("remote_id", ["1001_7", "7", "photo:7", "pfbid02abcDEF345678", "x/../me"])
def test_get_of_what_is_not_there(stage, remote_id):
    assert stage.facebook.get(remote_id, stage.credentials) is None


def test_get_of_what_was_taken_down(stage):
    published = stage.publish()
    stage.facebook.remove(published.remote_id, stage.credentials)
    assert stage.facebook.get(published.remote_id, stage.credentials) is None


def test_get_of_what_a_visitor_wrote(stage):
    foreign = stage.there.told("foreign", {"page": PAGE, "from": "42"})["id"]
    assert stage.facebook.get(foreign, stage.credentials) is None


@pytest.mark.parametrize(
    "answer", [said("{}"), said("<html>"), said("", 500), said('{"error": {"code": 2}}', 500), b""]
)
def test_get_that_fails_is_no_answer(stage, answer):
    with peer(answering(answer)) as (url, _received):
        refusal(TryLater, stage.facebook.get, "1001_7", stage.elsewhere(url))


def test_recent_is_newest_first_since_then(stage):
    start = datetime.now(UTC)
    for number in range(3):
        stage.ledger.turn(clock_offset=number * 60.0)
        stage.publish(f"Bonjour {number}")
    found = stage.facebook.recent(stage.credentials, since=start + timedelta(seconds=30))
    assert [post.text for post in found] == ["Bonjour 2", "Bonjour 1"]


def test_recent_knows_that_facebook_counts_whole_seconds(stage):
    start = datetime.now(UTC)
    stage.publish()
    assert len(stage.facebook.recent(stage.credentials, since=start)) == 1


@pytest.mark.parametrize("faults", [(), ("bare-next", "bare-next")])
def test_recent_reads_on_by_cursor_until_then(stage, faults):
    for number in range(101):
        stage.publish(f"Bonjour {number}")
    stage.faults(*faults)
    found = stage.facebook.recent(stage.credentials, since=LONG_AGO)
    assert [post.text for post in found] == [f"Bonjour {number}" for number in reversed(range(101))]
    assert (stage.calls("GET", "/1001/published_posts"), stage.breaches()) == (3, [])


def test_recent_asks_once_when_the_page_is_older(stage):
    for number in range(60):
        stage.publish(f"Bonjour {number}")
    found = stage.facebook.recent(stage.credentials, since=datetime.now(UTC) + timedelta(seconds=1800))
    assert (found, stage.calls("GET", "/1001/published_posts")) == ([], 1)


def test_recent_slows_down_between_two_pages(stage):
    for number in range(51):
        stage.publish(f"Bonjour {number}")
    stage.faults("usage", percent=80, times=0)
    stage.facebook.recent(stage.credentials, since=LONG_AGO)
    assert stage.sleeps == [2.0]


def test_recent_leaves_out_what_was_taken_down_and_what_visitors_wrote(stage):
    stage.facebook.remove(stage.publish().remote_id, stage.credentials)
    stage.there.told("foreign", {"page": PAGE, "from": "42"})
    assert stage.facebook.recent(stage.credentials, since=just_now()) == []


def test_recent_without_the_reading_scope(stage):
    blind = stage.access(scopes="pages_manage_posts")
    outcome = refusal(NeedsReconnect, stage.facebook.recent, blind, since=just_now())
    assert outcome.reason == "no-right"


@pytest.mark.parametrize("fault", ["find-500", "find-html"])
def test_recent_that_fails_is_no_answer(stage, fault):
    stage.faults(fault)
    refusal(TryLater, stage.facebook.recent, stage.credentials, since=just_now())


ODD = """{"data": [null, 3, {}, {"id": "1001_1"}, {"id": "2002_2", "created_time": "2026-11-24T08:00:03+0000"},
 {"id": "1001_3", "created_time": 7, "message": null, "attachments": 3},
 {"id": "1001_4", "created_time": "2026-11-24T08:00:03+0000", "message": "Oui", "permalink_url": 3,
  "attachments": {"data": [{"type": "photo", "target": {"id": 9}}, {}]}}]}"""


def test_recent_survives_odd_elements(stage):
    with peer(answering(said(ODD))) as (url, _received):
        found = stage.facebook.recent(stage.elsewhere(url), since=LONG_AGO)
    moment = datetime(2026, 11, 24, 8, 0, 3, tzinfo=UTC)
    assert found == [Found("1001_4", "https://www.facebook.com/1001_4", "Oui", moment, ("9",))]


@pytest.mark.parametrize("data", ["{}", "[]", "<html>", '{"data": {}}', ""])
def test_recent_does_not_take_an_unreadable_answer_for_an_empty_page(stage, data):
    with peer(answering(said(data))) as (url, _received):
        outcome = refusal(TryLater, stage.facebook.recent, stage.elsewhere(url), since=LONG_AGO)
    assert outcome.reason == "unreadable"


# Changing ------------------------------------------------------------------------------------------


def test_edit_changes_the_words_and_keeps_the_pictures(stage):
    published = stage.publish(TEXT, image())
    stage.facebook.edit(published.remote_id, Content("Bravo, Léa."), stage.credentials)
    (post,) = stage.posts()
    assert (post["text"], len(post["images"]), stage.breaches()) == ("Bravo, Léa.", 1, [])


def test_38_edit_of_what_another_program_made_is_refused_without_blaming_the_access(stage):
    foreign = stage.there.told("foreign", {"page": PAGE, "application": "another"})["id"]
    outcome = refusal(Refused, stage.facebook.edit, foreign, Content("Bravo"), stage.credentials)
    assert outcome.reason == "not-ours"


def test_edit_with_a_dead_token_needs_reconnecting(stage):
    published = stage.publish()
    stage.faults("token-expired")
    edit = stage.facebook.edit
    refusal(NeedsReconnect, edit, published.remote_id, Content("Bravo"), stage.credentials)


def test_edit_that_fails_may_be_repeated(stage):
    published = stage.publish()
    stage.faults("edit-500")
    refusal(TryLater, stage.facebook.edit, published.remote_id, Content("Bravo"), stage.credentials)
    stage.facebook.edit(published.remote_id, Content("Bravo"), stage.credentials)
    assert stage.posts()[0]["text"] == "Bravo"


def test_edit_that_facebook_says_did_nothing(stage):
    with peer(answering(said('{"success": false}'))) as (url, _received):
        outcome = refusal(Refused, stage.facebook.edit, "1001_7", Content("Bravo"), stage.elsewhere(url))
    assert outcome.reason == "not-changed"


# Taking down ---------------------------------------------------------------------------------------


def states(stage):
    rows = stage.ledger.rows("SELECT status FROM image WHERE urn LIKE 'facebook:%' ORDER BY urn")
    return [row["status"] for row in rows]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_remove_takes_the_pictures_down_too(stage, count):
    published = stage.publish(TEXT, *[image() for _number in range(count)])
    stage.facebook.remove(published.remote_id, stage.credentials)
    assert (stage.posts(), states(stage), stage.breaches()) == ([], ["DELETED"] * count, [])


def test_39_remove_can_be_repeated(stage):
    published = stage.publish()
    for _time in range(2):
        stage.facebook.remove(published.remote_id, stage.credentials)
    assert (stage.posts(), len(stage.ledger.events("deleted"))) == ([], 1)


def test_39_remove_of_what_is_not_there_is_done(stage):
    assert stage.facebook.remove("1001_7", stage.credentials) is None


def test_remove_leaves_everything_to_the_next_try_when_a_picture_does_not_go(stage):
    """Else nobody would know any more which pictures were its own."""
    published = stage.publish(TEXT, image(), image())
    stage.faults("delete-500")
    refusal(TryLater, stage.facebook.remove, published.remote_id, stage.credentials)
    assert len(stage.posts()) == 1
    stage.facebook.remove(published.remote_id, stage.credentials)
    assert (stage.posts(), states(stage)) == ([], ["DELETED", "DELETED"])


def test_remove_that_fails_may_be_repeated(stage):
    published = stage.publish()
    stage.faults("delete-500")
    refusal(TryLater, stage.facebook.remove, published.remote_id, stage.credentials)
    stage.facebook.remove(published.remote_id, stage.credentials)
    assert stage.posts() == []


def test_remove_does_not_take_a_missing_right_for_gone(stage):
    published = stage.publish()
    reader = stage.access(scopes="pages_read_engagement")
    assert refusal(NeedsReconnect, stage.facebook.remove, published.remote_id, reader).reason == "no-right"
    assert len(stage.posts()) == 1


# Figures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults", [(), ("total-value", "total-value")])
def test_counts_are_read_in_either_form(stage, faults):
    published = stage.publish()
    figures = {"views": 1200, "clicks": 40, "reactions": 30, "comments": 4, "shares": 2}
    stage.there.told("figures", {"post": published.remote_id, **figures})
    stage.faults(*faults)
    assert stage.facebook.counts(published.remote_id, stage.credentials) == Counts(1200, 30, 4, 2, 40)
    assert stage.breaches() == []


def test_counts_without_shares_are_none_of_them(stage):
    published = stage.publish()
    assert stage.facebook.counts(published.remote_id, stage.credentials).shares == 0


def test_37_counts_of_a_small_page_are_not_zero_but_unknown(stage):
    stage.there.told("page", {"id": PAGE, "followers": 99})
    published = stage.publish()
    counted = stage.facebook.counts(published.remote_id, stage.credentials)
    assert (counted.views, counted.clicks, counted.reactions) == (None, None, 0)


def test_counts_without_the_insights_scope(stage):
    published = stage.publish()
    blind = stage.access(scopes=["pages_manage_posts", "pages_read_engagement"])
    assert stage.facebook.counts(published.remote_id, blind) == Counts(None, 0, 0, 0, None)


def test_29_counts_give_way_to_posts_when_the_quota_is_nearly_used(stage):
    published = stage.publish()
    stage.faults("usage", percent=75)
    outcome = refusal(TryLater, stage.facebook.counts, published.remote_id, stage.credentials)
    assert (outcome.reason, stage.calls("GET", f"/{published.remote_id}/insights")) == ("nearly-throttled", 0)


def test_counts_of_what_is_gone(stage):
    refusal(Refused, stage.facebook.counts, "1001_7", stage.credentials)


def test_whole_life_breaks_no_rule(stage):
    stage.facebook.verify(stage.credentials)
    published = stage.publish(TEXT, image(), image(width=60))
    stage.facebook.get(published.remote_id, stage.credentials)
    stage.find()
    stage.facebook.edit(published.remote_id, Content("Bravo"), stage.credentials)
    stage.facebook.counts(published.remote_id, stage.credentials)
    stage.facebook.remove(published.remote_id, stage.credentials)
    assert stage.breaches() == []

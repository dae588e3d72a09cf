"""The X connector against the rehearsal network: the account, reading back, taking down, figures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from posts.networks import x as module
from posts.networks.base import (
    Content,
    Counts,
    Duplicate,
    Link,
    NeedsReconnect,
    NotSent,
    Page,
    Refused,
    TryLater,
    Unknown,
)
from tests.posts.networks.conftest import image
from tests.posts.networks.peer import answering, peer
from tests.posts.networks.x_stage import LINKED, LONG_AGO, TEXT, USER, Stage, just_now, refusal, said


@pytest.fixture
def stage(server):
    return Stage(server)


# The account ---------------------------------------------------------------------------------------


def test_verify_names_the_account(stage):
    assert stage.x.verify(stage.credentials) == Page(
        "INET", USER, "https://x.com/inet_cnfpt", 3052, "", handle="@inet_cnfpt"
    )


def test_verify_breaks_no_rule(stage):
    stage.x.verify(stage.credentials)
    assert stage.breaches() == []


def test_verify_warns_of_an_account_that_few_can_read(stage):
    stage.there.told("page", {"id": USER, "protected": True})
    assert "protected" in str(stage.x.verify(stage.credentials).warning)


def test_verify_refuses_the_keys_of_another_account(stage):
    stage.there.told("page", {"id": "2002"})
    other = replace(stage.access(page="2002"), remote_id=USER)
    assert refusal(NeedsReconnect, stage.x.verify, other).reason == "other-account"


@pytest.mark.parametrize(
    ("grant", "reason"), [({"expires_in": -1}, "token-invalid"), ({"scopes": "tweet.write"}, "no-right")]
)
def test_verify_refuses_an_access_that_does_not_reach(stage, grant, reason):
    assert refusal(NeedsReconnect, stage.x.verify, stage.access(**grant)).reason == reason


def test_verify_unreachable(stage):
    refusal(NotSent, stage.x.verify, stage.elsewhere("http://127.0.0.1:9"))


@pytest.mark.parametrize(
    "answer",
    [b"", said("", 500), said("<html>"), said("{}"), said('{"data": {"id": 7.5}}'), said('{"data": [1]}')],
)
def test_verify_that_fails_has_published_nothing(stage, answer):
    with peer(answering(answer)) as (url, _received):
        refusal(TryLater, stage.x.verify, stage.elsewhere(url))


def test_verify_does_with_little(stage):
    with peer(answering(said('{"data": {"id": "1001", "username": "a/../b"}}'))) as (url, _received):
        page = stage.x.verify(stage.elsewhere(url))
    assert page == Page("1001", "1001", "https://x.com/i/user/1001", None, "")


# Reading back --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [TEXT, LINKED, "A < B & C > D", "Tout est là : inet.fr\n\n#INET"])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_find_recognises_what_was_published(stage, text, count):
    images = [image(width=40 + number) for number in range(count)]
    published = stage.publish(text, *images)
    (found,) = stage.find(text, *images)
    assert (found.remote_id, found.url, len(found.media_ids)) == (published.remote_id, published.url, count)


def test_find_recognises_the_link_at_the_end(stage):
    link = Link("https://inet.fr/?a=1&b=2")
    stage.publish("Bravo", image(), link=link)
    assert (len(stage.find("Bravo", link=link)), stage.find("Bravo")) == (1, [])


def test_find_leaves_out_what_says_something_else(stage):
    stage.publish("Bravo Léa")
    assert stage.find("Bravo") == []


def test_find_tells_of_two(stage):
    stage.ledger.turn(duplicate_seconds=0)
    numbers = [stage.publish().remote_id for _time in range(2)]
    assert [found.remote_id for found in stage.find()] == numbers[::-1]


def test_find_breaks_no_rule(stage):
    stage.publish(LINKED)
    stage.find(LINKED)
    assert stage.breaches() == []


@pytest.mark.parametrize("fault", ["find-500", "find-html", "quota", "token-revoked"])
def test_find_that_fails_is_no_answer(stage, fault):
    stage.publish()
    stage.faults(fault)
    with pytest.raises((TryLater, NeedsReconnect)):
        stage.find()


def test_find_that_lags_sees_nothing_yet(stage):
    stage.publish()
    stage.faults("find-lag", seconds=600)
    assert [len(stage.find()) for _look in range(2)] == [0, 1]


@pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", '{"errors": [{"detail": "x"}]}', '{"meta": 7}'])
def test_list_that_cannot_be_read_is_no_answer(stage, body):
    with peer(answering(said(body))) as (url, _received):
        refusal(TryLater, stage.x.recent, stage.elsewhere(url), since=LONG_AGO)


def test_list_of_odd_posts_gives_what_can_be_read(stage):
    body = '{"data": [7, {}, {"id": null}, {"id": "1850000000000000000"}, {"id": "x", "created_at": "hier"}]}'
    with peer(answering(said(body))) as (url, _received):
        (found,) = stage.x.recent(stage.elsewhere(url), since=LONG_AGO - timedelta(days=700))
    assert (found.remote_id, found.text, found.created_at.date().isoformat()) == (
        "1850000000000000000",
        "",
        "2024-10-26",
    )


def test_get_reads_what_people_read(stage):
    published = stage.publish(LINKED, image())
    found = stage.x.get(published.remote_id, stage.credentials)
    assert (found.remote_id, found.url, stage.x.same(Content(LINKED), found)) == (
        published.remote_id,
        published.url,
        True,
    )
    assert (len(found.media_ids), found.created_at > just_now(), found.created_at.tzinfo) == (1, True, UTC)


def test_get_reads_a_long_post_whole(stage):
    stage.there.told("page", {"id": USER, "text_limit": 25_000})
    text = f"{'é' * 400} https://inet.fr/a"
    published = stage.publish(text)
    assert stage.x.get(published.remote_id, stage.credentials).text == text


def test_get_of_a_post_that_was_taken_down(stage):
    published = stage.publish()
    stage.x.remove(published.remote_id, stage.credentials)
    assert stage.x.get(published.remote_id, stage.credentials) is None


def test_get_of_what_never_was(stage):
    assert stage.x.get("7", stage.credentials) is None


def test_get_of_another_accounts_post(stage):
    stage.there.told("page", {"id": "2002"})
    published = stage.publish(credentials=stage.access(page="2002"))
    assert stage.x.get(published.remote_id, stage.credentials) is None


@pytest.mark.parametrize(
    "answer",
    [
        said("", 404),
        said("<html>", 404),
        said("{}"),
        said("<html>"),
        said('{"errors": [{"type": "https://api.twitter.com/2/problems/not-authorized-for-resource"}]}'),
        said("", 503),
        b"",
    ],
)
def test_get_that_is_not_clear_is_no_answer(stage, answer):
    with peer(answering(answer)) as (url, _received):
        refusal(TryLater, stage.x.get, "7", stage.elsewhere(url))


def test_get_that_fails_is_no_answer(stage):
    stage.faults("get-500")
    refusal(TryLater, stage.x.get, "7", stage.credentials)


def test_get_of_an_odd_identifier_asks_for_nothing_else(stage):
    with peer(answering(said("", 404))) as (url, received):
        refusal(TryLater, stage.x.get, "../users/me?x=", stage.elsewhere(url))
    assert received[0].startswith(b"GET /2/tweets/..%2Fusers%2Fme%3Fx%3D?tweet.fields=")


def test_recent_is_newest_first_since_then(stage):
    start = datetime.now(UTC)
    for number in range(3):
        stage.ledger.turn(clock_offset=number * 60.0)
        stage.publish(f"Bonjour {number}")
    found = stage.x.recent(stage.credentials, since=start + timedelta(seconds=30))
    assert [post.text for post in found] == ["Bonjour 2", "Bonjour 1"]


def test_recent_reads_on_until_then(stage):
    for number in range(101):
        stage.publish(f"Bonjour {number}")
    found = stage.x.recent(stage.credentials, since=LONG_AGO)
    assert (len({post.remote_id for post in found}), stage.calls("GET", f"/2/users/{USER}/tweets")) == (
        101,
        2,
    )


def test_recent_does_not_read_for_ever(stage, monkeypatch):
    monkeypatch.setattr(module, "PAGE_OF_POSTS", 5)
    monkeypatch.setattr(module, "MOST_PAGES", 2)
    for number in range(12):
        stage.publish(f"Bonjour {number}")
    found = stage.x.recent(stage.credentials, since=LONG_AGO)
    assert (len(found), found[-1].text) == (10, "Bonjour 2")


@pytest.mark.parametrize("since", [datetime(1970, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_recent_since_any_time(stage, since):
    assert stage.x.recent(stage.credentials, since=since) == []


def test_since_is_said_in_universal_time(stage):
    paris = datetime.fromisoformat("2026-03-03T10:00:00.9+01:00")
    with peer(answering(said('{"meta": {"result_count": 0}}'))) as (url, received):
        stage.x.recent(stage.elsewhere(url), since=paris)
    assert b"start_time=2026-03-03T09:00:00Z&exclude=replies,retweets&" in received[0]


# Changing and taking down --------------------------------------------------------------------------


def test_edit_is_not_offered(stage):
    published = stage.publish()
    outcome = refusal(Refused, stage.x.edit, published.remote_id, Content("Autre"), stage.credentials)
    assert (outcome.reason, stage.x.can_edit, stage.posts()[0]["text"]) == ("no-edit", False, TEXT)


def test_remove_takes_it_down(stage):
    published = stage.publish()
    stage.x.remove(published.remote_id, stage.credentials)
    assert stage.posts() == []


def test_remove_twice_is_done(stage):
    published = stage.publish()
    for _time in range(2):
        stage.x.remove(published.remote_id, stage.credentials)
    assert stage.calls("DELETE", f"/2/tweets/{published.remote_id}") == 2


def test_remove_of_another_accounts_post(stage):
    stage.there.told("page", {"id": "2002"})
    published = stage.publish(credentials=stage.access(page="2002"))
    refusal(Refused, stage.x.remove, published.remote_id, stage.credentials)
    assert len(stage.posts()) == 1


def test_remove_that_fails_tries_later(stage):
    published = stage.publish()
    stage.faults("delete-500")
    refusal(TryLater, stage.x.remove, published.remote_id, stage.credentials)
    assert len(stage.posts()) == 1


@pytest.mark.parametrize(
    "answer",
    [said("{}"), said(""), said('{"data": {"deleted": false}}'), said("<html>", 404), said("", 404), b""],
)
def test_remove_is_done_only_when_x_says_so(stage, answer):
    with peer(answering(answer)) as (url, _received):
        refusal(TryLater, stage.x.remove, "7", stage.elsewhere(url))


# Figures -------------------------------------------------------------------------------------------


def test_counts_of_a_post(stage):
    number = stage.publish().remote_id
    figures = {"views": 90, "reactions": 7, "comments": 3, "shares": 2, "quotes": 1, "clicks": 5}
    stage.there.told("count", {"post": number, **figures})
    assert stage.x.counts(number, stage.credentials) == Counts(90, 7, 3, 3, 5)


def test_counts_after_thirty_days_do_without_the_private_ones(stage):
    number = stage.publish().remote_id
    stage.there.told("count", {"post": number, "views": 90, "reactions": 7, "clicks": 5})
    stage.ledger.turn(clock_offset=31 * 86_400)
    assert stage.x.counts(number, stage.access()) == Counts(90, 7, 0, 0, None)


def test_counts_of_what_is_gone(stage):
    assert refusal(Refused, stage.x.counts, "7", stage.credentials).reason == "gone"


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        ('{"data": [{"id": "7"}]}', Counts()),
        ('{"data": [{"id": "7", "public_metrics": {"like_count": "7", "reply_count": true}}]}', Counts()),
        (
            '{"data": [{"id": "7", "public_metrics": {"repost_count": 2, "quote_count": 1}}]}',
            Counts(shares=3),
        ),
        ('{"data": [{"id": "7", "non_public_metrics": {"impression_count": 0}}]}', Counts(views=0)),
    ],
)
def test_counts_of_what_x_tells(stage, body, counts):
    with peer(answering(said(body))) as (url, _received):
        assert stage.x.counts("7", stage.elsewhere(url)) == counts


def test_counts_that_cannot_be_read(stage):
    with peer(answering(b"")) as (url, _received):
        refusal(TryLater, stage.x.counts, "7", stage.elsewhere(url))


def test_lost_then_sent_again_is_a_duplicate_that_find_names(stage):
    """What a restart between answer and note would do: the refusal is evidence, never a failure."""
    stage.faults("cut-after")
    refusal(Unknown, stage.publish)
    assert refusal(Duplicate, stage.publish).remote_id == ""
    assert [post.remote_id for post in stage.find()] == [stage.posts()[0]["urn"]]

"""The LinkedIn connector against the rehearsal network: how a post did, and changing its words."""

import json
from dataclasses import replace

import pytest

from posts.networks.base import Content, Counts, NeedsReconnect, Refused, TryLater
from tests.posts.networks.conftest import image
from tests.posts.networks.peer import answering, peer
from tests.posts.networks.test_linkedin import TEXT, publish, refusal

FIGURES = {"impressionCount": 900, "clickCount": 31, "likeCount": 40, "commentCount": 5, "shareCount": 2}


@pytest.fixture
def urn(linkedin, credentials):
    return publish(linkedin, credentials).remote_id


# How it did -------------------------------------------------------------------------------------------


def test_counts_are_those_of_the_post(server, linkedin, credentials, urn):
    other = publish(linkedin, credentials, "Autre").remote_id
    for post, times in ((urn, 1), (other, 7)):
        told = {name: number * times for name, number in FIGURES.items()}
        server.linkedin.told("figures", {"urn": post, **told})
    counts = Counts(views=900, reactions=40, comments=5, shares=2, clicks=31)
    assert (linkedin.counts(urn, credentials), server.ledger.failures()) == (counts, [])


def test_counts_of_a_post_without_activity_are_zero(server, linkedin, credentials, urn):
    """LinkedIn leaves it out."""
    assert (linkedin.counts(urn, credentials), server.ledger.failures()) == (Counts(0, 0, 0, 0, 0), [])


@pytest.mark.parametrize(("urn", "kind"), [("urn:li:share:7", "shares"), ("urn:li:ugcPost:7", "ugcPosts")])
def test_counts_ask_by_the_kind_of_the_post(linkedin, credentials, urn, kind):
    with peer(answering(b"")) as (url, received):
        refusal(TryLater, linkedin.counts, urn, replace(credentials, api_url=url))
    path = received[0].split(b" ")[1].decode()
    assert path == (
        "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
        "&organizationalEntity=urn%3Ali%3Aorganization%3A1001"
        f"&{kind}=List(urn%3Ali%3A{kind.removesuffix('s')}%3A7)"
    )


def test_counts_of_another_kind_of_post_are_not_refused(server, linkedin, credentials):
    linkedin.counts("urn:li:ugcPost:7", credentials)
    assert server.ledger.failures() == []


@pytest.mark.parametrize(
    ("grant", "fault"), [({"role": "CONTENT_ADMIN"}, []), ({}, [{"name": "shares-restricted"}])]
)
def test_counts_without_statistics_are_the_live_ones(server, linkedin, access, urn, grant, fault):
    server.linkedin.told("figures", {"urn": urn, **FIGURES})
    server.ledger.set_faults("linkedin", fault)
    assert linkedin.counts(urn, access(**grant)) == Counts(reactions=40, comments=5)


def test_counts_without_the_reading_scope_are_those_of_the_statistics(server, linkedin, access, urn):
    server.linkedin.told("figures", {"urn": urn, **FIGURES})
    blind = access(scopes="w_organization_social rw_organization_admin")
    assert linkedin.counts(urn, blind) == Counts(900, 40, 5, 2, 31)


def test_counts_by_a_dead_token_need_reconnecting(server, linkedin, credentials, urn):
    server.linkedin.revoke(credentials.token)
    refusal(NeedsReconnect, linkedin.counts, urn, credentials)


def test_counts_by_a_token_that_dies_meanwhile_need_reconnecting(server, linkedin, credentials, urn):
    server.ledger.set_faults("linkedin", [{"name": "token-expired"}])
    refusal(NeedsReconnect, linkedin.counts, urn, credentials)


def test_counts_when_the_days_quota_is_used_up_try_later(server, linkedin, credentials, urn):
    server.ledger.set_faults("linkedin", [{"name": "quota"}])
    outcome = refusal(TryLater, linkedin.counts, urn, credentials)
    assert (outcome.reason, 0 < outcome.retry_after <= 86_400) == ("throttled", True)


@pytest.mark.parametrize("data", [b"<html>", b"{}", b'{"elements": {}}', b""])
def test_counts_do_not_take_an_unreadable_answer_for_zero(linkedin, credentials, data):
    said = b"HTTP/1.1 200 OK\r\nContent-Length: " + str(len(data)).encode() + b"\r\n\r\n" + data
    with peer(answering(said)) as (url, _received):
        outcome = refusal(TryLater, linkedin.counts, "urn:li:share:7", replace(credentials, api_url=url))
    assert outcome.reason == "unreadable"


# Changing -----------------------------------------------------------------------------------------------


def test_edit_changes_the_words_and_nothing_else(server, linkedin, credentials):
    published = publish(linkedin, credentials, TEXT, image())
    before = server.ledger.posts()[0]
    linkedin.edit(published.remote_id, Content("Bravo à toutes (et à tous) #INET"), credentials)
    (post,) = server.ledger.posts()
    assert post["text"] == "Bravo à toutes (et à tous) #INET"
    assert (post["images"], post["created"], server.ledger.failures()) == (
        before["images"],
        before["created"],
        [],
    )


def test_edited_post_is_recognised(linkedin, credentials, urn):
    content = Content("Bravo @INET [2026]")
    linkedin.edit(urn, content, credentials)
    assert linkedin.same(content, linkedin.get(urn, credentials)) is True


def test_edit_can_be_repeated(server, linkedin, credentials, urn):
    for _time in range(2):
        linkedin.edit(urn, Content("Bravo"), credentials)
    assert [post["text"] for post in server.ledger.posts()] == ["Bravo"]


@pytest.mark.parametrize("gone", ["urn:li:share:7", ""])
def test_edit_of_what_is_not_there_is_refused(linkedin, credentials, urn, gone):
    linkedin.remove(urn, credentials)
    outcome = refusal(Refused, linkedin.edit, gone or urn, Content("Bravo"), credentials)
    assert outcome.status == 404


def test_edit_that_is_too_long_is_refused(server, linkedin, credentials, urn):
    outcome = refusal(Refused, linkedin.edit, urn, Content("a" * 3001), credentials)
    assert (outcome.reason, server.ledger.posts()[0]["text"]) == ("field-length-too-long", TEXT)


@pytest.mark.parametrize("grant", [{"role": "ANALYST"}, {"scopes": "r_organization_social"}])
def test_edit_without_the_right_needs_reconnecting(linkedin, access, urn, grant):
    refusal(NeedsReconnect, linkedin.edit, urn, Content("Bravo"), access(**grant))


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n"])
def test_edit_that_is_uncertain_may_be_repeated(linkedin, credentials, said):
    with peer(answering(said)) as (url, _received):
        refusal(
            TryLater, linkedin.edit, "urn:li:share:7", Content("Bravo"), replace(credentials, api_url=url)
        )


def test_edit_sends_a_patch_of_the_words_alone(linkedin, credentials):
    with peer(answering(b"HTTP/1.1 204 No\r\n\r\n")) as (url, received):
        linkedin.edit("urn:li:share:7", Content("(Bravo)"), replace(credentials, api_url=url))
    head, _blank, body = received[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /rest/posts/urn%3Ali%3Ashare%3A7 HTTP/1.1"
    assert b"X-RestLi-Method: PARTIAL_UPDATE" in head.split(b"\r\n")
    assert json.loads(body) == {"patch": {"$set": {"commentary": "\\(Bravo\\)"}}}

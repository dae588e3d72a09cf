"""The Bluesky connector, and our rehearsal of Bluesky, against the real server (a PDS on this machine): `make peers`."""

import base64
import hashlib
import hmac
import itertools
import json
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests

from posts.networks.base import (
    App,
    Choice,
    Content,
    Counts,
    Credentials,
    Duplicate,
    Link,
    NeedsReconnect,
    Outcome,
    Published,
    Refused,
    TryLater,
)
from posts.networks.bluesky import Bluesky
from posts.networks.tid import tid
from posts.rehearsal.bluesky.rules import cid_of
from tests.peers.server import MISSING, is_installed, running
from tests.posts.networks.bluesky_stage import KEYS, LONG_AGO, TEXT, key, noise, nothing, refusal
from tests.posts.networks.conftest import image
from tests.posts.rehearsal.bluesky_wire import COLLECTION, Wire, facet, images, problem, record
from tests.posts.rehearsal.wire import jpeg, picture

if not is_installed():
    pytest.skip(MISSING, allow_module_level=True)
pytestmark = [pytest.mark.peers, pytest.mark.xdist_group("peers")]
BLUESKY = Bluesky()
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def pds(tmp_path_factory):
    with running(tmp_path_factory.mktemp("pds"), PDS_RATE_LIMITS_ENABLED="true") as pds:
        yield pds


class Real:
    """A new account on the real server, connected with its app password."""

    def __init__(self, pds):
        self.pds, self.app = pds, App(api_url=pds.url, is_public=False)
        self.owner = pds.account(f"inet{next(NUMBERS)}")
        self.handle, self.did = self.owner["handle"], self.owner["did"]
        self.grant, self.choice = BLUESKY.sign_in(self.app, self.handle, self.owner["password"])
        self.credentials = Credentials(pds.url, self.grant.token, self.choice.remote_id)

    def publish(self, text=TEXT, *shown, record=KEYS[0], link=None):
        content = Content(text, shown, link=link)
        media = BLUESKY.prepare(content, self.credentials)
        return BLUESKY.create(content, media, self.credentials, key=key(record), before_first_byte=nothing)

    def records(self):
        """What stands in its collection of posts, read without our connector."""
        query = f"com.atproto.repo.listRecords?repo={self.did}&collection={COLLECTION}&limit=100"
        return [found["value"] for found in self.pds.call(query).json()["records"]]


@pytest.fixture
def real(pds):
    return Real(pds)


# Access --------------------------------------------------------------------------------------------


def test_app_password_gives_the_account(real):
    url = f"https://bsky.app/profile/{real.did}"
    assert real.choice == Choice(real.did, real.handle, True, url)
    assert (real.grant.expires_in, real.grant.refresh_expires_in) == (7200.0, 7_776_000.0)


@pytest.mark.parametrize("spelled", ["@{handle}", " {handle} ", "{did}"])
def test_name_may_be_spelled_otherwise(real, spelled):
    name = spelled.format(handle=real.handle, did=real.did)
    assert BLUESKY.sign_in(real.app, name, real.owner["password"])[1].remote_id == real.did


def test_wrong_password_is_refused(real):
    assert refusal(Refused, BLUESKY.sign_in, real.app, real.handle, "wrong").reason == "wrong-password"


def test_signing_in_too_often_waits(pds):
    def outcome():
        with pytest.raises(Outcome) as caught:
            BLUESKY.sign_in(app, "nobody-at-all.test", "wrong")
        return caught.value

    app = App(api_url=pds.url, is_public=False)

    outcomes = [outcome() for _time in range(31)]
    assert (type(outcomes[-1]), outcomes[-1].reason) == (TryLater, "throttled")
    assert 0 < outcomes[-1].retry_after <= 300


def test_refresh_gives_another_pair_and_the_old_one_still_leads_to_it(real):
    first = BLUESKY.refresh(real.app, real.grant.refresh_token)
    again = BLUESKY.refresh(real.app, real.grant.refresh_token)
    assert first.refresh_token != real.grant.refresh_token
    names = {_claims(grant.refresh_token)["jti"] for grant in (first, again)}
    assert len(names) == 1
    renewed = replace(real.credentials, token=again.token)
    assert BLUESKY.verify(renewed).remote_id == real.did


def test_expired_access_needs_renewing(real):
    expired = replace(real.credentials, token=minted(real, "at+jwt", "com.atproto.appPass", -60))
    content = Content(TEXT)
    for call in (
        lambda: BLUESKY.verify(expired),
        lambda: BLUESKY.prepare(replace(content, images=(image(),)), expired),
        lambda: BLUESKY.create(
            content, BLUESKY.prepare(content, expired), expired, key=key(), before_first_byte=nothing
        ),
        lambda: BLUESKY.remove(f"at://{real.did}/{COLLECTION}/{KEYS[0]}", expired),
    ):
        outcome = refusal(NeedsReconnect, call)
        assert (outcome.reason, outcome.status) == ("token-expired", 400)
    assert real.records() == []


def test_access_that_we_made_ourselves_is_taken_for_a_real_one(real):
    """So that the test before this one proves what it says."""
    made = replace(real.credentials, token=minted(real, "at+jwt", "com.atproto.appPass", 60))
    assert BLUESKY.verify(made).handle == real.handle


def test_expired_refresh_token_needs_reconnecting(real):
    token = minted(real, "refresh+jwt", "com.atproto.refresh", -60, jti="x")
    assert refusal(NeedsReconnect, BLUESKY.refresh, real.app, token).reason == "refresh-refused"


def test_revoked_app_password_ends_renewing(real):
    real.pds.call("com.atproto.server.revokeAppPassword", {"name": "newsroom"}, real.owner["accessJwt"])
    refusal(NeedsReconnect, BLUESKY.refresh, real.app, real.grant.refresh_token)
    assert BLUESKY.verify(real.credentials).remote_id == real.did


def test_main_password_is_warned_of(real):
    whole = replace(real.credentials, token=real.owner["accessJwt"])
    assert (
        "main password" in str(BLUESKY.verify(whole).warning),
        BLUESKY.verify(real.credentials).warning,
    ) == (True, "")


def test_closed_account_is_a_matter_for_staff(real):
    subject = {"$type": "com.atproto.admin.defs#repoRef", "did": real.did}
    requests.post(
        f"{real.pds.url}/xrpc/com.atproto.admin.updateSubjectStatus",
        json={"subject": subject, "takedown": {"applied": True, "ref": "1"}},
        auth=("admin", real.pds.admin_password),
        timeout=10,
    ).raise_for_status()
    assert refusal(NeedsReconnect, real.publish).reason == "taken-down"
    assert refusal(NeedsReconnect, BLUESKY.refresh, real.app, real.grant.refresh_token).reason == "taken-down"


def test_deactivated_account_is_a_matter_for_staff(real):
    real.pds.call("com.atproto.server.deactivateAccount", {}, real.owner["accessJwt"])
    assert refusal(NeedsReconnect, real.publish).reason == "deactivated"
    assert refusal(NeedsReconnect, BLUESKY.verify, real.credentials).reason == "deactivated"


def test_verify_does_without_the_machine_that_tells_figures(real):
    page = BLUESKY.verify(real.credentials)
    assert (page.name, page.handle, page.followers) == (real.handle, real.handle, None)


# Publishing ----------------------------------------------------------------------------------------


def test_publish_with_pictures_links_hashtags_and_mentions(real):
    text = f"Bravo @{real.handle} et @nobody.test 🎓 ! #Été (www.inet.fr)"
    shown = image(), image(picture("PNG", 60, 30), "Une salle", "image/png", 60, 30)
    published = real.publish(text, *shown)
    (value,) = real.records()
    data = value["text"].encode()
    alive = {
        data[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode(): one["features"][0]
        for one in value["facets"]
    }
    assert (published.remote_id, value["text"]) == (f"at://{real.did}/{COLLECTION}/{KEYS[0]}", text)
    assert alive == {
        f"@{real.handle}": {"$type": "app.bsky.richtext.facet#mention", "did": real.did},
        "#Été": {"$type": "app.bsky.richtext.facet#tag", "tag": "Été"},
        "www.inet.fr": {"$type": "app.bsky.richtext.facet#link", "uri": "https://www.inet.fr"},
    }
    assert [
        (one["alt"], one["image"]["mimeType"], one["aspectRatio"]) for one in value["embed"]["images"]
    ] == [
        ("Une élève sourit", "image/jpeg", {"width": 40, "height": 50}),
        ("Une salle", "image/png", {"width": 60, "height": 30}),
    ]


def test_picture_is_named_by_its_bytes_as_in_the_rehearsal(real):
    media = BLUESKY.prepare(Content(TEXT, (image(),)), real.credentials)
    assert media.ids == (cid_of(image().data),)


def test_publish_with_a_link_card(real):
    real.publish(link=Link("https://inet.fr", "INET", "La promotion", image()))
    card = real.records()[0]["embed"]["external"]
    assert (card["uri"], card["thumb"]["size"]) == ("https://inet.fr", len(image().data))


def test_picture_of_too_many_bytes_is_made_smaller(real):
    large = noise(1500, 1800, quality=95)
    assert len(large.data) > 2_000_000
    real.publish(TEXT, large)
    (shown,) = real.records()[0]["embed"]["images"]
    assert (shown["image"]["size"] <= 2_000_000, shown["image"]["mimeType"]) == (True, "image/jpeg")
    query = f"com.atproto.sync.getBlob?did={real.did}&cid={shown['image']['ref']['$link']}"
    assert len(real.pds.call(query).content) == shown["image"]["size"]


def test_key_of_now_is_taken(real):
    moment = datetime.now(UTC)
    published = real.publish(record=tid(moment, 1023))
    assert published.remote_id.endswith(tid(moment, 1023))


# The same key: once ----------------------------------------------------------------------------------


def test_same_again_is_the_same_post(real):
    first, again = real.publish(TEXT, image()), real.publish(TEXT, image())
    assert (again.remote_id, len(real.records())) == (first.remote_id, 1)


def test_same_key_with_other_words_is_a_duplicate_and_leaves_the_first(real):
    first = real.publish()
    outcome = refusal(Duplicate, real.publish, "Autre")
    assert (outcome.remote_id, [value["text"] for value in real.records()]) == (first.remote_id, [TEXT])


@pytest.mark.parametrize("texts", [[TEXT] * 8, [f"Bonjour {number}" for number in range(8)]])
def test_eight_at_once_are_one_post(real, texts):
    ends = []

    def send(text):
        try:
            ends.append(real.publish(text))
        except Outcome as outcome:
            ends.append(outcome)

    threads = [threading.Thread(target=send, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kinds = sorted(type(end).__name__ for end in ends)
    expected = ["Published"] * 8 if len(set(texts)) == 1 else ["Duplicate"] * 7 + ["Published"]
    assert (kinds, len({end.remote_id for end in ends}), len(real.records())) == (expected, 1, 1)
    (published,) = {end.remote_id for end in ends if isinstance(end, Published)}
    assert BLUESKY.get(published, real.credentials).text in texts


# Reading back and taking down ------------------------------------------------------------------------


def test_post_is_found_by_its_key(real):
    published = real.publish(TEXT, image())
    found = [
        BLUESKY.find(content, real.credentials, key=key(record), since=LONG_AGO)
        for content, record in (
            (Content(TEXT), KEYS[0]),
            (Content("Autre"), KEYS[0]),
            (Content(TEXT), KEYS[1]),
        )
    ]
    assert [[post.remote_id for post in posts] for posts in found] == [[published.remote_id], [], []]


def test_recent_is_newest_first(real):
    for one in KEYS[:3]:
        real.publish(f"Bonjour {one}", record=one)
    found = BLUESKY.recent(real.credentials, since=LONG_AGO)
    assert [post.text for post in found] == [f"Bonjour {one}" for one in KEYS[2::-1]]


def test_copied_link_leads_to_the_post(real):
    published = real.publish()
    for link in (published.url, f"https://bsky.app/profile/{real.handle}/post/{KEYS[0]}"):
        found = BLUESKY.get(BLUESKY.remote_id_from(link), real.credentials)
        assert found.remote_id == published.remote_id


def test_get_of_what_is_not_there(real):
    assert BLUESKY.get(f"at://{real.did}/{COLLECTION}/{KEYS[0]}", real.credentials) is None


def test_remove_can_be_repeated(real):
    published = real.publish(TEXT, image())
    for _time in range(2):
        BLUESKY.remove(published.remote_id, real.credentials)
    assert (real.records(), BLUESKY.get(published.remote_id, real.credentials)) == ([], None)


def test_counts_while_the_machine_that_tells_them_is_down(real):
    assert BLUESKY.counts(real.publish().remote_id, real.credentials) == Counts()


# What we say offline, and what the server says -------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "é" * 300,
        "é" * 301,
        "e\u0301" * 300,
        "🇫🇷" * 300,
        "🇫🇷" * 301,
        "👍🏽" * 300,
        "👨‍👩‍👧‍👦" * 120,
        "👨‍👩‍👧‍👦" * 121,
        "\u0915\u094d\u0937" * 300,
        "\u1100\u1161\u11a8" * 300,
        "a\r\n" * 150,
    ],
    ids=lambda text: f"{text[:3].encode('unicode_escape').decode()} {len(text)}",
)
def test_check_says_what_the_server_says(real, text):
    is_fine = BLUESKY.check(Content(text), BLUESKY.limits) == []
    try:
        real.publish(text)
    except Refused:
        assert is_fine is False
    else:
        assert is_fine is True


# The rehearsal and the real one ----------------------------------------------------------------------


class RealWire(Wire):
    """The same words to the real server."""

    def __init__(self, real):
        self.base = f"{real.pds.url}/xrpc/"
        self.session = {"accessJwt": real.grant.token, "refreshJwt": real.grant.refresh_token}
        self.did = real.did


@pytest.fixture(scope="module")
def one_for_all(pds):
    """Making an account takes the real server a second."""
    return RealWire(Real(pds))


@pytest.fixture
def both(one_for_all, server):
    for taken in KEYS[:2]:
        one_for_all.delete(taken)
    return Wire(server), one_for_all


def card(**changes):
    external = {"uri": "https://inet.fr", "title": "INET", "description": ""} | changes
    return {
        "$type": "app.bsky.embed.external",
        "external": {k: v for k, v in external.items() if v is not None},
    }


def with_picture(wire, **changes):
    shown = wire.picture(jpeg(), 40, 50) | changes
    return wire.put(record(embed=images({name: value for name, value in shown.items() if value is not None})))


def with_blob(wire, **changes):
    shown = wire.picture(jpeg(), 40, 50)
    return wire.put(record(embed=images({**shown, "image": shown["image"] | changes})))


def with_bytes(wire, size):
    return wire.put(record(embed=images(wire.picture(picture("PNG") + bytes(size), 40, 50))))


CASES = {
    "right": lambda wire: wire.put(),
    "empty": lambda wire: wire.put(record(text="")),
    "no text": lambda wire: wire.put(record(text=None)),
    "text is a number": lambda wire: wire.put(record(text=3)),
    "half a character": lambda wire: wire.put(record(text="\ud83c")),
    "301 graphemes": lambda wire: wire.put(record(text="é" * 301)),
    "300 graphemes": lambda wire: wire.put(record(text="e\u0301" * 300)),
    "3025 bytes": lambda wire: wire.put(record(text="👨‍👩‍👧‍👦" * 121)),
    "another type": lambda wire: wire.put(record(**{"$type": "app.bsky.feed.like"})),
    "no time": lambda wire: wire.put(record(createdAt=None)),
    "no zone": lambda wire: wire.put(record(createdAt="2026-11-24T10:00:00")),
    "minus zero": lambda wire: wire.put(record(createdAt="2026-11-24T10:00:00-00:00")),
    "thirteenth month": lambda wire: wire.put(record(createdAt="2026-13-24T10:00:00Z")),
    "four languages": lambda wire: wire.put(record(langs=["fr", "en", "de", "it"])),
    "no language": lambda wire: wire.put(record(langs=["français"])),
    "a float": lambda wire: wire.put(record(unknown=[1.5])),
    "unknown field": lambda wire: wire.put(record(unknown=[1])),
    "no TID": lambda wire: wire.put(key="post-42"),
    "TID too late": lambda wire: wire.put(key="zzzzzzzzzzzzz"),
    "no key": lambda wire: wire.put(key=None),
    "repo of nobody": lambda wire: wire.put(repo="did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"),
    "facet reversed": lambda wire: wire.put(record(facets=[facet(6, 0, tag="x")])),
    "facet outside": lambda wire: wire.put(record(facets=[facet(0, 99, tag="x")])),
    "facet negative": lambda wire: wire.put(record(facets=[facet(-1, 4, tag="x")])),
    "mention by handle": lambda wire: wire.put(record(facets=[facet(0, 4, mention="inet.test")])),
    "link without scheme": lambda wire: wire.put(record(facets=[facet(0, 4, link="inet.fr")])),
    "tag of 65": lambda wire: wire.put(record(facets=[facet(0, 4, tag="x" * 65)])),
    "card": lambda wire: wire.put(record(embed=card())),
    "card without title": lambda wire: wire.put(record(embed=card(title=None))),
    "card without scheme": lambda wire: wire.put(record(embed=card(uri="inet.fr"))),
    "picture": with_picture,
    "five pictures": lambda wire: wire.put(record(embed=images(*[wire.picture(jpeg(), 40, 50)] * 5))),
    "no alt": lambda wire: with_picture(wire, alt=None),
    "ratio of zero": lambda wire: with_picture(wire, aspectRatio={"width": 0, "height": 1}),
    "ratio of half": lambda wire: with_picture(wire, aspectRatio={"width": 0.5, "height": 1}),
    "ratio that is untrue": lambda wire: with_picture(wire, aspectRatio={"width": 9, "height": 1}),
    "other mime": lambda wire: with_blob(wire, mimeType="image/png"),
    "other size": lambda wire: with_blob(wire, size=3),
    "blob of nobody": lambda wire: with_blob(
        wire, ref={"$link": "bafkreiabltrd5zm73pvi7plq25pef3hm7jxhbi3kv4hapegrkfpkqtkbme"}
    ),
    "1,900,000 bytes": lambda wire: with_bytes(wire, 1_900_000),
    "2,000,000 bytes and more": lambda wire: with_bytes(wire, 2_000_000),
    "upload without a type": lambda wire: wire.upload(jpeg(), None),
    "upload of another type": lambda wire: wire.upload(jpeg(), "image/png"),
    "upload of 6 MB": lambda wire: wire.upload(bytes(6_000_000)),
    "upload without a token": lambda wire: wire.upload(jpeg(), token="none"),
    "get of nothing": lambda wire: wire.get(),
    "list of too many": lambda wire: wire.list(limit=101),
    "delete of nothing": lambda wire: wire.delete(),
    "no token": lambda wire: wire.call("com.atproto.server.getSession", token="none"),
    "no JWT": lambda wire: wire.call("com.atproto.server.getSession", token="a.b.c"),
    "refresh token to call": lambda wire: wire.call("com.atproto.server.getSession", token=wire.session["refreshJwt"]),
    "access token to refresh": lambda wire: wire.refresh(wire.session["accessJwt"]),
    "refresh": lambda wire: wire.refresh(),
    "sign in with an at": lambda wire: wire.sign_in("@inet.test"),
    "sign in wrongly": lambda wire: wire.sign_in("nobody.test"),
    "broken JSON": lambda wire: wire.call("com.atproto.repo.putRecord", b'{"', Content_Type="application/json"),
    "text for JSON": lambda wire: wire.call("com.atproto.repo.putRecord", b"{}", Content_Type="text/plain"),
    "nobody's handle": lambda wire: wire.call("com.atproto.identity.resolveHandle?handle=nobody.test"),
    "no handle": lambda wire: wire.call("com.atproto.identity.resolveHandle?handle=nobody"),
    "same again": lambda wire: [wire.put(), wire.put()][1],
    "other words": lambda wire: [wire.put(), wire.put(record(text="Autre"))][1],
    "create on it": lambda wire: [wire.put(), wire.create(record(text="Autre"))][1],
    "delete twice": lambda wire: [wire.put(), wire.delete(), wire.delete()][2],
    "again after delete": lambda wire: [wire.put(), wire.delete(), wire.put()][2],
    "over it": lambda wire: [wire.put(), wire.put(record(text="Autre"), leave_out=("swapRecord",))][1],
    "by a wrong name": lambda wire: [wire.put(), wire.put(record(text="Autre"), swapRecord=wire.put(key=KEYS[1]).json()["cid"][:-4] + "aaaa")][1],
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_rehearsal_says_what_the_real_one_says(both, case):
    rehearsed, real = (problem(CASES[case](wire)) for wire in both)
    assert rehearsed == real


def test_half_a_character_is_replaced_as_in_the_rehearsal(both):
    for wire in both:
        wire.put(record(text="a\ud83cb"))
    rehearsed, real = (wire.get().json()["value"]["text"] for wire in both)
    assert rehearsed == real


def test_rehearsal_reads_as_the_real_one_reads(both):
    for wire in both:
        wire.put(key=KEYS[0])
        wire.put(record(text="Autre"), key=KEYS[1])
    rehearsed, real = (
        [(found["uri"].rpartition("/")[2], found["value"]) for found in wire.list(limit=2).json()["records"]]
        for wire in both
    )
    assert rehearsed == real
    rehearsed, real = (sorted(wire.get().json()) for wire in both)
    assert rehearsed == real


# Tokens ----------------------------------------------------------------------------------------------


def minted(real, kind, scope, seconds, **claims):
    """A token signed with the server's own secret, that ends so many seconds from now."""
    now = int(time.time())
    head = {"typ": kind, "alg": "HS256"}
    body = {
        "scope": scope,
        "aud": "did:web:localhost",
        "sub": real.did,
        "iat": now - 7200,
        "exp": now + seconds,
    }
    signed = ".".join(map(_encoded, (head, body | claims)))
    signature = hmac.new(real.pds.secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _encoded(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def _claims(token):
    middle = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))

"""The LinkedIn connector against the rehearsal network: pictures, documents and articles on their way."""

from dataclasses import replace

import pytest

from posts.networks import linkedin as module
from posts.networks.base import Content, Document, Link, Media, Refused, TryLater
from tests.posts.networks.conftest import KEY, image
from tests.posts.networks.peer import answering, peer
from tests.posts.networks.test_linkedin import LONG_AGO, TEXT, calls, nothing, refusal
from tests.posts.rehearsal.wire import pdf, picture


def document(data=None, title="La promotion (2026)", pages=3):
    data = pdf(pages) if data is None else data
    return Document(data, title, pages, len(data), "0")


def published(linkedin, credentials, **what):
    content = Content(TEXT, **what)
    media = linkedin.prepare(content, credentials)
    linkedin.create(content, media, credentials, key=KEY, before_first_byte=nothing)
    return media


# Pictures --------------------------------------------------------------------------------------------


def test_prepare_without_pictures_calls_nobody(server, linkedin, credentials):
    assert (linkedin.prepare(Content(TEXT), credentials), server.ledger.events("call")) == (Media(), [])


def test_prepare_can_be_repeated(server, linkedin, credentials):
    content = Content(TEXT, (image(),))
    first, second = (linkedin.prepare(content, credentials) for _time in range(2))
    assert (len({*first.ids, *second.ids}), server.ledger.posts()) == (2, [])


def test_prepare_waits_longer_each_time(server, linkedin, credentials, sleeps):
    server.ledger.set_faults("linkedin", [{"name": "processing-slow", "polls": 4}])
    (urn,) = linkedin.prepare(Content(TEXT, (image(),)), credentials).ids
    assert (sleeps, server.ledger.image(urn)["status"]) == ([0, 2, 4, 8, 16], "AVAILABLE")


def test_prepare_gives_up_waiting_after_five_looks(server, linkedin, credentials, sleeps):
    server.ledger.set_faults("linkedin", [{"name": "processing-slow", "polls": 5}])
    outcome = refusal(TryLater, linkedin.prepare, Content(TEXT, (image(),)), credentials)
    assert (outcome.reason, sleeps) == ("still-processing", [0, 2, 4, 8, 16])


def test_prepare_uploads_once_more_when_linkedin_fails(server, linkedin, credentials):
    server.ledger.set_faults("linkedin", [{"name": "processing-fails"}])
    (urn,) = linkedin.prepare(Content(TEXT, (image(),)), credentials).ids
    assert (server.ledger.image(urn)["status"], len(server.ledger.events("uploaded"))) == ("AVAILABLE", 2)


@pytest.mark.parametrize("data", [picture("WEBP"), b"no picture"])
def test_prepare_refuses_what_linkedin_cannot_use(server, linkedin, credentials, data):
    outcome = refusal(Refused, linkedin.prepare, Content(TEXT, (image(data),)), credentials)
    assert (outcome.reason, len(server.ledger.events("uploaded"))) == ("processing-failed", 2)


@pytest.mark.parametrize(("fault", "reason"), [("upload-500", "http-500"), ("upload-expired", "media-again")])
def test_prepare_tries_later_when_the_upload_fails(server, linkedin, credentials, fault, reason):
    server.ledger.set_faults("linkedin", [{"name": fault}])
    assert refusal(TryLater, linkedin.prepare, Content(TEXT, (image(),)), credentials).reason == reason


def test_prepare_follows_no_redirect_with_the_token(server, linkedin, credentials):
    with peer(answering(b"")) as (elsewhere, received):
        server.ledger.set_faults("linkedin", [{"name": "upload-redirect", "to": elsewhere}])
        refusal(TryLater, linkedin.prepare, Content(TEXT, (image(),)), credentials)
    assert received == []


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        (
            b'{"value": {"uploadUrl": "https://example.org/x", "image": "urn:li:image:1"}}',
            Refused,
            "untrusted-address",
        ),
        (b'{"value": {"uploadUrl": "", "image": ""}}', TryLater, "no-upload-url"),
        (b'{"value": []}', TryLater, "no-upload-url"),
        (b"<html>", TryLater, "no-upload-url"),
    ],
)
def test_prepare_believes_no_strange_answer(linkedin, credentials, value, kind, reason):
    said = b"HTTP/1.1 200 OK\r\nContent-Length: " + str(len(value)).encode() + b"\r\n\r\n" + value
    with peer(answering(said)) as (url, _received):
        gone = replace(credentials, api_url=url)
        outcome = refusal(kind, linkedin.prepare, Content(TEXT, (image(),)), gone)
    assert outcome.reason == reason


def test_prepare_ends_in_time(linkedin, credentials, monkeypatch):
    monkeypatch.setattr(module, "UPLOAD_SECONDS", 0.0)
    outcome = refusal(TryLater, linkedin.prepare, Content(TEXT, (image(),)), credentials)
    assert outcome.reason == "out-of-time"


# Documents ------------------------------------------------------------------------------------------


def test_document_is_uploaded_and_shown_under_its_title(server, linkedin, credentials):
    media = published(linkedin, credentials, document=document())
    (post,) = server.ledger.posts()
    assert post["body"]["content"] == {"media": {"id": media.ids[0], "title": "La promotion (2026)"}}
    assert (server.linkedin.document(media.ids[0])["pages"], post["images"], server.ledger.failures()) == (
        3,
        [],
        [],
    )


def test_document_arrives_byte_by_byte(server, linkedin, credentials):
    sent = document(pdf(30))
    (urn,) = linkedin.prepare(Content(TEXT, document=sent), credentials).ids
    assert server.ledger.picture_path(urn).read_bytes() == sent.data


def test_document_is_read_back_as_what_the_post_shows(linkedin, credentials):
    media = published(linkedin, credentials, document=document())
    (found,) = linkedin.recent(credentials, since=LONG_AGO)
    assert found.media_ids == media.ids


def test_document_is_waited_for(server, linkedin, credentials, sleeps):
    server.ledger.set_faults("linkedin", [{"name": "processing-slow", "polls": 2}])
    published(linkedin, credentials, document=document())
    assert (sleeps, server.ledger.failures()) == ([0, 2, 4], [])


@pytest.mark.parametrize("data", [pdf(301), b"%PDF-1.4 nothing more", b"PK\x03\x04 slides"])
def test_document_that_linkedin_cannot_use_is_refused(server, linkedin, credentials, data):
    outcome = refusal(Refused, linkedin.prepare, Content(TEXT, document=document(data)), credentials)
    assert outcome.reason == "processing-failed"
    assert "document" in str(outcome.message)


def test_document_of_another_page_is_refused(server, linkedin, credentials, access):
    other = replace(access(organization="2002"), remote_id="urn:li:organization:2002")
    content = Content(TEXT, document=document())
    media = linkedin.prepare(content, other)
    refusal(Refused, linkedin.create, content, media, credentials, key=KEY, before_first_byte=nothing)
    assert server.ledger.posts() == []


# Articles -------------------------------------------------------------------------------------------

LINK = Link("https://inet.example/portraits?page=1&x=(2)", "Portraits <2026>", "Une description")


def test_article_brings_what_it_shows(server, linkedin, credentials):
    link = replace(LINK, thumbnail=image())
    media = published(linkedin, credentials, link=link)
    (post,) = server.ledger.posts()
    assert post["body"]["content"] == {
        "article": {
            "source": LINK.url,
            "title": "Portraits <2026>",
            "description": "Une description",
            "thumbnail": media.ids[0],
        }
    }
    assert (server.ledger.image(media.ids[0])["sha256"], server.ledger.failures()) == (
        link.thumbnail.sha256,
        [],
    )


def test_article_without_picture_and_description_uploads_nothing(server, linkedin, credentials):
    media = published(linkedin, credentials, link=Link(LINK.url, "Portraits"))
    assert (media, calls(server, "POST", "/rest/images")) == (Media(), [])
    assert server.ledger.posts()[0]["body"]["content"] == {
        "article": {"source": LINK.url, "title": "Portraits"}
    }


def test_article_is_read_back_with_its_picture(linkedin, credentials):
    media = published(linkedin, credentials, link=replace(LINK, thumbnail=image()))
    assert linkedin.recent(credentials, since=LONG_AGO)[0].media_ids == media.ids

"""Pictures are public while the portrait is online; before and after, only whoever may see the portrait gets them."""

import re
import uuid

import pytest
from django.urls import reverse

from portraits import actions
from portraits.models import Rendition
from portraits.views.pictures import WHOLE
from tests import factories

pytestmark = pytest.mark.django_db
CAST = ("anonymous", "student", "classmate", "member", "former_member", "neighbour", "staff")
NAMES = [f"{width}.{ending}" for width in (1200, 800, 400, 96) for ending in ("webp", "jpg")]


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("signed", student=student, comms=member)


@pytest.fixture
def online(portrait):
    actions.publish(portrait)
    return factories.fresh(portrait)


@pytest.fixture
def crawl(client, student, classmate, member, former_member, neighbour, staff):
    """Who of the cast gets which of these addresses: {address: (status for each of the cast)}."""
    people = locals()
    cast = {name: getattr(people.get(name), "user", people.get(name)) for name in CAST}

    def ask(paths):
        answers = {path: [] for path in paths}
        for user in cast.values():
            client.logout()
            if user:
                client.force_login(user)
            for path in paths:
                answers[path].append(client.get(path).status_code)
        return {path: dict(zip(CAST, statuses, strict=True)) for path, statuses in answers.items()}

    return ask


def paths(photo):
    return [photo.url(name) for name in NAMES]


def only(*people):
    return {name: 200 if name in people else 404 for name in CAST}


# Who gets them -----------------------------------------------------------------------------------


def test_every_known_name_is_tried(portrait):
    assert sorted(portrait.photo.renditions.values_list("name", flat=True)) == sorted(NAMES)


def test_before_publication_only_those_who_may_see_the_portrait(crawl, portrait):
    wanted = only("student", "member", "staff")
    assert crawl(paths(portrait.photo)) == dict.fromkeys(paths(portrait.photo), wanted)


def test_while_online_everyone(crawl, online):
    assert crawl(paths(online.photo)) == dict.fromkeys(paths(online.photo), only(*CAST))


def test_after_withdrawal_nobody(crawl, online):
    known = paths(online.photo)
    actions.withdraw(online, by=online.student.user)
    assert crawl(known) == dict.fromkeys(known, only())


def test_on_linkedin_only_is_not_public(crawl, student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member, places=("linkedin",))
    actions.publish(portrait)
    known = paths(portrait.photo)
    assert crawl(known) == dict.fromkeys(known, only("student", "member", "staff"))


def test_a_new_crop_is_not_public_before_it_is_signed_and_published(client, online, member):
    frame = online.photo.crop
    crop = type(frame)(0.1, 0.1, frame.width * 0.8, frame.height * 0.8)
    actions.reframe(online, crop, read=online.version, by=member.user)
    new = factories.fresh(online).photo
    assert [client.get(photo.url("400.webp")).status_code for photo in (new, online.photo)] == [404, 200]


def test_the_uncropped_picture_is_for_those_who_frame_it(crawl, online):
    whole = online.photo.url(WHOLE)
    assert crawl([whole]) == {whole: only("student", "member")}


@pytest.mark.parametrize(
    "name", ["master.jpg", "master", "1200.png", "1201.jpg", "..", "%2e%2e", "400.webp%00"]
)
def test_other_names_are_missing(client, online, name):
    client.force_login(online.student.user)
    assert client.get(f"/photos/{online.photo.public_id}/{name}").status_code == 404


def test_unknown_photo_is_missing(client):
    assert client.get(reverse("photo", args=[uuid.uuid4(), "400.webp"])).status_code == 404


def test_the_folder_itself_is_not_served(client, online):
    file = online.photo.renditions.first().file.name
    statuses = [client.get(f"/{prefix}{file}").status_code for prefix in ("", "media/", "static/")]
    assert statuses == [404, 404, 404]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pictures_are_only_read(client, online, method):
    assert getattr(client, method)(online.photo.url("400.webp")).status_code == 405


def test_a_picture_costs_one_query(client, online, django_assert_num_queries):
    path = online.photo.url("400.webp")
    with django_assert_num_queries(1):
        client.get(path)


# How they are sent -------------------------------------------------------------------------------


def test_the_bytes_are_those_of_the_rendition(client, online):
    for rendition in online.photo.renditions.all():
        response = client.get(online.photo.url(rendition.name))
        assert b"".join(response) == rendition.file.read()
        assert response.headers["Content-Type"] == rendition.content_type


def security_headers(response):
    names = ("X-Content-Type-Options", "Content-Security-Policy", "Content-Disposition")
    return [response.headers[name] for name in names]


@pytest.mark.parametrize("name", [*NAMES, WHOLE])
def test_a_picture_can_do_nothing_else(client, online, name):
    client.force_login(online.student.user)
    response = client.get(online.photo.url(name))
    assert security_headers(response) == ["nosniff", "sandbox; default-src 'none'", "inline"]
    assert response.headers["Content-Type"] == ("image/webp" if name.endswith(".webp") else "image/jpeg")


def test_a_public_picture_is_kept_for_five_minutes(client, online):
    response = client.get(online.photo.url("400.webp"))
    assert response.headers["Cache-Control"] == "public, max-age=300"


def test_a_private_picture_is_kept_by_nobody(client, portrait):
    client.force_login(portrait.student.user)
    response = client.get(portrait.photo.url("400.webp"))
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Vary"] == "Cookie"


def test_the_uncropped_picture_is_kept_by_nobody(client, online):
    client.force_login(online.student.user)
    assert client.get(online.photo.url(WHOLE)).headers["Cache-Control"] == "private, no-store"


def test_the_same_again_is_not_modified(client, online):
    path = online.photo.url("400.webp")
    sha256 = online.photo.renditions.get(name="400.webp").sha256
    assert client.get(path).headers["ETag"] == f'"{sha256}"'
    again = client.get(path, headers={"If-None-Match": f'W/"other", "{sha256}"'})
    assert (again.status_code, again.content) == (304, b"")


def test_who_knows_a_picture_does_not_learn_that_it_is_still_there(client, online):
    path = online.photo.url("400.webp")
    known = client.get(path).headers["ETag"]
    actions.withdraw(online, by=online.student.user)
    assert client.get(path, headers={"If-None-Match": known}).status_code == 404


def test_head_sends_no_bytes(client, online):
    response = client.head(online.photo.url("400.webp"))
    assert (response.status_code, b"".join(response)) == (200, b"")


def test_a_file_that_is_gone_is_missing_and_logged(client, online, caplog):
    rendition = online.photo.renditions.get(name="400.webp")
    rendition.file.storage.delete(rendition.file.name)
    assert client.get(online.photo.url("400.webp")).status_code == 404
    logged = [record.getMessage() for record in caplog.records if record.name == "portraits.views.pictures"]
    assert logged == [f"The file of a picture is missing: {rendition.file.name}"]


def test_the_front_server_may_send_it(client, online, settings):
    settings.X_ACCEL_PREFIX = "/internal/"
    response = client.get(online.photo.url("400.webp"))
    assert response.content == b""
    assert re.fullmatch(r"/internal/photos/[0-9a-f]{32}\.webp", response.headers["X-Accel-Redirect"])
    assert response.headers["Content-Type"] == "image/webp"
    assert security_headers(response) == ["nosniff", "sandbox; default-src 'none'", "inline"]


def test_the_front_server_sends_nothing_that_is_not_allowed(client, portrait, settings):
    settings.X_ACCEL_PREFIX = "/internal/"
    response = client.get(portrait.photo.url("400.webp"))
    assert response.status_code == 404
    assert "X-Accel-Redirect" not in response.headers


def test_names_on_disk_say_nothing_about_the_person(online):
    names = Rendition.objects.filter(photo=online.photo).values_list("file", flat=True)
    assert [name for name in names if not re.fullmatch(r"photos/[0-9a-f]{32}\.(webp|jpg)", name)] == []

"""*Mon portrait*, the photo: sent, framed, described; what is kept when something is wrong."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape

from portraits.forms.mine import frame_numbers
from tests import factories
from tests.portraits.making import by_script, made

pytestmark = pytest.mark.django_db
PHOTO = reverse("my_photo")
FRAME = {"x": 0.1, "y": 0.05, "width": 0.6, "height": 0.5769}


@pytest.fixture
def lea(client, student):
    client.force_login(student.user)
    return client


def file(data=None):
    return SimpleUploadedFile(
        "IMG_0042.JPG", data or factories.picture_bytes(colour=(20, 90, 90)), "image/jpeg"
    )


def send(client, **data):
    return client.post(PHOTO, {"alt_text": "De face, sur le port."} | data)


def test_first_photo_is_kept_and_shown_in_its_frame(lea, student):
    portrait = made("invited", student)
    answer = send(lea, photo=file())
    kept = factories.fresh(portrait)
    assert (answer.url, kept.alt_text, kept.state) == (PHOTO, "De face, sur le port.", "draft")
    assert reverse("photo", args=[kept.photo.public_id, "whole.jpg"]) in lea.get(PHOTO).content.decode()


def test_photo_framed_before_it_was_sent_leads_on(lea, student):
    portrait = made("draft", student)
    answer = send(lea, photo=file(), is_framed="1", **FRAME)
    assert answer.url == reverse("my_hand_in")
    assert frame_numbers(factories.fresh(portrait)) == pytest.approx(FRAME, abs=0.001)


def test_numbers_of_the_old_photo_do_not_frame_the_new_one(lea, student):
    portrait = made("draft", student)
    default = frame_numbers(portrait)
    send(lea, photo=file(), **FRAME)
    assert frame_numbers(factories.fresh(portrait)) == default


def test_photo_framed_by_its_numbers(lea, student):
    portrait = made("draft", student)
    master = portrait.photo.master.name
    answer = send(lea, **FRAME)
    kept = factories.fresh(portrait)
    assert (answer.status_code, kept.photo.master.name) == (302, master)
    assert frame_numbers(kept) == pytest.approx(FRAME, abs=0.001)


def test_photo_that_was_replaced_is_deleted(lea, student, django_capture_on_commit_callbacks):
    portrait = made("draft", student)
    before = portrait.photo
    files = [row.file.name for row in before.renditions.all()]
    with django_capture_on_commit_callbacks(execute=True):
        send(lea, photo=file(), **FRAME)
    storage = before.master.storage
    assert list(portrait.photos.values_list("pk", flat=True)) == [factories.fresh(portrait).photo_id]
    assert [name for name in [before.master.name, *files] if storage.exists(name)] == []


def test_photo_described_anew_is_not_made_anew(lea, student):
    portrait = made("draft", student)
    send(lea, **frame_numbers(portrait))
    kept = factories.fresh(portrait)
    assert (kept.photo_id, kept.alt_text) == (portrait.photo_id, "De face, sur le port.")


def test_photo_leads_to_the_first_question_that_is_missing(lea, student):
    made("draft", student, why="")
    assert send(lea, **FRAME).url == reverse("my_question", args=["why"])


def test_first_photo_is_asked_for(lea, student):
    portrait = made("invited", student)
    page = send(lea)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["photo"])
    assert factories.fresh(portrait).photo is None


@pytest.mark.parametrize(
    "data", [b"<svg onload=alert(1)>" * 50, factories.picture_bytes(300, 300)], ids=["svg", "small"]
)
def test_photo_that_cannot_be_used_is_said_beside_its_field(data, lea, student):
    portrait = made("draft", student)
    page = send(lea, photo=file(data))
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["photo"])
    assert factories.fresh(portrait).photo_id == portrait.photo_id
    assert page.context["form"]["alt_text"].value() == "De face, sur le port."


def test_frame_that_is_too_tight_is_said_in_words(lea, student):
    portrait = made("draft", student)
    page = send(lea, x=0, y=0, width=0.01, height=0.01)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["__all__"])
    assert factories.fresh(portrait).photo_id == portrait.photo_id


@pytest.mark.parametrize("value", ["-0.2", "1.5", "nan", "inf", "gauche"])
def test_frame_that_is_no_frame_is_refused(value, lea, student):
    portrait = made("draft", student)
    page = send(lea, **FRAME | {"x": value})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["x"])
    assert factories.fresh(portrait).photo_id == portrait.photo_id


@pytest.mark.parametrize(
    "alt", ["", "  ", "é" * 201, "De face\u202e"], ids=["empty", "blank", "long", "invisible"]
)
def test_description_refused_keeps_the_photo_that_was_sent(alt, lea, student):
    portrait = made("draft", student)
    page = send(lea, photo=file(), is_framed="1", alt_text=alt, **FRAME)
    kept = factories.fresh(portrait)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["alt_text"])
    assert (kept.photo_id == portrait.photo_id, kept.alt_text) == (False, portrait.alt_text)
    assert page.context["form"]["alt_text"].value() == alt


def test_photo_kept_despite_its_description_is_shown_in_its_own_frame(lea, student):
    portrait = made("draft", student)
    page = send(lea, photo=file(), alt_text="", **FRAME)
    form, kept = page.context["form"], factories.fresh(portrait)
    assert {name: form[name].value() for name in form.FRAME} == frame_numbers(kept)
    assert page.context["portrait"].photo_id == kept.photo_id


def test_description_is_shown_as_text(lea, student):
    made("draft", student)
    hostile = '"><script>alert(1)</script> 👩🏽‍🚀'
    send(lea, alt_text=hostile, **FRAME)
    assert escape(hostile) in lea.get(PHOTO).content.decode()


def test_photo_takes_nothing_but_photo_frame_and_description(lea, student):
    portrait = made("draft", student)
    send(lea, photo=file(), state="signed", version=9, title="Titre", public_id="x")
    kept = factories.fresh(portrait)
    assert (kept.state, kept.version, kept.title, kept.public_id) == ("draft", 0, "", portrait.public_id)


def test_photo_after_handing_in_is_refused(lea, student):
    portrait = made("submitted", student)
    answer = send(lea, photo=file(), follow="1")
    assert (answer.url, factories.fresh(portrait).photo_id) == (reverse("my_portrait"), portrait.photo_id)


# From the camera, turned, advised -----------------------------------------------------------------


def test_photo_from_the_camera_is_taken_like_a_chosen_one(lea, student):
    portrait = made("invited", student)
    answer = send(lea, camera=file(), is_framed="1", **FRAME)
    assert (answer.status_code, factories.fresh(portrait).photo is not None) == (302, True)


@pytest.mark.parametrize(
    ("turn", "size"), [("90", (1300, 1000)), ("270", (1300, 1000)), ("180", (1000, 1300))]
)
def test_photo_they_have_is_turned(turn, size, lea, student):
    portrait = made("draft", student)
    before = portrait.photo
    send(lea, turn=turn, **frame_numbers(portrait))
    kept = factories.fresh(portrait).photo
    assert ((kept.width, kept.height), kept.fingerprint == before.fingerprint) == (size, False)


def test_photo_is_turned_before_it_is_framed(lea, student):
    portrait = made("draft", student)
    frame = {"x": 0.2, "y": 0.1, "width": 0.4, "height": 0.65}
    send(lea, turn="90", is_framed="1", **frame)
    assert frame_numbers(factories.fresh(portrait)) == pytest.approx(frame, abs=0.002)


@pytest.mark.parametrize("turn", ["45", "-90", "gauche"])
def test_photo_is_turned_by_quarters_only(turn, lea, student):
    made("draft", student)
    page = send(lea, turn=turn, **FRAME)
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["turn"])


def test_photo_page_says_what_could_be_better(lea, student):
    made("invited", student)
    send(lea, photo=file(factories.picture_bytes(1600, 900, colour=(10, 10, 10))))
    advice = [code for code, _sentence, fits in lea.get(PHOTO).context["advice"] if fits]
    assert advice == ["small", "dark", "flat", "blurred", "sideways"]


def test_advice_is_given_without_the_file_too(lea, student):
    """A file that is lost must not take the page away."""
    portrait = made("draft", student)
    rendition = portrait.photo.renditions.get(name="800.jpg")
    rendition.file.storage.delete(rendition.file.name)
    assert lea.get(PHOTO).status_code == 200


# Sent by the script -------------------------------------------------------------------------------


def send_by_script(client, student, **data):
    return by_script(client, student, PHOTO, {"alt_text": "De face, sur le port."} | data)


def test_script_is_told_where_to_go_on(lea, student):
    portrait = made("draft", student)
    answer = send_by_script(
        lea, student, photo=file(), is_framed="1", read=str(portrait.photo.public_id), **FRAME
    )
    kept = factories.fresh(portrait)
    assert (answer.status_code, answer.headers["X-After"]) == (204, reverse("my_hand_in"))
    assert answer.headers["X-Read"] == str(kept.photo.public_id)


def test_script_is_told_in_a_sentence_why_a_photo_cannot_be_used(lea, student):
    made("draft", student)
    answer = send_by_script(lea, student, photo=file(b"<svg onload=alert(1)>" * 50))
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "text/plain; charset=utf-8")
    assert len(answer.content.decode().split()) > 5


def test_script_is_told_that_the_pen_is_gone(lea, student):
    portrait = made("submitted", student)
    answer = send_by_script(lea, student, photo=file(), is_framed="1", **FRAME)
    assert (answer.status_code, factories.fresh(portrait).photo_id) == (423, portrait.photo_id)


def test_photo_chosen_on_another_device_is_not_replaced_unseen(lea, student):
    portrait = made("draft", student)
    answer = send_by_script(lea, student, photo=file(), is_framed="1", read="", **FRAME)
    told = answer.json()
    assert (answer.status_code, told["read"]) == (409, str(portrait.photo.public_id))
    assert (told["picture"], factories.fresh(portrait).photo_id) == (
        portrait.photo.small_url,
        portrait.photo_id,
    )


def test_photo_page_names_the_photo_that_it_shows_after_a_conflict(lea, student):
    portrait = made("draft", student)
    page = send(lea, photo=file(), read="", **FRAME)
    assert (page.status_code, page.context["form"]["read"].value()) == (409, str(portrait.photo.public_id))

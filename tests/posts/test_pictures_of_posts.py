"""What goes with the words: the photo, a card or the carousel. What was approved is what goes out, byte for byte."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from PIL import Image as PILImage

from portraits import actions as portrait_actions
from portraits.actions.carding import set_card_style
from portraits.models import Card
from portraits.sketches import sketches_of
from posts import actions
from posts.actions.approving import NotReady, obstacles
from posts.actions.checking import foreseen
from posts.actions.delivering import claim, run_pass
from posts.actions.sending import deliver
from posts.content import ContentChanged, frozen_content
from posts.models import Account, Delivery, Picture
from posts.networks.base import Content
from posts.pictures import Shown, choices_for
from tests import factories
from tests.factories import fresh
from tests.torture import load

pytestmark = pytest.mark.django_db
CARDS = [Picture.CARD, Picture.SQUARE, Picture.CAROUSEL]


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("signed", student=student, comms=member)


@pytest.fixture
def with_picture(page, portrait, member, staff):
    """A function: a post that shows this picture on the page, in that state; its time has come."""

    def make(picture, state="approved"):
        post = factories.make_post("draft", portrait=portrait, comms=member)
        texts = dict(post.variants.values_list("account_id", "text"))
        post = actions.write(
            post,
            texts=texts,
            pictures=dict.fromkeys(texts, picture),
            publish_at=timezone.now() + timedelta(milliseconds=1),
            read=post.version,
            by=member.user,
        )
        if state == "draft":
            return fresh(post)
        actions.ask_review(post, read=post.version, by=member.user)
        if state == "in_review":
            return fresh(post)
        actions.approve(fresh(post), read=post.version, read_portrait=post.portrait_version, by=staff)
        return fresh(post)

    return make


def passes(count=2):
    for _round in range(count):
        run_pass(workers=1)


def restyle(promotion, by):
    set_card_style(promotion, by=by, layout="full", colour="#880000")


def rename(student):
    student.last_name = "Le Goff-Martin"
    student.save()


def file_of(delivery):
    return delivery.card.file.storage.path(delivery.card.file.name)


# Choosing ----------------------------------------------------------------------------------------


def test_a_post_begins_with_the_photo(page, portrait, member):
    post = actions.draft(portrait, by=member.user)
    assert [variant.picture for variant in post.variants.all()] == ["photo"]


def test_group_chooses_page_by_page(with_picture, page):
    post = with_picture("carousel", "draft")
    assert dict(post.variants.values_list("account_id", "picture")) == {page.pk: "carousel"}


def test_another_picture_alone_is_an_edit_that_voids_what_was_approved(with_picture, member):
    post = with_picture("portrait")
    texts = dict(post.variants.values_list("account_id", "text"))
    again = actions.write(
        post,
        texts=texts,
        pictures=dict.fromkeys(texts, "square"),
        publish_at=post.publish_at,
        read=post.version,
        by=member.user,
    )
    assert (again.state, again.version, post.deliveries.get().state) == (
        "draft",
        post.version + 1,
        "cancelled",
    )


def test_a_page_that_is_not_named_keeps_its_picture(with_picture, member):
    post = with_picture("square", "draft")
    texts = {
        account: f"{text}\n\nEncore." for account, text in post.variants.values_list("account_id", "text")
    }
    actions.write(post, texts=texts, publish_at=post.publish_at, read=post.version, by=member.user)
    assert post.variants.get().picture == "square"


# What is approved is what is published -----------------------------------------------------------


@pytest.mark.parametrize("picture", CARDS)
def test_approval_freezes_the_very_file(with_picture, picture):
    delivery = with_picture(picture).deliveries.get()
    card = Card.objects.get(kind=picture)
    with card.file.open("rb") as file:
        data = file.read()
    assert (delivery.card, delivery.image_sha256) == (card, hashlib.sha256(data).hexdigest())
    assert (delivery.fingerprint, delivery.alt_text != "") == (delivery.compute_fingerprint(), True)


@pytest.mark.parametrize("field", ["picture", "document_title", "alt_text", "image_sha256"])
def test_fingerprint_covers_everything_about_the_picture(with_picture, field):
    delivery = with_picture("carousel").deliveries.get()
    setattr(delivery, field, "another")
    with pytest.raises(ContentChanged):
        frozen_content(delivery)


@pytest.mark.parametrize(("picture", "size"), [("portrait", (1080, 1350)), ("square", (1200, 1200))])
def test_card_goes_out_with_its_own_description(with_picture, rehearsal, portrait, picture, size):
    delivery = with_picture(picture).deliveries.get()
    passes()
    [image] = rehearsal.ledger.posts()[0]["images"]
    assert (image["sha256"], image["width"], image["height"], image["alt"]) == (
        delivery.image_sha256,
        *size,
        delivery.alt_text,
    )
    assert (fresh(delivery).state, rehearsal.ledger.failures()) == ("published", [])


def test_carousel_goes_out_on_linkedin_as_a_document(with_picture, rehearsal, promotion):
    delivery = with_picture("carousel").deliveries.get()
    passes()
    [post] = rehearsal.ledger.posts()
    shown = post["body"]["content"]["media"]
    kept = rehearsal.linkedin.document(shown["id"])
    assert shown["title"] == "Léa Le Goff · Promotion Joséphine Baker"
    assert (kept["sha256"], kept["pages"], kept["status"]) == (delivery.image_sha256, 4, "AVAILABLE")
    assert (fresh(delivery).state, post["images"], rehearsal.ledger.failures()) == ("published", [], [])


@pytest.mark.parametrize("picture", [Picture.PHOTO, *CARDS])
def test_what_was_published_is_confirmed_as_whole(with_picture, rehearsal, picture):
    delivery = with_picture(picture).deliveries.get()
    passes()
    Delivery.objects.filter(pk=delivery.pk).update(next_check_at=timezone.now())
    passes()
    assert (fresh(delivery).state, fresh(delivery).confirmed_at is None) == ("published", False)


@pytest.mark.parametrize("network", [network for network in load.NETWORKS if network != "linkedin"])
def test_elsewhere_the_card_stands_in_for_the_carousel(rehearsal, member, student, staff, network):
    [account] = load.connect(1, (network,))[network]
    portrait = factories.make_portrait("signed", student=student, comms=member, places=(network,))
    post = actions.draft(portrait, by=member.user)
    actions.write(
        post,
        texts={account.pk: "Bonjour."},
        pictures={account.pk: "carousel"},
        publish_at=timezone.now() + timedelta(milliseconds=1),
        read=post.version,
        by=member.user,
    )
    post = fresh(post)
    if post.needs_student:
        actions.ask_student(post, read=post.version, by=member.user)
        actions.sign_words(fresh(post), read=post.version, by=student.user)
    else:
        actions.ask_review(post, read=post.version, by=member.user)
    actions.approve(fresh(post), read=post.version, read_portrait=portrait.version, by=staff)
    passes()
    [image] = rehearsal.ledger.posts(network)[0]["images"]
    delivery = post.deliveries.get()
    assert (delivery.state, delivery.picture, image["sha256"]) == (
        "published",
        "portrait",
        delivery.image_sha256,
    )
    assert (image["width"], image["height"], rehearsal.ledger.failures()) == (1080, 1350, [])


# A card of an older version never goes out -------------------------------------------------------


@pytest.mark.parametrize("picture", CARDS)
def test_after_an_edit_the_old_card_does_not_go_out(with_picture, rehearsal, portrait, member, picture):
    post = with_picture(picture)
    portrait_actions.edit(
        fresh(portrait), read=portrait.version, by=member.user, title="", quote="Autre.", text="Neuf."
    )
    passes()
    assert (rehearsal.ledger.posts(), fresh(post).state, post.deliveries.get().state) == (
        [],
        "draft",
        "cancelled",
    )


def test_after_another_frame_the_old_card_does_not_go_out(with_picture, rehearsal, portrait, member):
    with_picture("portrait")
    frame = portrait.photo.crop
    crop = type(frame)(0.1, 0.1, frame.width * 0.8, frame.height * 0.8)
    portrait_actions.reframe(fresh(portrait), crop, read=portrait.version, by=member.user)
    passes()
    assert rehearsal.ledger.posts() == []


@pytest.mark.parametrize("picture", CARDS)
def test_after_another_name_the_card_must_be_approved_anew(with_picture, rehearsal, student, picture):
    post = with_picture(picture)
    rename(student)
    with translation.override("en"):
        passes()
    delivery = post.deliveries.get()
    assert (rehearsal.ledger.posts(), fresh(post).state, delivery.state) == ([], "draft", "cancelled")
    assert (
        delivery.message
        == "A name on its card has changed since. Look at the new card, then ask for approval again."
    )


def test_after_another_name_of_the_promotion_too(with_picture, rehearsal, promotion):
    post = with_picture("square")
    promotion.name = "Emmaüs"
    promotion.save()
    passes()
    assert (rehearsal.ledger.posts(), fresh(post).state) == ([], "draft")


def test_another_name_at_the_last_moment_is_seen_before_a_byte_leaves(with_picture, rehearsal, student):
    post = with_picture("portrait")
    [held] = claim(1)
    rename(student)
    deliver(held)
    assert (rehearsal.ledger.posts(), post.deliveries.get().state) == ([], "cancelled")


def test_another_name_does_not_touch_a_post_with_the_photo(with_picture, rehearsal, student):
    with_picture("photo")
    rename(student)
    passes()
    assert len(rehearsal.ledger.posts()) == 1


@pytest.mark.parametrize("picture", CARDS)
def test_after_another_look_what_was_approved_goes_out(with_picture, rehearsal, promotion, staff, picture):
    delivery = with_picture(picture).deliveries.get()
    restyle(promotion, staff)
    present = next(one for one in sketches_of(delivery.post.portrait) if one.kind == picture)
    passes()
    assert present.recipe != delivery.card.recipe
    sent = {image["sha256"] for image in rehearsal.ledger.posts()[0]["images"]}
    sent |= {row["sha256"] for row in rehearsal.ledger.rows("SELECT sha256 FROM document")}
    assert (fresh(delivery).state, sent) == ("published", {delivery.image_sha256})


def test_the_frozen_card_outlives_newer_ones(
    with_picture, promotion, staff, client, django_capture_on_commit_callbacks
):
    delivery = with_picture("portrait").deliveries.get()
    restyle(promotion, staff)
    client.force_login(staff)
    with django_capture_on_commit_callbacks(execute=True):
        client.get(next(one for one in sketches_of(delivery.post.portrait) if one.kind == "portrait").url)
    assert (Card.objects.filter(kind="portrait").count(), frozen_content(delivery).images[0].sha256) == (
        2,
        delivery.image_sha256,
    )


def test_withdrawn_nothing_is_left_to_send(
    with_picture, rehearsal, student, django_capture_on_commit_callbacks
):
    post = with_picture("carousel")
    delivery = post.deliveries.get()
    path = file_of(delivery)
    with django_capture_on_commit_callbacks(execute=True):
        portrait_actions.withdraw(fresh(post.portrait), by=student.user)
    assert not Path(path).exists()
    passes()
    assert (rehearsal.ledger.posts(), fresh(delivery).card, fresh(post).state) == ([], None, "cancelled")


@pytest.mark.parametrize("picture", CARDS)
def test_a_file_that_was_tampered_with_is_not_sent(with_picture, rehearsal, picture):
    delivery = with_picture(picture).deliveries.get()
    with open(file_of(delivery), "ab") as file:
        file.write(b"more")
    assert len(foreseen(delivery)) == 1
    passes()
    assert (rehearsal.ledger.posts(), fresh(delivery).state) == ([], "needs_person")


def test_sent_anew_it_is_the_same_file(with_picture, rehearsal, promotion, staff, member):
    delivery = with_picture("portrait").deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(**{"state": "needs_person"})
    delivery.moves.create(name="ask", source="checking", target="needs_person")
    restyle(promotion, staff)
    again = actions.resend(fresh(delivery), reason="pas là", by=staff)
    assert (again.generation, again.card, again.fingerprint) == (2, delivery.card, delivery.fingerprint)


# What stands in the way --------------------------------------------------------------------------


def emoji(portrait, member, student):
    portrait_actions.edit(
        fresh(portrait), read=portrait.version, by=member.user, title="", quote="Merci 🎉", text="Neuf."
    )
    after = fresh(portrait)
    portrait_actions.ask_signature(after, read=after.version, by=member.user)
    portrait_actions.sign(fresh(after), factories.agreement(), read=after.version, by=student.user)
    return fresh(portrait)


def test_a_card_that_cannot_be_drawn_is_not_approved(page, portrait, member, student, staff):
    post = factories.make_post("draft", portrait=emoji(portrait, member, student), comms=member)
    texts = dict(post.variants.values_list("account_id", "text"))
    post = actions.write(
        post,
        texts=texts,
        pictures=dict.fromkeys(texts, "portrait"),
        publish_at=post.publish_at,
        read=post.version,
        by=member.user,
    )
    actions.ask_review(post, read=post.version, by=member.user)
    with pytest.raises(NotReady) as refused:
        actions.approve(fresh(post), read=post.version, read_portrait=post.portrait_version, by=staff)
    [reason] = refused.value.reasons
    assert (reason.startswith(f"{page}: "), "🎉" in reason) == (True, True)


def test_a_card_too_heavy_for_the_page_is_an_obstacle(with_picture, page):
    post = with_picture("portrait", "in_review")
    Account.objects.filter(pk=page.pk).update(limits_there={"image_bytes": 1000})
    with translation.override("en"):
        assert obstacles(fresh(post), fresh(post.portrait)) == [
            f"{page}: The picture is too large for LinkedIn. Choose a smaller one."
        ]


def test_a_network_without_documents_is_told_by_its_page(db):
    with translation.override("en"):
        choices = {
            network: str(dict(choices_for(factories.make_account(network=network)))["carousel"])
            for network in ("linkedin", "facebook", "mastodon")
        }
    assert choices == {
        "linkedin": "the carousel (PDF to leaf through)",
        "facebook": "the carousel; here its card, since Facebook shows no documents",
        "mastodon": "the carousel; here its card, since Mastodon shows no documents",
    }


def test_without_any_version_there_is_nothing_to_show(account):
    shown = Shown(None, "carousel", account)
    assert (shown.leaves, shown.title, shown.content("Bonjour.")) == ([], "", Content("Bonjour."))


# Screens -----------------------------------------------------------------------------------------


@pytest.fixture
def as_member(client, member):
    client.force_login(member.user)
    return client


def typed(post, page, picture):
    local = timezone.localtime(timezone.now() + timedelta(days=2))
    return {
        "version": post.version,
        f"use_{page.pk}": "on",
        f"text_{page.pk}": post.variants.get().text,
        f"picture_{page.pk}": picture,
        "day": local.strftime("%Y-%m-%d"),
        "time": local.strftime("%H:%M"),
    }


def test_the_choice_is_saved_from_the_form(as_member, with_picture, page):
    post = with_picture("photo", "draft")
    response = as_member.post(post.get_absolute_url(), typed(post, page, "square"))
    assert (response.status_code, post.variants.get().picture) == (302, "square")


def test_a_choice_that_the_form_does_not_offer_is_refused(as_member, with_picture, page):
    post = with_picture("photo", "draft")
    response = as_member.post(post.get_absolute_url(), typed(post, page, "film"))
    assert (response.status_code, list(response.context["reading"].form.errors)) == (
        422,
        [f"picture_{page.pk}"],
    )


@pytest.mark.parametrize("picture", CARDS)
def test_preview_shows_the_chosen_picture_at_its_ratio(as_member, with_picture, portrait, picture):
    page = as_member.get(with_picture(picture, "draft").get_absolute_url()).content.decode()
    sketch = next(one for one in sketches_of(portrait) if one.kind == picture)
    stem = sketch.url.rpartition(".")[0]
    shown = [line for line in page.split("<img ") if line.startswith(f'src="{stem}')]
    assert len(shown) == {"carousel": 4}.get(picture, 1)
    assert all(f'width="{sketch.width}" height="{sketch.height}"' in line for line in shown)


def test_every_page_of_the_carousel_can_be_looked_at(as_member, with_picture, page):
    post = with_picture("carousel", "draft")
    leaves = as_member.get(post.get_absolute_url()).context["reading"].pages[0].shown.leaves
    sizes = [PILImage.open(io.BytesIO(as_member.get(leaf.url).content)).size for leaf in leaves]
    assert sizes == [(1080, 1350)] * 4
    assert all(leaf.alt for leaf in leaves)


def test_editor_is_told_what_another_choice_would_show(as_member, with_picture, page):
    post = with_picture("photo", "draft")
    data = {"account": page.pk, "text": "Bonjour.", "picture": "square"}
    answer = as_member.post(reverse("post_act", args=[post.pk, "check"]), data).json()
    sketch = next(one for one in sketches_of(post.portrait) if one.kind == "square")
    assert (sketch.url in answer["picture"], answer["problems"]) == (True, [])
    assert answer["caption"].endswith(sketch.alt)


def test_editor_says_why_there_is_no_such_card(as_member, page, portrait, member, student):
    post = factories.make_post("draft", portrait=emoji(portrait, member, student), comms=member)
    data = {"account": page.pk, "text": "Bonjour.", "picture": "portrait"}
    answer = as_member.post(reverse("post_act", args=[post.pk, "check"]), data).json()
    assert ["🎉" in problem for problem in answer["problems"]] == [True]


def test_after_approval_the_screen_shows_what_goes_out(as_member, with_picture, promotion, staff):
    post = with_picture("portrait")
    delivery = post.deliveries.get()
    restyle(promotion, staff)
    page = as_member.get(post.get_absolute_url()).content.decode()
    assert f'src="{delivery.card.url}"' in page


@pytest.mark.parametrize("picture", CARDS)
def test_staff_see_the_picture_before_they_approve(client, with_picture, staff, picture):
    post = with_picture(picture, "in_review")
    client.force_login(staff)
    page = client.get(reverse("admin:posts_post_review", args=[post.pk])).content.decode()
    sketch = next(one for one in sketches_of(post.portrait) if one.kind == picture)
    assert sketch.url.rpartition(".")[0] in page


def test_student_sees_the_picture_of_words_to_agree_to(client, with_picture, page, member, student):
    post = with_picture("square", "draft")
    post = actions.write(
        post,
        texts={page.pk: "Venez la rencontrer jeudi."},
        publish_at=timezone.now() + timedelta(days=1),
        read=post.version,
        by=member.user,
    )
    actions.ask_student(post, read=post.version, by=member.user)
    client.force_login(student.user)
    sketch = next(one for one in sketches_of(post.portrait) if one.kind == "square")
    assert sketch.url in client.get(reverse("post_words", args=[post.pk])).content.decode()


@pytest.mark.parametrize("picture", [Picture.PHOTO, *CARDS])
def test_page_of_a_post_costs_what_it_costs(as_member, with_picture, picture, django_assert_num_queries):
    post = with_picture(picture, "draft")
    as_member.get(post.get_absolute_url())
    with django_assert_num_queries(COST[picture]):
        as_member.get(post.get_absolute_url())


COST = {"photo": 29, "portrait": 28, "square": 28, "carousel": 31}

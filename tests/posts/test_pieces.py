"""Posts that are no portraits: what they are made of, who agrees, what goes out."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, RectangleObject, TextStringObject

from inet_comms.lifecycle import MoveRefused, StaleVersion
from posts import actions, attachments
from posts.actions.composing import NO_FILES, Files, Person
from posts.actions.delivering import run_pass
from posts.content import ContentChanged, frozen_content
from posts.kinds import ABOUT
from posts.models import Attachment, Kind, Post
from tests import factories
from tests.factories import drawn, fresh

pytestmark = pytest.mark.django_db
WORDS = {"title": "Table ronde sur la dette", "text": factories.SUBSTANCE}
PEOPLE = {"people-TOTAL_FORMS": "2", "people-INITIAL_FORMS": "0"}


def pdf(pages=2, **info):
    writer, out = PdfWriter(), io.BytesIO()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    writer.add_metadata(info or {"/Author": "Secret"})
    writer.write(out)
    return out.getvalue()


def upload(name, data):
    return SimpleUploadedFile(name, data)


def compose(member, kind="round_table", people=(), files=NO_FILES, **content):
    return actions.compose(
        member.promotion, Kind(kind), content=WORDS | content, people=people, files=files, by=member.user
    )


@pytest.fixture
def asked(account, member, student):
    """A post that names a student, who is asked."""
    post = factories.make_piece_post(comms=member, people=[Person(student.full_name, "modératrice", student)])
    return actions.ask_student(post, read=post.version, by=member.user)


# Beginning one -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind.value for kind in ABOUT])
def test_kind_begins_with_words_for_each_page(kind, account, member):
    post = compose(member, kind, happens_at=None)
    assert (post.kind, str(post), post.variants.get().text.splitlines()[0]) == (
        kind,
        WORDS["title"],
        WORDS["title"],
    )


def test_words_are_in_full_on_linkedin_and_brief_on_x(account, member, student):
    brief = factories.make_account(network="x", remote_id="1", name="INET sur X")
    post = compose(
        member,
        people=[Person("Ada Lovelace", "maire", agreement="par mail le 3 mai")],
        place="Strasbourg",
        partners="AATF",
        link="https://inet.cnfpt.fr/",
    )
    full, short = (post.variants.get(account=one).text for one in (account, brief))
    assert [part in full for part in ("Trois élus", "Avec Ada Lovelace, maire.", "AATF", "Strasbourg")] == [
        True
    ] * 4
    assert ["Trois élus" in short, "Ada" in short, "Strasbourg" in short, "https://inet" in short] == [
        False,
        False,
        True,
        True,
    ]


def test_only_the_comms_group_begins_one(account, member, student, staff):
    for user in (student.user, staff):
        with pytest.raises(PermissionDenied):
            actions.compose(member.promotion, Kind.EVENT, content=WORDS, by=user)
    assert Post.objects.count() == 0


# When it is useless ------------------------------------------------------------------------------


def test_invitation_is_useless_once_the_event_begins(account, member):
    begins = timezone.now() + timedelta(days=1, hours=2)
    post = factories.make_piece_post(comms=member, happens_at=begins)
    assert post.latest_useful_at == begins


def test_look_back_is_useful_as_long_as_its_kind_says(account, member):
    post = factories.make_piece_post(comms=member, happens_at=timezone.now() - timedelta(days=1))
    assert post.latest_useful_at == post.publish_at + ABOUT[Kind.ROUND_TABLE].useful_for


# Editing -----------------------------------------------------------------------------------------


def test_edited_content_makes_a_version_and_voids_the_approval(account, member, staff):
    post = factories.make_piece_post("approved", comms=member, staff=staff)
    edited = actions.recompose(
        post, content=WORDS | {"place": "Metz"}, people=[], read=post.version, by=member.user
    )
    assert (edited.state, edited.version, edited.approved_by, post.deliveries.get().state) == (
        "draft",
        post.version + 1,
        None,
        "cancelled",
    )
    assert "Metz" in edited.variants.get().text


def test_words_that_were_edited_stay_when_the_content_changes(account, member):
    post = factories.make_piece_post(comms=member)
    post = actions.write(
        post, texts={account.pk: "À nous."}, publish_at=post.publish_at, read=post.version, by=member.user
    )
    edited = actions.recompose(
        post, content=WORDS | {"place": "Metz"}, people=[], read=post.version, by=member.user
    )
    assert edited.variants.get().text == "À nous."


def test_content_that_somebody_changed_meanwhile_is_not_overwritten(account, member):
    post = factories.make_piece_post(comms=member)
    with pytest.raises(StaleVersion):
        actions.recompose(post, content=WORDS, people=[], read=post.version - 1, by=member.user)


def test_content_is_not_edited_once_it_is_out(account, member):
    post = factories.make_piece_post(comms=member)
    actions.cancel(post, by=member.user)
    with pytest.raises(MoveRefused):
        actions.recompose(fresh(post), content=WORDS, people=[], read=post.version, by=member.user)


# Who agrees --------------------------------------------------------------------------------------


def test_another_moment_leaves_the_question_with_the_student(asked, member):
    post = actions.reschedule(
        asked, publish_at=asked.publish_at + timedelta(hours=1), read=asked.version, by=member.user
    )
    assert post.state == "to_sign"


def test_ask_student_writes_to_each(
    account, member, student, classmate, mailoutbox, django_capture_on_commit_callbacks
):
    people = [Person(one.full_name, "", one) for one in (student, classmate)]
    post = factories.make_piece_post(comms=member, people=people)
    with django_capture_on_commit_callbacks(execute=True):
        actions.ask_student(post, read=post.version, by=member.user)
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([student.user.email, classmate.user.email])


def test_review_waits_for_all_who_are_named(account, member, student, classmate):
    people = [Person(one.full_name, "", one) for one in (student, classmate)]
    post = factories.make_piece_post(comms=member, people=people)
    with pytest.raises(MoveRefused):
        actions.ask_review(post, read=post.version, by=member.user)
    post = actions.ask_student(post, read=post.version, by=member.user)
    states = [actions.sign_words(post, read=post.version, by=one.user).state for one in (student, classmate)]
    assert states == ["to_sign", "in_review"]


def test_agreement_is_for_one_version(asked, student, member):
    post = actions.sign_words(asked, read=asked.version, by=student.user)
    people = [Person(student.full_name, "modératrice", student)]
    edited = actions.recompose(post, content=WORDS, people=people, read=post.version, by=member.user)
    assert (edited.state, edited.needs_student) == ("draft", True)


def test_another_moment_keeps_the_agreement(asked, student, member):
    post = actions.sign_words(asked, read=asked.version, by=student.user)
    moved = actions.reschedule(
        post, publish_at=post.publish_at + timedelta(days=1), read=post.version, by=member.user
    )
    assert (moved.state, moved.needs_student) == ("in_review", False)


def test_somebody_else_cannot_agree(asked, classmate):
    with pytest.raises(PermissionDenied):
        actions.sign_words(asked, read=asked.version, by=classmate.user)


def test_refusal_gives_it_back_with_the_reason(asked, student):
    post = actions.refuse_words(asked, message="Pas moi.", by=student.user)
    assert (post.state, post.moves.last().note) == ("draft", "Pas moi.")


def test_nobody_named_needs_nobody(account, member):
    assert factories.make_piece_post("in_review", comms=member).state == "in_review"


# What goes out -----------------------------------------------------------------------------------


def published(rehearsal):
    run_pass(workers=1)
    return rehearsal.ledger.posts()


def test_it_goes_out_at_its_moment(page, rehearsal, member, staff):
    post = factories.make_piece_post(
        "approved", comms=member, staff=staff, publish_at=timezone.now() + timedelta(seconds=1)
    )
    post.deliveries.update(due_at=timezone.now())
    (found,) = published(rehearsal)
    assert (post.deliveries.get().state, WORDS["title"] in str(found)) == ("published", True)


def approved_with(member, staff, *files):
    post = compose(member, "article" if any(f[0].pages for f in files) else "event", files=Files(added=files))
    post = actions.write(
        post,
        texts=dict(post.variants.values_list("account_id", "text")),
        publish_at=timezone.now() + timedelta(hours=1),
        read=post.version,
        by=member.user,
    )
    post = actions.ask_review(post, read=post.version, by=member.user)
    post = actions.approve(post, read=post.version, read_portrait=None, by=staff)
    post.deliveries.update(due_at=timezone.now())
    return post


def test_pictures_go_with_it_as_they_were_approved(page, rehearsal, member, staff):
    post = approved_with(member, staff, drawn(), drawn("Le débat."))
    content = frozen_content(post.deliveries.get())
    assert ([image.alt for image in content.images], len(published(rehearsal))) == (
        ["Une salle pleine.", "Le débat."],
        1,
    )


def test_document_goes_to_linkedin(page, rehearsal, member, staff):
    post = approved_with(member, staff, (attachments.document(io.BytesIO(pdf(3))), "Guide"))
    content = frozen_content(post.deliveries.get())
    assert (content.document.pages, content.document.title, len(published(rehearsal))) == (3, "Guide", 1)


def test_file_that_changed_on_disk_is_not_sent(account, member, staff):
    post = approved_with(member, staff, drawn())
    with Attachment.objects.get().file.open("wb") as file:
        file.write(b"other")
    with pytest.raises(ContentChanged):
        frozen_content(post.deliveries.get())


def test_taken_back_agreement_stops_what_waits(account, member, staff, student):
    post = factories.make_piece_post(
        "approved", comms=member, staff=staff, people=[Person(student.full_name, "", student)]
    )
    back = actions.take_agreement_back(post, by=student.user)
    assert (back.state, post.deliveries.get().state) == ("draft", "cancelled")


def test_taken_back_agreement_takes_down_what_is_online(page, rehearsal, member, staff, student):
    post = factories.make_piece_post(
        "approved", comms=member, staff=staff, people=[Person(student.full_name, "", student)]
    )
    post.deliveries.update(due_at=timezone.now())
    assert len(published(rehearsal)) == 1
    actions.take_agreement_back(fresh(post), by=student.user)
    run_pass(workers=1)
    assert (
        post.deliveries.get().state,
        rehearsal.ledger.posts(),
    ) == ("withdrawn", [])


def test_agreement_to_an_earlier_version_can_be_taken_back_after_an_edit(
    page, rehearsal, member, staff, student
):
    people = [Person(student.full_name, "", student)]
    post = factories.make_piece_post("approved", comms=member, staff=staff, people=people)
    post.deliveries.update(due_at=timezone.now())
    assert len(published(rehearsal)) == 1
    edited = actions.recompose(fresh(post), content=WORDS, people=people, read=post.version, by=member.user)
    assert edited.needs_student is True
    actions.take_agreement_back(edited, by=student.user)
    run_pass(workers=1)
    assert rehearsal.ledger.posts() == []


def test_only_who_agreed_takes_it_back(asked, student, classmate):
    with pytest.raises(MoveRefused):
        actions.take_agreement_back(asked, by=student.user)
    with pytest.raises(PermissionDenied):
        actions.take_agreement_back(asked, by=classmate.user)


# Files -------------------------------------------------------------------------------------------


def test_picture_is_light_enough_for_every_network():
    made, _words = drawn()
    assert (max(made.width, made.height) <= 1600, len(made.data) <= 1_000_000, made.content_type) == (
        True,
        True,
        "image/jpeg",
    )


def test_document_loses_its_metadata():
    made = attachments.document(io.BytesIO(pdf(2)))
    assert (made.pages, b"Secret" in made.data) == (2, False)


def test_document_keeps_its_links_and_loses_its_scripts():
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.add_open_action(JavaScript("app.alert(1)"))
    writer.add_uri(0, "https://inet.cnfpt.fr/", RectangleObject((0, 0, 50, 50)))
    annotation = Link(rect=(50, 50, 90, 90), url="javascript:alert(1)")
    annotation[NameObject("/A")] = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(2)")}
    )
    writer.add_annotation(0, annotation)
    writer.write(out)
    assert b"/JavaScript" in out.getvalue()
    made = attachments.document(io.BytesIO(out.getvalue())).data
    notes = PdfReader(io.BytesIO(made)).pages[0]["/Annots"]
    assert (b"/JavaScript" in made, [note.get_object()["/A"]["/URI"] for note in notes]) == (
        False,
        ["https://inet.cnfpt.fr/"],
    )


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"%PDF-1.7 cut", pdf(2)[:200], pdf(101)])
def test_document_that_cannot_be_sent_is_refused_in_words(data):
    with pytest.raises(attachments.AttachmentRefused) as refused:
        attachments.document(io.BytesIO(data))
    assert len(str(refused.value).split()) > 5

"""People in a photo: each is tied to it and asked; one no, or one agreement taken back, takes the photo away."""

import io

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts.models import Notice
from inet_comms.lifecycle import MoveRefused
from portraits import actions, likeness
from portraits.actions.appearing import NotFree, NotToBeAnswered
from portraits.models import Appearance, Consent, Photo, Portrait
from portraits.photos import Crop, PhotoRefused
from tests import factories
from tests.factories import agreement, fresh

pytestmark = pytest.mark.django_db
TERMS = "Je peux être reconnu.\nJ’accepte."


@pytest.fixture
def portrait(student, member):
    return factories.make_portrait("in_edit", student=student, comms=member)


@pytest.fixture
def asked(portrait, classmate, student):
    """Karim can be recognised in Léa's photo."""
    return actions.tie(portrait, classmate, by=student.user)


def agree(appearance):
    return actions.agree(appearance, terms=TERMS, proof="link:karim@example.org")


def ask_signature(portrait, member):
    return actions.ask_signature(fresh(portrait), read=fresh(portrait).version, by=member.user)


def published(portrait, member, student):
    ask_signature(portrait, member)
    actions.sign(fresh(portrait), agreement(), read=fresh(portrait).version, by=student.user)
    actions.publish(fresh(portrait))
    return fresh(portrait)


# Tying -------------------------------------------------------------------------------------------


def test_tie_asks_the_person_by_mail(portrait, classmate, student, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        appearance = actions.tie(portrait, classmate, by=student.user)
    (message,) = mail.outbox
    assert (message.to, likeness.path(appearance) in message.body) == (["karim@example.org"], True)


def test_tie_twice_is_tie_once(portrait, classmate, member, student, django_capture_on_commit_callbacks):
    first = actions.tie(portrait, classmate, by=student.user)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.tie(portrait, classmate, by=member.user) == first
    assert (Appearance.objects.count(), mail.outbox) == (1, [])


def test_tie_is_for_the_student_and_their_group(
    portrait, classmate, student, member, former_member, neighbour, staff
):
    other = factories.make_student(student.promotion)
    cast = {
        "student": student.user,
        "classmate": classmate.user,
        "member": member.user,
        "former member": former_member.user,
        "neighbour": neighbour.user,
        "staff": staff,
    }
    allowed = []
    for name, user in cast.items():
        with transaction.atomic():
            try:
                actions.tie(portrait, other, by=user)
                allowed.append(name)
            except PermissionDenied:
                pass
            transaction.set_rollback(True)
    assert allowed == ["student", "member"]


def test_tie_without_a_photo_is_refused(student, classmate, member):
    portrait = factories.make_portrait("invited", student=student, comms=member)
    with pytest.raises(MoveRefused):
        actions.tie(portrait, classmate, by=student.user)


def test_tie_of_the_student_themself_is_refused(portrait, student):
    with pytest.raises(MoveRefused):
        actions.tie(portrait, student, by=student.user)


def test_untie_frees_the_photo_and_tells_the_person(
    portrait, asked, member, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        actions.untie(asked, by=member.user)
    assert (Appearance.objects.exists(), fresh(portrait).is_free_of_others) == (False, True)
    assert [message.to for message in mail.outbox] == [["karim@example.org"]]


def test_untie_of_somebody_who_answered_is_refused(asked, member):
    agree(asked)
    with pytest.raises(NotToBeAnswered):
        actions.untie(asked, by=member.user)


def test_untie_is_not_for_others(asked, classmate, neighbour):
    for user in (classmate.user, neighbour.user):
        with pytest.raises(PermissionDenied):
            actions.untie(asked, by=user)


# The gate ----------------------------------------------------------------------------------------


def test_photo_of_one_person_is_free(portrait):
    assert portrait.is_free_of_others


def test_photo_is_not_free_until_each_has_agreed(portrait, asked, student):
    second = actions.tie(portrait, factories.make_student(student.promotion), by=student.user)
    found = [portrait.is_free_of_others]
    for one in (asked, second):
        agree(one)
        found.append(portrait.is_free_of_others)
    assert found == [False, False, True]


def test_gate_costs_one_query_however_many_are_in_it(portrait, student, django_assert_num_queries):
    for _number in range(3):
        actions.tie(portrait, factories.make_student(student.promotion), by=student.user)
    portrait = fresh(portrait)
    with django_assert_num_queries(1):
        assert not portrait.is_free_of_others


def test_signature_is_not_asked_for_while_somebody_is_awaited(portrait, asked, member):
    with pytest.raises(NotFree) as refused:
        ask_signature(portrait, member)
    assert "Karim Benali" in refused.value.for_people
    assert fresh(portrait).state == "in_edit"


def test_signature_of_the_hand_in_does_not_count_while_somebody_is_awaited(student, member, classmate):
    portrait = factories.make_portrait("submitted", student=student, comms=member)
    actions.tie(portrait, classmate, by=member.user)
    with pytest.raises(NotFree):
        actions.keep_as_signed(portrait, read=portrait.version, by=member.user)


def test_signature_is_asked_for_once_everyone_agreed(portrait, asked, member):
    agree(asked)
    assert ask_signature(portrait, member).state == "to_sign"


def test_another_frame_of_the_photo_is_not_free_either(portrait, asked, member):
    """Tied to the master: cropping somebody out does not make their answer needless."""
    actions.reframe(portrait, Crop(0, 0, 0.8, 0.77), read=portrait.version, by=member.user)
    assert not fresh(portrait).is_free_of_others


def test_photo_that_is_turned_is_not_free_either(student, member, classmate):
    portrait = factories.make_portrait("draft", student=student, comms=member)
    actions.tie(portrait, classmate, by=student.user)
    actions.set_photo(fresh(portrait), turn=90, by=student.user)
    assert not fresh(portrait).is_free_of_others


def test_another_photo_is_free(student, member, classmate):
    portrait = factories.make_portrait("draft", student=student, comms=member)
    actions.tie(portrait, classmate, by=student.user)
    alone = factories.picture_bytes(colour=(200, 150, 140))
    actions.set_photo(fresh(portrait), upload=io.BytesIO(alone), by=student.user)
    assert fresh(portrait).is_free_of_others


# Answers -----------------------------------------------------------------------------------------


def test_agreement_is_kept_with_what_was_read_and_how_they_are_known(asked):
    agree(asked)
    kept = fresh(asked)
    assert (kept.answer, kept.terms, kept.answered_with) == ("agreed", TERMS, "link:karim@example.org")
    assert (kept.answered_at <= timezone.now(), kept.language) == (True, "fr")


def test_agreement_without_terms_is_refused_by_the_database(asked):
    with pytest.raises(IntegrityError), transaction.atomic():
        Appearance.objects.filter(pk=asked.pk).update(answer="agreed")


def test_group_hears_once_everyone_agreed(portrait, asked, student, django_capture_on_commit_callbacks):
    second = actions.tie(portrait, factories.make_student(student.promotion), by=student.user)
    for one, told in ((asked, []), (second, ["ines@example.org"])):
        with django_capture_on_commit_callbacks(execute=True):
            agree(one)
        assert [notice.user.email for notice in Notice.objects.filter(kind="photo_people")] == told


def test_not_me_frees_the_photo_and_asks_the_group_to_look_again(
    portrait, asked, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        actions.say_not_me(asked, proof="code")
    assert (fresh(asked).answer, fresh(portrait).is_free_of_others) == ("not_me", True)
    assert [notice.user.email for notice in Notice.objects.all()] == ["ines@example.org"]


@pytest.mark.parametrize("first", ["agree", "refuse", "say_not_me"])
@pytest.mark.parametrize("second", ["agree", "refuse", "say_not_me"])
def test_answer_is_given_once(asked, first, second):
    def give(name):
        more = {"terms": TERMS} if name == "agree" else {}
        getattr(actions, name)(asked, proof="code", **more)

    give(first)
    before = Appearance.objects.values().get(pk=asked.pk)
    with pytest.raises(NotToBeAnswered):
        give(second)
    assert Appearance.objects.values().get(pk=asked.pk) == before


def test_take_back_of_what_was_not_agreed_to_is_refused(asked):
    with pytest.raises(NotToBeAnswered):
        actions.take_back(asked, proof="code")


def test_take_back_is_dated_and_the_agreement_stays_as_proof(asked):
    agree(asked)
    actions.take_back(asked, proof="code:karim@example.org")
    kept = fresh(asked)
    assert (kept.answer, kept.terms, kept.ended_with, kept.ended_at is not None) == (
        "agreed",
        TERMS,
        "code:karim@example.org",
        True,
    )


# One no ------------------------------------------------------------------------------------------


STATES = ("draft", "submitted", "in_edit", "to_sign", "signed")


@pytest.mark.parametrize("state", STATES)
def test_refusal_gives_the_portrait_back_without_its_photo(state, student, member, classmate):
    portrait = factories.make_portrait(state, student=student, comms=member)
    words = portrait.text
    asked = actions.tie(portrait, classmate, by=student.user)
    actions.refuse(asked, proof="code")
    portrait = fresh(portrait)
    assert (portrait.state, portrait.photo, portrait.consent, portrait.signed_version) == (
        "draft",
        None,
        None,
        None,
    )
    assert (portrait.text, Photo.objects.exists()) == (words, False)


def test_portrait_whose_photo_was_lost_lacks_a_photo_and_nothing_else(portrait, asked):
    actions.refuse(asked, proof="code")
    assert [str(what) for what in fresh(portrait).missing] == ["la photo"]


def test_take_back_takes_what_is_online_away(portrait, asked, member, student):
    agree(asked)
    portrait = published(portrait, member, student)
    actions.take_back(asked, proof="code")
    assert (fresh(portrait).online, Portrait.objects.online().exists()) == (None, False)


def test_owners_own_consent_ends_and_stays_as_proof(portrait, asked, member, student):
    agree(asked)
    consent = published(portrait, member, student).consent
    actions.take_back(asked, proof="code")
    kept = fresh(consent)
    assert (kept.end, kept.ended_at is not None, kept.terms) == (Consent.End.PHOTO, True, consent.terms)


def test_files_go(portrait, asked, django_capture_on_commit_callbacks):
    photo = portrait.photo
    names = [photo.master.name, *photo.renditions.values_list("file", flat=True)]
    with django_capture_on_commit_callbacks(execute=True):
        actions.refuse(asked, proof="code")
    assert [name for name in names if default_storage.exists(name)] == []


def test_owner_and_group_are_told_and_who_said_no_is_not_named(
    portrait, asked, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        actions.refuse(asked, proof="code")
    assert sorted(message.to for message in mail.outbox) == [["ines@example.org"], ["lea@example.org"]]
    assert [message.body for message in mail.outbox if "Karim" in message.body] == []


def test_photo_that_was_refused_cannot_come_back(portrait, asked, student):
    actions.refuse(asked, proof="code")
    with pytest.raises(PhotoRefused):
        actions.set_photo(fresh(portrait), upload=io.BytesIO(factories.picture_bytes()), by=student.user)
    assert fresh(portrait).photo is None


def test_student_goes_on_with_another_photo(portrait, asked, student, member):
    actions.refuse(asked, proof="code")
    alone = factories.picture_bytes(colour=(200, 150, 140))
    actions.set_photo(fresh(portrait), upload=io.BytesIO(alone), alt_text="Seule", by=student.user)
    actions.submit(fresh(portrait), agreement(), by=student.user)
    actions.take_up(fresh(portrait), by=member.user)
    assert ask_signature(portrait, member).state == "to_sign"


def test_same_photo_in_another_portrait_goes_too(portrait, asked, classmate):
    """It is the photo that is refused, whoever shows it."""
    other = factories.make_portrait("signed", comms=factories.make_member())
    assert other.photo.source_sha256 == portrait.photo.source_sha256
    actions.refuse(asked, proof="code")
    assert (fresh(other).state, fresh(other).photo) == ("draft", None)


def test_refusal_of_a_photo_that_was_replaced_leaves_the_portrait_alone(student, member, classmate):
    portrait = factories.make_portrait("draft", student=student, comms=member)
    asked = actions.tie(portrait, classmate, by=student.user)
    alone = factories.picture_bytes(colour=(200, 150, 140))
    actions.set_photo(fresh(portrait), upload=io.BytesIO(alone), by=student.user)
    before = fresh(portrait).photo
    actions.refuse(asked, proof="code")
    assert (fresh(portrait).photo, portrait.moves.filter(name="lose_photo").exists()) == (before, False)


def test_refusal_after_a_withdrawal_moves_nothing(portrait, asked, student):
    actions.withdraw(portrait, by=student.user)
    actions.refuse(asked, proof="code")
    assert fresh(portrait).state == "withdrawn"


# Who is found ------------------------------------------------------------------------------------


def test_search_finds_by_part_of_the_name_without_accents(portrait, promotion):
    zoe = factories.make_student(promotion, first_name="Zoé", last_name="Benoît-Noël")
    assert likeness.candidates(portrait, "benoit zoe") == [zoe]
    assert likeness.candidates(portrait, "NOËL") == [zoe]


def test_search_finds_those_who_are_at_the_school_at_the_same_time(portrait, promotion):
    same = factories.make_promotion(starts=promotion.starts, ends=promotion.ends)
    later = factories.make_promotion(
        starts=promotion.ends + timezone.timedelta(days=1),
        ends=promotion.ends + timezone.timedelta(days=400),
    )
    names = {"first_name": "Camille", "last_name": "Roy"}
    here = factories.make_student(same, **names)
    factories.make_student(later, **names)
    mine = factories.make_student(promotion, **names)
    assert likeness.candidates(portrait, "camille roy") == [mine, here]


def test_search_leaves_out_the_student_and_those_who_are_tied(portrait, asked, student, classmate):
    assert likeness.candidates(portrait, student.last_name) == []
    assert likeness.candidates(portrait, classmate.last_name) == []


def test_search_of_nothing_finds_nobody(portrait, classmate):
    assert likeness.candidates(portrait, "  ") == []


def test_search_costs_the_same_for_one_and_for_three(portrait, promotion, django_assert_num_queries):
    likeness.candidates(portrait, "durand")
    for count in (1, 2):
        for _number in range(count):
            factories.make_student(promotion, last_name="Durand")
        with django_assert_num_queries(1):
            likeness.candidates(portrait, "durand")

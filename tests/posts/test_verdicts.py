"""What stands against a post on its way: the group settles it or says why not, the staff see the rest; approved is approved."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation

from posts import actions, verdicts
from posts.actions import NotReady
from posts.models import Exemption
from posts.rulings import Ruling, Who
from posts.verdicts import StillAgainst
from tests import factories
from tests.factories import fresh
from tests.posts.conftest import BEYOND
from tests.posts.policies import make_policy, plain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


@pytest.fixture(autouse=True)
def _nothing_is_asked(db):
    make_policy()


def against(who, **fields):
    """From now on this very post is too long on its page."""
    return make_policy(longest=3, length_passes=who.value, **fields)


def ask_review(post, member):
    return actions.ask_review(post, read=post.version, by=member.user)


def approve(post, staff):
    post = fresh(post)
    return actions.approve(post, read=post.version, read_portrait=post.portrait_version, by=staff)


def let_pass(post, by, reason="Le congrès le demande."):
    return actions.exempt(post, verdicts.verdicts(post)[0], reason=reason, by=by)


# On the way to the staff ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who, goes", [(Who.ADVICE, True), (Who.COMMS, False), (Who.STAFF, True), (Who.NOBODY, False)]
)
def test_asking_for_approval_waits_for_what_the_group_must_settle(who, goes, post, member):
    against(who)
    if goes:
        assert ask_review(post, member).state == "in_review"
    else:
        with pytest.raises(StillAgainst):
            ask_review(post, member)
        assert fresh(post).state == "draft"


def test_refusal_says_what_to_do(post, member, account):
    against(Who.COMMS)
    length = account.connector.length(post.variants.get().text, account.limits)
    with pytest.raises(StillAgainst) as refused:
        ask_review(post, member)
    assert plain(refused.value.for_people) == (
        "La publication ne peut pas encore aller à l’équipe de l’école. "
        f"Sur LinkedIn, peu de gens lisent aussi loin : au plus 3 caractères comme le réseau les compte, et ce texte en a {length}. "
        f"Gardez une seule idée : il y a {length - 3} caractères à enlever. "
        "Ou dites, sur la page de la publication, pourquoi publier quand même."
    )


def test_refusal_offers_no_way_round_where_there_is_none(post, member):
    against(Who.NOBODY)
    with pytest.raises(StillAgainst) as refused:
        ask_review(post, member)
    assert plain(refused.value.for_people).endswith("caractères à enlever.")


def test_asking_goes_on_once_somebody_let_it_pass(post, member):
    against(Who.COMMS)
    let_pass(post, member.user)
    assert ask_review(post, member).state == "in_review"


def test_asking_the_student_waits_too(post_beyond, member):
    """Their agreement sends it on to the staff."""
    against(Who.COMMS)
    with pytest.raises(StillAgainst):
        actions.ask_student(post_beyond, read=post_beyond.version, by=member.user)
    let_pass(post_beyond, member.user)
    asked = actions.ask_student(post_beyond, read=post_beyond.version, by=member.user)
    assert asked.state == "to_sign"


@pytest.mark.parametrize(
    "who, state", [(Who.COMMS, "draft"), (Who.STAFF, "in_review"), (Who.ADVICE, "in_review")]
)
def test_new_moment_that_a_rule_is_against_does_not_go_to_the_staff_by_itself(who, state, post, member):
    make_policy(spacing_hours="2", spacing_passes=who.value)
    near = factories.make_post("draft", comms=member, publish_at=post.publish_at + timedelta(days=2))
    asked = ask_review(post, member)
    moved = actions.reschedule(asked, publish_at=near.publish_at, read=asked.version, by=member.user)
    assert moved.state == state


# At the staff's key -----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [Who.COMMS, Who.STAFF, Who.NOBODY])
def test_what_is_open_keeps_it_from_being_approved(who, post, member, staff):
    ask_review(post, member)
    against(who)
    with pytest.raises(NotReady) as refused:
        approve(post, staff)
    assert [plain(reason).split(":")[0] for reason in refused.value.reasons] == [
        "Sur LinkedIn, peu de gens lisent aussi loin "
    ]


def test_advice_keeps_nothing_from_being_approved(post, member, staff):
    against(Who.ADVICE)
    ask_review(post, member)
    assert approve(post, staff).state == "approved"


def test_staff_approve_what_they_let_pass(post, member, staff):
    against(Who.STAFF)
    asked = ask_review(post, member)
    let_pass(asked, staff)
    assert approve(post, staff).state == "approved"


# Letting pass -----------------------------------------------------------------------------------------


def test_exemption_says_who_why_and_against_what(post, member):
    against(Who.COMMS)
    sentence = verdicts.verdicts(post)[0].sentence
    given = let_pass(post, member.user, reason="  Deux villes à citer. ")
    assert (given.by, given.reason, given.said, given.rule) == (
        member.user,
        "Deux villes à citer.",
        sentence,
        "too-long",
    )


RIGHTS = {
    ("member", Who.COMMS): True,
    ("member", Who.STAFF): False,
    ("staff", Who.COMMS): True,
    ("staff", Who.STAFF): True,
    ("staff", Who.NOBODY): False,
    ("staff", Who.ADVICE): False,
    ("neighbour", Who.COMMS): False,
    ("former_member", Who.COMMS): False,
    ("student", Who.COMMS): False,
}


@pytest.mark.parametrize("name, who", RIGHTS)
def test_only_whom_the_rule_names_lets_pass(name, who, request, post):
    against(who)
    person = request.getfixturevalue(name)
    user = getattr(person, "user", person)
    if RIGHTS[name, who]:
        assert let_pass(post, user).by == user
    else:
        with pytest.raises(PermissionDenied):
            let_pass(post, user)
        assert Exemption.objects.count() == 0


def test_second_one_changes_nothing(post, member, staff):
    against(Who.COMMS)
    first = let_pass(post, member.user)
    second = let_pass(post, staff, reason="Autre chose.")
    assert (second, second.by, Exemption.objects.count()) == (first, member.user, 1)


def test_exemption_holds_while_the_words_are_polished(post, member, account):
    against(Who.COMMS)
    let_pass(post, member.user)
    text = post.variants.get().text.replace("mer", "montagne")
    actions.write(
        post, texts={account.pk: text}, publish_at=post.publish_at, read=post.version, by=member.user
    )
    assert [one.exemption is not None for one in verdicts.verdicts(fresh(post))] == [True]


# What is approved -------------------------------------------------------------------------------------


def test_rule_that_is_changed_later_voids_no_approval_and_says_nothing(post, member, staff):
    ask_review(post, member)
    approved = approve(post, staff)
    against(Who.NOBODY)
    assert (fresh(approved).state, verdicts.verdicts(fresh(approved))) == ("approved", [])


def test_rule_that_is_changed_later_counts_again_once_it_is_edited(post, member, staff, account):
    ask_review(post, member)
    approved = approve(post, staff)
    against(Who.NOBODY)
    later = timezone.now() + timedelta(days=3)
    edited = actions.write(
        approved, texts={account.pk: BEYOND}, publish_at=later, read=approved.version, by=member.user
    )
    assert [one.rule for one in verdicts.verdicts(edited)] == ["too-long"]


# Where it comes from ------------------------------------------------------------------------------------


def test_every_source_is_heard(post, member, monkeypatch):
    clash = Ruling("same-words", "7", "Le même texte est déjà parti.", "Écrivez-en un autre.", Who.COMMS)
    monkeypatch.setattr(verdicts, "SOURCES", (*verdicts.SOURCES, lambda post: [clash]))
    against(Who.ADVICE)
    assert [one.rule for one in verdicts.verdicts(post)] == ["too-long", "same-words"]
    with pytest.raises(StillAgainst):
        ask_review(post, member)


@pytest.mark.parametrize("pages", [1, 3])
def test_verdicts_cost_the_same_for_one_page_and_three(pages, member, account, django_assert_num_queries):
    for number in range(pages - 1):
        factories.make_account(name=f"Page {number}")
    against(Who.COMMS)
    post = fresh(factories.make_post("draft", comms=member))
    with django_assert_num_queries(4):
        assert len(verdicts.verdicts(post)) == pages

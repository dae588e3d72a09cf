"""The pages where what stands against a post is read and let pass: the group's, the staff's, and the editor while one types."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from posts import actions
from posts import verdicts as verdicts_module
from posts.models import Exemption
from posts.rulings import Ruling, Who
from posts.verdicts import verdicts
from tests import factories
from tests.factories import fresh
from tests.posts.policies import make_policy, plain

pytestmark = pytest.mark.django_db
BECAUSE = "Le congrès le demande."


@pytest.fixture(autouse=True)
def _nothing_is_asked(db):
    make_policy()


@pytest.fixture
def too_long(post):
    """For the group to settle."""
    make_policy(longest=3, length_passes="comms")
    return post


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def asked(post, member):
    """With the staff, against a rule that only they may let pass."""
    asked = actions.ask_review(post, read=post.version, by=member.user)
    make_policy(longest=3, length_passes="staff")
    return asked


def typed(post, **changes):
    ruling = verdicts(fresh(post))[0]
    return {"rule": ruling.rule, "about": ruling.about, "reason": BECAUSE} | changes


def url(post):
    return reverse("post_exempt", args=[post.pk])


def standing(client, post):
    return client.get(post.get_absolute_url()).context["reading"].standing


def texts(messages):
    return [plain(str(message)) for message in messages]


# The group's page -------------------------------------------------------------------------------------


def test_page_says_what_is_against_it_and_offers_to_let_it_pass(as_member, too_long):
    response = as_member.get(too_long.get_absolute_url())
    case = response.context["reading"].standing.cases[0]
    html = plain(response.content.decode())
    assert (case.ruling.rule, case.form is not None, plain(case.ruling.sentence) in html) == (
        "too-long",
        True,
        True,
    )
    assert response.context["reading"].obstacles == [
        "1 règle de l’école s’y oppose\xa0: suivez le conseil plus bas, ou dites pourquoi publier quand même."
    ]


def test_page_that_nothing_is_against_says_nothing(as_member, post):
    assert 'id="rules"' not in as_member.get(post.get_absolute_url()).content.decode()


def test_advice_stands_beside_the_text_and_stops_nothing(as_member, post):
    make_policy(longest=3)
    reading = as_member.get(post.get_absolute_url()).context["reading"]
    assert (len(reading.pages[0].rulings), reading.obstacles, reading.standing.cases) == (1, [], [])


def test_advice_about_the_whole_post_is_said_to_whoever_writes(as_member, post, monkeypatch):
    holiday = Ruling("holiday", "", "Ce jour est férié.", "Choisissez le lendemain.", Who.ADVICE)
    monkeypatch.setattr(verdicts_module, "SOURCES", (lambda post: [holiday],))
    html = as_member.get(post.get_absolute_url()).content.decode()
    assert html.count("Ce jour est férié.") == 1


def test_advice_is_read_by_staff_too(desk, post):
    make_policy(longest=3)
    html = plain(desk.get(post.get_absolute_url()).content.decode())
    assert "Ces conseils ne bloquent rien." in html


def test_letting_pass_is_noted_and_the_way_is_free(as_member, too_long, member):
    response = as_member.post(url(too_long), typed(too_long), follow=True)
    given = Exemption.objects.get()
    assert (given.by, given.reason, given.rule) == (member.user, BECAUSE, "too-long")
    assert texts(response.context["messages"]) == [
        "C’est noté, avec votre nom et votre raison. Cette règle n’arrête plus la publication."
    ]
    assert response.context["reading"].obstacles == []


def test_page_says_who_let_it_pass_when_and_why(as_member, too_long, member):
    as_member.post(url(too_long), typed(too_long))
    html = as_member.get(too_long.get_absolute_url()).content.decode()
    assert (str(member.user) in html, f"<q>{BECAUSE}</q>" in html, "Accepté malgré une règle" in html) == (
        True,
        True,
        True,
    )


def test_reason_is_asked_again_where_it_is_missing(as_member, too_long):
    response = as_member.post(url(too_long), typed(too_long, reason="  "))
    form = response.context["reading"].standing.cases[0].form
    assert (response.status_code, [plain(error) for error in form.errors["reason"]]) == (
        422,
        ["Dites en une phrase pourquoi publier quand même : l’équipe de l’école la lira."],
    )
    assert Exemption.objects.count() == 0


def test_second_one_hears_that_somebody_was_faster(client, too_long, member, staff, monkeypatch):
    """Both have the open rule before their eyes; the second one's is answered with the first one's reason."""
    form = typed(too_long)
    before = verdicts(too_long)
    monkeypatch.setattr("posts.views.standing.verdicts", lambda post: before)
    client.force_login(member.user)
    client.post(url(too_long), form)
    client.force_login(staff)
    response = client.post(url(too_long), form, follow=True)
    assert texts(response.context["messages"])[-1] == f"{member.user} avait déjà laissé passer."
    assert Exemption.objects.get().by == member.user


@pytest.mark.parametrize("changes", [{"rule": "nonsense"}, {"about": "999"}, {"rule": "", "about": ""}])
def test_rule_that_stands_no_more_is_not_let_pass(changes, as_member, too_long):
    response = as_member.post(url(too_long), typed(too_long, **changes), follow=True)
    assert (texts(response.context["messages"]), Exemption.objects.count()) == (
        ["Cette règle ne s’oppose plus à la publication : il n’y avait rien à faire."],
        0,
    )


def test_group_is_refused_what_only_staff_may_let_pass(as_member, asked):
    assert standing(as_member, asked).cases[0].form is None
    assert as_member.post(url(asked), typed(asked)).status_code == 403


def test_neighbour_does_not_find_it(client, too_long, neighbour):
    client.force_login(neighbour.user)
    assert client.post(url(too_long), typed(too_long)).status_code == 404


def test_gate_answers_in_words_and_keeps_the_post(as_member, too_long):
    response = as_member.post(
        reverse("post_act", args=[too_long.pk, "ask-review"]), {"version": too_long.version}, follow=True
    )
    assert texts(response.context["messages"])[0].startswith(
        "La publication ne peut pas encore aller à l’équipe de l’école. Sur LinkedIn, peu de gens lisent"
    )
    assert fresh(too_long).state == "draft"


def test_page_of_what_is_approved_says_nothing_new(as_member, post, member, staff):
    actions.ask_review(post, read=post.version, by=member.user)
    actions.approve(fresh(post), read=post.version, read_portrait=post.portrait_version, by=staff)
    make_policy(longest=3, length_passes="nobody")
    reading = as_member.get(post.get_absolute_url()).context["reading"]
    assert (fresh(post).state, reading.standing.rulings, [page.rulings for page in reading.pages]) == (
        "approved",
        [],
        [[]],
    )


def test_page_says_what_each_network_is_for(as_member, post):
    make_policy(sentence="Les portraits, et du fond.", longest=2000)
    html = plain(as_member.get(post.get_absolute_url()).content.decode())
    assert ("Les portraits, et du fond." in html, "Au plus 2000 caractères." in html) == (True, True)


@pytest.mark.parametrize("pages", [1, 3])
def test_page_costs_the_same_for_one_rule_and_three(
    pages, as_member, member, account, django_assert_num_queries
):
    for number in range(pages - 1):
        factories.make_account(name=f"Page {number}")
    make_policy(longest=3, length_passes="comms")
    post = fresh(factories.make_post("draft", comms=member))
    reading = as_member.get(post.get_absolute_url()).context["reading"]
    again = type(reading.standing)(fresh(post), member.user)
    with django_assert_num_queries(6):
        assert (len(again.cases), again.exemptions) == (pages, [])


def test_calendar_says_that_a_rule_is_against_the_new_moment(as_member, post, member):
    make_policy(spacing_hours="2", spacing_passes="comms")
    near = factories.make_post("draft", comms=member, publish_at=post.publish_at + timedelta(days=3))
    asked = actions.ask_review(post, read=post.version, by=member.user)
    local = timezone.localtime(near.publish_at)
    moment = {"version": asked.version, "day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
    address = reverse("post_move", args=[asked.pk])
    moment["seen"] = as_member.post(address, moment).context["seen"]
    response = as_member.post(address, moment, follow=True)
    assert texts(response.context["messages"])[0].endswith(
        "Des règles de l’école s’y opposent : ouvrez la publication et réglez-les avant de demander l’approbation."
    )


# While one types ----------------------------------------------------------------------------------------


def check(client, post, account, **changes):
    response = client.post(
        reverse("post_act", args=[post.pk, "check"]), {"account": account.pk, "text": "Bonjour."} | changes
    )
    return [plain(sentence) for sentence in response.json()["rulings"]]


def test_check_says_what_is_to_settle(as_member, post, account):
    make_policy(longest=3, length_passes="comms")
    assert check(as_member, post, account) == [
        "À régler : Sur LinkedIn, peu de gens lisent aussi loin : au plus 3 caractères comme le réseau les compte, et ce texte en a 8. Gardez une seule idée : il y a 5 caractères à enlever."
    ]


def test_check_gives_advice_as_advice(as_member, post, account):
    make_policy(shortest=10)
    assert check(as_member, post, account) == [
        "Sur LinkedIn, on attend du contenu de fond : au moins 10 caractères comme le réseau les compte, et ce texte en a 8. Ajoutez un moment, un lieu, un exemple : il manque 2 caractères."
    ]


def test_check_says_nothing_where_all_is_well(as_member, post, account):
    assert check(as_member, post, account) == []


def test_check_goes_by_the_moment_that_is_typed(as_member, post, member, account):
    make_policy(spacing_hours="2")
    local = timezone.localtime(
        factories.make_post("draft", comms=member, publish_at=post.publish_at + timedelta(days=3)).publish_at
    )
    near = check(as_member, post, account, day=f"{local:%Y-%m-%d}", time=f"{local:%H:%M}")
    assert (len(near), check(as_member, post, account)) == (1, [])


@pytest.mark.parametrize("typed_moment", [{}, {"day": "nonsense", "time": "25:00"}, {"day": "2027-03-02"}])
def test_check_goes_by_the_saved_moment_where_none_is_typed(typed_moment, as_member, post, member, account):
    make_policy(spacing_hours="2")
    factories.make_post("draft", comms=member, publish_at=post.publish_at)
    assert len(check(as_member, post, account, **typed_moment)) == 1


def test_check_does_not_repeat_what_was_let_pass(as_member, too_long, account, member):
    actions.exempt(too_long, verdicts(too_long)[0], reason=BECAUSE, by=member.user)
    assert check(as_member, too_long, account) == []


# The staff's page ---------------------------------------------------------------------------------------


def review_url(post):
    return reverse("admin:posts_post_review", args=[post.pk])


def exempt_url(post):
    return reverse("admin:posts_post_exempt", args=[post.pk])


def test_review_lists_it_as_an_obstacle_and_offers_to_let_it_pass(desk, asked):
    review = desk.get(review_url(asked)).context["review"]
    assert (len(review.obstacles), review.can_approve, review.standing.cases[0].form is not None) == (
        1,
        False,
        True,
    )


def test_staff_let_it_pass_and_then_approve(desk, asked, staff):
    response = desk.post(exempt_url(asked), typed(asked), follow=True)
    assert response.redirect_chain == [(review_url(asked), 302)]
    assert (response.context["review"].can_approve, Exemption.objects.get().by) == (True, staff)


def test_staff_are_asked_again_for_a_reason(desk, asked):
    response = desk.post(exempt_url(asked), typed(asked, reason=""))
    form = response.context["review"].standing.cases[0].form
    assert (response.status_code, list(form.errors), Exemption.objects.count()) == (422, ["reason"], 0)


def test_review_offers_nothing_where_nobody_may_let_it_pass(desk, post, member):
    asked = actions.ask_review(post, read=post.version, by=member.user)
    make_policy(longest=3, length_passes="nobody")
    response = desk.get(review_url(asked))
    assert response.context["review"].standing.cases[0].form is None
    assert "Personne ne peut passer outre." in response.content.decode()
    assert desk.post(exempt_url(asked), typed(asked)).status_code == 403


def test_desk_takes_reasons_by_post_and_from_staff_only(client, staff, member, asked):
    client.force_login(member.user)
    assert client.post(exempt_url(asked), typed(asked)).status_code == 302
    client.force_login(staff)
    assert (client.get(exempt_url(asked)).status_code, Exemption.objects.count()) == (405, 0)


def test_several_decided_at_once_leave_out_what_is_against_a_rule(desk, asked):
    offered = desk.get(reverse("admin:posts_post_decide"), {"decision": "approve", "ids": asked.pk}).context[
        "offered"
    ]
    assert offered == []

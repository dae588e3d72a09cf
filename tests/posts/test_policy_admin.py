"""The school's rules on the staff's desk: read, changed, refused where they contradict themselves or the network."""

import pytest
from django.db import IntegrityError
from django.urls import reverse

from posts.models import ChannelPolicy
from tests import factories
from tests.posts.policies import begin_with_defaults, make_policy, plain

pytestmark = pytest.mark.django_db
LIST = "admin:posts_channelpolicy_changelist"


@pytest.fixture(autouse=True)
def _defaults(db):
    begin_with_defaults()


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def policy(db):
    return make_policy("x", longest=200)


def change_url(policy):
    return reverse("admin:posts_channelpolicy_change", args=[policy.pk])


def typed(policy, **changes):
    """What the browser sends from the form of that row."""
    names = [field.name for field in ChannelPolicy._meta.fields if field.name != "id"]
    values = {name: getattr(policy, name) for name in names} | changes
    boxes = ("picture_required", "links_allowed", "live_in_windows")
    return {
        name: "on" if name in boxes else value
        for name, value in values.items()
        if value is not None and not (name in boxes and not value)
    }


def errors(response):
    return {
        name: [plain(error) for error in found]
        for name, found in response.context["adminform"].form.errors.items()
    }


@pytest.mark.parametrize("more", [0, 2])
def test_list_costs_the_same_for_more_rows(more, desk, django_assert_num_queries):
    for number in range(more):
        make_policy(account=factories.make_account(name=f"Page {number}"))
    desk.get(reverse(LIST))
    with django_assert_num_queries(7):
        response = desk.get(reverse(LIST))
    assert response.context["cl"].result_count == 5 + more


def test_staff_change_a_rule_and_the_next_text_is_held_against_it(desk, policy):
    response = desk.post(
        change_url(policy), typed(policy, longest=120, kinds=["event"], length_passes="staff")
    )
    policy.refresh_from_db()
    assert (response.status_code, policy.longest, policy.kinds, policy.length_passes) == (
        302,
        120,
        ["event"],
        "staff",
    )


def test_form_shows_the_kinds_that_are_allowed(desk, policy):
    form = desk.get(change_url(policy)).context["adminform"].form
    assert form["kinds"].value() == policy.kinds


TOO_MUCH = "X n’accepte pas plus de 280 : écrivez au plus ce nombre."
CROSSED = "« Au plus » est inférieur à « au moins » : aucun texte ne peut respecter les deux. Corrigez l’un des deux."
WRONG = {
    "crossed lengths": ({"shortest": 100, "longest": 99}, {"longest": [CROSSED]}),
    "crossed hashtags": ({"fewest_hashtags": 3, "most_hashtags": 2}, {"most_hashtags": [CROSSED]}),
    "more than the network takes": ({"longest": 281}, {"longest": [TOO_MUCH]}),
    "at least more than it takes": (
        {"shortest": 281, "longest": ""},
        {"shortest": [TOO_MUCH]},
    ),
    "no kind at all": (
        {"kinds": []},
        {"kinds": ["Cochez au moins un type de contenu qui peut être publié ici."]},
    ),
    "a second row for the network": (
        {"network": "mastodon"},
        {"__all__": ["Ce réseau a déjà sa ligne éditoriale : modifiez-la, ou choisissez une page."]},
    ),
    "a negative spacing": (
        {"spacing_hours": "-1"},
        {"spacing_hours": ["Assurez-vous que cette valeur est supérieure ou égale à 0."]},
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_rule_that_cannot_be_is_asked_again_and_nothing_is_lost(case, desk, policy):
    changes, expected = WRONG[case]
    response = desk.post(change_url(policy), typed(policy, sentence="Ce que je viens d’écrire.", **changes))
    assert errors(response) == expected
    assert response.context["adminform"].form["sentence"].value() == "Ce que je viens d’écrire."
    policy.refresh_from_db()
    assert policy.sentence == "Pour les essais."


@pytest.mark.parametrize(
    "changes", [{"shortest": 200, "longest": 200}, {"longest": 280}, {"longest": "", "shortest": ""}]
)
def test_rule_at_its_limits_is_taken(changes, desk, policy):
    assert desk.post(change_url(policy), typed(policy, **changes)).status_code == 302


def test_page_of_another_network_is_refused(desk, policy, account):
    response = desk.post(change_url(policy), typed(policy, account=account.pk))
    assert errors(response) == {
        "account": ["Cette page est sur un autre réseau : choisissez ce réseau, ou une autre page."]
    }


def test_page_gets_a_row_of_its_own(desk, account):
    add = reverse("admin:posts_channelpolicy_add")
    row = typed(ChannelPolicy.objects.get(network="linkedin"), account=account.pk, longest=900)
    assert desk.post(add, row).status_code == 302
    assert account.policy.longest == 900


@pytest.mark.parametrize("is_own, status", [(True, 200), (False, 403)])
def test_row_of_one_page_can_go_and_that_of_a_network_stays(is_own, status, desk, account):
    policy = make_policy(account=account if is_own else None)
    url = reverse("admin:posts_channelpolicy_delete", args=[policy.pk])
    assert desk.get(url).status_code == status


@pytest.mark.parametrize("name", ["member", "student"])
def test_nobody_but_staff_opens_the_rules(name, request, client, policy):
    client.force_login(request.getfixturevalue(name).user)
    assert client.get(change_url(policy)).status_code == 302


def test_database_refuses_what_contradicts_itself(db):
    with pytest.raises(IntegrityError):
        ChannelPolicy.objects.filter(network="x").update(shortest=300, longest=200)

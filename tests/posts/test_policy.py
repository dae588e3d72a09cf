"""The school's rules for its pages: each one, on both sides of where it begins, with its sentence; whose rule counts; what it costs."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from posts import actions
from posts.actions.writing import opening_words
from posts.models import ChannelPolicy, Event, Kind, Passes, Post
from posts.policy import Sheet, policies_for, rulings, rulings_by_page
from posts.policy_words import in_words
from posts.rulings import Who
from tests import factories
from tests.posts.policies import begin_with_defaults, make_policy, plain

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2027, 3, 2, 12, tzinfo=PARIS)
"""A Tuesday."""
HOUR = timedelta(hours=1)
HUNDRED = "mots " * 19 + "moins"
ALL_BUT_LIVE = [kind for kind in Kind.values if kind != "live"]


@pytest.fixture(autouse=True)
def _french():
    with translation.override("fr"):
        yield


@pytest.fixture(autouse=True)
def _defaults(db):
    begin_with_defaults()


@pytest.fixture
def post(promotion):
    """Not even saved: nothing but what is typed is asked about."""
    return Post(promotion=promotion)


@pytest.fixture
def other(member, account):
    """Another one on the same page, at noon."""
    portrait = factories.make_portrait(
        "signed",
        student=factories.make_student(member.promotion, first_name="Ana", last_name="Diaz"),
        comms=member,
    )
    return factories.make_post("draft", portrait=portrait, comms=member, publish_at=NOON)


@pytest.fixture
def congress(db):
    return Event.objects.create(name="Congrès", starts_at=NOON, ends_at=NOON + 4 * HOUR)


def page_on(network, account):
    return account if network == account.network else factories.make_account(network=network)


def asked(post, account, text="", kind="portrait", has_picture=True, moment=None):
    """(rule, who may let it pass, sentence, advice) of each ruling."""
    post.kind = kind
    found = rulings_by_page(post, [Sheet(account, text, has_picture, moment)])[account.pk]
    return [(one.rule, one.who.value, plain(one.sentence), plain(one.advice)) for one in found]


# Each rule ------------------------------------------------------------------------------------------

CASES = {
    "kind that is not for this page": (
        ("x", {"kinds": ["event"], "audience": "live"}, {"kind": "portrait"}),
        (
            "kind",
            "comms",
            "Sur X, l’école ne publie pas ce type de contenu (portrait) : la page est surtout lue par les personnes qui suivent un évènement en direct.",
            "Laissez cette page de côté. Ce type de contenu a sa place ici : Bluesky, Facebook, LinkedIn, Mastodon.",
        ),
    ),
    "kind that is": (("x", {"kinds": ["event"]}, {"kind": "event"}), None),
    "a character too few": (
        ("linkedin", {"shortest": 101}, {"text": HUNDRED}),
        (
            "too-short",
            "advice",
            "Sur LinkedIn, on attend du contenu de fond : au moins 101 caractères comme le réseau les compte, et ce texte en a 100.",
            "Ajoutez un moment, un lieu, un exemple : il manque 1 caractère.",
        ),
    ),
    "just long enough": (("linkedin", {"shortest": 100}, {"text": HUNDRED}), None),
    "nothing written yet": (("linkedin", {"shortest": 100}, {"text": "  "}), None),
    "two characters too many, in passing": (
        ("x", {"longest": 98, "audience": "live"}, {"text": HUNDRED}),
        (
            "too-long",
            "advice",
            "Sur X, on publie court, car on y lit en passant : au plus 98 caractères comme le réseau les compte, et ce texte en a 100.",
            "Gardez une seule idée : il y a 2 caractères à enlever.",
        ),
    ),
    "a character too many, for those who read": (
        ("facebook", {"longest": 99, "audience": "everyone"}, {"text": HUNDRED}),
        (
            "too-long",
            "advice",
            "Sur Facebook, peu de gens lisent aussi loin : au plus 99 caractères comme le réseau les compte, et ce texte en a 100.",
            "Gardez une seule idée : il y a 1 caractère à enlever.",
        ),
    ),
    "just short enough": (("x", {"longest": 100}, {"text": HUNDRED}), None),
    "an address counts as on that network": (
        ("x", {"longest": 23}, {"text": f"https://www.example.org/{'a' * 60}"}),
        None,
    ),
    "longer than the network takes, which it says itself": (
        ("x", {"longest": 100}, {"text": "mots " * 60}),
        None,
    ),
    "no picture": (
        ("facebook", {"picture_required": True}, {"has_picture": False}),
        (
            "picture",
            "comms",
            "Sur Facebook, une publication sans image passe inaperçue : l’école en demande une.",
            "Ajoutez une image ou un document, ou laissez cette page de côté.",
        ),
    ),
    "a picture": (("facebook", {"picture_required": True}, {"has_picture": True}), None),
    "no picture where none is needed": (("facebook", {}, {"has_picture": False}), None),
    "a link": (
        ("linkedin", {"links_allowed": False}, {"text": "À lire (https://inet.example/module)."}),
        (
            "links",
            "comms",
            "Sur LinkedIn, l’école ne met pas de lien, pour qu’on lise sur place : https://inet.example/module",
            "Dites ce qu’il y a derrière le lien, et retirez-le.",
        ),
    ),
    "an address without its scheme": (
        ("bluesky", {"links_allowed": False}, {"text": "Voyez www.inet.example"}),
        (
            "links",
            "comms",
            "Sur Bluesky, l’école ne met pas de lien, pour qu’on lise sur place : www.inet.example",
            "Dites ce qu’il y a derrière le lien, et retirez-le.",
        ),
    ),
    "no link": (("linkedin", {"links_allowed": False}, {"text": "Écrivez à l’école."}), None),
    "a link where links are welcome": (("linkedin", {}, {"text": "https://inet.example"}), None),
    "too few hashtags": (
        ("linkedin", {"fewest_hashtags": 2}, {"text": "Bonjour #INET"}),
        (
            "few-hashtags",
            "advice",
            "Sur LinkedIn, une publication a au moins 2 hashtags : c’est par là que les autres filières la trouvent et se joignent à elle.",
            "Ajoutez celui de la promotion, #Baker, ou celui de la filière.",
        ),
    ),
    "just enough hashtags": (("linkedin", {"fewest_hashtags": 1}, {"text": "Bonjour #INET"}), None),
    "too many hashtags": (
        ("mastodon", {"most_hashtags": 1}, {"text": "#INET #Eau #Ville"}),
        (
            "many-hashtags",
            "advice",
            "Sur Mastodon, un seul hashtag suffit : au-delà, le texte se lit comme de la publicité, et il en a 3.",
            "Retirez-en 2, et gardez celui de la promotion.",
        ),
    ),
    "as many hashtags as may be": (("mastodon", {"most_hashtags": 3}, {"text": "#INET #Eau #Ville"}), None),
    "a hashtag where there are none": (
        ("facebook", {"most_hashtags": 0}, {"text": "Bonjour #INET"}),
        (
            "many-hashtags",
            "advice",
            "Sur Facebook, l’école ne met pas de hashtag, et ce texte en a 1.",
            "Retirez tous les hashtags.",
        ),
    ),
    "an abbreviation before the general public": (
        ("facebook", {"audience": "everyone"}, {"text": "Notre DGS répond."}),
        (
            "abbreviations",
            "advice",
            "Sur Facebook, on s’adresse au grand public, et ce sigle n’est pas expliqué : DGS.",
            "Écrivez le nom en entier une fois, le sigle entre parenthèses.",
        ),
    ),
    "an abbreviation that is explained": (
        ("facebook", {"audience": "everyone"}, {"text": "Notre directrice générale (DGS) répond."}),
        None,
    ),
    "an abbreviation among people of the field": (
        ("linkedin", {"audience": "field"}, {"text": "Notre DGS répond."}),
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_rule_says_what_why_and_what_instead(case, post, account, member):
    (network, fields, sheet), expected = CASES[case]
    make_policy(network, **fields)
    post.promotion.hashtag = "#Baker"
    found = asked(post, page_on(network, account), **sheet)
    assert found == ([expected] if expected else [])


MOMENTS = {
    "too soon after": (timedelta(hours=2, minutes=29), {}, True),
    "too soon before": (timedelta(hours=-2, minutes=-29), {}, True),
    "at the same moment": (timedelta(), {}, True),
    "just far enough after": (timedelta(hours=2, minutes=30), {}, False),
    "just far enough before": (timedelta(hours=-2, minutes=-30), {}, False),
    "live follows its event": (timedelta(hours=1), {"kind": "live"}, False),
}


@pytest.mark.parametrize("case", MOMENTS)
def test_spacing_keeps_the_nearest_post_apart(case, post, other, account, congress):
    distance, sheet, is_against = MOMENTS[case]
    make_policy(spacing_hours="2.5")
    expected = (
        "spacing",
        "advice",
        "Sur LinkedIn, on laisse 2,5 heures entre deux publications pour que chacune soit lue, et « Portrait de Ana Diaz » part mardi 2 mars 2027 à 12 h.",
        "Choisissez un moment au plus tôt mardi 2 mars 2027 à 14 h 30.",
    )
    assert asked(post, account, moment=NOON + distance, **sheet) == ([expected] if is_against else [])


def test_spacing_asks_nothing_without_a_moment(post, other, account):
    make_policy(spacing_hours="2.5")
    assert asked(post, account, moment=None) == []


def test_spacing_does_not_count_what_is_cancelled(post, other, account, member):
    make_policy(spacing_hours="2.5")
    actions.cancel(other, by=member.user)
    assert asked(post, account, moment=NOON) == []


def test_spacing_looks_at_the_same_page_only(post, other):
    elsewhere = factories.make_account(name="Élèves de l’INET")
    make_policy(spacing_hours="2.5")
    assert asked(post, elsewhere, moment=NOON) == []


WINDOWS = {
    "at its beginning": (timedelta(), {}, "live", False),
    "before it": (timedelta(minutes=-1), {}, "live", True),
    "at its end": (timedelta(hours=4), {}, "live", True),
    "not live at all": (timedelta(hours=-5), {}, "event", False),
    "where live is free": (timedelta(hours=-5), {"live_in_windows": False}, "live", False),
}


@pytest.mark.parametrize("case", WINDOWS)
def test_live_leaves_during_an_event_only(case, post, congress):
    distance, fields, kind, is_against = WINDOWS[case]
    make_policy("x", **fields)
    found = asked(post, factories.make_account(network="x"), kind=kind, moment=NOON + distance)
    assert [(rule, who) for rule, who, _sentence, _advice in found] == (
        [("live", "staff")] if is_against else []
    )


def test_live_outside_an_event_says_what_to_do(post):
    make_policy("x")
    assert asked(post, factories.make_account(network="x"), kind="live", moment=NOON) == [
        (
            "live",
            "staff",
            "Sur X, le direct ne part que pendant un évènement, et le calendrier n’en a pas mardi 2 mars 2027 à 12 h.",
            "Choisissez un moment pendant l’évènement, ou demandez à l’équipe de l’école de l’inscrire au calendrier.",
        )
    ]


def test_live_does_not_count_another_promotions_event(post, congress):
    make_policy("x")
    congress.promotion = factories.make_promotion()
    congress.save()
    found = asked(post, factories.make_account(network="x"), kind="live", moment=NOON)
    assert [rule for rule, *_rest in found] == ["live"]


WEIGHTS = {
    "kind": ("kinds_passes", {"kinds": ["event"]}, {}),
    "too-short": ("length_passes", {"shortest": 9}, {"text": "Court."}),
    "too-long": ("length_passes", {"longest": 3}, {"text": "Long."}),
    "picture": ("picture_passes", {"picture_required": True}, {"has_picture": False}),
    "links": ("links_passes", {"links_allowed": False}, {"text": "https://a.example"}),
    "few-hashtags": ("hashtags_passes", {"fewest_hashtags": 1}, {"text": "Rien."}),
    "many-hashtags": ("hashtags_passes", {"most_hashtags": 0}, {"text": "#INET"}),
    "spacing": ("spacing_passes", {"spacing_hours": "1"}, {"moment": NOON}),
    "live": ("live_passes", {}, {"kind": "live", "moment": NOON}),
    "abbreviations": ("audience_passes", {"audience": "everyone"}, {"text": "Le DGS."}),
}


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize("rule", WEIGHTS)
def test_staff_decide_of_each_rule_who_may_let_pass(rule, who, post, other, account):
    field, fields, sheet = WEIGHTS[rule]
    make_policy(**fields | {field: who.value})
    assert [(name, passes) for name, passes, *_words in asked(post, account, **sheet)] == [(rule, who.value)]


def test_form_offers_each_who():
    assert Passes.values == [who.value for who in Who]


def test_kind_that_is_for_no_page_says_to_leave_it_out(post, account):
    ChannelPolicy.objects.exclude(network="linkedin").delete()
    make_policy(kinds=["event"])
    assert asked(post, account)[0][3] == "Laissez cette page de côté."


def test_promotion_without_hashtag_is_not_named(post, account):
    make_policy(fewest_hashtags=1)
    post.promotion.hashtag = ""
    assert (
        asked(post, account, text="Bonjour")[0][3] == "Ajoutez celui de la promotion ou celui de la filière."
    )


# Which case ---------------------------------------------------------------------------------------


def about(post, account, **sheet):
    moment = sheet.pop("moment", None)
    sheets = [Sheet(account, sheet.pop("text", ""), True, moment)]
    return [one.about for one in rulings_by_page(post, sheets)[account.pk]]


def test_another_link_is_another_case(post, account):
    make_policy(links_allowed=False)
    one, same, two = (
        about(post, account, text=text)
        for text in ("https://a.example", "Là : https://a.example.", "https://a.example https://b.example")
    )
    assert (one == same, one == two) == (True, False)


def test_other_words_are_the_same_case(post, account):
    make_policy(longest=3)
    assert about(post, account, text="Longs.") == about(post, account, text="Bien trop longs.")


def test_another_post_beside_it_is_another_case(post, other, account):
    make_policy(spacing_hours="2")
    assert about(post, account, moment=NOON) == [f"{account.pk}:{other.pk}"]


# Whose rule counts --------------------------------------------------------------------------------


def test_page_without_a_row_of_its_own_follows_its_network(account):
    assert policies_for([account])[account.pk].account is None


def test_page_with_a_row_of_its_own_follows_that_alone(post, account):
    make_policy(longest=3)
    make_policy(account=account, shortest=50)
    assert [rule for rule, *_rest in asked(post, account, text="Bonjour.")] == ["too-short"]


def test_row_of_one_page_leaves_the_others_alone(post, account):
    make_policy()
    make_policy(account=account, longest=3)
    other_page = factories.make_account(name="Élèves de l’INET")
    assert asked(post, other_page, text="Bonjour.") == []


def test_network_without_any_row_asks_nothing(post, account):
    ChannelPolicy.objects.all().delete()
    assert asked(post, account, text="Court.", has_picture=False, kind="live") == []


def test_two_pages_of_one_network_are_told_apart(post, account):
    make_policy(longest=3)
    other_page = factories.make_account(name="Élèves")
    sheets = [Sheet(one, "Bonjour.", True, None) for one in (account, other_page)]
    said = [one.sentence.split(",")[0] for found in rulings_by_page(post, sheets).values() for one in found]
    assert said == ["Sur LinkedIn · INET", "Sur LinkedIn · Élèves"]


# What the school begins with ------------------------------------------------------------------------

TAKES = {
    "linkedin": set(ALL_BUT_LIVE),
    "facebook": set(ALL_BUT_LIVE) - {"module", "article"},
    "x": set(Kind.values) - {"module", "article", "follow_up"},
    "mastodon": set(Kind.values) - {"article", "follow_up"},
    "bluesky": set(Kind.values) - {"article", "follow_up"},
}


@pytest.mark.parametrize("network", TAKES)
def test_school_begins_with_each_networks_own_use(network):
    policy = ChannelPolicy.objects.get(network=network)
    policy.full_clean()
    assert set(policy.kinds) == TAKES[network]


@pytest.mark.parametrize("network", TAKES)
def test_portrait_as_it_begins_is_stopped_nowhere(network, post, other, account):
    page = page_on(network, account)
    found = asked(post, page, text=opening_words(other.portrait, page), moment=NOON)
    assert [one for one in found if one[1] != "advice"] == []


def test_page_says_what_the_school_asks():
    assert [plain(line) for line in in_words(ChannelPolicy.objects.get(network="linkedin"))] == [
        "Contenus : portrait, module de formation, table ronde, évènement, article avec un document, annonce, passe-balle, suite d’un portrait.",
        "De 300 à 2200 caractères.",
        "Une image ou un document est nécessaire.",
        "De 1 à 5 hashtags.",
        "20 heures entre deux publications.",
    ]


def test_page_says_what_it_does_not_ask(db):
    policy = make_policy("x", longest=200, links_allowed=False, most_hashtags=0, spacing_hours="0.5")
    assert in_words(policy)[1:] == [
        "Au plus 200 caractères.",
        "Avec ou sans image.",
        "Pas de lien.",
        "Pas de hashtag.",
        "30 minutes entre deux publications.",
        "Le direct pendant un évènement seulement.",
    ]


# A saved post -------------------------------------------------------------------------------------


def test_rulings_are_those_of_the_saved_words_and_moment(other, account, member):
    make_policy(longest=3, spacing_hours="1")
    near = factories.make_post("draft", comms=member, publish_at=NOON)
    assert [(one.rule, one.about) for one in rulings(other)] == [
        ("too-long", str(account.pk)),
        ("spacing", f"{account.pk}:{near.pk}"),
    ]


@pytest.mark.parametrize("pages", [1, 3])
def test_rulings_cost_the_same_for_one_page_and_three(pages, member, account, django_assert_num_queries):
    for number in range(pages - 1):
        factories.make_account(name=f"Page {number}")
    make_policy(longest=3, spacing_hours="40")
    near = factories.make_post("draft", comms=member)
    post = factories.fresh(factories.make_post("draft", comms=member, publish_at=near.publish_at))
    with django_assert_num_queries(4):
        found = rulings(post)
    assert [one.rule for one in found] == ["too-long", "spacing"] * pages

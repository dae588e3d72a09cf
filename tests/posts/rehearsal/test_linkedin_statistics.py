"""The rehearsal network holds to LinkedIn's contract: figures of posts and pages. Each check is numbered as in the contract."""

import pytest

from tests.posts.rehearsal.wire import PAGE, Wire, encoded, problem

SHARES = (
    f"/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={encoded(PAGE)}"
)
MIDNIGHT = 1_795_478_400_000
DAY = 86_400_000


def told(wire, urn, **figures):
    wire.server.linkedin.told("figures", {"urn": urn, **figures})


def intervals(start=MIDNIGHT, end=MIDNIGHT + DAY, granularity="DAY"):
    return f"&timeIntervals=(timeRange:(start:{start},end:{end}),timeGranularityType:{granularity})"


def test_figures_of_one_post(wire):
    urn, other = wire.created(), wire.created(commentary="Autre")
    told(wire, urn, impressionCount=200, likeCount=8, clickCount=2)
    told(wire, other, impressionCount=7)
    (element,) = wire.call("GET", f"{SHARES}&shares=List({encoded(urn)})").json()["elements"]
    assert element == {
        "organizationalEntity": PAGE,
        "share": urn,
        "totalShareStatistics": {
            "impressionCount": 200,
            "uniqueImpressionsCount": 0,
            "clickCount": 2,
            "likeCount": 8,
            "commentCount": 0,
            "shareCount": 0,
            "engagement": 0.05,
        },
    }


def test_posts_without_activity_are_left_out(wire):
    urns = [wire.created(commentary=f"Bonjour {number}") for number in range(2)]
    told(wire, urns[1], impressionCount=1)
    found = wire.call("GET", f"{SHARES}&shares=List({','.join(map(encoded, urns))})").json()["elements"]
    assert [element["share"] for element in found] == [urns[1]]


def test_posts_of_somebody_else_are_left_out(server, wire):
    other = Wire(server, organization="2002", name="Autre")
    urn = other.created(author="urn:li:organization:2002")
    told(wire, urn, impressionCount=5)
    assert wire.call("GET", f"{SHARES}&shares=List({encoded(urn)})").json()["elements"] == []


def test_figures_of_the_page_are_the_sum(wire):
    for number in range(3):
        told(wire, wire.created(commentary=f"Bonjour {number}"), impressionCount=10)
    (element,) = wire.call("GET", SHARES).json()["elements"]
    assert element["totalShareStatistics"]["impressionCount"] == 30


def test_36_figures_of_the_page_by_day(wire):
    told(wire, wire.created(), impressionCount=10)
    (post,) = wire.ledger.posts()
    start = int(post["created"] // 86_400 * DAY)
    today, earlier = (
        wire.call("GET", SHARES + intervals(day, day + DAY)).json()["elements"][0]
        for day in (start, start - DAY)
    )
    assert [day["totalShareStatistics"]["impressionCount"] for day in (today, earlier)] == [10, 0]


@pytest.mark.parametrize(
    "asked",
    [
        intervals(start=MIDNIGHT + 1),
        intervals(end=MIDNIGHT + 3_600_000),
        intervals(granularity="HOUR"),
        intervals().replace(f"start:{MIDNIGHT},", ""),
        "&timeIntervals=yesterday",
    ],
    ids=["start", "end", "granularity", "no start", "words"],
)
def test_36_intervals_begin_and_end_at_midnight(wire, asked):
    response = wire.call("GET", SHARES + asked)
    assert (problem(response), response.json()["message"], wire.breaches()) == (
        (400, "ILLEGAL_ARGUMENT"),
        "Parameter 'timeIntervals' is invalid",
        [(36, "time-intervals")],
    )


def test_35_parentheses_of_intervals_stand_unencoded(wire):
    response = wire.call("GET", SHARES + intervals().replace("(", "%28").replace(")", "%29"))
    assert (problem(response), response.json()["message"]) == (
        (400, "ILLEGAL_ARGUMENT"),
        "Parameter 'timeIntervals' is invalid",
    )


@pytest.mark.parametrize("asked", ["shares=List(urn:li:share:7)", "shares=urn%3Ali%3Ashare%3A7"])
def test_35_list_has_its_form(wire, asked):
    response = wire.call("GET", f"{SHARES}&{asked}")
    assert (problem(response), wire.breaches()[0][0]) == ((400, "ILLEGAL_ARGUMENT"), 35)


def test_37_list_does_not_go_with_intervals(wire):
    response = wire.call("GET", SHARES + "&shares=List(urn%3Ali%3Ashare%3A7)" + intervals())
    assert (problem(response), wire.breaches()) == (
        (400, "ILLEGAL_ARGUMENT"),
        [(37, "list-with-intervals")],
    )


def test_37_restricted_app_may_not_ask_for_posts(wire):
    wire.ledger.set_faults("linkedin", [{"name": "shares-restricted"}])
    response = wire.call("GET", SHARES + "&shares=List(urn%3Ali%3Ashare%3A7)")
    assert (problem(response), wire.breaches()) == ((403, "ACCESS_DENIED"), [])
    assert response.json()["message"].startswith("Unpermitted fields present in PARAMETER")


def test_37_list_is_of_its_own_kind(wire):
    response = wire.call("GET", SHARES + "&shares=List(urn%3Ali%3AugcPost%3A7)")
    assert wire.breaches() == [(37, "list-of-another-kind")]
    assert response.status_code == 400


def test_37_dialect_of_other_programs_is_refused(wire):
    response = wire.call("GET", SHARES + "&shares[0]=urn%3Ali%3Ashare%3A7")
    assert (problem(response), wire.breaches()) == ((403, "ACCESS_DENIED"), [(37, "unknown-parameter")])


@pytest.mark.parametrize(
    "grant", [{"role": "CONTENT_ADMIN"}, {"scopes": "w_organization_social r_organization_social"}]
)
def test_statistics_are_for_administrators(server, grant):
    assert problem(Wire(server, **grant).call("GET", SHARES)) == (403, "ACCESS_DENIED")


def test_live_counts_of_a_post(wire):
    urn = wire.created()
    told(wire, urn, likeCount=3, commentCount=1)
    data = wire.call("GET", f"/rest/socialActions/{encoded(urn)}").json()
    assert (data["likesSummary"]["totalLikes"], data["commentsSummary"]["aggregatedTotalComments"]) == (3, 1)


def test_live_counts_of_what_is_gone(wire):
    urn = wire.created()
    wire.call("DELETE", f"/rest/posts/{encoded(urn)}", restli="DELETE")
    assert problem(wire.call("GET", f"/rest/socialActions/{encoded(urn)}")) == (404, "NOT_FOUND")


def test_figure_that_is_none_is_told_so(wire):
    with pytest.raises(KeyError):
        told(wire, wire.created(), stars=5)

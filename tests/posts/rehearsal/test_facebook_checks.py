"""The rehearsal network holds to Facebook's contract: who may call, and how. Each check is numbered as in the contract."""

import pytest
import requests

from tests.posts.rehearsal.facebook_wire import PAGE, FacebookWire, problem, usage

DAY = 86_400


@pytest.fixture
def wire(server):
    return FacebookWire(server)


@pytest.fixture
def person(server):
    return FacebookWire(server, kind="user", pages={PAGE: ["CREATE_CONTENT", "ANALYZE"]})


# 1-10: tokens, proofs, rights ---------------------------------------------------------------------


def test_1_pages_without_a_token(wire):
    response = wire.call("GET", "/me/accounts", headers={"Authorization": None})
    assert (problem(response), wire.breaches()) == ((2500, None), [(1, "no-token")])
    text = "An active access token must be used to query information about the current user."
    assert response.json()["error"]["message"] == text


def test_2_malformed_token(wire):
    assert problem(wire.call("GET", f"/{PAGE}", token="nonsense")) == (190, None)


def test_3_expired_token(wire):
    token = wire.there.told("token", {"expires_in": 60})["access_token"]
    wire.ledger.turn(clock_offset=61)
    assert problem(wire.call("GET", f"/{PAGE}", token=token)) == (190, 463)


@pytest.mark.parametrize(
    ("why", "subcode"), [("password-changed", 460), ("app-removed", 458)], ids=["4", "5"]
)
def test_4_5_token_that_was_ended(wire, why, subcode):
    wire.there.told("revoke", {"token": wire.token, "why": why})
    assert problem(wire.create()) == (190, subcode)


def test_6_no_proof_although_the_app_requires_it(wire):
    response = wire.call("GET", f"/{PAGE}", proof="")
    assert (problem(response), response.json()["error"]["type"]) == ((100, None), "GraphMethodException")
    text = "API calls from the server require an appsecret_proof argument"
    assert (response.json()["error"]["message"], wire.breaches()) == (text, [(6, "no-proof")])


def test_6_proof_is_not_needed_where_the_app_does_not_ask(wire):
    wire.there.told("app", {"proof_required": "no"})
    assert (wire.call("GET", f"/{PAGE}", proof="").status_code, wire.breaches()) == (200, [])


def test_7_proof_of_another_token(wire, person):
    response = wire.call("GET", f"/{PAGE}", proof=person.proof())
    text = "Invalid appsecret_proof provided in the API argument"
    assert (response.json()["error"]["message"], wire.breaches()) == (text, [(7, "wrong-proof")])


@pytest.mark.parametrize("where", ["json", "data"])
def test_7_proof_counts_in_a_body_too(wire, where):
    body = {"message": "Bonjour", "appsecret_proof": wire.proof()}
    response = wire.call("POST", f"/{PAGE}/feed", proof="", **{where: body})
    assert (response.status_code, "appsecret_proof" in wire.posts()[0]["body"]) == (200, False)


def test_8_token_of_a_person_does_not_publish(person):
    assert (problem(person.create()), person.breaches()) == ((200, None), [(8, "token-of-a-person")])


def test_8_token_of_another_page_does_not_publish(server):
    other = FacebookWire(server, page="2002")
    other.there.told("page", {"id": PAGE})
    assert (problem(other.create()), other.posts()) == ((200, None), [])


def test_9_posting_scope_is_missing(server):
    wire = FacebookWire(server, scopes="pages_read_engagement")
    assert (problem(wire.create()), wire.posts()) == ((200, None), [])


def test_9_reading_scope_is_missing(server):
    wire = FacebookWire(server, scopes="pages_manage_posts")
    urn = wire.created()
    answers = [wire.listed(), wire.call("GET", f"/{urn}")]
    assert [problem(answer) for answer in answers] == [(10, None), (10, None)]


def test_10_task_is_missing(server):
    wire = FacebookWire(server, tasks=["ANALYZE", "MODERATE"])
    assert (problem(wire.create()), problem(wire.upload()), wire.posts()) == ((200, None), (200, None), [])


# 29-31: quotas ------------------------------------------------------------------------------------


def test_29_quota_is_told_with_every_answer(wire):
    assert usage(wire.call("GET", f"/{PAGE}")) == {
        "type": "pages",
        "call_count": 1,
        "total_cputime": 1,
        "total_time": 1,
        "estimated_time_to_regain_access": 0,
    }


def test_29_quota_that_is_full_says_minutes_and_no_retry_after(wire):
    wire.faults("quota", retry_after=1490)
    response = wire.create()
    assert (problem(response), usage(response)["call_count"]) == ((80001, None), 100)
    assert usage(response)["estimated_time_to_regain_access"] == 25
    assert ("Retry-After" in response.headers, wire.posts()) == (False, [])


def test_29_quota_of_a_person_is_the_apps(person):
    person.faults("quota")
    response = person.call("GET", "/me/accounts")
    assert (problem(response), "X-App-Usage" in response.headers) == ((4, None), True)


@pytest.mark.parametrize("code", [4, 17, 32, 613])
def test_30_throttled_on_creating(wire, code):
    wire.faults("throttled", code=code)
    assert (problem(wire.create()), wire.posts()) == ((code, None), [])


def test_31_blocked_on_creating(wire):
    wire.faults("blocked")
    assert (problem(wire.create()), wire.posts()) == ((368, 1390008), [])


# 32-37: lists and figures -------------------------------------------------------------------------


def test_32_limit_above_a_hundred(wire):
    assert (problem(wire.listed(limit=101)), wire.breaches()) == ((100, None), [(32, "limit")])


def test_32_limit_of_a_hundred(wire):
    assert wire.listed(limit=100).json() == {"data": []}


def paged(wire):
    for number in range(3):
        wire.created(message=f"Bonjour {number}")
    return wire.listed(limit=2).json()


def test_33_next_address_carries_the_token(wire):
    data = paged(wire)
    assert ([post["message"] for post in data["data"]], wire.token in data["paging"]["next"]) == (
        ["Bonjour 2", "Bonjour 1"],
        True,
    )


def test_33_next_address_may_lack_the_token(wire):
    wire.faults("bare-next")
    assert wire.token not in paged(wire)["paging"]["next"]


def test_33_list_goes_on_by_cursor(wire):
    after = paged(wire)["paging"]["cursors"]["after"]
    data = wire.listed(limit=2, after=after).json()
    assert ([post["message"] for post in data["data"]], "next" in data["paging"]) == (["Bonjour 0"], False)


def test_33_following_the_next_address_is_blamed(wire):
    response = requests.get(paged(wire)["paging"]["next"] + f"&appsecret_proof={wire.proof()}", timeout=10)
    assert (response.status_code, wire.breaches()) == (200, [(33, "token-in-an-address")])


@pytest.mark.parametrize("after", ["nonsense", "cm93IA==", "é"])
def test_33_cursor_that_is_none(wire, after):
    assert (problem(wire.listed(after=after)), wire.breaches()) == ((100, None), [(33, "cursor")])


@pytest.mark.parametrize("metric", ["page_fans", "page_impressions", "page_follows,page_impressions_unique"])
def test_34_one_dead_metric_kills_the_call(wire, metric):
    response = wire.call("GET", f"/{PAGE}/insights", params={"metric": metric})
    assert (problem(response), wire.breaches()) == ((100, None), [(34, "dead-metric")])
    assert response.json()["error"]["message"] == "(#100) The value must be a valid insights metric"


def test_34_dead_metric_of_a_post(wire):
    response = wire.call("GET", f"/{wire.created()}/insights", params={"metric": "post_impressions"})
    assert (problem(response), wire.breaches()) == ((100, None), [(34, "dead-metric")])


def test_35_no_metric(wire):
    response = wire.call("GET", f"/{PAGE}/insights")
    assert (problem(response), wire.breaches()) == ((3001, 1504028), [(35, "no-metric")])


@pytest.mark.parametrize(("days", "status"), [(90, 200), (91, 400)])
def test_36_span_of_at_most_ninety_days(wire, days, status):
    query = {"metric": "page_follows", "period": "day", "since": 1, "until": 1 + days * DAY}
    assert wire.call("GET", f"/{PAGE}/insights", params=query).status_code == status


@pytest.mark.parametrize(("followers", "entries"), [(99, 0), (100, 1)])
def test_37_small_page_has_no_figures(wire, followers, entries):
    wire.there.told("page", {"id": PAGE, "followers": followers})
    answers = [
        wire.call("GET", f"/{PAGE}/insights", params={"metric": "page_follows"}),
        wire.call("GET", f"/{wire.created()}/insights", params={"metric": "post_clicks"}),
    ]
    assert [(answer.status_code, len(answer.json()["data"])) for answer in answers] == [(200, entries)] * 2


@pytest.mark.parametrize("fault", ["", "total-value"])
def test_figures_of_a_post(wire, fault):
    urn = wire.created()
    wire.there.told("figures", {"post": urn, "views": 7})
    wire.faults(*filter(None, [fault]))
    (entry,) = wire.call("GET", f"/{urn}/insights", params={"metric": "post_media_view"}).json()["data"]
    assert (entry["total_value"] if fault else entry["values"][0]) == {"value": 7}


@pytest.mark.parametrize(
    "grant", [{"scopes": "pages_manage_posts,pages_read_engagement"}, {"tasks": ["CREATE_CONTENT"]}]
)
def test_figures_need_their_scope_and_task(server, grant):
    wire = FacebookWire(server, **grant)
    response = wire.call("GET", f"/{PAGE}/insights", params={"metric": "page_follows"})
    assert problem(response) == (200, None)


# 44, 45: versions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "status"), [("v26.0", 400), ("v25.0", 200)])
def test_44_date_format_ended_with_v26(wire, version, status):
    response = wire.call("GET", f"/{PAGE}", version=version, params={"date_format": "U"})
    assert response.status_code == status


@pytest.mark.parametrize(("version", "served"), [("v20.0", "v21.0"), ("v3.2", "v21.0"), ("v23.0", "v23.0")])
def test_45_version_that_ended_is_served_by_the_next(wire, version, served):
    response = wire.call("GET", f"/{PAGE}", version=version)
    assert (response.status_code, response.headers["facebook-api-version"]) == (200, served)


def test_45_version_that_is_not_there_yet(wire):
    response = wire.call("GET", f"/{PAGE}", version="v99.0")
    assert (problem(response), wire.breaches()) == ((2500, None), [(45, "unknown-version")])


def test_45_no_version_is_blamed(wire):
    response = wire.call("GET", f"/{PAGE}", version="")
    assert (response.status_code, wire.breaches()) == (200, [(45, "no-version")])


# What is not there --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/7"),
        ("GET", "/1001_7"),
        ("DELETE", "/7"),
        ("POST", "/1001/videos"),
        ("PUT", "/1001/feed"),
        ("GET", "/"),
        ("GET", "/1001/feed/x"),
    ],
)
def test_nothing_there(wire, method, path):
    assert problem(wire.call(method, path)) == (100, 33)


def test_page_gives_the_fields_asked_for(wire):
    data = wire.call("GET", f"/{PAGE}", params={"fields": "name,followers_count"}).json()
    assert data == {"id": PAGE, "name": "INET", "followers_count": 1200}


def test_unknown_field_kills_the_call(wire):
    response = wire.call("GET", f"/{PAGE}", params={"fields": "name,nickname"})
    assert (problem(response), wire.breaches()) == ((100, None), [(18, "unknown-field")])


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000])
def test_body_that_is_not_json(wire, body):
    headers = {"Content-Type": "application/json"}
    response = wire.call("POST", f"/{PAGE}/feed", data=body, headers=headers)
    assert (problem(response), wire.breaches()) == ((100, None), [(0, "invalid-json")])


@pytest.mark.parametrize(
    ("fault", "answer"),
    [("token-revoked", (190, 458)), ("token-expired", (190, 463)), ("scope-missing", (200, None))],
)
def test_access_fails_when_told(wire, fault, answer):
    wire.faults(fault)
    assert (problem(wire.create()), wire.create().status_code) == (answer, 200)


def test_what_no_test_may_ask(wire):
    with pytest.raises(KeyError):
        wire.there.told("weather", {})

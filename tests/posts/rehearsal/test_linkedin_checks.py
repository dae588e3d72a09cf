"""The rehearsal network holds to LinkedIn's contract: who may call, and how. Each check is numbered as in the contract."""

import socket

import pytest
import requests

from tests.posts.rehearsal.wire import PAGE, Door, Wire, body, encoded, problem

MIDNIGHT = 86_400


# 1-8, 44: versions and tokens ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "headers", "answer", "rule"),
    [
        (1, {"Linkedin_Version": None}, (400, "VERSION_MISSING"), "no-version"),
        (2, {"Linkedin_Version": "202609xx"}, (426, "NONEXISTENT_VERSION"), "malformed-version"),
        (3, {"X_Restli_Protocol_Version": None}, (400, "ILLEGAL_ARGUMENT"), "no-protocol-version"),
        (4, {"Authorization": None}, (401, "EMPTY_ACCESS_TOKEN"), "no-token"),
    ],
)
def test_call_without_its_headers_is_refused_and_blamed(wire, check, headers, answer, rule):
    response = wire.create(headers=headers)
    assert (problem(response), wire.breaches(), wire.ledger.posts()) == (answer, [(check, rule)], [])


@pytest.mark.parametrize("version", ["202511", "202512", "202510"])
def test_2_retired_version_is_refused_by_name(wire, version):
    response = wire.create(headers={"Linkedin_Version": version})
    assert problem(response) == (426, "NONEXISTENT_VERSION")
    assert response.json()["message"] == f"Requested version {version} is not active"


def test_5_unknown_token(wire):
    response = wire.create(headers={"Authorization": "Bearer AQunknown"})
    assert (response.status_code, response.json()["serviceErrorCode"]) == (401, 65600)


def test_6_revoked_token(wire):
    wire.server.linkedin.revoke(wire.token)
    response = wire.create()
    assert (problem(response), response.json()["serviceErrorCode"]) == (
        (401, "REVOKED_ACCESS_TOKEN"),
        65601,
    )


def test_7_token_past_sixty_days(wire):
    wire.ledger.turn(clock_offset=60 * 86_400 + 1)
    assert problem(wire.create()) == (401, "EXPIRED_ACCESS_TOKEN")


def test_7_token_on_its_last_day_works(wire):
    wire.ledger.turn(clock_offset=60 * 86_400 - 60)
    assert wire.create().status_code == 201


def test_8_fresh_token_is_refused_once_then_accepted(server):
    wire = Wire(server, fresh=1)
    first, second = wire.create(), wire.create()
    assert (first.status_code, first.json()["serviceErrorCode"], second.status_code) == (401, 65601, 201)


def test_44_other_scopes_end_the_members_earlier_grants(server):
    earlier = Wire(server, member="claire")
    Wire(server, member="claire", scopes="r_organization_social")
    assert problem(earlier.create()) == (401, "REVOKED_ACCESS_TOKEN")


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ({"name": "token-revoked"}, (401, "REVOKED_ACCESS_TOKEN")),
        ({"name": "token-expired"}, (401, "EXPIRED_ACCESS_TOKEN")),
        ({"name": "scope-missing"}, (403, "ACCESS_DENIED")),
    ],
)
def test_access_can_be_told_to_fail_once(wire, fault, answer):
    wire.ledger.set_faults("linkedin", [fault])
    assert (problem(wire.create()), wire.create().status_code) == (answer, 201)


def test_scope_can_be_told_to_be_missing(wire):
    wire.ledger.set_faults(
        "linkedin", [{"name": "scope-missing", "scope": "r_organization_social", "times": 0}]
    )
    assert (wire.create().status_code, problem(wire.find())) == (201, (403, "ACCESS_DENIED"))


# 9-16, 19: who may post, and what -----------------------------------------------------------------


def test_9_posting_scope_is_missing(server):
    wire = Wire(server, scopes="r_organization_social")
    response = wire.create()
    assert (response.status_code, response.json()["serviceErrorCode"]) == (403, 100)
    assert response.json()["message"] == "Not enough permissions to access: partnerApiPostsExternal.CREATE"


@pytest.mark.parametrize("role", ["", "ANALYST", "LEAD_GEN_FORMS_MANAGER"])
def test_10_role_does_not_post(server, role):
    assert problem(Wire(server, role=role).create()) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize(
    "role", ["ADMINISTRATOR", "CONTENT_ADMIN", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER"]
)
def test_10_role_posts(server, role):
    assert Wire(server, role=role).create().status_code == 201


def test_10_page_of_somebody_else(wire):
    assert problem(wire.create(author="urn:li:organization:2002")) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize(
    ("check", "changes", "rule", "field"),
    [
        (11, {"scheduledAt": 1}, "unknown-field", "scheduledAt"),
        (11, {"text": "Bonjour"}, "unknown-field", "text"),
        (11, {"commentary": 3}, "wrong-type", "commentary"),
        (11, {"content": {"article": {}, "media": {}}}, "content-union", "content"),
        (11, {"content": {"poll": {}}}, "content-union", "content"),
        (11, {"content": {"article": {"url": "https://a.example"}}}, "unknown-field", "content/article/url"),
        (11, {"content": {"media": {"id": "urn:li:image:1", "alt": "x"}}}, "unknown-field", "content/alt"),
        (11, {"distribution": {"feedDistribution": "NONE", "at": 1}}, "unknown-field", "distribution/at"),
        (12, {"author": None}, "missing-field", "author"),
        (12, {"commentary": None}, "missing-field", "commentary"),
        (12, {"visibility": None}, "missing-field", "visibility"),
        (12, {"distribution": None}, "missing-field", "distribution"),
        (12, {"lifecycleState": None}, "missing-field", "lifecycleState"),
    ],
)
def test_body_of_the_wrong_shape(wire, check, changes, rule, field):
    response = wire.create(**changes)
    assert (response.status_code, wire.breaches()) == (422, [(check, rule)])
    assert response.json()["message"].startswith(f"ERROR :: /{field} :: ")


@pytest.mark.parametrize(
    ("check", "changes", "answer", "rule"),
    [
        (13, {"lifecycleState": "DRAFT"}, "INVALID_VALUE_FOR_FIELD", "lifecycle-state"),
        (14, {"visibility": "EVERYONE"}, "INVALID_VALUE_FOR_FIELD", "visibility"),
        (14, {"distribution": {"feedDistribution": "ALL"}}, "INVALID_VALUE_FOR_FIELD", "feed-distribution"),
        (15, {"author": "1001"}, "INVALID_URN_TYPE", "author-is-no-urn"),
        (15, {"author": "urn:li:share:1"}, "INVALID_URN_TYPE", "author-is-no-urn"),
        (15, {"author": f"urn:li:organization:{PAGE}"}, "INVALID_URN_ID", "author-urn-id"),
        (16, {"commentary": "a" * 3001}, "FIELD_LENGTH_TOO_LONG", "text-too-long"),
        (16, {"commentary": "🎓" * 1501}, "FIELD_LENGTH_TOO_LONG", "text-too-long"),
    ],
)
def test_value_that_is_not_allowed(wire, check, changes, answer, rule):
    response = wire.create(**changes)
    assert (problem(response), wire.breaches()) == ((400, answer), [(check, rule)])


def test_16_text_of_exactly_3000_is_taken(wire):
    assert wire.create(commentary="a" * 3000).status_code == 201


def test_19_body_that_is_not_sent_as_json(wire):
    response = wire.call("POST", "/rest/posts", b"author=x", Content_Type="application/x-www-form-urlencoded")
    assert (problem(response), wire.breaches()) == (
        (415, "UNSUPPORTED_MEDIA_TYPE"),
        [(19, "not-json")],
    )


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b'"text"', b"[" * 100_000])
def test_19_body_that_is_not_json(wire, data):
    response = wire.call("POST", "/rest/posts", data, Content_Type="application/json")
    assert (problem(response), wire.breaches()) == ((400, "ILLEGAL_ARGUMENT"), [(19, "invalid-json")])


# 35, 38, 40: paths, lists, quota ------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/rest/posts/urn:li:share:1", "/rest/images/urn:li:image:C4D1"])
def test_35_urn_in_a_path_must_be_encoded(wire, path):
    assert (problem(wire.call("GET", path)), wire.breaches()) == (
        (400, "ILLEGAL_ARGUMENT"),
        [(35, "unencoded-urn")],
    )


def test_35_urn_in_the_query_must_be_encoded(wire):
    assert (problem(wire.find(author=PAGE)), wire.breaches()) == (
        (400, "ILLEGAL_ARGUMENT"),
        [(35, "unencoded-urn")],
    )


def test_35_parentheses_must_not_be_encoded(wire):
    response = wire.call("GET", "/rest/organizations?ids=List%281001%29")
    assert (problem(response), wire.breaches()) == (
        (400, "ILLEGAL_ARGUMENT"),
        [(35, "encoded-parentheses")],
    )


def test_38_batches_are_not_for_this_tier(wire):
    assert problem(wire.call("GET", "/rest/organizations?ids=List(1001)")) == (403, "ACCESS_DENIED")


def test_40_call_beyond_the_days_quota_waits_for_midnight(wire):
    wire.ledger.turn(calls_per_day=2)
    answers = [wire.find().status_code for _call in range(3)]
    limited = wire.find()
    wire.ledger.turn(clock_offset=MIDNIGHT)
    assert (answers, problem(limited), "Retry-After" in limited.headers, wire.find().status_code) == (
        [200, 200, 429],
        (429, "TOO_MANY_REQUESTS"),
        False,
        200,
    )


def test_40_quota_is_the_members_own(server, wire):
    wire.ledger.turn(calls_per_day=1)
    wire.find()
    assert (wire.find().status_code, Wire(server).find().status_code) == (429, 200)


# 46: pages and roles ------------------------------------------------------------------------------
ACLS = "/rest/organizationAcls?q=roleAssignee&state=APPROVED"


def test_46_roles_name_page_and_role(server):
    wire = Wire(server, role="CONTENT_ADMINISTRATOR")
    (element,) = wire.call("GET", ACLS).json()["elements"]
    assert (element["organization"], element["role"], element["state"]) == (
        PAGE,
        "CONTENT_ADMINISTRATOR",
        "APPROVED",
    )


@pytest.mark.parametrize("field", ["organizationTarget", "organizationalTarget"])
def test_46_roles_under_another_field_name(wire, field):
    wire.ledger.set_faults("linkedin", [{"name": "acl-name", "field": field}])
    assert wire.call("GET", ACLS).json()["elements"][0][field] == PAGE


def test_46_roles_of_one_kind(wire):
    assert wire.call("GET", ACLS + "&role=CONTENT_ADMIN").json()["elements"] == []


def test_46_roles_need_the_admin_scope(server):
    wire = Wire(server, scopes="w_organization_social")
    assert problem(wire.call("GET", ACLS)) == (403, "ACCESS_DENIED")


def test_organization_gives_its_names(wire):
    wire.server.linkedin.organisation({"id": "1001", "name": "INET", "vanity": "inet-strasbourg"})
    data = wire.call("GET", "/rest/organizations/1001").json()
    assert data == {"id": 1001, "localizedName": "INET", "vanityName": "inet-strasbourg"}


def test_46_roles_come_in_pages(server, wire):
    for number in range(3):
        server.linkedin.organisation({"id": f"300{number}", "name": f"Page {number}"})
    door = Door(server)
    wire.token = door.granted()["access_token"]
    pages = [wire.call("GET", f"{ACLS}&count=2&start={start}").json()["elements"] for start in (0, 2, 4)]
    assert [len(page) for page in pages] == [2, 2, 0]


def test_organization_is_for_its_administrators(server):
    wire = Wire(server, role="CONTENT_ADMIN")
    assert problem(wire.call("GET", "/rest/organizations/1001")) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize("number", ["2002", "x"])
def test_organization_of_somebody_else(wire, number):
    assert problem(wire.call("GET", f"/rest/organizations/{number}")) == (403, "ACCESS_DENIED")


def test_followers_by_the_documented_edge_type_only(wire):
    path = f"/rest/networkSizes/{encoded(PAGE)}?edgeType="
    new, old = (
        wire.call("GET", path + edge) for edge in ("COMPANY_FOLLOWED_BY_MEMBER", "CompanyFollowedByMember")
    )
    assert (new.json(), old.status_code) == ({"firstDegreeSize": 3050}, 400)


# HTTP itself --------------------------------------------------------------------------------------


def raw(server, request):
    """What comes back for these very bytes: the status line."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        return connection.makefile("rb").readline().strip()


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"", b"411"),
        (b"Content-Length: x\r\n", b"400"),
        (b"Content-Length: -1\r\n", b"400"),
        (b"Content-Length: 999999999\r\n", b"413"),
        (b"Transfer-Encoding: chunked\r\n", b"411"),
    ],
)
def test_length_of_a_body_must_be_said(server, header, status):
    line = raw(server, b"POST /rest/posts HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n")
    assert line.split()[:2] == [b"HTTP/1.1", status]


def test_connection_is_kept_alive(wire):
    with requests.Session() as session:
        for _time in range(3):
            session.get(wire.server.url + "/_/ledger", timeout=10)
        (adapter,) = {session.get_adapter("http://x")}
        (pool,) = adapter.poolmanager.pools._container.values()
        assert (pool.num_connections, pool.num_requests) == (1, 3)


def test_every_call_is_in_the_ledger(wire):
    wire.created()
    wire.find()
    assert [(call["method"], call["path"], call["status"]) for call in wire.ledger.events("call")] == [
        ("POST", "/rest/posts", 201),
        ("GET", "/rest/posts", 200),
    ]


def test_body_of_the_tests_is_right(wire):
    """What the other tests change one point of breaks no rule."""
    assert (wire.call("POST", "/rest/posts", body()).status_code, wire.breaches()) == (201, [])

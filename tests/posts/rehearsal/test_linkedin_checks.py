"""The rehearsal network holds to LinkedIn's contract: one test or row for each check, numbered as in the contract."""

import json
import socket
import struct

import pytest
import requests

from tests.posts.rehearsal.wire import PAGE, Wire, body, encoded, jpeg, picture, problem

MIDNIGHT = 86_400


# 1-8: versions and tokens -------------------------------------------------------------------------


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


# 9-16, 19: who may post, and what -----------------------------------------------------------------


def test_9_posting_scope_is_missing(server):
    wire = Wire(server, scopes="r_organization_social")
    response = wire.create()
    assert (response.status_code, response.json()["serviceErrorCode"]) == (403, 100)
    assert (
        response.json()["message"] == "Not enough permissions to access: partnerApiPostsExternal.CREATE"
    )


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


# 17, 18: little text ------------------------------------------------------------------------------


@pytest.mark.parametrize("character", list("|{}@[]()<>#\\*_~"))
def test_17_bare_reserved_character_cuts_the_text_silently(wire, character):
    response = wire.create(commentary=f"Va al repo {character} contexto")
    assert (response.status_code, wire.ledger.posts()[0]["text"]) == (201, "Va al repo ")
    assert wire.breaches() == [(17, "text-cut")]


@pytest.mark.parametrize("character", list("|{}@[]()<>#\\*_~"))
def test_17_escaped_reserved_character_is_shown(wire, character):
    wire.create(commentary=f"Va \\{character} al repo")
    assert (wire.ledger.posts()[0]["text"], wire.breaches()) == (f"Va {character} al repo", [])


@pytest.mark.parametrize("markup", ["#INET", "{hashtag|\\#|INET}"])
def test_17_hashtag_in_either_form_reads_back_as_template(wire, markup):
    urn = wire.created(commentary=f"Bravo {markup} !")
    read = wire.call("GET", f"/rest/posts/{encoded(urn)}").json()["commentary"]
    assert (read, wire.ledger.posts()[0]["text"]) == ("Bravo {hashtag|\\#|INET} !", "Bravo #INET !")


def test_18_mention_by_the_exact_name_is_kept(wire):
    urn = wire.created(commentary=f"Merci @[INET]({PAGE})")
    read = wire.call("GET", f"/rest/posts/{encoded(urn)}").json()["commentary"]
    assert (read, wire.breaches()) == (f"Merci @[INET]({PAGE})", [])


def test_18_mention_by_another_name_is_plain_text(wire):
    urn = wire.created(commentary=f"Merci @[inet]({PAGE})")
    read = wire.call("GET", f"/rest/posts/{encoded(urn)}").json()["commentary"]
    assert (read, wire.breaches()) == ("Merci inet", [])


# 20-24: created, lost, again ----------------------------------------------------------------------


def test_20_created_has_an_empty_body_and_the_id_in_a_header(wire):
    response = wire.create()
    assert (response.status_code, response.content) == (201, b"")
    assert response.headers["x-restli-id"] == wire.ledger.posts()[0]["urn"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.content)


def test_21_created_without_the_id(wire):
    wire.ledger.set_faults("linkedin", [{"name": "no-id"}])
    response = wire.create()
    assert (response.status_code, "x-restli-id" in response.headers, len(wire.ledger.posts())) == (
        201,
        False,
        1,
    )


def test_22_created_then_cut(wire):
    wire.ledger.set_faults("linkedin", [{"name": "cut-after"}])
    with pytest.raises(requests.ConnectionError):
        wire.create()
    assert len(wire.find().json()["elements"]) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_22_created_then_answered_with_an_error(wire, status):
    wire.ledger.set_faults("linkedin", [{"name": f"answer-{status}"}])
    assert (wire.create().status_code, len(wire.find().json()["elements"])) == (status, 1)


def test_22_not_created_and_cut(wire):
    wire.ledger.set_faults("linkedin", [{"name": "cut-before"}])
    with pytest.raises(requests.ConnectionError):
        wire.create()
    assert wire.find().json()["elements"] == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_22_not_created_and_answered_with_an_error(wire, status):
    wire.ledger.set_faults("linkedin", [{"name": f"refuse-{status}"}])
    assert (wire.create().status_code, wire.find().json()["elements"]) == (status, [])


@pytest.mark.parametrize(("name", "posts"), [("answer-html", 1), ("refuse-html", 0)])
def test_22_error_in_html(wire, name, posts):
    wire.ledger.set_faults("linkedin", [{"name": name}])
    response = wire.create()
    assert (response.status_code, response.headers["Content-Type"]) == (503, "text/html")
    assert len(wire.ledger.posts()) == posts


def named_in(response):
    """The URN that a duplicate error names."""
    data = response.json()
    assert data["errorDetails"]["inputErrors"][0]["code"] == "DUPLICATE_POST"
    return response.status_code, data["message"].rpartition(" ")[2]


def test_23_same_again_names_the_live_post(wire):
    urn = wire.created()
    assert (named_in(wire.create()), len(wire.ledger.posts())) == ((422, urn), 1)


def test_23_same_after_the_window_is_another_post(wire):
    wire.created()
    wire.ledger.turn(clock_offset=601)
    assert wire.create().status_code == 201


def test_23_other_pictures_do_not_make_another_post(wire):
    urn = wire.created()
    media = {"media": {"id": wire.available(), "altText": "Une photo"}}
    assert named_in(wire.create(content=media)) == (422, urn)


def test_23_other_pictures_make_another_post_if_so_set(wire):
    wire.created()
    wire.ledger.turn(duplicate_ignores_pictures=False)
    media = {"media": {"id": wire.available(), "altText": "Une photo"}}
    assert wire.create(content=media).status_code == 201


def test_24_same_after_a_delete_names_a_ghost(wire):
    urn = wire.created()
    wire.call("DELETE", f"/rest/posts/{encoded(urn)}", restli="DELETE")
    wire.ledger.turn(clock_offset=3600)
    again, ghost = wire.create(), wire.call("GET", f"/rest/posts/{encoded(urn)}")
    assert (named_in(again), ghost.status_code) == ((422, urn), 404)


def test_24_ghost_is_gone_after_two_days(wire):
    urn = wire.created()
    wire.call("DELETE", f"/rest/posts/{encoded(urn)}", restli="DELETE")
    wire.ledger.turn(clock_offset=48 * 3600 + 1)
    assert wire.create().status_code == 201


# 25-34: pictures ----------------------------------------------------------------------------------


def shown(*urns, alt="Une photo"):
    pictures = [{"id": urn, "altText": alt} for urn in urns]
    return {"media": pictures[0]} if len(pictures) == 1 else {"multiImage": {"images": pictures}}


@pytest.mark.parametrize("count", [0, 1, 21])
def test_25_several_pictures_are_two_to_twenty(wire, count):
    images = [{"id": wire.available(), "altText": "Une photo"} for _number in range(min(count, 1))] * count
    response = wire.create(content={"multiImage": {"images": images}})
    assert (problem(response), wire.breaches()) == (
        (400, "INVALID_VALUE_FOR_FIELD"),
        [(25, "image-count")],
    )


@pytest.mark.parametrize("count", [2, 20])
def test_25_two_and_twenty_pictures_are_taken(wire, count):
    urns = [wire.available(jpeg(40 + number)) for number in range(count)]
    assert wire.create(content=shown(*urns)).status_code == 201
    assert [image["width"] for image in wire.ledger.posts()[0]["images"]] == [40 + n for n in range(count)]


def test_26_picture_of_another_owner(server, wire):
    other = Wire(server, organization="2002", name="Autre")
    begun = other.begin("urn:li:organization:2002")
    other.call("PUT", begun["uploadUrl"], jpeg())
    response = wire.create(content=shown(begun["image"]))
    assert problem(response) == (403, "ACCESS_DENIED")
    assert response.json()["message"].startswith("Accessing this image resource is forbidden")


def test_27_picture_that_was_not_uploaded(wire):
    response = wire.create(content=shown(wire.begin()["image"]))
    assert (problem(response), wire.breaches()) == (
        (400, "MEDIA_ASSET_WAITING_UPLOAD"),
        [(27, "image-not-uploaded")],
    )


def test_28_picture_not_waited_for_makes_a_post_that_nobody_sees(wire):
    wire.ledger.set_faults("linkedin", [{"name": "processing-fails", "polls": 1}])
    response = wire.create(content=shown(wire.uploaded()))
    assert (response.status_code, wire.ledger.posts()[0]["is_visible"]) == (201, False)
    assert wire.breaches() == [(28, "image-not-awaited")]


@pytest.mark.parametrize("urn", ["urn:li:image:C4D99999999", "urn:li:digitalmediaAsset:1", "x"])
def test_29_unknown_picture(wire, urn):
    response = wire.create(content=shown(urn))
    assert (problem(response), wire.breaches()) == ((400, "INVALID_IMAGE_ID"), [(29, "unknown-image")])


def test_30_upload_without_the_token(wire):
    response = wire.call("PUT", wire.begin()["uploadUrl"], jpeg(), Authorization=None)
    assert (problem(response), wire.breaches()) == ((401, "EMPTY_ACCESS_TOKEN"), [(30, "no-token")])


def test_30_upload_with_another_signature(wire):
    response = wire.call("PUT", wire.begin()["uploadUrl"][:-4] + "abcd", jpeg())
    assert problem(response) == (403, "ACCESS_DENIED")


def test_31_upload_after_its_end(wire):
    begun = wire.begin()
    wire.ledger.turn(clock_offset=86_401)
    assert problem(wire.call("PUT", begun["uploadUrl"], jpeg())) == (400, "EXPIRED_UPLOAD_URL")


def png_header(width, height):
    """A PNG that says how large it is and holds nothing: decoding it would be the mistake."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    import zlib

    crc = struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + crc + struct.pack(">I", 0) + b"IDAT"


UNUSABLE = {
    "webp": (picture("WEBP"), "image-format"),
    "bmp": (picture("BMP"), "image-format"),
    "truncated": (jpeg(400, 500)[:-400], "image-unreadable"),
    "text": (b"not a picture", "image-unreadable"),
    "empty": (b"", "image-unreadable"),
    "pixels": (png_header(6000, 6026), "image-too-many-pixels"),
    "bomb": (png_header(60_000, 60_000), "image-unreadable"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_32_unusable_picture_is_taken_and_fails_later(wire, name):
    data, rule = UNUSABLE[name]
    begun = wire.begin()
    put = wire.call("PUT", begun["uploadUrl"], data)
    assert (put.status_code, wire.state(begun["image"])) == (201, "PROCESSING_FAILED")
    assert wire.breaches() == [(32, rule)]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF"])
def test_32_usable_picture_becomes_available_when_asked_for(wire, form):
    urn = wire.uploaded(picture(form))
    assert (wire.ledger.image(urn)["status"], wire.state(urn), wire.breaches()) == (
        "PROCESSING",
        "AVAILABLE",
        [],
    )


def test_32_post_with_a_failed_picture(wire):
    urn = wire.uploaded(picture("WEBP"))
    wire.state(urn)
    assert problem(wire.create(content=shown(urn))) == (400, "MEDIA_ASSET_PROCESSING_FAILED")


def test_32_slow_picture_takes_its_polls(wire):
    wire.ledger.set_faults("linkedin", [{"name": "processing-slow", "polls": 2}])
    urn = wire.uploaded()
    assert [wire.state(urn) for _poll in range(3)] == ["PROCESSING", "PROCESSING", "AVAILABLE"]


def test_34_description_of_a_picture_has_its_limit(wire):
    urn = wire.available()
    response = wire.create(content=shown(urn, alt="a" * 4087))
    assert (problem(response), wire.breaches()) == (
        (400, "FIELD_LENGTH_TOO_LONG"),
        [(34, "alt-too-long")],
    )
    assert wire.create(content=shown(urn, alt="a" * 4086)).status_code == 201


@pytest.mark.parametrize("kind", ["exif", "comment", "icc"])
def test_metadata_in_a_picture_is_noted(wire, kind):
    exif = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x0f\x00\x02\x00\x00\x00\x02A\x00\x00\x00\x00\x00\x00\x00"
    options = {"exif": {"exif": exif}, "comment": {"comment": b"Paris"}, "icc": {"icc_profile": b"x" * 200}}
    urn = wire.uploaded(jpeg(**options[kind]))
    assert (wire.ledger.image(urn)["has_metadata"], wire.breaches()) == (True, [(0, "image-metadata")])


# 35-39: paths, lists, the finder --------------------------------------------------------------------


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


def test_39_finder_needs_its_scope(server):
    assert problem(Wire(server, scopes="w_organization_social").find()) == (403, "ACCESS_DENIED")


@pytest.mark.parametrize("count", ["101", "0", "x"])
def test_39_finder_gives_one_to_a_hundred(wire, count):
    assert (problem(wire.find(count=count)), wire.breaches()) == (
        (400, "ILLEGAL_ARGUMENT"),
        [(39, "finder-count")],
    )


def test_39_finder_must_be_named(wire):
    assert (problem(wire.find(restli="")), wire.breaches()) == (
        (400, "ILLEGAL_ARGUMENT"),
        [(39, "finder-not-named")],
    )


def test_39_finder_takes_no_other_parameter(wire):
    assert problem(wire.find(since="1")) == (403, "ACCESS_DENIED")


def test_finder_gives_newest_first_in_pages(wire):
    urns = []
    for number in range(3):
        wire.ledger.turn(clock_offset=float(number))
        urns.append(wire.created(commentary=f"Bonjour {number}"))
    pages = [wire.find(count=2, start=start).json()["elements"] for start in (0, 2)]
    assert [[post["id"] for post in page] for page in pages] == [urns[:0:-1], urns[:1]]


def test_finder_lags_behind(wire):
    wire.created()
    wire.ledger.set_faults("linkedin", [{"name": "find-lag", "seconds": 60}])
    assert [len(wire.find().json()["elements"]) for _look in range(2)] == [0, 1]


# 40-42, 46, 47: quota, changing, deleting, roles, redirects -------------------------------------------


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


def patch(**changes):
    return {"patch": {"$set": changes}}


def test_41_change_must_be_named(wire):
    path = f"/rest/posts/{encoded(wire.created())}"
    assert (problem(wire.call("POST", path, patch(commentary="x"))), wire.breaches()) == (
        (400, "ILLEGAL_ARGUMENT"),
        [(41, "method-not-named")],
    )


def test_41_change_of_the_text(wire):
    path = f"/rest/posts/{encoded(wire.created())}"
    response = wire.call("POST", path, patch(commentary="Bonsoir"), restli="PARTIAL_UPDATE")
    assert (response.status_code, wire.ledger.posts()[0]["text"]) == (204, "Bonsoir")


def test_41_change_of_an_immutable_field(wire):
    path = f"/rest/posts/{encoded(wire.created())}"
    response = wire.call("POST", path, patch(visibility="PUBLIC"), restli="PARTIAL_UPDATE")
    assert (problem(response), wire.breaches()) == (
        (400, "INVALID_VALUE_FOR_FIELD"),
        [(41, "immutable-field")],
    )


def test_42_delete_twice(wire):
    path = f"/rest/posts/{encoded(wire.created())}"
    answers = [wire.call("DELETE", path, restli="DELETE").status_code for _time in range(2)]
    assert (answers, wire.ledger.posts(), len(wire.ledger.events("deleted"))) == ([204, 204], [], 1)


def test_42_delete_of_what_never_was(wire):
    path = f"/rest/posts/{encoded('urn:li:share:7')}"
    assert problem(wire.call("DELETE", path, restli="DELETE")) == (404, "NOT_FOUND")


def test_42_delete_must_be_named(wire):
    path = f"/rest/posts/{encoded(wire.created())}"
    assert (wire.call("DELETE", path).status_code, len(wire.ledger.posts())) == (400, 1)


def test_42_delete_by_somebody_else(server, wire):
    urn = wire.created()
    other = Wire(server, organization="2002", name="Autre")
    response = other.call("DELETE", f"/rest/posts/{encoded(urn)}", restli="DELETE")
    assert (problem(response), len(wire.ledger.posts())) == ((403, "ACCESS_DENIED"), 1)


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


@pytest.mark.parametrize("number", ["2002", "x"])
def test_organization_of_somebody_else(wire, number):
    assert problem(wire.call("GET", f"/rest/organizations/{number}")) == (403, "ACCESS_DENIED")


def test_followers_by_the_documented_edge_type_only(wire):
    path = f"/rest/networkSizes/{encoded(PAGE)}?edgeType="
    new, old = (wire.call("GET", path + edge) for edge in ("COMPANY_FOLLOWED_BY_MEMBER", "CompanyFollowedByMember"))
    assert (new.json(), old.status_code) == ({"firstDegreeSize": 3050}, 400)


def test_47_upload_may_answer_with_a_redirect(wire):
    wire.ledger.set_faults("linkedin", [{"name": "upload-redirect", "to": "http://127.0.0.1:9/"}])
    response = wire.call("PUT", wire.begin()["uploadUrl"], jpeg())
    assert (response.status_code, response.headers["Location"]) == (307, "http://127.0.0.1:9/")


# HTTP itself ----------------------------------------------------------------------------------------


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
        (b"Content-Length: 99999999\r\n", b"413"),
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

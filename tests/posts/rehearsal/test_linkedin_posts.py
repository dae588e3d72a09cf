"""The rehearsal network holds to LinkedIn's contract: posts, their text, duplicates, the finder. Numbered as in the contract."""

import json

import pytest
import requests

from tests.posts.rehearsal.wire import PAGE, Wire, encoded, problem

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


# 39: the finder -----------------------------------------------------------------------------------
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


# 41, 42: changing and deleting --------------------------------------------------------------------
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

"""The rehearsal network as a program: what it keeps, what it can be told, what it survives."""

import ast
import os
import re
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from posts.rehearsal import faults
from posts.rehearsal.ledger import Ledger
from posts.rehearsal.server import serve
from tests import services
from tests.posts.rehearsal.wire import PAGE, Wire, body, encoded, jpeg

ROOT = Path(__file__).resolve().parents[3]


def told(server, path, data, **options):
    return requests.post(f"{server.url}/_/{path}", json=data, timeout=10, **options)


# Control --------------------------------------------------------------------------------------------


def test_token_by_control_publishes(server):
    granted = told(server, "linkedin/token", {"organization": "7", "name": "École"}).json()
    wire = Wire(server)
    wire.token = granted["access_token"]
    assert wire.create(author="urn:li:organization:7").status_code == 201
    assert (granted["expires_in"], granted["scope"]) == (
        5_184_000,
        "r_organization_social,rw_organization_admin,w_organization_social",
    )


def test_token_can_be_chosen_and_revoked(server):
    told(server, "linkedin/token", {"token": "AQchosen"})
    wire = Wire(server)
    wire.token = "AQchosen"
    first = wire.create().status_code
    told(server, "linkedin/revoke", {"token": "AQchosen"})
    assert (first, wire.create().status_code) == (201, 401)


def test_organization_by_control_changes_only_what_is_said(server):
    told(server, "linkedin/organization", {"id": "urn:li:organization:7", "name": "École", "followers": 12})
    changed = told(server, "linkedin/organization", {"id": "7", "tagline": "Strasbourg"}).json()
    assert changed == {
        "id": "7",
        "name": "École",
        "vanity": "inet",
        "followers": 12,
        "tagline": "Strasbourg",
    }


def test_faults_by_control_replace_each_other(wire):
    told(wire.server, "linkedin/faults", {"faults": [{"name": "refuse-500"}]})
    told(wire.server, "linkedin/faults", {"faults": [{"name": "refuse-503"}]})
    assert [wire.create().status_code for _time in range(2)] == [503, 201]


def test_fault_strikes_as_often_as_it_says(wire):
    wire.ledger.set_faults("linkedin", [{"name": "refuse-500", "times": 2}])
    assert [wire.create().status_code for _time in range(3)] == [500, 500, 201]


def test_standing_fault_strikes_until_replaced(wire):
    wire.ledger.set_faults("linkedin", [{"name": "refuse-500", "times": 0}])
    struck = [wire.create().status_code for _time in range(3)]
    wire.ledger.set_faults("linkedin", [])
    assert (struck, wire.create().status_code) == ([500, 500, 500], 201)


def test_fault_without_a_chance_never_strikes(wire):
    wire.ledger.set_faults("linkedin", [{"name": "refuse-500", "chance": 0}])
    assert wire.create().status_code == 201


@pytest.mark.parametrize(
    "fault", [{"name": "explode"}, {}, {"name": "cut-after", "seconds": 3}, {"name": "quota", "time": 1}]
)
def test_fault_that_is_none_changes_nothing(wire, fault):
    wire.ledger.set_faults("linkedin", [{"name": "refuse-500"}])
    response = told(wire.server, "linkedin/faults", {"faults": [fault]})
    assert (response.status_code, wire.create().status_code) == (400, 500)


LACKS = {
    "linkedin": set(),
    "facebook": {"processing-slow", "processing-fails"},
    "x": set(),
    "mastodon": {"refresh-lost"},
    "bluesky": {"processing-slow", "processing-fails"},
}
"""Faults known to every network by name, for which this one has not the thing: nothing to process, nothing to renew."""


def names_in(network):
    """Every string in a network's files, and every beginning of a string that is put together."""
    words, beginnings = set(), set()
    for path in (ROOT / "posts/rehearsal").glob(f"{network}/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(node.values[0].value)
    return words, beginnings


@pytest.mark.parametrize("network", faults.OWN)
def test_every_fault_is_one_that_the_network_looks_for(network):
    """A name that nothing asks for would never strike."""
    words, beginnings = names_in(network)
    put_together = {start + word for start in beginnings for word in words}
    assert set(faults.COMMON | faults.OWN[network]) - words - put_together == LACKS[network]


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("knobs", {"duplicate_seconds": 0}, 200),
        ("knobs", {"gravity": 0}, 400),
        ("knobs", [1], 400),
        ("linkedin/revoke", {}, 400),
        ("linkedin/faults", {}, 400),
        ("linkedin/nothing", {}, 400),
        ("nowhere/token", {}, 404),
        ("linkedin", {}, 404),
    ],
)
def test_control_answers(server, path, data, status):
    assert told(server, path, data).status_code == status


def test_control_takes_nothing_that_a_foreign_page_could_send(server):
    response = requests.post(f"{server.url}/_/linkedin/token", data='{"token": "AQx"}', timeout=10)
    assert (response.status_code, server.ledger.rows("SELECT * FROM access")) == (415, [])


def test_ledger_by_control_tells_everything(wire):
    data = jpeg()
    image = wire.available(data)
    kept = wire.created(content={"media": {"id": image, "altText": "Une photo"}})
    gone = wire.created(commentary="Vite \\(trop vite\\)")
    wire.call("DELETE", f"/rest/posts/{encoded(gone)}", restli="DELETE")
    ledger = requests.get(f"{wire.server.url}/_/ledger", timeout=10).json()
    newest, oldest = ledger["posts"]
    assert (newest["urn"], newest["text"], newest["commentary"]) == (
        gone,
        "Vite (trop vite)",
        "Vite \\(trop vite\\)",
    )
    assert (newest["deleted"] is not None, oldest["deleted"], oldest["urn"]) == (True, None, kept)
    (picture,) = oldest["images"]
    facts = {name: picture[name] for name in ("urn", "alt", "width", "height", "format", "size")}
    assert facts == {
        "urn": image,
        "alt": "Une photo",
        "width": 40,
        "height": 50,
        "format": "JPEG",
        "size": len(data),
    }
    assert (picture["has_metadata"], ledger["failures"]) == (False, [])
    assert [event["kind"] for event in ledger["events"] if event["kind"] not in ("call", "granted")] == [
        "uploaded",
        "created",
        "created",
        "deleted",
    ]


def test_picture_comes_back_as_it_was_received(wire):
    data = jpeg()
    response = requests.get(f"{wire.server.url}/_/linkedin/image/{encoded(wire.available(data))}", timeout=10)
    assert (response.content, response.headers["Content-Type"]) == (data, "image/jpeg")


def test_what_is_no_picture_is_not_served_as_one(wire):
    urn = wire.uploaded(b"<script>alert(1)</script>")
    response = requests.get(f"{wire.server.url}/_/linkedin/image/{encoded(urn)}", timeout=10)
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("urn", ["urn:li:image:C4D99", "../ledger.sqlite3", "..%2F..%2Fetc%2Fpasswd"])
def test_picture_that_is_not_there(server, urn):
    assert requests.get(f"{server.url}/_/linkedin/image/{encoded(urn)}", timeout=10).status_code == 404


# The ledger -----------------------------------------------------------------------------------------


def test_no_token_or_signature_is_kept(wire):
    wire.created(content={"media": {"id": wire.available(), "altText": "Une photo"}})
    wire.ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(p.read_bytes() for p in wire.ledger.directory.glob("ledger*"))
    told_to_people = requests.get(f"{wire.server.url}/_/ledger", timeout=10).text
    assert (wire.token.encode() in kept, wire.token in told_to_people, "signature" in told_to_people) == (
        False,
        False,
        False,
    )


@pytest.mark.parametrize("statement", ["DELETE FROM event", "UPDATE event SET kind = 'x'"])
def test_events_stay(wire, statement):
    wire.created()
    with pytest.raises(sqlite3.IntegrityError):
        wire.ledger.write(statement)


def test_ledger_can_be_read_beside_the_server(wire):
    wire.created()
    judge = Ledger(wire.ledger.directory)
    assert [post["text"] for post in judge.posts(network="linkedin")] == ["Bonjour"]
    judge.close()


def test_two_hands_with_the_same_words_make_one_post(wire):
    with ThreadPoolExecutor(8) as hands:
        answers = sorted(hands.map(lambda _hand: wire.create().status_code, range(8)))
    assert (answers, len(wire.ledger.posts())) == ([201] + [422] * 7, 1)


def test_many_hands_with_other_words_lose_nothing(wire):
    with ThreadPoolExecutor(8) as hands:
        urns = set(hands.map(lambda number: wire.created(commentary=f"Bonjour {number}"), range(40)))
    assert urns == {post["urn"] for post in wire.ledger.posts()}
    assert len(urns) == 40


def test_restart_on_the_same_folder_knows_everything(tmp_path):
    with serve(tmp_path) as first:
        wire = Wire(first)
        urn = wire.created()
    with serve(tmp_path) as second:
        wire.server = second
        read = wire.call("GET", f"/rest/posts/{encoded(urn)}")
    assert read.json()["commentary"] == "Bonjour"


# The command ----------------------------------------------------------------------------------------


@contextmanager
def program(folder, port):
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DATABASE_URL": "sqlite:////nowhere/db.sqlite3",
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "rehearsal", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        services.wait_for_port(port, process)
        yield process
    finally:
        process.kill()
        process.wait(10)


def test_program_survives_being_killed(tmp_path):
    port = services.free_port()
    url = f"http://127.0.0.1:{port}"
    with program(tmp_path, port) as process:
        token = requests.post(f"{url}/_/linkedin/token", json={}, timeout=10).json()["access_token"]
        headers = {
            "Authorization": f"Bearer {token}",
            "Linkedin-Version": "202609",
            "X-Restli-Protocol-Version": "2.0.0",
        }
        created = requests.post(f"{url}/rest/posts", json=body(), headers=headers, timeout=10)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with program(tmp_path, port):
        ledger = requests.get(f"{url}/_/ledger", timeout=10).json()
        again = requests.post(f"{url}/rest/posts", json=body(), headers=headers, timeout=10)
        page = requests.get(f"{url}/linkedin/company/1001/", timeout=10)
    assert [post["urn"] for post in ledger["posts"]] == [created.headers["x-restli-id"]]
    assert (again.status_code, page.status_code) == (422, 200)


def test_program_says_where_it_is_and_ends_when_told(tmp_path):
    port = services.free_port()
    with program(tmp_path, port) as process:
        process.send_signal(signal.SIGTERM)
        said, _errors = process.communicate(timeout=10)
    assert (process.returncode, f"http://127.0.0.1:{port}/" in said) == (0, True)


def test_program_says_that_the_port_is_taken(tmp_path, server):
    process = subprocess.run(
        [sys.executable, "manage.py", "rehearsal", "--port", str(server.port)],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (process.returncode, str(server.port) in process.stderr) == (1, True)
    assert re.search("Traceback", process.stderr) is None


def test_server_is_at_its_public_address(tmp_path):
    with serve(tmp_path, public_url="https://repetition.example.org/") as server:
        assert server.url == "https://repetition.example.org"


def test_upload_address_is_on_the_host_that_was_asked(server):
    """The token goes to the very host and port that the connector is configured for."""
    wire = Wire(server)
    data = {"initializeUploadRequest": {"owner": PAGE}}
    response = wire.call("POST", "/rest/images?action=initializeUpload", data, Host="rehearsal:8001")
    assert response.json()["value"]["uploadUrl"].startswith("http://rehearsal:8001/dms-uploads/")

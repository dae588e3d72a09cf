"""The panel that makes networks misbehave: what is set by it, what it says, whom it obeys."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
import requests
from django.utils.functional import Promise

from posts.rehearsal import faults
from posts.rehearsal.ledger import KNOBS
from posts.rehearsal.manners import MANNERS
from posts.rehearsal.wording import FAULTS, LACKS, OPTIONS, OWN, fault_in_words
from tests.posts.rehearsal import test_server
from tests.posts.rehearsal.wire import Wire


class Panel:
    """A browser without JavaScript on the panel of one network."""

    def __init__(self, server, slug="linkedin"):
        self.server, self.slug = server, slug
        self.url = f"{server.url}/panneau/?network={slug}"

    def html(self):
        return requests.get(self.url, timeout=10).text

    def token(self):
        return re.search(r'name="token" value="([^"]+)"', self.html())[1]

    def send(self, *, headers=None, **form):
        """As the form does; a field that is None is left out. Names may hold what Python names cannot: options={…}."""
        form = {"token": self.token, "network": self.slug} | form | form.pop("options", {})
        form = {name: value() if callable(value) else value for name, value in form.items()}
        origin = {"Origin": self.server.url, "Sec-Fetch-Site": "same-origin"}
        return requests.post(
            f"{self.server.url}/panneau/",
            data={name: value for name, value in form.items() if value is not None},
            headers={name: value for name, value in (origin | (headers or {})).items() if value is not None},
            timeout=10,
            allow_redirects=False,
        )

    def set(self, fault, **form):
        return self.send(**{"do": "set", "fault": fault, "times": "1", "chance": "100"} | form)


def set_faults(server, slug):
    """What the ledger would do: options and times left, in order."""
    rows = server.ledger.rows("SELECT options, times FROM fault WHERE network = ? ORDER BY id", slug)
    return [json.loads(row["options"]) | {"times": row["times"]} for row in rows]


@pytest.fixture
def panel(server):
    return Panel(server)


# Setting --------------------------------------------------------------------------------------------


def test_setting_a_fault_sets_it_and_leads_back(panel):
    response = panel.set("cut-after", times="3", chance="50")
    assert (response.status_code, response.headers["Location"]) == (
        303,
        "/panneau/?network=linkedin&done=set",
    )
    assert set_faults(panel.server, "linkedin") == [{"name": "cut-after", "times": 3, "chance": 0.5}]


def test_a_fault_that_was_set_strikes(panel):
    wire = Wire(panel.server)
    panel.set("quota", options={"quota:retry_after": "7"})
    answers = [wire.create(commentary=text) for text in ("Un", "Deux")]
    assert [answer.status_code for answer in answers] == [429, 201]
    assert answers[0].headers["Retry-After"] == "7"


def test_without_end_is_kept_without_end(panel):
    panel.set("get-500", times="0")
    panel.set("find-500")
    assert [fault["times"] for fault in set_faults(panel.server, "linkedin")] == [-1, 1]


def test_setting_adds_to_what_is_left_of_the_others(panel):
    ledger = panel.server.ledger
    ledger.set_faults("linkedin", [{"name": "cut-after", "times": 3, "chance": 1}])
    ledger.take_fault("linkedin", "cut-after")
    panel.set("find-500")
    wanted = [{"name": "cut-after", "times": 2, "chance": 1}, {"name": "find-500", "times": 1, "chance": 1}]
    assert set_faults(panel.server, "linkedin") == wanted


def test_setting_leaves_other_networks_alone(panel):
    panel.set("cut-after")
    Panel(panel.server, "x").set("quota")
    assert [[fault["name"] for fault in set_faults(panel.server, slug)] for slug in ("linkedin", "x")] == [
        *(["cut-after"], ["quota"]),
    ]


@pytest.mark.parametrize(
    ("fault", "options", "kept"),
    [
        ("slow-after", {"slow-after:seconds": "12"}, {"seconds": 12}),
        ("slow-after", {"slow-after:seconds": ""}, {"seconds": 45}),
        ("slow-after", {"slow-after:seconds": "1 200"}, {"seconds": 1200}),
        ("slow-after", {"slow-before:seconds": "7"}, {"seconds": 45}),
        ("quota", {"quota:retry_after": ""}, {}),
        ("quota", {"quota:retry_after": "60"}, {"retry_after": 60}),
        ("upload-redirect", {"upload-redirect:to": "https://a.example/"}, {"to": "https://a.example/"}),
        ("cut-after", {"cut-after:seconds": "7"}, {}),
    ],
)
def test_options_are_kept_as_they_were_filled_in(panel, fault, options, kept):
    panel.set(fault, options=options)
    assert set_faults(panel.server, "linkedin") == [{"name": fault, "times": 1, "chance": 1, **kept}]


@pytest.mark.parametrize("slug", list(MANNERS))
def test_every_fault_can_be_set_with_what_stands_there_at_first(server, slug):
    panel, known = Panel(server, slug), faults.COMMON | faults.OWN[slug]
    known = {name: options for name, options in known.items() if name not in LACKS[slug]}
    html = panel.html()
    assert sorted(re.findall(r'name="fault" value="([^"]+)"', html)) == sorted(known)
    first = dict(re.findall(r'name="([^"]+:[^"]+)" value="([^"]*)"', html))
    assert sorted(first) == sorted(
        f"{name}:{option}" for name, options in known.items() for option in options
    )
    refused = [name for name in known if panel.set(name, options=first).status_code != 303]
    assert (refused, len(set_faults(server, slug))) == ([], len(known))


def test_taking_one_away_leaves_the_others(panel):
    for fault in ("cut-after", "find-500", "get-500"):
        panel.set(fault)
    forms = re.findall(
        r'name="id" value="(\d+)"><input type="hidden" name="name" value="([^"]+)"', panel.html()
    )
    number = {name: number for number, name in forms}["find-500"]
    panel.send(do="remove", id=number, name="find-500")
    assert [fault["name"] for fault in set_faults(panel.server, "linkedin")] == ["cut-after", "get-500"]


def test_taking_away_what_another_has_taken_away_takes_no_other(panel):
    for fault in ("cut-after", "find-500"):
        panel.set(fault)
    panel.send(do="remove", id="2", name="get-500")
    assert len(set_faults(panel.server, "linkedin")) == 2


def test_taking_everything_away_reaches_every_network(panel):
    for slug in MANNERS:
        Panel(panel.server, slug).set("cut-after")
    panel.send(do="clear")
    assert [set_faults(panel.server, slug) for slug in MANNERS] == [[]] * 5


# Settings -------------------------------------------------------------------------------------------


def knobs(**changes):
    stands = {
        "clock_offset": "0",
        "duplicate_seconds": "10",
        "ghost_seconds": "48",
        "calls_per_day": "100000",
    }
    return {"do": "knobs", "duplicate_ignores_pictures": "on"} | stands | changes


@pytest.mark.parametrize(
    ("changes", "turned"),
    [
        ({}, {}),
        ({"clock_offset": "90"}, {"clock_offset": 5400}),
        ({"clock_offset": "-30"}, {"clock_offset": -1800}),
        ({"duplicate_seconds": "0"}, {"duplicate_seconds": 0}),
        ({"ghost_seconds": "24"}, {"ghost_seconds": 86_400}),
        ({"calls_per_day": "100"}, {"calls_per_day": 100}),
        ({"duplicate_ignores_pictures": None}, {"duplicate_ignores_pictures": False}),
    ],
)
def test_settings_are_turned(panel, changes, turned):
    assert panel.send(**knobs(**changes)).status_code == 303
    assert {name: panel.server.ledger.knob(name) for name in KNOBS} == KNOBS | turned


def test_settings_that_are_left_as_they_stand_keep_their_fractions(panel):
    panel.server.ledger.turn(duplicate_seconds=90.5)
    shown = dict(re.findall(r'name="(\w+_\w+)" value="(\d+)"', panel.html()))
    panel.send(**knobs(**shown))
    assert panel.server.ledger.knob("duplicate_seconds") == 90.5


# Refusing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        {"do": "set", "fault": ""},
        {"do": "set", "fault": "sneeze"},
        {"do": "set", "fault": "cut-after", "times": "7"},
        {"do": "set", "fault": "cut-after", "chance": "0"},
        {"do": "set", "fault": "slow-after", "options": {"slow-after:seconds": "soon"}},
        {"do": "set", "fault": "slow-after", "options": {"slow-after:seconds": "-1"}},
        {"do": "set", "fault": "cut-after", "network": "myspace"},
        {"do": "sneeze"},
        {"do": None},
        knobs(duplicate_seconds="-1"),
        knobs(calls_per_day="many"),
        knobs(clock_offset="9" * 30),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(panel, form):
    response = panel.send(**form)
    assert (response.status_code, response.text.count('role="alert"')) == (400, 1)
    assert [set_faults(panel.server, slug) for slug in MANNERS] == [[]] * 5
    assert {name: panel.server.ledger.knob(name) for name in KNOBS} == KNOBS


def test_refusal_keeps_what_was_filled_in(panel):
    html = panel.set("slow-after", times="5", chance="25", options={"slow-after:seconds": "soon"}).text
    assert re.findall(r'value="([^"]+)" checked> <span>', html) == ["slow-after"]
    assert re.findall(r'<option value="(\d+)" selected>', html) == ["5", "25"]
    problem = re.search(r'name="slow-after:seconds" value="soon"[^>]*aria-describedby="([^"]+)"', html)[1]
    assert [html.count(f'id="{problem}"'), html.count('href="#slow-after:seconds"')] == [1, 1]


def test_refused_setting_says_so_beside_it_and_on_top(panel):
    html = panel.send(**knobs(ghost_seconds="soon")).text
    problem = re.search(r'name="ghost_seconds" value="soon"[^>]*unit ([^"]+)" aria-invalid', html)[1]
    assert [html.count(f'id="{problem}"'), html.count('href="#ghost_seconds"')] == [1, 1]


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"token": None}, {}),
        ({"token": ""}, {}),
        ({"token": "guessed"}, {}),
        ({"token": "é"}, {}),
        ({}, {"Origin": "https://elsewhere.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Origin": "http://127.0.0.1:1"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
        ({}, {"Sec-Fetch-Site": "none"}),
    ],
)
def test_what_comes_from_elsewhere_is_refused(panel, form, headers):
    assert panel.set("cut-after", headers=headers, **form).status_code == 403
    assert set_faults(panel.server, "linkedin") == []


def test_a_browser_that_names_no_origin_is_known_by_its_token(panel):
    response = panel.set("cut-after", headers={"Origin": None, "Sec-Fetch-Site": None})
    assert response.status_code == 303


def test_token_is_of_this_process(panel, tmp_path):
    from posts.rehearsal.server import serve

    with serve(tmp_path / "other") as other:
        assert Panel(other).token() != panel.token()


def test_json_is_refused(panel):
    data = {"token": panel.token(), "do": "set", "network": "linkedin", "fault": "cut-after"}
    response = requests.post(f"{panel.server.url}/panneau/", json=data, timeout=10)
    assert (response.status_code, set_faults(panel.server, "linkedin")) == (403, [])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(panel, method):
    response = requests.request(method, panel.url, data=b"", timeout=10)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_form_leads_to_this_server_only(panel):
    policy = requests.get(panel.url, timeout=10).headers["Content-Security-Policy"]
    assert policy == "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


# What it says ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", list(MANNERS))
def test_every_fault_and_option_has_words(slug):
    known = faults.COMMON | faults.OWN[slug]
    silent = [name for name in known if not isinstance(fault_in_words(slug, name), Promise)]
    options = {option for options in known.values() for option in options}
    assert (silent, sorted(options - set(OPTIONS))) == ([], [])


def test_words_are_of_faults_that_exist():
    said = {name for names in FAULTS.values() for name in names}
    assert said == set(faults.COMMON)
    assert {slug: set(names) for slug, names in OWN.items()} == {
        slug: set(names) for slug, names in faults.OWN.items()
    }


def test_what_a_network_lacks_is_what_it_never_looks_for():
    assert LACKS == test_server.LACKS


def test_panel_of_an_unknown_network_is_that_of_the_first(server):
    assert 'aria-current="page">LinkedIn' in Panel(server, "myspace").html()


def test_what_is_set_is_listed_in_words(panel):
    Panel(panel.server, "x").set("slow-after", times="5", chance="25", options={"slow-after:seconds": "9"})
    line = re.search(r'<ul class="lines">\s*<li>(.*?)</li>', panel.html(), re.DOTALL)[1]
    words = re.sub(r"\s+", " ", re.sub(r"<form.*|<[^>]+>", "", line, flags=re.DOTALL)).strip()
    assert [word in words for word in ("X ", "5", "25", ": 9")] == [True] * 4


def test_broken_rules_are_told_once_with_how_often(panel):
    for _time in range(3):
        panel.server.ledger.failure("text-too-long", 16, network="x")
    panel.server.ledger.failure("of-our-own", 0, network="mastodon")
    section = re.search(r'id="broken".*?</section>', panel.html(), re.DOTALL)[0]
    found = re.findall(r"<strong>(\w+)</strong>.*?<code>([\w-]+)</code>", section, re.DOTALL)
    assert found == [("Mastodon", "of-our-own"), ("X", "text-too-long")]
    assert [word in section for word in ("16", "3 ")] == [True, True]


def test_what_happened_last_leads_to_the_post(panel):
    urn = Wire(panel.server).created()
    assert f'<a href="/linkedin/feed/update/{urn.replace(":", "%3A")}/">' in panel.html()


def test_calls_are_told_apart_from_events(panel):
    Wire(panel.server).created()
    html = panel.html()
    events, calls = html.split('<details class="calls">')
    assert ["POST /rest/posts" in part for part in (events, calls)] == [False, True]


def test_what_clients_send_is_shown_as_text(panel):
    panel.server.ledger.failure("<b>rule</b>", 1, network="<i>x</i>")
    panel.server.ledger.event("call", network="x", method="GET", path="/<u>", status=404)
    panel.server.ledger.event("<s>", urn="<s>")
    html = panel.html()
    assert re.findall(r"<[bisu]>", html) == []
    assert [text in unescape(html) for text in ("<b>rule</b>", "<i>x</i>", "GET /<u>", "<s>")] == [True] * 4


@pytest.mark.browser
@pytest.mark.xdist_group("pages")
@pytest.mark.parametrize("width", [320, 1280])
def test_panel_is_usable_by_keyboard_fits_and_is_accessible(server, browser, width):
    axe = next((Path(__file__).resolve().parents[2] / "vendor").rglob("axe*.js"))
    server.ledger.failure("text-too-long-and-much-more-besides-that-cannot-be-broken", 16, network="x")
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/panneau/?network=x")
    page.get_by_role("radio").first.focus()
    for _step in range(12):
        page.keyboard.press("ArrowDown")
    for _step in range(9):
        page.keyboard.press("Tab")
        if page.locator("button.primary:focus").count():
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**done=set")
    assert len(set_faults(server, "x")) == 1
    context.close()

    page = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
    page.goto(f"{server.url}/panneau/?network=x&done=set")
    page.locator("input[value=slow-after]").check()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.add_script_tag(path=str(axe))
    assert page.evaluate("axe.run(document, {preload: false})")["violations"] == []
    page.close()

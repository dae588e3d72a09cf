"""The consent screen, as a person and as a browser without JavaScript see it: allowing, refusing, unticking."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from posts.rehearsal import consent
from posts.rehearsal.exchange import Request
from posts.rehearsal.wording import SCOPES

BACK = "http://127.0.0.1:8000/comptes/retour/"
SCOPE = ("pages_show_list", "pages_manage_posts")
PAGES = [{"id": "1001", "name": "INET"}, {"id": "2002", "name": "Anciens de l’INET"}]
FIELD = re.compile(
    r'<input type="(checkbox|hidden)" name="([^"]+)"(?: value="([^"]*)")?( checked)?( disabled)?'
)


def asked(**query):
    query = {"client_id": "rehearsal", "redirect_uri": BACK, "state": "a&b"} | query
    return Request("GET", "/dialog/oauth", urlencode(query), {})


def screen(request=None, base="http://127.0.0.1:1/api/facebook", **options):
    options = {"network": "Facebook", "scopes": SCOPE, "pages": PAGES, "may_untick": True} | options
    return consent.screen(request or asked(), base, **options)


def posted(html, answer, untick=()):
    """What a browser sends for this page with these boxes unticked, read back."""
    fields = [
        (unescape(name), unescape(value or "on"))
        for kind, name, value, is_checked, is_disabled in FIELD.findall(html)
        if (kind == "hidden" or is_checked) and not is_disabled and unescape(name) not in untick
    ]
    body = urlencode([*fields, ("answer", answer)]).encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return consent.chosen(Request("POST", "/dialog/oauth", "", kind, body))


@pytest.mark.parametrize("may_untick", [True, False])
def test_allowing_as_it_stands_gives_everything_that_was_asked(may_untick):
    said = posted(screen(may_untick=may_untick).body.decode(), "allow")
    assert said == consent.Consent(True, SCOPE, ("1001", "2002"))


def test_refusing_is_heard():
    assert posted(screen().body.decode(), "refuse").is_given is False


@pytest.mark.parametrize("body", [b"", b"answer=", b"answer=maybe", b"scope%3Ax=on"])
def test_anything_but_allowing_is_refusing(body):
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert consent.chosen(Request("POST", "/", "", kind, body)).is_given is False


def test_unticked_scope_is_not_given():
    said = posted(screen().body.decode(), "allow", untick={"scope:pages_manage_posts"})
    assert (said.scopes, said.pages) == (("pages_show_list",), ("1001", "2002"))


def test_unticked_page_is_not_given():
    said = posted(screen().body.decode(), "allow", untick={"page:1001"})
    assert (said.scopes, said.pages) == (SCOPE, ("2002",))


def test_scopes_that_cannot_be_unticked_have_no_boxes():
    html = screen(may_untick=False, pages=()).body.decode()
    assert [kind for kind, *_rest in FIELD.findall(html)] == ["hidden", "hidden"]


def test_scopes_are_said_in_words_and_by_their_names():
    html = screen(scopes=("tweet.write", "of.tomorrow")).body.decode()
    rows = re.findall(r"<span>(?:<strong>([^<]+)</strong>)?<code>([^<]+)</code></span>", html)
    assert [(bool(said), name) for said, name in rows] == [(True, "tweet.write"), (False, "of.tomorrow")]


@pytest.mark.parametrize("network", ["Facebook", "facebook"])
def test_network_is_named_in_its_own_colour(network):
    html = screen(network=network).body.decode()
    assert ('<body class="on-facebook">' in html, "Facebook</h1>" in html) == (True, True)


def test_unknown_network_is_named_as_it_is():
    assert "MySpace</h1>" in screen(network="MySpace").body.decode()


def test_form_leads_to_where_the_screen_came_from_with_the_whole_question():
    request = asked(scope="a b", code_challenge="é&=")
    action = unescape(re.search(r'<form [^>]*action="([^"]+)"', screen(request).body.decode())[1])
    assert action == f"/api/facebook/dialog/oauth?{request.query}"


@pytest.mark.parametrize(
    ("back", "allowed"),
    [
        (BACK, "'self' http://127.0.0.1:8000"),
        ("https://inet.example/retour?a=b", "'self' https://inet.example"),
        ("http://[::1]:8000/", "'self' http://[::1]:8000"),
        ("http://a.example; script-src */", "'self'"),
        ("http://[", "'self'"),
        ("javascript:alert(1)", "'self'"),
        ("", "'self'"),
    ],
)
def test_policy_lets_the_form_lead_back_and_nowhere_else(back, allowed):
    policy = screen(asked(redirect_uri=back)).headers["Content-Security-Policy"]
    assert policy == f"default-src 'self'; base-uri 'none'; form-action {allowed}; frame-ancestors 'none'"


def test_what_is_asked_is_shown_as_text():
    pages = [{"id": '"><b>', "name": "<b>INET</b>"}]
    html = screen(pages=pages, scopes=("<b>",), network="<b>X</b>").body.decode()
    assert "<b>" not in html
    said = posted(html, "allow")
    assert (said.scopes, said.pages) == (("<b>",), ('"><b>',))


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        (BACK, f"{BACK}?code=a%26b&state=s"),
        (f"{BACK}?keep=1", f"{BACK}?keep=1&code=a%26b&state=s"),
    ],
)
def test_way_back_carries_the_answer(uri, location):
    response = consent.back(uri, code="a&b", state="s")
    assert (response.status, response.headers["Location"]) == (302, location)


DOORS = {
    "facebook": ("/api/facebook/v26.0/dialog/oauth", "pages_show_list,pages_manage_posts"),
    "linkedin": ("/oauth/v2/authorization", "w_organization_social r_organization_social"),
    "x": ("/api/x/i/oauth2/authorize", "tweet.read tweet.write users.read media.write offline.access"),
    "mastodon": ("/api/mastodon/oauth/authorize", "profile write:statuses"),
}
PKCE = {"code_challenge": "a" * 43, "code_challenge_method": "S256"}


def door(server, slug, back=BACK):
    path, scope = DOORS[slug]
    query = {"response_type": "code", "client_id": "rehearsal", "redirect_uri": back, "state": "s"}
    return f"{server.url}{path}?{urlencode(query | {'scope': scope} | (PKCE if slug in ('x', 'mastodon') else {}))}"


@pytest.mark.parametrize("slug", list(DOORS))
@pytest.mark.parametrize(("answer", "field"), [("allow", "code"), ("refuse", "error")])
def test_each_network_takes_the_answer_of_the_screen(server, slug, answer, field):
    html = requests.get(door(server, slug), timeout=10).text
    action = unescape(re.search(r'<form [^>]*action="([^"]+)"', html)[1])
    fields = [(unescape(name), value or "on") for _kind, name, value, *_rest in FIELD.findall(html)]
    response = requests.post(
        server.url + action, data=[*fields, ("answer", answer)], timeout=10, allow_redirects=False
    )
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    assert (response.status_code, query["state"], field in query) == (302, ["s"], True)


@pytest.mark.parametrize("slug", list(DOORS))
def test_each_scope_that_is_asked_for_has_words(slug):
    scopes = re.split("[ ,]", DOORS[slug][1])
    assert [scope for scope in scopes if scope not in SCOPES] == []


@pytest.mark.browser
@pytest.mark.xdist_group("pages")
@pytest.mark.parametrize("width", [320, 1280])
def test_screen_fits_is_accessible_and_leads_back(server, browser, width):
    axe = next((Path(__file__).resolve().parents[2] / "vendor").rglob("axe*.js"))
    page = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
    wrong = []
    for slug in DOORS:
        page.goto(door(server, slug))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append((slug, "scrolls sideways"))
        page.add_script_tag(path=str(axe))
        wrong += [
            (slug, found["id"])
            for found in page.evaluate("axe.run(document, {preload: false})")["violations"]
        ]
    page.close()
    assert wrong == []

    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    # Another origin than the screen's, as the app is.
    back = f"{server.url.replace('127.0.0.1', 'localhost')}/comptes/retour/"
    for button, field in (("allow", "code="), ("refuse", "error=")):
        page.goto(door(server, "facebook", back))
        page.locator(f"button[value={button}]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{back}**")
        assert field in page.url
    context.close()

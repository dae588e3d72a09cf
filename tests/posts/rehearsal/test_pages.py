"""The rehearsal networks' pages, as their readers see them."""

import json
import re
from pathlib import Path

import pytest
import requests

from posts.networks import get_network
from posts.networks.linkedin import FOLD
from posts.rehearsal.manners import MANNERS
from posts.rehearsal.showing import fold, initials
from tests.posts.rehearsal.wire import encoded, jpeg

COMPANY = "/linkedin/company/1001/"
LONG = "Un mot après l’autre. " * 30
PAGES = {
    "linkedin": {"id": "1001", "handle": "inet", "path": COMPANY},
    "facebook": {"id": "1001", "handle": "inet", "path": "/facebook/1001/"},
    "x": {"id": "1001", "handle": "inet_fr", "path": "/x/1001/"},
    "mastodon": {"id": "1001", "handle": "inet", "path": "/mastodon/1001/"},
    "bluesky": {"id": "did:plc:inet", "handle": "inet.example", "path": "/bluesky/did:plc:inet/"},
}
EVERY_NETWORK = pytest.mark.parametrize("slug", list(PAGES))


def get(server, path):
    return requests.get(server.url + path, timeout=10, allow_redirects=False)


def words(html):
    """The text of a page, without tags and runs of blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def update(urn):
    return f"/linkedin/feed/update/{encoded(urn)}/"


@pytest.fixture
def ledger(server):
    """Of a rehearsal that has a page on each network."""
    for slug, page in PAGES.items():
        server.ledger.set_page(slug, page["id"], name="INET", handle=page["handle"], followers=3050)
    return server.ledger


def add_post(ledger, slug, text="Bonjour", *, parts=None, images=(), body=None, **columns):
    """The URN of a post as a network's stand-in stores it."""
    number = ledger.count_up("test post")
    page = PAGES[slug]["id"]
    urn = {"bluesky": f"at://{page}/app.bsky.feed.post/{number}", "linkedin": f"urn:li:share:{number}"}.get(
        slug, f"{slug}:{number}"
    )
    row = {
        **{"urn": urn, "network": slug, "author": MANNERS[slug].author_of(page), "text": text},
        **{"parts": json.dumps(parts or [["text", text]]), "images": json.dumps(list(images))},
        **{"body": json.dumps(body or {}), "created": 1e9 + number, "modified": 1e9 + number},
    }
    row |= columns
    ledger.add("post", **row)
    return row["urn"]


def add_picture(ledger, urn, data=None, **columns):
    facts = {"owner": "1001", "status": "AVAILABLE", "width": 40, "height": 50, "format": "JPEG"}
    ledger.add("image", urn=urn, **(facts | columns))
    ledger.picture_path(urn).write_bytes(data or jpeg())
    return {"id": urn, "altText": "Léa sourit"}


def path_of(slug, urn):
    return f"/{slug}/post/{encoded(urn)}/"


# Addresses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        (COMPANY, 200),
        ("/linkedin/company/inet/", 200),
        ("/linkedin/1001/", 200),
        ("/linkedin/company/2002/", 404),
        ("/linkedin/feed/update/urn%3Ali%3Ashare%3A7/", 404),
        ("/facebook/1001/", 200),
        ("/x/inet_fr/", 200),
        ("/x/@inet_fr/", 200),
        ("/x/inet_fr", 200),
        ("/x/nobody/", 404),
        ("/mastodon/@inet/", 200),
        ("/bluesky/inet.example/", 200),
        ("/bluesky/did%3Aplc%3Ainet/", 200),
        ("/bluesky/post/at%3A%2F%2Fnobody/", 404),
        ("/myspace/1001/", 404),
        ("/nothing", 404),
        ("/robots.txt", 200),
        ("/favicon.ico", 204),
        ("/static/css/rehearsal.css", 200),
        ("/static/css/app.css", 404),
        ("/static/css/../../manage.py", 404),
        ("/_/permalink/urn%3Ali%3Ashare%3A7", 404),
        ("/_/x/image/nothing", 404),
        ("/_/myspace/image/nothing", 404),
    ],
)
def test_address_answers(ledger, server, path, status):
    assert get(server, path).status_code == status


def test_every_page_says_that_it_is_a_rehearsal(wire):
    urn, gone = wire.created(), wire.created(commentary="Vite")
    wire.call("DELETE", f"/rest/posts/{encoded(gone)}", restli="DELETE")
    pages = ["/", COMPANY, update(urn), update(gone), "/nothing", "/panneau/"]
    assert [get(wire.server, page).text.count('class="ribbon"') for page in pages] == [1] * 6


@EVERY_NETWORK
def test_page_keeps_to_itself(ledger, server, slug):
    headers = get(server, PAGES[slug]["path"]).headers
    policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    assert (
        headers["Content-Security-Policy"],
        headers["X-Content-Type-Options"],
        headers["Cache-Control"],
    ) == (
        policy,
        "nosniff",
        "no-store",
    )


@EVERY_NETWORK
def test_page_is_read_only(ledger, server, slug):
    response = requests.post(server.url + PAGES[slug]["path"], data={"x": "y"}, timeout=10)
    assert response.status_code == 405


@EVERY_NETWORK
def test_post_answers_by_what_became_of_it(ledger, server, slug):
    there, gone = add_post(ledger, slug), add_post(ledger, slug, deleted=2e9)
    unseen = add_post(ledger, slug, is_visible=0)
    found = [get(server, path_of(slug, urn)).status_code for urn in (there, gone, unseen)]
    assert found == [200, 410, 404]


def test_post_of_another_network_is_not_found(ledger, server):
    urn = add_post(ledger, "x")
    assert get(server, path_of("facebook", urn)).status_code == 404


@pytest.mark.parametrize(
    ("slug", "path"),
    [
        ("linkedin", "/linkedin/feed/update/{}/"),
        ("x", "/x/i/status/{}/"),
        ("x", "/x/inet_fr/status/{}"),
        ("mastodon", "/mastodon/statuses/{}/"),
        ("mastodon", "/mastodon/@inet/{}"),
    ],
)
def test_post_is_at_the_address_that_the_real_network_would_give_it(ledger, server, slug, path):
    urn = add_post(ledger, slug, "Salut")
    assert "Salut" in words(get(server, path.format(encoded(urn))).text)


@pytest.mark.parametrize(
    ("slug", "urn"),
    [
        ("linkedin", "urn:li:share:7531172190796906497"),
        ("x", "2125406504734425089"),
        ("mastodon", "117674565553225729"),
        ("mastodon", "0198b2f0-6a57-7b3e-8f07-5d1a2c3b4d5e"),
        ("bluesky", "at://did:plc:rehearsalinetinetinet234/app.bsky.feed.post/3l22222222222"),
    ],
)
def test_link_copied_from_a_page_is_understood_where_people_paste_it(ledger, server, slug, urn):
    add_post(ledger, slug, urn=urn)
    link = re.search(r'<p class="when">\s*<a href="([^"]+)"', get(server, PAGES[slug]["path"]).text)[1]
    assert get_network(slug).remote_id_from(server.url + link) == urn


@EVERY_NETWORK
def test_permalink_leads_to_the_page_of_the_post(ledger, server, slug):
    urn = add_post(ledger, slug)
    response = get(server, f"/_/permalink/{encoded(urn)}")
    assert (response.status_code, response.headers["Location"]) == (302, MANNERS[slug].path_of_post(urn))
    assert get(server, response.headers["Location"]).status_code == 200


# What a page shows ----------------------------------------------------------------------------------


@EVERY_NETWORK
def test_page_shows_what_people_see_newest_first(ledger, server, slug):
    for text, columns in {
        "Premier": {},
        "Retiré": {"deleted": 2e9},
        "Invisible": {"is_visible": 0},
        "Second": {},
    }.items():
        add_post(ledger, slug, text, **columns)
    # The page of another network has the same number.
    add_post(ledger, "facebook" if slug == "x" else "x", "Ailleurs")
    text = words(get(server, PAGES[slug]["path"]).text)
    assert re.findall(r"Premier|Retiré|Invisible|Second|Ailleurs", text) == ["Second", "Premier"]


@EVERY_NETWORK
def test_page_gives_thirty_posts_and_the_way_to_older_ones(ledger, server, slug):
    for number in range(31):
        # Those of one second, too, stay in the order in which they came.
        add_post(ledger, slug, f"Message {number:02d}.", created=1e9 + number // 3)
    path = PAGES[slug]["path"]
    first = get(server, path).text
    older = re.search(r'href="(\?before=[^"]+)"', first)[1]
    second = get(server, path + older).text
    shown = [re.findall(r"Message (\d\d)\.", page) for page in (first, second)]
    assert shown == [[f"{number:02d}" for number in range(30, 0, -1)], ["00"]]
    assert "?before=" not in second


@EVERY_NETWORK
def test_page_shows_the_picture_as_it_was_received(ledger, server, slug):
    data = jpeg(40, 50)
    add_post(ledger, slug, images=[add_picture(ledger, f"{slug}:media:é/1", data)])
    html = get(server, PAGES[slug]["path"]).text
    address = re.search(r'<img src="([^"]+)" alt="Léa sourit" width="40" height="50"', html)[1]
    answer = get(server, address)
    assert (answer.content, answer.headers["Content-Type"]) == (data, "image/jpeg")
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


@pytest.mark.parametrize(("slug", "number"), [("linkedin", 5), ("facebook", 5), ("x", 4), ("mastodon", 4)])
def test_page_shows_some_pictures_and_how_many_more_there_are(ledger, server, slug, number):
    pictures = [add_picture(ledger, f"{slug}:media:{each}") for each in range(7)]
    urn = add_post(ledger, slug, images=pictures)
    page, post = (get(server, path).text for path in (PAGES[slug]["path"], path_of(slug, urn)))
    assert [html.count("<img ") for html in (page, post)] == [number, 7]
    assert [re.findall(r">(\+\d)<", html) for html in (page, post)] == [[f"+{7 - number}"], []]


@pytest.mark.parametrize(
    ("slug", "badges"),
    [("linkedin", 1), ("facebook", 0), ("x", 1), ("mastodon", 1), ("bluesky", 1)],
)
def test_page_shows_descriptions_where_readers_can_read_them(ledger, server, slug, badges):
    urn = add_post(ledger, slug, images=[add_picture(ledger, f"{slug}:media:1")])
    page, post = (get(server, path).text for path in (PAGES[slug]["path"], path_of(slug, urn)))
    assert [html.count('class="alt"') for html in (page, post)] == [badges, 1]


def test_page_shows_a_picture_that_is_not_known(ledger, server):
    add_post(ledger, "x", images=[{"id": "x:media:9", "altText": "Perdue"}])
    assert '<img src="/_/x/image/x%3Amedia%3A9" alt="Perdue" loading' in get(server, "/x/1001/").text


@EVERY_NETWORK
def test_page_shows_text_as_text(ledger, server, slug):
    add_post(ledger, slug, "<script>alert(1)</script>")
    html = get(server, PAGES[slug]["path"]).text
    assert ("<script>" in html, "&lt;script&gt;alert(1)&lt;/script&gt;" in html) == (False, True)


@EVERY_NETWORK
def test_page_shows_hashtags_and_mentions(ledger, server, slug):
    add_post(ledger, slug, parts=[["hashtag", "#INET"], ["text", " avec "], ["mention", "@rennes"]])
    html = get(server, PAGES[slug]["path"]).text
    assert '<span class="hashtag">#INET</span> avec <span class="mention">@rennes</span>' in html


ADDRESS = "https://www.inet.example/galerie/lea-le-goff-joséphine-baker"
SHORT = "inet.example/galerie/lea-le-go…"


@pytest.mark.parametrize(
    ("slug", "shown"),
    [("linkedin", ADDRESS), ("facebook", ADDRESS), ("x", SHORT), ("mastodon", SHORT), ("bluesky", None)],
)
def test_page_makes_addresses_links_as_its_network_does(ledger, server, slug, shown):
    add_post(ledger, slug, f"Voir {ADDRESS}, enfin.")
    html = get(server, PAGES[slug]["path"]).text
    links = re.findall(r'<a href="(https:[^"]+)" rel="nofollow noopener noreferrer">([^<]+)</a>', html)
    assert links == ([(ADDRESS, shown)] if shown else [])


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("https://inet.example/a", "https://inet.example/a"),
        ("inet.example/a", "https://inet.example/a"),
        ("javascript://inet.example/%0aalert(1)", "https://javascript://inet.example/%0aalert(1)"),
    ],
)
def test_page_links_to_web_addresses_only(ledger, server, said, url):
    add_post(ledger, "bluesky", parts=[["link", said]])
    assert re.findall(r'href="([^"]+)" rel', get(server, PAGES["bluesky"]["path"]).text) == [url]


@pytest.mark.parametrize(
    ("slug", "length", "folds"),
    [
        *(("linkedin", 249, 0), ("linkedin", 260, 1), ("facebook", 500, 0), ("facebook", 530, 1)),
        *(("x", 280, 0), ("x", 400, 1), ("mastodon", 500, 0), ("bluesky", 300, 0)),
    ],
)
def test_page_folds_long_texts_as_its_network_does(ledger, server, slug, length, folds):
    urn = add_post(ledger, slug, (LONG * 2)[:length])
    pages = [get(server, path).text for path in (PAGES[slug]["path"], path_of(slug, urn))]
    assert [html.count("<details><summary>") for html in pages] == [folds, 0]


@pytest.mark.parametrize(
    ("slug", "text", "is_large"),
    [
        *(("facebook", "Bonne rentrée.", True), ("facebook", "Bonne rentrée. " * 9, False)),
        *(("facebook", "Bonne\n\nrentrée.", False), ("x", "Bonne rentrée.", False)),
    ],
)
def test_short_text_alone_is_large_on_facebook(ledger, server, slug, text, is_large):
    add_post(ledger, slug, text)
    assert ("card post large" in get(server, PAGES[slug]["path"]).text) == is_large


@pytest.mark.parametrize(
    ("slug", "handle"),
    [
        *(("linkedin", None), ("facebook", None), ("x", "@inet_fr"), ("bluesky", "@inet.example")),
        ("mastodon", "@inet@mastodon.rehearsal"),
    ],
)
def test_page_names_the_handle_where_readers_see_one(ledger, server, slug, handle):
    found = re.findall(r'<p class="at">([^<]+)</p>', get(server, PAGES[slug]["path"]).text)
    assert found == ([handle] if handle else [])


def test_mastodon_page_names_its_own_instance(ledger, server):
    ledger.set_page("mastodon", "1001", data={"instance": "social.example"})
    urn = add_post(ledger, "mastodon")
    html = get(server, path_of("mastodon", urn)).text
    assert ("@inet@social.example" in html, "https://social.example/@inet/" in html) == (True, True)


@EVERY_NETWORK
def test_page_says_that_a_post_was_edited(ledger, server, slug):
    urn = add_post(ledger, slug, created=1e9, modified=1e9)
    before = get(server, path_of(slug, urn)).text
    ledger.write("UPDATE post SET modified = ? WHERE urn = ?", 1e9 + 60, urn)
    after = get(server, path_of(slug, urn)).text
    assert [html.count("<span>· ") for html in (before, after)] == [0, 1]


ARTICLE = {
    "source": "https://www.inet.example/rentree",
    "title": "La rentrée",
    "description": "Soixante élèves",
}
EXTERNAL = {
    "uri": "https://www.inet.example/rentree",
    "title": "La rentrée",
    "description": "Soixante élèves",
}


@pytest.mark.parametrize(
    ("slug", "body", "title"),
    [
        ("linkedin", {"content": {"article": ARTICLE}}, "La rentrée"),
        ("facebook", {"message": "Voir", "link": EXTERNAL["uri"]}, EXTERNAL["uri"]),
        ("bluesky", {"embed": {"external": EXTERNAL}}, "La rentrée"),
        ("bluesky", {"record": {"embed": {"external": EXTERNAL}}}, "La rentrée"),
    ],
)
def test_page_shows_the_card_of_a_link(ledger, server, slug, body, title):
    add_post(ledger, slug, body=body)
    html = get(server, PAGES[slug]["path"]).text
    card = re.search(r'<a class="linked" href="([^"]+)".*?</a>', html, re.DOTALL)
    assert card[1] == EXTERNAL["uri"]
    assert [f"<strong>{title}</strong>" in card[0], ">inet.example<" in card[0]] == [True, True]


def test_card_of_a_link_shows_its_picture(ledger, server):
    picture = add_picture(ledger, "urn:li:image:1")["id"]
    add_post(ledger, "linkedin", body={"content": {"article": {**ARTICLE, "thumbnail": picture}}})
    assert f'<img src="/_/linkedin/image/{encoded(picture)}" alt=""' in get(server, COMPANY).text


@pytest.mark.parametrize(
    "body",
    [
        *({"link": "javascript:alert(1)"}, {"content": {"article": {"source": "ftp://a.example"}}}, []),
        *("text", None, {"content": "x"}, {"embed": {"external": ["x"]}}, {"content": {"media": []}}),
    ],
)
def test_card_of_no_web_address_is_left_out(ledger, server, body):
    add_post(ledger, "facebook", body=body)
    response = get(server, "/facebook/1001/")
    assert (response.status_code, 'class="linked' in response.text) == (200, False)


def test_page_shows_a_document_by_its_title(ledger, server):
    media = {"id": "urn:li:document:1", "title": "Le guide du stage"}
    add_post(ledger, "linkedin", body={"content": {"media": media}}, images=[media])
    html = get(server, COMPANY).text
    assert [html.count('class="document"'), html.count("<img "), "Le guide du stage" in html] == [1, 0, True]


@pytest.mark.parametrize(
    ("slug", "real"),
    [
        ("linkedin", "https://www.linkedin.com/feed/update/urn:li:share:1/"),
        ("facebook", "https://www.facebook.com/1001/posts/2"),
        ("x", "https://x.com/inet_fr/status/1"),
        ("bluesky", "https://bsky.app/profile/did:plc:inet/post/1"),
    ],
)
def test_page_of_a_post_names_its_real_address(ledger, server, slug, real):
    urn = add_post(ledger, slug, **({"urn": "1001_2"} if slug == "facebook" else {}))
    assert f"<code>{real}</code>" in get(server, path_of(slug, urn)).text


# All pages ------------------------------------------------------------------------------------------


def test_index_lists_every_network_even_without_a_page(server):
    html = get(server, "/").text
    assert re.findall(r"</span>\s*(\w+)</h2>", html)[:5] == [
        "LinkedIn",
        "Facebook",
        "X",
        "Mastodon",
        "Bluesky",
    ]


def test_index_leads_to_every_page_and_to_the_panel(ledger, server):
    ledger.set_page("facebook", "2002", name="Anciens")
    links = re.findall(r'href="(/[^"]*)"', get(server, "/").text)
    wanted = [*(page["path"] for page in PAGES.values()), "/facebook/2002/", "/panneau/"]
    assert sorted(set(links) - {"/static/css/rehearsal.css"}) == sorted(wanted)
    assert [get(server, link).status_code for link in wanted] == [200] * 7


def test_index_counts_what_people_see(ledger, server):
    for slug, number in {"x": 2, "facebook": 1}.items():
        for _post in range(number):
            add_post(ledger, slug)
        add_post(ledger, slug, "Retiré", deleted=2e9)
    counts = re.findall(r"· (\d+) p", words(get(server, "/").text))
    assert counts == ["0", "1", "2", "0", "0"]


# LinkedIn, over its own wire --------------------------------------------------------------------------


def test_company_shows_posts_newest_first(wire):
    wire.created(commentary="Premier")
    wire.created(commentary="Second")
    text = words(get(wire.server, COMPANY).text)
    assert text.index("Second") < text.index("Premier")


def test_company_shows_the_picture_and_its_description(wire):
    urn = wire.available(jpeg(40, 50))
    wire.created(content={"media": {"id": urn, "altText": 'Léa "sourit"'}})
    html = get(wire.server, COMPANY).text
    assert (
        f'src="/_/linkedin/image/{encoded(urn)}" alt="Léa &quot;sourit&quot;" width="40" height="50"' in html
    )


def test_company_shows_hashtags_and_addresses_alive(wire):
    wire.created(commentary="Voir https://a.example/b\\_c, #INET")
    html = get(wire.server, COMPANY).text
    assert (
        '<a href="https://a.example/b_c" rel="nofollow noopener noreferrer">https://a.example/b_c</a>, '
        in html
    )
    assert '<span class="hashtag">#INET</span>' in html


def test_company_hides_what_was_taken_down_or_never_seen(wire):
    gone = wire.created(commentary="Retiré")
    wire.call("DELETE", f"/rest/posts/{encoded(gone)}", restli="DELETE")
    wire.ledger.set_faults("linkedin", [{"name": "processing-fails", "polls": 9}])
    doomed = {"media": {"id": wire.uploaded(), "altText": "Une photo"}}
    unseen = wire.created(commentary="Invisible", content=doomed)
    text = words(get(wire.server, COMPANY).text)
    assert ("Retiré" in text, "Invisible" in text) == (False, False)
    assert [get(wire.server, update(urn)).status_code for urn in (gone, unseen)] == [410, 404]


# Pieces ---------------------------------------------------------------------------------------------


def joined(parts):
    return "".join(text for _kind, text in parts)


@pytest.mark.parametrize(
    "parts",
    [
        [["text", LONG]],
        [["text", LONG[:205]], ["hashtag", "#" + "A" * 40], ["text", LONG]],
        [["hashtag", "#" + "A" * 300]],
        [["text", "A" * 400]],
        [["text", "Court."]],
        [],
    ],
)
def test_fold_loses_nothing_and_keeps_hashtags_whole(parts):
    head, tail = fold(parts, FOLD)
    assert joined(head) + joined(tail) == joined(parts)
    assert len(joined(head)) <= FOLD + 40
    whole = [part for part in parts if part[0] != "text"]
    assert [part for part in [*head, *tail] if part[0] != "text"] == whole


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        *(("INET", "INET"), ("INET, Institut national des études territoriales", "INET")),
        *(("Institut national des études territoriales", "INET"), ("École de Brest", "EB")),
        *(("Léa", "LEA"), ("École", "ECOL"), ("東京", "")),
    ],
)
def test_initials_stand_for_the_name(name, letters):
    assert initials(name) == letters


@pytest.mark.browser
@pytest.mark.xdist_group("pages")
def test_pages_fit_and_are_accessible(ledger, server, browser):
    axe = next((Path(__file__).resolve().parents[2] / "vendor").rglob("axe*.js"))
    paths = ["/", "/nothing"]
    for slug, page in PAGES.items():
        ledger.set_page(slug, page["id"], name="Institut national des études territoriales")
        pictures = [add_picture(ledger, f"{slug}:media:{each}", jpeg(1200, 900)) for each in range(3)]
        urn = add_post(ledger, slug, f"{LONG}{ADDRESS} #INET")
        add_post(ledger, slug, f"{ADDRESS}, à lire.", images=pictures)
        add_post(ledger, slug, body={"link": ADDRESS})
        gone = add_post(ledger, slug, deleted=2e9)
        paths += [page["path"], path_of(slug, urn), path_of(slug, gone)]
    wrong = []
    page = browser.new_page(bypass_csp=True)
    for path in paths:
        page.goto(server.url + path)
        page.add_script_tag(path=str(axe))
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append((path, width, "scrolls sideways"))
            found = page.evaluate("axe.run(document, {preload: false})")["violations"]
            wrong += [(path, width, violation["id"]) for violation in found]
    page.close()
    assert wrong == []

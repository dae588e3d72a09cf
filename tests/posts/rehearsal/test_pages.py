"""The rehearsal network's pages, as its readers see them."""

import re
from pathlib import Path

import pytest
import requests

from posts.networks.linkedin import FOLD
from posts.rehearsal.pages import fold
from tests.posts.rehearsal.wire import encoded, jpeg

COMPANY = "/linkedin/company/1001/"
LONG = "Un mot après l’autre. " * 30


def get(server, path):
    return requests.get(server.url + path, timeout=10, allow_redirects=False)


def words(html):
    """The text of a page, without tags and runs of blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def update(urn):
    return f"/linkedin/feed/update/{encoded(urn)}/"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        (COMPANY, 200),
        ("/linkedin/company/inet/", 200),
        ("/linkedin/company/2002/", 404),
        ("/linkedin/feed/update/urn%3Ali%3Ashare%3A7/", 404),
        ("/nothing", 404),
        ("/robots.txt", 200),
        ("/favicon.ico", 204),
        ("/static/css/rehearsal.css", 200),
        ("/static/css/app.css", 404),
        ("/static/css/../../manage.py", 404),
        ("/_/permalink/urn%3Ali%3Ashare%3A7", 404),
    ],
)
def test_address_answers(wire, path, status):
    assert get(wire.server, path).status_code == status


def test_every_page_says_that_it_is_a_rehearsal(wire):
    urn, gone = wire.created(), wire.created(commentary="Vite")
    wire.call("DELETE", f"/rest/posts/{encoded(gone)}", restli="DELETE")
    pages = ["/", COMPANY, update(urn), update(gone), "/nothing"]
    assert [get(wire.server, page).text.count('class="ribbon"') for page in pages] == [1] * 5


def test_every_page_keeps_to_itself(wire):
    headers = get(wire.server, COMPANY).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


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


def test_company_shows_text_as_text(wire):
    wire.created(commentary="\\<script\\>alert\\(1\\)\\</script\\>")
    html = get(wire.server, COMPANY).text
    assert ("<script>" in html, "&lt;script&gt;alert(1)&lt;/script&gt;" in html) == (False, True)


def test_company_folds_a_long_text_and_the_post_itself_does_not(wire):
    urn = wire.created(commentary=LONG)
    pages = [get(wire.server, page).text for page in (COMPANY, update(urn))]
    assert [html.count("<details><summary>") for html in pages] == [1, 0]


def test_company_hides_what_was_taken_down_or_never_seen(wire):
    gone = wire.created(commentary="Retiré")
    wire.call("DELETE", f"/rest/posts/{encoded(gone)}", restli="DELETE")
    wire.ledger.set_faults("linkedin", [{"name": "processing-fails", "polls": 9}])
    doomed = {"media": {"id": wire.uploaded(), "altText": "Une photo"}}
    unseen = wire.created(commentary="Invisible", content=doomed)
    text = words(get(wire.server, COMPANY).text)
    assert ("Retiré" in text, "Invisible" in text) == (False, False)
    assert [get(wire.server, update(urn)).status_code for urn in (gone, unseen)] == [410, 404]


def test_company_gives_thirty_posts_and_the_way_to_older_ones(wire):
    for number in range(31):
        wire.created(commentary=f"Message {number:02d}.")
    first = get(wire.server, COMPANY).text
    older = re.search(r'href="(\?before=[^"]+)"', first)[1]
    second = get(wire.server, COMPANY + older).text
    shown = [re.findall(r"Message (\d\d)\.", page) for page in (first, second)]
    assert shown == [[f"{number:02d}" for number in range(30, 0, -1)], ["00"]]


def test_index_counts_what_people_see(wire):
    wire.created()
    gone = wire.created(commentary="Retiré")
    wire.call("DELETE", f"/rest/posts/{encoded(gone)}", restli="DELETE")
    html = get(wire.server, "/").text
    assert re.search(r"· (\d+) p", words(html))[1] == "1"


def test_permalink_leads_to_the_page_of_the_post(wire):
    urn = wire.created()
    response = get(wire.server, f"/_/permalink/{urn}")
    assert (response.status_code, response.headers["Location"]) == (302, update(urn))


def test_page_of_a_post_names_its_real_address(wire):
    urn = wire.created()
    assert f"https://www.linkedin.com/feed/update/{urn}/" in get(wire.server, update(urn)).text


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
    head, tail = fold(parts)
    assert joined(head) + joined(tail) == joined(parts)
    assert len(joined(head)) <= FOLD + 40
    whole = [part for part in parts if part[0] != "text"]
    assert [part for part in [*head, *tail] if part[0] != "text"] == whole


@pytest.mark.browser
@pytest.mark.xdist_group("pages")
def test_pages_fit_and_are_accessible(wire, browser):
    axe = next((Path(__file__).resolve().parents[2] / "vendor").rglob("axe*.js"))
    wire.server.linkedin.organisation({"id": "1001", "name": "Institut national des études territoriales"})
    pictures = {"media": {"id": wire.available(jpeg(1200, 1500)), "altText": "Léa sourit"}}
    urn = wire.created(commentary=LONG + "#INET", content=pictures)
    wrong = []
    page = browser.new_page(bypass_csp=True)
    for path in ("/", COMPANY, update(urn), "/nothing"):
        page.goto(wire.server.url + path)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append((path, width, "scrolls sideways"))
        page.add_script_tag(path=str(axe))
        wrong += [(path, found["id"]) for found in page.evaluate("axe.run()")["violations"]]
    page.close()
    assert wrong == []

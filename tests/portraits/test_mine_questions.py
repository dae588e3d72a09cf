"""*Mon portrait*, one question a screen: what is saved, refused, shown again; the facts."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from cohorts.models import Internship
from portraits import phones
from portraits.questions import QUESTIONS
from tests import factories
from tests.portraits.making import AUTOSAVE, by_script, made

pytestmark = pytest.mark.django_db
KEYS = [question.key for question in QUESTIONS]
ORIGIN = reverse("my_question", args=["origin"])


@pytest.fixture
def lea(client, student):
    client.force_login(student.user)
    return client


# One question a screen ---------------------------------------------------------------------------


def test_question_shows_what_was_answered(lea, student):
    made("draft", student, origin="Brest, <le port>.")
    page = lea.get(ORIGIN)
    assert (page.status_code, escape("Brest, <le port>.") in page.content.decode()) == (200, True)


def test_question_unknown_is_missing(lea, student):
    made("draft", student)
    assert lea.get(reverse("my_question", args=["salary"])).status_code == 404


def test_last_question_leads_to_handing_in_where_there_is_a_photo(lea, student):
    made("draft", student)
    answer = lea.post(reverse("my_question", args=[KEYS[-1]]), {"text": "Oui."})
    assert answer.url == reverse("my_hand_in")


def test_question_is_ready_for_dictation(lea, student, settings):
    """In the language of the words, whatever the language of the page."""
    made("invited", student)
    lea.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    attrs = lea.get(ORIGIN).context["form"].fields["text"].widget.attrs
    assert {name: attrs[name] for name in ("lang", "autocapitalize", "spellcheck")} == {
        "lang": "fr",
        "autocapitalize": "sentences",
        "spellcheck": "true",
    }


@pytest.mark.parametrize("place", range(len(KEYS)))
def test_question_leads_to_the_next_one(place, lea, student):
    made("invited", student)
    answer = lea.post(reverse("my_question", args=[KEYS[place]]), {"text": "Oui."})
    following = [*(reverse("my_question", args=[key]) for key in KEYS), reverse("my_photo")]
    assert (answer.status_code, answer.url) == (302, following[place + 1])


@pytest.mark.parametrize(
    ("key", "address"), [("origin", reverse("my_portrait")), ("before", ORIGIN)], ids=["first", "second"]
)
def test_question_saves_on_the_way_back_too(key, address, lea, student):
    portrait = made("invited", student)
    answer = lea.post(reverse("my_question", args=[key]), {"text": "Oui.", "go": "back"})
    assert (answer.url, portrait.answers.get().text) == (address, "Oui.")


def test_question_takes_nothing_but_the_answer(lea, student):
    portrait = made("invited", student)
    extra = {
        "state": "published",
        "version": 7,
        "signed_version": 7,
        "alt_text": "x",
        "question": "why",
        "by": 1,
    }
    lea.post(ORIGIN, {"text": "Brest."} | extra)
    kept = factories.fresh(portrait)
    assert (kept.state, kept.version, kept.signed_version, kept.alt_text) == ("draft", 0, None, "")
    assert [(answer.question, answer.text) for answer in kept.answers.all()] == [("origin", "Brest.")]


def test_question_about_internships_reminds_of_those_known(lea, student):
    made("invited", student)
    Internship.objects.create(student=student, host="Brest <Métropole>", subject="La rade")
    page = lea.get(reverse("my_question", args=["internships"]))
    assert [str(row) for row in page.context["internships"]] == ["Brest <Métropole>"]
    assert "Brest &lt;Métropole&gt;" in page.content.decode()


HOSTILE = {
    "markup": "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "template": "{{ portrait }} {% now 'Y' %} ${7*7} %(name)s",
    "emoji": "Bonjour 👩🏽‍🚀 à tous 🇫🇷",
    "letters": "Łukasz, Šejla, 李, ‏שלום‏",
    "lines": "un\n\ndeux\n  trois",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_question_keeps_any_text_and_shows_it_as_text(text, lea, student):
    portrait = made("invited", student)
    lea.post(ORIGIN, {"text": text.replace("\n", "\r\n")})
    assert portrait.answers.get().text == text
    assert escape(text) in lea.get(ORIGIN).content.decode()


REFUSED = {
    "too long": ("é" * 1201, "max_length"),
    "much too long": ("é" * 10_000, "max_length"),
    "null": ("Brest\x00 la nuit", "invisible"),
    "override": ("Brest \u202etiun al", "invisible"),
    "isolate": ("Brest \u2066la nuit", "invisible"),
    "control": ("Brest\x1b[31m", "invisible"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
def test_question_refuses_in_words_and_keeps_what_was_typed(text, code, lea, student):
    portrait = made("draft", student, origin="Brest.")
    page = lea.post(ORIGIN, {"text": text})
    errors = page.context["form"].errors.as_data()
    assert (page.status_code, [error.code for error in errors["text"]]) == (422, [code])
    assert page.context["form"]["text"].value() == text
    assert factories.fresh(portrait).own_words["origin"] == "Brest."


def test_question_says_where_the_invisible_character_is(lea, student):
    made("draft", student)
    page = lea.post(ORIGIN, {"text": "Je viens de Brest,\u202e dans le Finistère."})
    assert "viens de Brest, dans le Finis" in page.context["form"].errors["text"][0]


def test_question_counts_lines_as_typed(lea, student):
    """A browser sends \\r\\n for a line end: that is one character."""
    portrait = made("invited", student)
    text = "é" * 1190 + "\r\n" * 9 + "é"
    assert (lea.post(ORIGIN, {"text": text}).status_code, len(portrait.answers.get().text)) == (302, 1200)


def test_question_handed_in_meanwhile_keeps_what_was_typed_on_the_page(lea, student):
    portrait = made("submitted", student)
    page = lea.post(ORIGIN, {"text": "Encore un mot."})
    assert (page.status_code, page.context["form"]["text"].value()) == (422, "Encore un mot.")
    assert factories.fresh(portrait).own_words == factories.ANSWERS


# Saved while one types ---------------------------------------------------------------------------


def test_autosave_answers_without_a_page(lea, student):
    portrait = made("invited", student)
    answer = by_script(lea, student, ORIGIN, {"text": "Bre"})
    assert (answer.status_code, answer.content, portrait.answers.get().text) == (204, b"", "Bre")


@pytest.mark.parametrize(
    ("state", "status"), [("draft", 422), ("submitted", 423)], ids=["too long", "handed in"]
)
def test_autosave_refused_answers_with_a_sentence(state, status, lea, student):
    made(state, student)
    answer = by_script(lea, student, ORIGIN, {"text": "é" * (1201 if state == "draft" else 3)})
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/plain; charset=utf-8")
    assert len(answer.content.decode().split()) > 5


def test_autosave_signed_out_leads_to_the_sign_in(client):
    answer = client.post(ORIGIN, {"text": "Bre"}, headers=AUTOSAVE)
    assert answer.url == f"{reverse('account_login')}?next={ORIGIN}"


@pytest.mark.parametrize("whose", ["", "somebody else"])
def test_autosave_for_somebody_else_is_not_saved(whose, lea, student):
    """The session changed after the page was opened."""
    portrait = made("invited", student)
    answer = lea.post(ORIGIN, {"text": "À moi seule.", "whose": whose}, headers=AUTOSAVE)
    assert (answer.status_code, answer.content, portrait.answers.count()) == (401, b"", 0)


def test_page_of_somebody_else_is_not_saved_and_says_so(lea, student):
    portrait = made("invited", student)
    answer = lea.post(ORIGIN, {"text": "À moi seule.", "whose": "somebody else"}, follow=True)
    assert "quelqu’un d’autre" in answer.content.decode()
    assert (answer.redirect_chain[-1][0], portrait.answers.count()) == (reverse("my_portrait"), 0)


def test_page_names_its_owner(lea, student):
    made("invited", student)
    assert f'name="whose" value="{phones.owner(student.user)}"' in lea.get(ORIGIN).content.decode()


# Changed on another device ------------------------------------------------------------------------


def shown(client):
    """What names the answer that the page shows."""
    return client.get(ORIGIN).context["form"].initial["read"]


def test_autosave_says_what_is_read_now(lea, student):
    made("invited", student)
    first = by_script(lea, student, ORIGIN, {"text": "Bre", "read": ""}).headers["X-Read"]
    second = by_script(lea, student, ORIGIN, {"text": "Brest", "read": first})
    assert (second.status_code, second.headers["X-Read"], first < shown(lea)) == (204, shown(lea), True)


def test_autosave_over_what_was_not_read_is_refused_with_the_other_words(lea, student):
    portrait = made("invited", student)
    lea.post(ORIGIN, {"text": "Depuis le train."})
    answer = by_script(lea, student, ORIGIN, {"text": "Depuis la gare.", "read": ""})
    told = answer.json()
    assert (answer.status_code, told["text"], told["read"]) == (409, "Depuis le train.", shown(lea))
    assert portrait.answers.get().text == "Depuis le train."


def test_question_over_what_was_not_read_shows_both_and_saves_the_next_time(lea, student):
    portrait = made("invited", student)
    lea.post(ORIGIN, {"text": "Depuis le train."})
    page = lea.post(ORIGIN, {"text": "Depuis la gare.", "read": ""})
    form = page.context["form"]
    assert (page.status_code, form["text"].value(), page.context["other"].text) == (
        409,
        "Depuis la gare.",
        "Depuis le train.",
    )
    lea.post(ORIGIN, {"text": "Depuis la gare.", "read": form["read"].value()})
    assert portrait.answers.get().text == "Depuis la gare."


def test_same_words_sent_twice_change_nothing(lea, student):
    """The answer to the first sending was lost: the phone sends again what it had read."""
    made("invited", student)
    by_script(lea, student, ORIGIN, {"text": "Brest.", "read": ""})
    before = shown(lea)
    again = by_script(lea, student, ORIGIN, {"text": "Brest. ", "read": ""})
    assert (again.status_code, again.headers["X-Read"], shown(lea)) == (204, before, before)


# Facts -------------------------------------------------------------------------------------------


def test_facts_are_saved_and_lead_to_the_photo(lea, student):
    portrait = made("invited", student)
    answer = lea.post(
        reverse("my_facts"), {"region": "bre", "earlier_sector": "state", "counts_in_balance": "on"}
    )
    kept = factories.fresh(portrait)
    assert (answer.url, kept.region, kept.entry_route, kept.earlier_sector) == (
        reverse("my_photo"),
        "bre",
        "",
        "state",
    )


def test_facts_unknown_are_refused(lea, student):
    portrait = made("invited", student)
    page = lea.post(reverse("my_facts"), {"region": "atlantis", "earlier_sector": "state"})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["region"])
    assert (page.context["form"]["earlier_sector"].value(), factories.fresh(portrait).earlier_sector) == (
        "state",
        "",
    )

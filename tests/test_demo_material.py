"""The demo school's people, words and faces as files: whole, in good French, within every limit. No database."""

import json
import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from PIL import Image

from cohorts.colours import contrast
from portraits.models.portrait import Region
from portraits.questions import QUESTIONS

FOLDER = Path(__file__).resolve().parent.parent / "inet_comms/demo"
SCHOOL = json.loads((FOLDER / "school.json").read_text(encoding="utf-8"))
PROMOTIONS = {row["slug"]: row for row in SCHOOL["promotions"]}
OWN = [question for row in SCHOOL["promotions"] for question in row.get("questions", [])]
LIMITS = {question.key: question.limit for question in QUESTIONS} | {row["key"]: row["limit"] for row in OWN}
STUDENTS = SCHOOL["students"]
FACES = sorted((FOLDER / "faces").glob("*.webp"))
# In the order of a portrait's life; `scheduled` is approved with a moment to come.
STATES = (
    *("not_invited", "invited", "draft", "submitted", "in_edit", "to_sign", "signed"),
    *("in_review", "approved", "scheduled", "published", "withdrawn"),
)
EDITED = STATES[STATES.index("in_edit") :]
HANDED_IN = STATES[STATES.index("submitted") :]
ROUTES = {"externe", "interne", "troisième concours", "docteurs"}
SECTORS = {"État", "collectivité", "entreprise", "association", "recherche", "hôpital", "études"}
MOST_BYTES, MOST_BYTES_TOGETHER = 25_000, 1_000_000

pytestmark = pytest.mark.files_only


def called(student):
    return f"{student['first_name']} {student['last_name']}"


def in_states(*states):
    return [student for student in STUDENTS if student["state"] in states]


def words(text):
    return len(re.findall(r"[\w-]+", text.replace("’", "’ ")))


def sentences():
    """(whose, sentence) of everything a person reads."""
    for promotion in SCHOOL["promotions"]:
        yield promotion["slug"], promotion["name"]
        for question in promotion.get("questions", []):
            for field in ("label", "help", "missing"):
                yield promotion["slug"], question[field]
    for track in SCHOOL["tracks"]:
        yield track["slug"], track["name"]
    for student in STUDENTS:
        internships = chain.from_iterable(
            (row["host"], row["place"], row["tutor_name"], row["subject"]) for row in student["internships"]
        )
        for text in chain(
            (called(student),), internships, student["answers"].values(), student["edited"].values()
        ):
            yield called(student), text


def test_promotions_have_their_number_of_students():
    assert Counter(student["promotion"] for student in STUDENTS) == {
        "estuaire": 33,
        "clairiere": 45,
        "hospitalite": 4,
    }


def test_each_promotion_has_a_communication_group_of_three():
    groups = Counter(student["promotion"] for student in STUDENTS if student["comms"])
    assert groups == dict.fromkeys(PROMOTIONS, 3)


def test_two_promotions_overlap_now_for_four_to_six_months():
    under_way = [row for row in SCHOOL["promotions"] if row["starts"] < 0 < row["ends"]]
    first, second = sorted(under_way, key=lambda row: row["starts"])
    assert 4 * 30 <= first["ends"] - second["starts"] <= 6 * 31


def test_finished_promotion_was_renamed():
    finished = [row for row in SCHOOL["promotions"] if row["ends"] < 0]
    assert [[former["name"] for former in row["former_names"]] for row in finished] == [["Grand Large"]]


def test_tracks_are_the_four_curricula():
    assert [track["name"] for track in SCHOOL["tracks"]] == [
        "Administrateurs territoriaux",
        "Ingénieurs en chef",
        "Conservateurs de bibliothèques",
        "Conservateurs du patrimoine",
    ]


def test_every_promotion_belongs_to_a_track():
    tracks = {track["slug"] for track in SCHOOL["tracks"]}
    assert {row["track"] for row in SCHOOL["promotions"]} - tracks == set()


def test_hashtags_are_hashtags():
    rows = SCHOOL["tracks"] + SCHOOL["promotions"]
    assert [row["hashtag"] for row in rows if not re.fullmatch(r"#\w{3,59}", row["hashtag"])] == []


def test_the_two_colours_of_a_promotion_can_be_read_on_each_other():
    pairs = {slug: row["colours"] for slug, row in PROMOTIONS.items()}
    assert [slug for slug, pair in pairs.items() if contrast(pair["main"], pair["second"]) < 4.5] == []


def test_emails_are_unique_whatever_the_case():
    emails = Counter(row["email"].lower() for row in STUDENTS + SCHOOL["staff"])
    assert [email for email, count in emails.items() if count > 1] == []


def test_emails_lead_nowhere():
    """`.invalid` is reserved (RFC 2606): no mail of the demo can reach anybody."""
    tutors = [row["tutor_email"] for student in STUDENTS for row in student["internships"]]
    emails = [row["email"] for row in STUDENTS + SCHOOL["staff"]] + tutors
    assert [email for email in emails if not re.fullmatch(r"[a-z.-]+@demo\.invalid", email)] == []


def test_names_are_unique():
    assert [name for name, count in Counter(map(called, STUDENTS)).items() if count > 1] == []


def test_staff_are_three():
    assert len(SCHOOL["staff"]) == 3


def test_every_state_is_there():
    assert {student["state"] for student in STUDENTS} == set(STATES)


def test_graduates_are_published():
    assert [student["state"] for student in STUDENTS if student["promotion"] == "hospitalite"] == [
        "published"
    ] * 4


def test_whoever_has_not_begun_has_neither_words_nor_face():
    begun = [
        called(s) for s in in_states("not_invited", "invited") if s["answers"] or s["face"] or s["edited"]
    ]
    assert begun == []


def test_drafts_lack_something():
    required = {question.key for question in QUESTIONS if question.is_required}
    whole = [called(s) for s in in_states("draft") if required <= set(s["answers"]) and s["face"]]
    assert whole == []


def test_what_was_handed_in_is_whole():
    required = {question.key for question in QUESTIONS if question.is_required}
    lacking = [called(s) for s in in_states(*HANDED_IN) if required - set(s["answers"]) or not s["face"]]
    assert lacking == []


def test_edited_words_are_there_exactly_where_somebody_has_edited():
    assert {called(s) for s in STUDENTS if s["edited"]} == {called(s) for s in in_states(*EDITED)}


def test_answers_answer_questions():
    assert [
        called(student)
        for student in STUDENTS
        if set(student["answers"])
        - {question.key for question in QUESTIONS}
        - {question["key"] for question in PROMOTIONS[student["promotion"]].get("questions", [])}
    ] == []


def test_one_promotion_asks_one_question_more_and_one_no_longer():
    assert {
        slug: [question.get("is_retired", False) for question in row["questions"]]
        for slug, row in PROMOTIONS.items()
        if "questions" in row
    } == {"estuaire": [True, False]}


def test_answers_have_40_to_90_words():
    counts = {
        (called(student), key): words(text)
        for student in STUDENTS
        for key, text in student["answers"].items()
        if key != "quote"
    }
    assert {place: count for place, count in counts.items() if not 40 <= count <= 90} == {}


def test_answers_are_within_the_limit_of_their_question():
    too_long = [
        (called(student), key)
        for student in STUDENTS
        for key, text in student["answers"].items()
        if len(text) > LIMITS[key]
    ]
    assert too_long == []


def test_edited_quotes_and_titles_are_short():
    too_long = [
        called(s)
        for s in in_states(*EDITED)
        if len(s["edited"]["quote"]) > 140 or len(s["edited"]["title"]) > 120
    ]
    assert too_long == []


def test_edited_texts_are_paragraphs_of_130_to_190_words():
    counts = {called(s): words(s["edited"]["text"]) for s in in_states(*EDITED)}
    assert {name: count for name, count in counts.items() if not 130 <= count <= 190} == {}


def test_edited_texts_are_not_the_answers_in_a_row():
    """Somebody has worked on them: there is something to compare, and to sign."""
    same = [called(s) for s in in_states(*EDITED) if s["answers"]["origin"] in s["edited"]["text"]]
    assert same == []


def test_linkedin_posts_are_of_a_good_length():
    """LinkedIn takes 3,000 characters; people read 1,500 (counted as Python counts: there are no emoji)."""
    lengths = {called(s): len(s["edited"]["linkedin"]) for s in in_states(*EDITED)}
    assert {name: length for name, length in lengths.items() if not 900 <= length <= 1500} == {}


def test_linkedin_posts_end_with_the_hashtag_of_the_promotion_among_others():
    last_lines = {called(s): s["edited"]["linkedin"].split("\n")[-1].split() for s in in_states(*EDITED)}
    wrong = [
        called(s)
        for s in in_states(*EDITED)
        if PROMOTIONS[s["promotion"]]["hashtag"] not in last_lines[called(s)]
        or not all(tag.startswith("#") for tag in last_lines[called(s)])
    ]
    assert wrong == []


def test_one_linkedin_post_has_every_sign_that_linkedin_would_read_as_its_own():
    posts = [s["edited"]["linkedin"] for s in in_states("published")]
    assert [all(sign in text for sign in ("(2025/2027)", "#", "@", "_")) for text in posts].count(True) == 1


@pytest.mark.parametrize("key, allowed", [("entry_route", ROUTES), ("earlier_sector", SECTORS)])
def test_facts_are_ones_that_the_form_offers(key, allowed):
    assert {student["facts"][key] for student in STUDENTS if key in student["facts"]} - allowed == set()


def test_regions_are_ones_that_the_form_offers():
    offered = {"Outre-mer"} | {region.label for region in Region if region.value not in ("om", "abroad")}
    assert {
        student["facts"]["region"] for student in STUDENTS if "region" in student["facts"]
    } - offered == set()


def test_internships_end_after_they_start_and_within_the_studies():
    wrong = [
        (called(student), row["host"])
        for student in STUDENTS
        for row in student["internships"]
        if not PROMOTIONS[student["promotion"]]["starts"] <= row["start"] < row["end"]
        or row["end"] > PROMOTIONS[student["promotion"]]["ends"]
    ]
    assert wrong == []


def test_every_face_belongs_to_one_person():
    assert sorted(student["face"] for student in STUDENTS if student["face"]) == [path.name for path in FACES]


def test_faces_are_portraits_of_1200_by_1500_in_webp():
    looks = {}
    for path in FACES:
        with Image.open(path) as picture:
            looks[path.name] = (picture.format, *picture.size)
    assert {name: look for name, look in looks.items() if look != ("WEBP", 1200, 1500)} == {}


def test_faces_hold_no_metadata():
    """Only the picture itself (VP8L): no EXIF, XMP or colour profile, all of which need a VP8X chunk."""
    assert [path.name for path in FACES if path.read_bytes()[12:16] != b"VP8L"] == []


def test_faces_are_small():
    sizes = {path.name: path.stat().st_size for path in FACES}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}
    assert sum(sizes.values()) <= MOST_BYTES_TOGETHER


def test_faces_have_a_licence():
    licence = (FOLDER / "faces/LICENSE.txt").read_text(encoding="utf-8")
    assert [name for name in ("Notionists", "Zoish", "9.4.3", "CC0 1.0") if name not in licence] == []


TYPOGRAPHY = {
    "straight apostrophe or quotation mark": r"['\"]",
    "no narrow no-break space before ; ? !": r"(?<!\u202f)[;?!]",
    "no no-break space before a colon": r"(?<!\u00a0):",
    "no no-break space inside guillemets": r"«(?!\u00a0)|(?<!\u00a0)»",
    "three dots instead of an ellipsis": r"\.\.\.",
    "two blanks, or one at an end": r"  |^[ \t]|[ \t]$|\n\Z",
    "number that may break before its unit": r"\d (?:\d|h\b|km\b|%|€)",
}


@pytest.mark.parametrize("slip", TYPOGRAPHY)
def test_french_typography_has_no(slip):
    pattern = re.compile(TYPOGRAPHY[slip], re.MULTILINE)
    assert [(whose, text) for whose, text in sentences() if pattern.search(text)] == []

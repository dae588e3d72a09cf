"""*Mon portrait*: where it stands, who may open its pages, withdrawing and beginning again."""

from datetime import timedelta

import pytest
from django.core import serializers
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portraits import actions
from portraits.models import Portrait
from portraits.questions import QUESTIONS
from tests import factories
from tests.portraits.making import made

pytestmark = pytest.mark.django_db
State = Portrait.State
KEYS = [question.key for question in QUESTIONS]
ORIGIN = reverse("my_question", args=["origin"])


@pytest.fixture
def lea(client, student):
    client.force_login(student.user)
    return client


def overview(client):
    return client.get(reverse("my_portrait"))


# Where it stands --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State.values)
def test_overview_shows_every_state(state, lea, student):
    portrait = made(state, student)
    page = overview(lea)
    assert (page.status_code, page.context["portrait"].state) == (200, portrait.state)


NEXT = {
    "invited": reverse("my_question", args=["origin"]),
    "draft": reverse("my_hand_in"),
    "to_sign": reverse("my_signature"),
}


@pytest.mark.parametrize("state", NEXT)
def test_overview_leads_to_the_next_step(state, lea, student):
    made(state, student)
    assert f'class="button primary wide" href="{NEXT[state]}"' in overview(lea).content.decode()


@pytest.mark.parametrize(
    ("absent", "address"),
    [(["why", "next"], reverse("my_question", args=["why"])), (["internships"], reverse("my_hand_in"))],
    ids=["required", "optional"],
)
def test_overview_resumes_at_the_first_that_is_missing(absent, address, lea, student):
    portrait = made("draft", student)
    for key in absent:
        actions.answer(portrait, key, "", by=student.user)
    assert overview(lea).context["standing"].next[0] == address


def test_overview_resumes_at_the_photo(lea, student):
    portrait = made("invited", student)
    for key, text in factories.ANSWERS.items():
        actions.answer(portrait, key, text, by=student.user)
    assert overview(lea).context["standing"].next[0] == reverse("my_photo")


def test_overview_shows_what_the_group_wrote_with_the_pen(lea, student, member):
    portrait = made("submitted", student, member)
    actions.hand_back(portrait, message="Parlez-nous <de Brest>.", by=member.user)
    page = overview(lea)
    assert page.context["standing"].message.note == "Parlez-nous <de Brest>."
    assert "Parlez-nous &lt;de Brest&gt;." in page.content.decode()


def test_overview_shows_an_old_message_no_more(lea, student, member):
    portrait = made("submitted", student, member)
    actions.hand_back(portrait, message="Un mot de plus ?", by=member.user)
    actions.submit(factories.fresh(portrait), factories.agreement(), by=student.user)
    assert overview(lea).context["standing"].message is None


@pytest.mark.parametrize(
    ("state", "keys"),
    [
        ("submitted", (False, False)),
        ("to_sign", (False, False)),
        ("signed", (True, False)),
        ("published", (True, True)),
    ],
)
def test_overview_shows_the_two_keys(state, keys, lea, student):
    portrait = made(state, student)
    standing = overview(lea).context["standing"]
    assert (portrait.is_signed, standing.staff_key_turned) == keys


def test_overview_shows_the_staffs_key_once_the_post_is_approved(lea, student, member):
    portrait = made("signed", student, member)
    factories.make_post("approved", portrait=portrait, comms=member)
    assert overview(lea).context["standing"].staff_key_turned is True


@pytest.mark.parametrize(
    ("places", "is_there"), [(("gallery",), True), (("linkedin",), False)], ids=["gallery", "elsewhere"]
)
def test_overview_leads_to_the_page_that_anyone_can_see(places, is_there, lea, student):
    portrait = made("published", student, places=places)
    assert (f'href="{portrait.get_absolute_url()}"' in overview(lea).content.decode()) is is_there


def test_overview_says_where_and_until_when(lea, student):
    until = timezone.localdate() + timedelta(days=400)
    made("signed", student, places=("linkedin",), until=until)
    standing = overview(lea).context["standing"]
    assert (standing.places, str(until.year) in standing.until) == ("LinkedIn", True)


@pytest.mark.parametrize("is_over", [True, False], ids=["lapsed", "withdrawn"])
def test_overview_says_why_it_is_withdrawn(is_over, lea, student):
    portrait = made("signed", student)
    if is_over:
        portrait.consents.filter(ended_at=None).update(until=timezone.localdate() - timedelta(days=1))
        actions.lapse(factories.fresh(portrait))
    else:
        actions.withdraw(portrait, by=student.user)
    assert overview(lea).context["standing"].has_lapsed is is_over


def test_overview_of_a_student_who_is_not_invited_is_empty_in_words(lea):
    assert _("Your portrait has not begun yet") in overview(lea).content.decode()


def test_overview_of_someone_else_is_empty_in_words(client, staff):
    client.force_login(staff)
    assert _("There is no portrait of you here") in overview(client).content.decode()


def test_overview_costs_the_same_however_much_has_happened(lea, student, member, django_assert_num_queries):
    portrait = made("submitted", student, member)
    overview(lea)
    with django_assert_num_queries(10):
        overview(lea)
    for read in (1, 2):
        actions.edit(factories.fresh(portrait), read=read, by=member.user, text=f"Version {read}.")
    with django_assert_num_queries(10):
        overview(lea)


# Nobody else, nothing by reading -----------------------------------------------------------------


@pytest.mark.parametrize("state", State.values)
def test_reading_changes_nothing(state, lea, student):
    portrait = made(state, student)

    def everything():
        rows = [factories.fresh(portrait), *portrait.answers.all(), *portrait.moves.all()]
        return serializers.serialize("json", [*rows, *portrait.consents.all(), *portrait.photos.all()])

    before = everything()
    for name in ("my_facts", "my_photo", "my_hand_in", "my_signature", "my_withdrawal", "my_reopening"):
        lea.get(reverse(name))
    for key in KEYS:
        lea.get(reverse("my_question", args=[key]))
    assert everything() == before


@pytest.mark.parametrize("name", ["my_photo", "my_hand_in", "my_signature", "my_withdrawal"])
def test_pages_of_another_state_lead_to_the_overview(name, lea, student):
    made("withdrawn", student)
    assert lea.get(reverse(name)).url == reverse("my_portrait")


def test_pages_are_kept_by_no_cache(lea, student):
    made("draft", student)
    assert "no-store" in lea.get(ORIGIN).headers["Cache-Control"]


def test_classmate_writes_their_own_portrait_only(client, student, classmate):
    mine, theirs = made("invited", student), made("invited", classmate)
    client.force_login(classmate.user)
    client.post(ORIGIN, {"text": "À moi.", "portrait": mine.pk, "student": student.pk})
    assert (mine.answers.count(), theirs.answers.get().text) == (0, "À moi.")


# Withdraw, begin again ---------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in State.values if state != "withdrawn"])
def test_withdrawal_by_its_button(state, lea, student):
    portrait = made(state, student)
    page = lea.get(reverse("my_withdrawal"))
    answer = lea.post(reverse("my_withdrawal"))
    assert (page.status_code, answer.url) == (200, reverse("my_portrait"))
    assert factories.fresh(portrait).state == "withdrawn"


def test_withdrawal_twice_says_that_it_is_done(lea, student):
    portrait = made("withdrawn", student)
    answer = lea.post(reverse("my_withdrawal"), follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["warning"]
    assert portrait.moves.filter(name="withdraw").count() == 1


def test_begin_again(lea, student):
    portrait = made("withdrawn", student)
    answer = lea.post(reverse("my_reopening"))
    assert (answer.url, factories.fresh(portrait).state) == (reverse("my_portrait"), "draft")


def test_begin_again_what_is_under_way_changes_nothing(lea, student):
    portrait = made("signed", student)
    lea.post(reverse("my_reopening"))
    assert factories.fresh(portrait).state == "signed"

"""For each address × each of the cast: what a GET gets them, and what a POST changes. A new address without a row fails."""

import io
from datetime import timedelta

import pytest
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from portraits import actions as portrait_actions
from portraits.models import Nudge, QuietPeriod
from portraits.sketches import sketches_of
from posts import actions as post_actions
from posts import attachments
from posts.actions.composing import Files, Person
from posts.models import Kind
from tests import factories

CAST = ("anonymous", "student", "classmate", "member", "former_member", "neighbour", "staff")
IN, OK, MOVED, NO, DENIED, POST = "sign in", 200, 302, 404, 403, 405
"""IN: sent to the sign-in page. MOVED: sent on. NO: like a missing page. DENIED: told no. POST: the address takes only POST."""

# What GET answers to each of the cast, in that order. The portrait is handed in, the post in review, the delivery asks.
TABLE = {
    "home": (OK, MOVED, MOVED, MOVED, MOVED, MOVED, MOVED),
    "gallery": (OK,) * 7,
    "gallery_promotion": (OK,) * 7,
    "gallery_feed": (OK,) * 7,
    "gallery_portrait": (NO,) * 7,
    "promotion_colours": (OK,) * 7,
    "photo": (NO, OK, NO, OK, NO, NO, OK),
    "my_portrait": (IN, OK, OK, OK, OK, OK, OK),
    "my_question": (IN, MOVED, NO, NO, NO, NO, NO),
    "my_facts": (IN, OK, NO, NO, NO, NO, NO),
    "my_phone": (IN, OK, NO, NO, NO, NO, NO),
    "offline": (OK,) * 7,
    "offline_worker": (OK,) * 7,
    "account_logout": (MOVED, OK, OK, OK, OK, OK, OK),
    "my_photo": (IN, MOVED, NO, NO, NO, NO, NO),
    "my_hand_in": (IN, MOVED, NO, NO, NO, NO, NO),
    "my_signature": (IN, MOVED, NO, NO, NO, NO, NO),
    "my_withdrawal": (IN, OK, NO, NO, NO, NO, NO),
    "my_reopening": (POST,) * 7,
    "my_consents": (IN, OK, OK, OK, OK, OK, OK),
    "my_agreement": (IN, OK, NO, NO, NO, NO, NO),
    "my_place_taken_away": (POST,) * 7,
    "consent_receipt": (IN, OK, NO, NO, NO, NO, OK),
    "withdrawal_link": (NO,) * 7,
    "keeping_link": (NO,) * 7,
    "board": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "board_export": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "assign": (POST,) * 7,
    "note_contact": (POST,) * 7,
    "remind": (POST,) * 7,
    "chase": (IN, NO, NO, OK, NO, NO, OK),
    "mail_works": (POST,) * 7,
    "nudges_let_go": (POST,) * 7,
    "rhythm": (POST,) * 7,
    "quiet_add": (POST,) * 7,
    "quiet_remove": (POST,) * 7,
    "nudge_act": (POST,) * 7,
    "no_more_reminders": (NO,) * 7,
    "my_reminders": (POST,) * 7,
    "resume": (NO,) * 7,
    "resume_by_code": (NO,) * 7,
    "outbox": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "balance": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "questionnaire": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "questionnaire_add": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "questionnaire_question": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "questionnaire_replace": (POST,) * 7,
    "questionnaire_act": (POST,) * 7,
    "cards": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "card_preview": (IN, DENIED, DENIED, 422, DENIED, 422, 422),
    "card": (NO, OK, NO, OK, NO, NO, OK),
    "invite": (POST,) * 7,
    "studio": (IN, NO, NO, OK, NO, NO, OK),
    "studio_reframe": (POST,) * 7,
    "studio_keep": (POST,) * 7,
    "studio_here": (POST,) * 7,
    "studio_versions": (IN, NO, NO, OK, NO, NO, OK),
    "studio_restore": (POST,) * 7,
    "studio_remark": (POST,) * 7,
    "studio_remark_act": (POST,) * 7,
    "my_remark": (POST,) * 7,
    "studio_act": (POST,) * 7,
    "calendar": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "calendar_subscription": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "calendar_feed": (NO,) * 7,
    "public_calendar": (OK,) * 7,
    "plan": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "sharing": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "slot": (IN, DENIED, DENIED, OK, DENIED, DENIED, DENIED),
    "slot_act": (POST,) * 7,
    "post_move": (IN, NO, NO, OK, NO, NO, DENIED),
    "my_proposals": (IN, OK, OK, OK, OK, OK, NO),
    "proposal_take_back": (POST,) * 7,
    "proposals": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "proposal_decide": (POST,) * 7,
    "post_choose": (IN, DENIED, DENIED, OK, DENIED, OK, DENIED),
    "post_compose": (IN, DENIED, DENIED, OK, DENIED, OK, DENIED),
    "post_content": (IN, NO, NO, OK, NO, NO, DENIED),
    "attachment": (NO, OK, NO, OK, NO, NO, OK),
    "posts": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "post_draft": (POST,) * 7,
    "post": (IN, NO, NO, OK, NO, NO, OK),
    "post_words": (IN, OK, NO, NO, NO, NO, OK),
    "post_act": (POST,) * 7,
    "post_exempt": (POST,) * 7,
    "post_take_down": (POST,) * 7,
    "did_it_go_out": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "deliveries_release": (POST,) * 7,
    "delivery_there": (IN, NO, NO, OK, NO, NO, OK),
    "delivery_take_down": (POST,) * 7,
    "delivery_answer": (POST,) * 7,
    "stop": (IN, DENIED, DENIED, DENIED, DENIED, DENIED, OK),
    "stop_press": (POST,) * 7,
    "stop_lift": (POST,) * 7,
    "stop_remove": (POST,) * 7,
    "accounts": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "account_connect": (IN, DENIED, DENIED, DENIED, DENIED, DENIED, OK),
    "account_return": (IN, DENIED, DENIED, DENIED, DENIED, DENIED, 400),
    "account_choose": (IN, DENIED, DENIED, DENIED, DENIED, DENIED, 400),
    "account_disconnect": (IN, DENIED, DENIED, DENIED, DENIED, DENIED, OK),
    "photo_people": (IN, OK, NO, OK, NO, NO, OK),
    "appearance": (NO,) * 7,
    "todo": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "notifications": (IN, DENIED, DENIED, OK, DENIED, OK, OK),
    "notices_off": (NO,) * 7,
    "retention": (OK,) * 7,
    "set_language": (MOVED,) * 7,
    "login_link": (NO,) * 7,
    "livez": (OK,) * 7,
    "readyz": (OK,) * 7,
    "statusz": (NO, NO, NO, NO, NO, NO, OK),
}

# Addresses that only take POST: what happens to each of the cast. MOVED is also the answer to a move refused by state.
POSTS = {
    "my_reopening": (IN, MOVED, NO, NO, NO, NO, NO),
    "my_place_taken_away": (IN, MOVED, NO, NO, NO, NO, NO),
    "questionnaire_replace": (IN, DENIED, DENIED, MOVED, DENIED, MOVED, MOVED),
    "questionnaire_act": (IN, DENIED, DENIED, MOVED, DENIED, MOVED, MOVED),
    "invite": (IN, DENIED, DENIED, MOVED, DENIED, MOVED, MOVED),
    "assign": (IN, DENIED, DENIED, MOVED, DENIED, MOVED, MOVED),
    "note_contact": (IN, DENIED, DENIED, MOVED, DENIED, MOVED, MOVED),
    "remind": (IN, DENIED, DENIED, MOVED, DENIED, MOVED, MOVED),
    "mail_works": (IN, NO, NO, MOVED, NO, NO, MOVED),
    "nudges_let_go": (IN, DENIED, DENIED, MOVED, DENIED, MOVED, MOVED),
    "rhythm": (IN, DENIED, DENIED, 422, DENIED, 422, 422),
    "quiet_add": (IN, DENIED, DENIED, 422, DENIED, 422, 422),
    "quiet_remove": (IN, DENIED, DENIED, MOVED, DENIED, NO, NO),
    "nudge_act": (IN, NO, NO, MOVED, NO, NO, MOVED),
    "my_reminders": (IN, MOVED, NO, NO, NO, NO, NO),
    "studio_reframe": (IN, NO, NO, MOVED, NO, NO, DENIED),
    "studio_keep": (IN, NO, NO, OK, NO, NO, DENIED),
    "studio_here": (IN, NO, NO, OK, NO, NO, OK),
    "studio_restore": (IN, NO, NO, MOVED, NO, NO, DENIED),
    "studio_remark": (IN, NO, NO, 422, NO, NO, DENIED),
    "studio_remark_act": (IN, NO, NO, MOVED, NO, NO, DENIED),
    "my_remark": (IN, MOVED, NO, NO, NO, NO, NO),
    "studio_act": (IN, NO, NO, MOVED, NO, NO, DENIED),
    "slot_act": (IN, DENIED, DENIED, MOVED, DENIED, DENIED, DENIED),
    "post_draft": (IN, NO, NO, MOVED, NO, NO, DENIED),
    "proposal_take_back": (IN, MOVED, NO, NO, NO, NO, NO),
    "proposal_decide": (IN, NO, NO, MOVED, NO, NO, DENIED),
    "post_act": (IN, NO, NO, MOVED, NO, NO, DENIED),
    "post_exempt": (IN, NO, NO, MOVED, NO, NO, MOVED),
    "post_take_down": (IN, NO, NO, MOVED, NO, NO, MOVED),
    "deliveries_release": (IN, DENIED, DENIED, 422, DENIED, 422, 422),
    "delivery_take_down": (IN, NO, NO, MOVED, NO, NO, MOVED),
    "delivery_answer": (IN, NO, NO, 422, NO, NO, 422),
    "stop_press": (IN, DENIED, DENIED, DENIED, DENIED, DENIED, MOVED),
    "stop_lift": (IN, DENIED, DENIED, DENIED, DENIED, DENIED, 422),
    "stop_remove": (IN, DENIED, DENIED, DENIED, DENIED, DENIED, 422),
}


@pytest.fixture
def cast(student, classmate, member, former_member, neighbour, staff):
    people = {name: value for name, value in locals().items() if name in CAST}
    return {"anonymous": None} | {name: getattr(person, "user", person) for name, person in people.items()}


@pytest.fixture
def addresses(cast, promotion, student, member, account, settings):
    # Nothing listens there: reading the page of the network ends at once, in words.
    settings.LINKEDIN_API_URL = "http://127.0.0.1:9"
    signed = factories.make_portrait("signed", student=student, comms=member)
    post = factories.make_post("approved", portrait=signed, comms=member)
    delivery = post.deliveries.get()
    type(delivery).objects.filter(pk=delivery.pk).update(**{"state": "needs_person"})
    day = timezone.localdate()
    piece = factories.make_piece_post(comms=member, people=[Person(student.full_name, "", student)])
    drawn = attachments.picture(io.BytesIO(factories.picture_bytes()))
    files = Files(added=((drawn, "Une salle."),))
    words = {"title": "Table ronde", "text": "Trois élus."}
    piece = post_actions.recompose(
        piece,
        content=words,
        people=[Person(student.full_name, "", student)],
        files=files,
        read=piece.version,
        by=member.user,
    )
    proposal = post_actions.propose(student, Kind.EVENT, title="Congrès", text="À Metz.", by=student.user)
    quiet = QuietPeriod.objects.create(promotion=promotion, label="Examens", starts=day, ends=day)
    nudge = Nudge.objects.create(
        portrait=signed, number=1, about="sign", subject="s", text="t", due_at=timezone.now()
    )
    slot = factories.make_slot(promotion, account, weekday=day.weekday())
    slot_day = (day + timedelta(days=7)).isoformat()
    remark = portrait_actions.remark(
        signed, field="text", passage="", near=0, text="Quand ?", is_internal=False, by=member.user
    )
    arguments = {
        "gallery_promotion": [promotion.slug],
        "gallery_portrait": [signed.slug],
        "photo": [signed.photo.public_id, "400.webp"],
        "card": sketches_of(signed)[0].url.split("/")[2:],
        "my_question": ["origin"],
        "my_place_taken_away": ["linkedin"],
        "consent_receipt": [signed.consent_id],
        "withdrawal_link": ["not-a-token"],
        "keeping_link": ["not-a-token"],
        "questionnaire_question": ["origin"],
        "questionnaire_replace": ["school"],
        "questionnaire_act": ["origin", "up"],
        "studio": [signed.pk],
        "chase": [student.pk],
        "mail_works": [student.pk],
        "quiet_remove": [quiet.pk],
        "nudge_act": [nudge.pk, "cancel"],
        "no_more_reminders": ["not-a-token"],
        "resume": ["not-a-token"],
        "resume_by_code": ["not-a-token"],
        "studio_reframe": [signed.pk],
        "studio_keep": [signed.pk],
        "studio_here": [signed.pk],
        "studio_versions": [signed.pk],
        "studio_restore": [signed.pk, 1],
        "studio_remark": [signed.pk],
        "studio_remark_act": [signed.pk, remark.pk, "resolve"],
        "my_remark": [remark.pk],
        "studio_act": [signed.pk, "take-up"],
        "post_draft": [signed.pk],
        "calendar_feed": ["not-a-token"],
        "slot": [slot.pk, slot_day],
        "slot_act": [slot.pk, slot_day, "reprendre"],
        "post_move": [post.pk],
        "proposal_take_back": [proposal.pk],
        "proposal_decide": [proposal.pk, "take-up"],
        "post_compose": ["event"],
        "post_content": [piece.pk],
        "attachment": [piece.piece.used[0].public_id],
        "post": [post.pk],
        "post_words": [post.pk],
        "post_act": [post.pk, "ask-review"],
        "post_exempt": [post.pk],
        "post_take_down": [post.pk],
        "delivery_there": [delivery.pk],
        "delivery_take_down": [delivery.pk],
        "delivery_answer": [delivery.pk, "there"],
        "account_connect": ["linkedin"],
        "account_return": ["linkedin"],
        "account_choose": ["linkedin", 1],
        "account_disconnect": [account.pk],
        "login_link": ["not-a-token"],
        "notices_off": ["not-a-token"],
        "photo_people": [signed.pk],
        "appearance": ["not-a-token"],
    }
    return {name: reverse(name, args=arguments.get(name)) for name in TABLE}


def named_addresses(patterns=None):
    """The names of our own addresses: allauth's and the admin's have their own rules, tested beside them."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern.name
        elif getattr(pattern, "namespace", None) != "admin" and "allauth" not in str(pattern.urlconf_name):
            yield from named_addresses(pattern.url_patterns)


def verdict(response):
    if response.status_code == 302 and response.url.startswith(reverse("account_login")):
        return IN
    return response.status_code


def test_every_address_has_a_row():
    assert sorted(set(named_addresses()) - set(TABLE)) == []


@pytest.mark.parametrize("name", TABLE)
def test_get_answers(name, cast, addresses, client):
    answers = []
    for user in cast.values():
        client.logout()
        if user:
            client.force_login(user)
        answers.append(verdict(client.get(addresses[name])))
    assert dict(zip(cast, answers, strict=True)) == dict(zip(CAST, TABLE[name], strict=True))


@pytest.mark.parametrize("name", POSTS)
def test_post_answers(name, cast, addresses, client):
    answers = []
    for user in cast.values():
        client.logout()
        if user:
            client.force_login(user)
        answers.append(verdict(client.post(addresses[name], {"version": 1})))
    assert dict(zip(cast, answers, strict=True)) == dict(zip(CAST, POSTS[name], strict=True))


def test_every_post_only_address_is_tried():
    only_post = {name for name, answers in TABLE.items() if POST in answers}
    assert only_post == set(POSTS)


@pytest.mark.django_db
def test_admin_is_closed_to_all_but_staff(cast, client):
    answers = {}
    for name, user in cast.items():
        client.logout()
        if user:
            client.force_login(user)
        answers[name] = client.get(reverse("admin:index")).status_code
    assert answers == dict.fromkeys(CAST, 302) | {"staff": 200}


def test_address_that_takes_only_forms_shows_a_way_back(client, member):
    client.force_login(member.user)
    response = client.get(reverse("invite"))
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert f'href="{reverse("home")}"' in response.content.decode()

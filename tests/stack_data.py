"""What a stack's database needs before its processes run; called inside it by Stack.data()."""

import io
import json
import os
import secrets
import sys
from datetime import datetime, time, timedelta

import requests
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.utils import timezone

from cohorts.models import CommsMember, Promotion, Student, User
from portraits import actions as portrait_actions
from portraits import likeness, links, personal
from portraits.models import Portrait, ResumeLink, WorkingCopy
from posts.models import Account, Delivery, Post
from tests import factories


def serve():
    """Answer the calls on standard input, a line each, until it ends; one that fails ends it. Keeps no connection between them."""
    for call in sys.stdin:
        answer = eval(call)
        connections.close_all()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def connect():
    """Connect the school's page to the stack's rehearsal network."""
    requests.post(
        f"{settings.REHEARSAL_URL}/_/linkedin/organization", json={"id": "1001"}, timeout=10
    ).raise_for_status()
    token = requests.post(f"{settings.REHEARSAL_URL}/_/linkedin/token", json={}, timeout=10).json()[
        "access_token"
    ]
    return factories.make_account(remote_id="urn:li:organization:1001", token=token).pk


def approved(count, in_seconds=3600):
    """`count` approved posts that are due in so many seconds; their ids."""
    promotion, staff = factories.make_promotion(), factories.make_staff()
    member = factories.make_member(promotion)
    made = []
    for _number in range(count):
        portrait = factories.make_portrait("signed", student=factories.make_student(promotion), comms=member)
        moment = timezone.now() + timedelta(seconds=in_seconds)
        made.append(
            factories.make_post(
                "approved", portrait=portrait, comms=member, staff=staff, publish_at=moment
            ).pk
        )
    return made


def make_due(post):
    """Its moment has come."""
    now = timezone.now()
    Post.objects.filter(pk=post).update(publish_at=now, latest_useful_at=now + timedelta(hours=1))
    Delivery.objects.filter(post=post).update(due_at=now, latest_useful_at=now + timedelta(hours=1))


def state(post):
    return Delivery.objects.get(post=post).state


def states():
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def journey_people():
    """A promotion with one member of its comms group, one student who knows of nothing yet, and the staff."""
    promotion = factories.make_promotion(
        name="Joséphine Baker", slug="josephine-baker", hashtag="#JoséphineBaker"
    )
    factories.make_member(promotion, first_name="Inès", last_name="Marchand", email="ines@example.org")
    student = factories.make_student(
        promotion, login=False, first_name="Léa", last_name="Le Goff", email="lea@example.org"
    )
    factories.make_staff(email="bureau@example.org", first_name="Hélène", last_name="Roux")
    return student.pk


def invited():
    """A student who was invited just now: their address, and the link in their mail."""
    promotion = Promotion.objects.get(slug="josephine-baker")
    # Each call is a process of its own: the numbers of the makers begin anew.
    email = f"nolwenn-{secrets.token_hex(4)}@example.org"
    student = factories.make_student(promotion, first_name="Nolwenn", email=email)
    member = CommsMember.objects.active().filter(student__promotion=promotion).first().student
    portrait = portrait_actions.invite(student, by=member.user)
    return {"email": student.email, "link": ResumeLink.make(portrait)}


def kept(email):
    """What the school has of this student: state, words by question, the photo."""
    portrait = Portrait.objects.get(student__email=email)
    photo = portrait.photo and [portrait.photo.width, portrait.photo.height, portrait.photo.crop_width]
    words = {key: text for key, text in portrait.own_words.items() if text}
    return {"state": portrait.state, "words": words, "photo": photo, "alt_text": portrait.alt_text}


def write(email, question, text):
    """They answer on another device."""
    portrait = Portrait.objects.get(student__email=email)
    portrait_actions.answer(portrait, question, text, by=portrait.student.user)


def hand_in(email):
    """They do all the rest on another device."""
    portrait = Portrait.objects.get(student__email=email)
    for key, text in factories.ANSWERS.items():
        portrait_actions.answer(portrait, key, text, by=portrait.student.user)
    upload = io.BytesIO(factories.picture_bytes())
    portrait_actions.set_photo(portrait, upload=upload, alt_text="De face", by=portrait.student.user)
    portrait_actions.submit(factories.fresh(portrait), factories.agreement(), by=portrait.student.user)


def studio_people(*states):
    """For each state a portrait in the studio, the addresses of two members of its group and of the student."""
    made = []
    for state in states:
        promotion = factories.make_promotion()
        members = [factories.make_member(promotion, first_name=name) for name in ("Inès", "Tom")]
        student = factories.make_student(promotion, first_name="Léa", last_name="Le Goff")
        portrait = factories.make_portrait(state, student=student, comms=members[0])
        emails = [member.email for member in members]
        made.append({"pk": portrait.pk, "student": student.email, "members": emails})
    return made


def portrait_words(portrait):
    """What is saved of it now."""
    found = Portrait.objects.get(pk=portrait)
    return {"version": found.version, "title": found.title, "text": found.text}


def unsaved_words(email):
    """Which portraits this member has typed in without saving."""
    return list(WorkingCopy.objects.filter(by__email=email).values_list("portrait_id", flat=True))


def board_people(count):
    """A promotion of so many students, one of them in its comms group, each with a portrait that waits; who they are."""
    promotion = factories.make_promotion(name="Joséphine Baker", slug="josephine-baker")
    member = factories.make_member(promotion, first_name="Inès", last_name="Zola", email="ines@example.org")
    made = []
    for number in range(1, count):
        student = factories.make_student(promotion, first_name="Élève", last_name=f"Nom{number:02}")
        factories.make_portrait("invited", student=student, comms=member)
        made.append(student.pk)
    return {"member": member.email, "students": made, "member_pk": member.pk}


def chased():
    """(last name, who looks after them, the means of their last contact) of every portrait, by name."""
    rows = Portrait.objects.select_related("student", "looked_after_by").order_by("student__last_name")
    return [
        [
            portrait.student.last_name,
            portrait.looked_after_by.first_name if portrait.looked_after_by else "",
            [contact.means for contact in portrait.contacts.exclude(means="mail")],
        ]
        for portrait in rows
    ]


def chase_links(student):
    """The paths of the links that mails and messages to this student carry."""
    portrait = Portrait.objects.get(student=student)
    return {
        "resume": ResumeLink.make(portrait),
        "code": personal.way_on(portrait),
        "stop": personal.way_out(portrait),
    }


def propose(student, by):
    """A reminder that waits to be read."""
    portrait_actions.propose(Student.objects.get(pk=student), by=User.objects.get(email=by))


def session(email):
    """A session of this person, as if they had signed in; the value of its cookie."""
    user = User.objects.get(email=email)
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return store.session_key


def someone(state, slug=None, **fields):
    """The e-mail address and the portrait of the first student whose portrait is in this state."""
    found = Portrait.objects.filter(state=state, student__mandates__isnull=True, **fields).order_by("pk")
    if slug:
        found = found.filter(student__promotion__slug=slug)
    portrait = found.select_related("student__promotion").first()
    return {"email": portrait.student.email, "pk": portrait.pk, "url": portrait.get_absolute_url()}


def comms(slug):
    """The e-mail address of somebody in this promotion's comms group today."""
    return CommsMember.objects.active().filter(student__promotion__slug=slug).first().student.email


def post_in(state):
    return Post.objects.filter(state=state).order_by("pk").first().pk


def page_on(network):
    """The identifier, on that network, of the school's page there."""
    return Account.objects.filter(network=network).first().remote_id


def staff():
    return User.objects.filter(is_superuser=True).first().email


def comms_of(portrait):
    """Somebody of the group that edits this portrait; staff where the group's mandate is over."""
    promotion = Portrait.objects.get(pk=portrait).student.promotion
    member = CommsMember.objects.active().filter(student__promotion=promotion).first()
    return member.student.email if member else staff()


def to_sign():
    """Léa's portrait, edited, waiting for her signature; her address and its number."""
    promotion = factories.make_promotion(name="Joséphine Baker", slug="josephine-baker")
    member = factories.make_member(
        promotion, first_name="Inès", last_name="Marchand", email="ines@example.org"
    )
    student = factories.make_student(
        promotion, first_name="Léa", last_name="Le Goff", email="lea@example.org"
    )
    portrait = factories.make_portrait("to_sign", student=student, comms=member)
    return {"email": student.email, "pk": portrait.pk, "url": portrait.get_absolute_url()}


def approve(portrait):
    """The post of this signed portrait, approved and due now; its number."""
    found = Portrait.objects.get(pk=portrait)
    return factories.make_post("approved", portrait=found, publish_at=timezone.now()).pk


def links_of(portrait):
    """The paths of the two signed links of its newest agreement: one withdraws, one prolongs."""
    consent = Portrait.objects.get(pk=portrait).consents.first()
    return [links.path(consent, address) for address in (links.WITHDRAW, links.KEEP)]


def close_login(email):
    """The school closes it, as it does for alumni."""
    User.objects.filter(email=email).update(is_active=False)


def is_put_off():
    """The network would not take it down at once: it is asked again later."""
    return Delivery.objects.filter(state="withdrawing", next_check_at__gt=timezone.now()).exists()


def hurry():
    """The next try to take something down comes now."""
    Delivery.objects.filter(state="withdrawing").update(next_check_at=timezone.now())


def files():
    """The pictures on disk."""
    return [file for _root, _folders, names in os.walk(settings.MEDIA_ROOT) for file in names]


def in_photo(portrait):
    """Somebody of the group is tied to its photo; the addresses of the page about the photo, and of their answer."""
    found = Portrait.objects.get(pk=portrait)
    promotion = found.student.promotion
    classmate = promotion.students.exclude(pk=found.student_id).order_by("pk").first()
    tied = portrait_actions.tie(found, classmate, by=found.student.user)
    return [f"/portraits/{portrait}/photo/personnes/?q={found.student.first_name[:1]}", likeness.path(tied)]


def questionnaire_people():
    """A promotion with two members of its comms group and a student who writes; their addresses."""
    promotion = factories.make_promotion(name="Joséphine Baker", slug="josephine-baker")
    people = [
        factories.make_member(promotion, first_name="Inès", last_name="Marchand", email="ines@example.org"),
        factories.make_member(promotion, first_name="Paul", last_name="Ferry", email="paul@example.org"),
        factories.make_student(promotion, first_name="Léa", last_name="Le Goff", email="lea@example.org"),
    ]
    portrait_actions.invite(people[2], by=people[0].user)
    return [person.email for person in people]


def calendar_people():
    """Two groups that share a month to come: a post of each with a moment, and one of the first without."""
    member = factories.make_member(first_name="Inès", last_name="Zola", email="ines@example.org")
    neighbour = factories.make_member(last_name="Ailleurs", email="maia@example.org")
    account = factories.make_account()
    day = (timezone.localdate().replace(day=1) + timedelta(days=70)).replace(day=10)
    moment = timezone.make_aware(datetime.combine(day, time(8, 30)))
    made = []
    for who, name in ((member, "Celle-ci"), (neighbour, "Autre groupe"), (member, "Sans date")):
        student = factories.make_student(who.promotion, last_name=name)
        portrait = factories.make_portrait("signed", student=student, comms=who)
        made.append(
            factories.make_post("draft", portrait=portrait, comms=who, publish_at=moment, account=account)
        )
    Post.objects.filter(pk=made[2].pk).update(publish_at=None)
    return {
        "member": member.email,
        "post": made[0].pk,
        "undated": made[2].pk,
        "moment": moment_of(made[0].pk),
    }


def moment_of(post):
    """When it goes out, on the school's clock."""
    return timezone.localtime(Post.objects.get(pk=post).publish_at).strftime("%Y-%m-%dT%H:%M")


def plan(post, moment):
    at = timezone.make_aware(datetime.fromisoformat(moment))
    Post.objects.filter(pk=post).update(publish_at=at)

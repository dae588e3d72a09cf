"""Plain makers of people, portraits and posts, through the real actions wherever a state is wanted."""

import io
import itertools
from datetime import date, time, timedelta
from functools import cache

from django.utils import timezone
from PIL import Image as PILImage

from cohorts.actions import give_login, verify_address
from cohorts.models import CommsMember, Promotion, Student, Track, User
from portraits import actions as portrait_actions
from portraits.actions.consenting import Agreement
from portraits.questions import QUESTIONS
from posts import actions as post_actions
from posts import attachments
from posts.actions.composing import Files
from posts.models import Account, Slot

count = itertools.count(1)


def make_track(**fields):
    number = next(count)
    return Track.objects.create(
        **{"name": f"Filière {number}", "slug": f"filiere-{number}", "hashtag": "#Administrateurs"} | fields
    )


def make_promotion(**fields):
    number = next(count)
    today = timezone.localdate()
    return Promotion.objects.create(
        **{
            "track": fields.get("track") or make_track(),
            "number": number,
            "name": f"Promotion {number}",
            "slug": f"promotion-{number}",
            "starts": today - timedelta(days=200),
            "ends": today + timedelta(days=340),
            "hashtag": f"#Promotion{number}",
        }
        | fields
    )


def make_student(promotion=None, login=True, **fields):
    number = next(count)
    student = Student.objects.create(
        **{
            "promotion": promotion or make_promotion(),
            "first_name": f"Camille{number}",
            "last_name": f"Durand{number}",
            "email": f"camille{number}@example.org",
        }
        | fields
    )
    if login:
        give_login(student)
    return student


def make_member(promotion=None, starts=None, ends=None, **fields):
    """A student in the comms group; the mandate runs since last month unless dates say otherwise."""
    student = make_student(promotion, **fields)
    starts = starts or timezone.localdate() - timedelta(days=30)
    CommsMember.objects.create(student=student, starts=starts, ends=ends)
    return student


def make_staff(**fields):
    number = next(count)
    user = User.objects.create_user(
        fields.pop("email", f"staff{number}@example.org"), is_staff=True, **fields
    )
    verify_address(user)
    return user


@cache
def picture_bytes(width=1000, height=1300, colour=(120, 150, 140), form="JPEG"):
    """A small real picture file, the same for the same arguments."""
    out = io.BytesIO()
    PILImage.new("RGB", (width, height), colour).save(out, form)
    return out.getvalue()


def agreement(*places, until=None):
    """What the student ticked: the gallery and LinkedIn unless told otherwise."""
    return Agreement(
        places=frozenset(places or ("gallery", "linkedin")),
        until=until or date.today() + timedelta(days=365),
        terms="J’autorise la publication de ce texte et de cette photo.",
        signed_in_with="code",
    )


ANSWERS = {question.key: f"Réponse à « {question.key} »." for question in QUESTIONS}


def make_portrait(state="submitted", student=None, comms=None, places=(), until=None, **answers):
    """A portrait that went the real way to `state`: invited, draft, submitted, in_edit, to_sign, signed or withdrawn."""
    student = student or make_student(comms.promotion if comms else None)
    comms = comms or make_member(student.promotion)
    member, writer = comms.user, student.user
    portrait = portrait_actions.invite(student, by=member)
    if state == "invited":
        return fresh(portrait)
    for key, text in (ANSWERS | answers).items():
        portrait_actions.answer(portrait, key, text, by=writer)
    portrait_actions.set_photo(
        fresh(portrait), upload=io.BytesIO(picture_bytes()), alt_text="Portrait souriant", by=writer
    )
    if state == "draft":
        return fresh(portrait)
    portrait_actions.submit(fresh(portrait), agreement(*places, until=until), by=writer)
    if state == "withdrawn":
        portrait_actions.withdraw(fresh(portrait), by=writer)
        return fresh(portrait)
    if state == "submitted":
        return fresh(portrait)
    portrait_actions.take_up(fresh(portrait), by=member)
    portrait_actions.edit(
        fresh(portrait),
        read=1,
        by=member,
        title="Servir au plus près",
        text=f"{student.full_name} a tout quitté pour la mer.\n\nSecond paragraphe.",
    )
    if state == "in_edit":
        return fresh(portrait)
    portrait_actions.ask_signature(fresh(portrait), read=2, by=member)
    if state == "to_sign":
        return fresh(portrait)
    portrait_actions.sign(fresh(portrait), agreement(*places, until=until), read=2, by=writer)
    return fresh(portrait)


def fresh(record):
    """The row as the database has it now."""
    return type(record)._base_manager.get(pk=record.pk)


def make_account(**fields):
    return Account.objects.create(
        **{
            "network": "linkedin",
            "name": "INET",
            "remote_id": f"urn:li:organization:{next(count)}",
            "token": "token-for-tests",
            "followers": 3050,
        }
        | fields
    )


def make_post(state="draft", portrait=None, comms=None, staff=None, publish_at=None, account=None):
    """A post that went the real way to `state`: draft, in_review or approved."""
    account = account or Account.objects.first() or make_account()
    portrait = portrait or make_portrait("signed", comms=comms)
    mandate = CommsMember.objects.active().filter(student__promotion=portrait.student.promotion).first()
    member = comms or mandate.student
    post = post_actions.draft(portrait, by=member.user)
    texts = dict(post.variants.values_list("account_id", "text"))
    post = post_actions.write(
        post,
        texts=texts,
        publish_at=publish_at or timezone.now() + timedelta(days=1),
        read=post.version,
        by=member.user,
    )
    if state == "draft":
        return fresh(post)
    post_actions.ask_review(post, read=post.version, by=member.user)
    if state == "in_review":
        return fresh(post)
    post_actions.approve(
        fresh(post), read=post.version, read_portrait=post.portrait_version, by=staff or make_staff()
    )
    return fresh(post)


SUBSTANCE = (
    "Trois élus débattent. Entrée libre. La dette finance les écoles, les ponts et les bibliothèques d’une ville ; elle se "
    "rembourse aussi, année après année, et chacun des trois maires présents raconte comment sa commune en a décidé. Une "
    "directrice financière ouvre la soirée avec des chiffres que tout le monde peut lire, puis la salle pose ses questions."
)
"""As much as the school expects on LinkedIn."""


def drawn(words="Une salle pleine."):
    """A described picture, as a post keeps it."""
    return attachments.picture(io.BytesIO(picture_bytes())), words


def make_piece_post(
    state="draft", kind="round_table", comms=None, staff=None, publish_at=None, people=(), **content
):
    """A post that is no portrait and went the real way to `state`: draft, in_review or approved."""
    Account.objects.first() or make_account()
    comms = comms or make_member()
    content = {"title": "Table ronde sur la dette", "text": SUBSTANCE, **content}
    post = post_actions.compose(
        comms.promotion, kind, content=content, people=people, files=Files(added=(drawn(),)), by=comms.user
    )
    post = post_actions.write(
        post,
        texts=dict(post.variants.values_list("account_id", "text")),
        publish_at=publish_at or timezone.now() + timedelta(days=1),
        read=post.version,
        by=comms.user,
    )
    if state == "draft":
        return fresh(post)
    for named in post.awaited():
        post = (
            post_actions.ask_student(post, read=post.version, by=comms.user)
            if post.state == "draft"
            else post
        )
        post = post_actions.sign_words(post, read=post.version, by=named.student.user)
    if fresh(post).state == "draft":
        post_actions.ask_review(post, read=post.version, by=comms.user)
    if state == "in_review":
        return fresh(post)
    post_actions.approve(fresh(post), read=post.version, read_portrait=None, by=staff or make_staff())
    return fresh(post)


def make_slot(promotion, account=None, **fields):
    """A weekly slot for portraits, Tuesdays at half past eight, since last month."""
    return Slot.objects.create(
        **{
            "promotion": promotion,
            "account": account or Account.objects.first() or make_account(),
            "weekday": 1,
            "time": time(8, 30),
            "starts": timezone.localdate() - timedelta(days=30),
        }
        | fields
    )

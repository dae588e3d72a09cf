"""What the torture run sends: many approved posts, each with one delivery per network, put into the database in bulk."""

from datetime import date, timedelta

import requests
from django.conf import settings
from django.utils import timezone

from cohorts.models import Student
from portraits.models import Consent, Place, Portrait, PortraitVersion, Rendition
from posts.models import Delivery, Post, Variant
from tests import factories

NETWORKS = ("linkedin", "facebook", "x", "mastodon", "bluesky")


def connect(accounts_each, networks=NETWORKS):
    """`accounts_each` pages on each network of the rehearsal, connected with the tokens that it gives out."""
    made = {}
    for network in networks:
        made[network] = [_connect(network, number) for number in range(1, accounts_each + 1)]
    return made


def _connect(network, number):
    key = {
        "linkedin": f"100{number}",
        "bluesky": f"did:plc:{'inet' * 5}{number:04d}".lower(),
    }.get(network, f"100{number}")
    organisation = {
        "organization": key,
        "id": key,
        "page": key,
        "name": f"INET {number}",
        "member": f"m{number}",
    }
    base = f"{settings.REHEARSAL_URL}/_/{network}"
    what = "organization" if network == "linkedin" else "page"
    requests.post(f"{base}/{what}", json=organisation, timeout=10).raise_for_status()
    answer = requests.post(f"{base}/token", json=organisation, timeout=10)
    answer.raise_for_status()
    token = answer.json()["access_token"]
    own_server = network in ("mastodon", "bluesky")
    account = factories.make_account(
        network=network,
        name=f"INET {number}",
        remote_id=f"urn:li:organization:{key}" if network == "linkedin" else key,
        token=token,
        api_url=f"{settings.REHEARSAL_URL}/api/{network}" if own_server else "",
    )
    page = account.connector.verify(account.credentials())
    account.remote_id, account.limits_there = page.remote_id, page.limits
    account.save()
    return account


def fill(posts, accounts, *, due_at=None, useful_for=timedelta(hours=6)):
    """`posts` approved posts; each goes to one account of every network in `accounts`. Due now unless told otherwise."""
    staff = factories.make_staff()
    promotion = factories.make_promotion()
    member = factories.make_member(promotion)
    model = factories.make_portrait("signed", comms=member, places=("linkedin",))
    picture = Rendition.objects.get(photo=model.photo, name="1200.jpg")
    due_at = due_at or timezone.now()
    students = Student.objects.bulk_create(
        Student(promotion=promotion, first_name="Camille", last_name=f"N{n}", email=f"torture{n}@example.org")
        for n in range(posts)
    )
    portraits = Portrait.objects.bulk_create(
        Portrait(student=student, state="signed", version=1, signed_version=1, text="x", photo=model.photo)
        for student in students
    )
    versions = PortraitVersion.objects.bulk_create(
        PortraitVersion(portrait=portrait, number=1, text="x", photo=model.photo, fingerprint="0" * 64)
        for portrait in portraits
    )
    consents = Consent.objects.bulk_create(_consent(version, member.user) for version in versions)
    for portrait, consent in zip(portraits, consents, strict=True):
        portrait.consent = consent
    Portrait.objects.bulk_update(portraits, ["consent"], batch_size=500)
    made = Post.objects.bulk_create(
        Post(
            promotion=promotion,
            portrait=portrait,
            author=member.user,
            state="approved",
            version=1,
            portrait_version=1,
            approved_version=1,
            approved_by=staff,
            approved_at=due_at,
            publish_at=due_at,
            latest_useful_at=due_at + useful_for,
        )
        for portrait in portraits
    )
    deliveries, variants = [], []
    for number, (post, version) in enumerate(zip(made, versions, strict=True)):
        for network, pages in accounts.items():
            account = pages[number % len(pages)]
            text = f"Portrait n° {post.pk}-{network} (2021/2022) : C#, @inet, plan_vélo.\n\n#INET"
            variants.append(Variant(post=post, account=account, text=text))
            delivery = Delivery(
                post=post,
                account=account,
                post_version=1,
                text=text,
                portrait_version=version,
                image=picture,
                image_sha256=picture.sha256,
                alt_text="Une élève sourit",
                due_at=due_at,
                latest_useful_at=due_at + useful_for,
                checks_done=2,
            )
            delivery.fingerprint = delivery.compute_fingerprint()
            deliveries.append(delivery)
    Variant.objects.bulk_create(variants, batch_size=500)
    Delivery.objects.bulk_create(deliveries, batch_size=500)
    return len(deliveries)


def _consent(version, by):
    places = {place.value: place.value != "gallery" for place in Place}
    return Consent(
        portrait=version.portrait,
        version=version,
        fingerprint=version.fingerprint,
        until=date.today() + timedelta(days=365),
        terms="J’autorise la publication.",
        language="fr",
        by=by,
        signed_in_with="code",
        **places,
    )

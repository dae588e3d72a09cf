"""CPU a page against a bare Django view, both through Django's own request cycle in this process (P1 to P3)."""

import time
from datetime import timedelta

from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from cohorts.models import CommsMember, Promotion, Student, Track, User
from portraits.models import Consent, Photo, Portrait, PortraitVersion

ROUNDS, HOST = 60, "127.0.0.1"


def fill(students=66, online=30):
    """One promotion of 66 with 30 portraits online; rows only, no files: pages show pictures by address."""
    today = timezone.localdate()
    track = Track.objects.create(name="Administrateurs", slug="administrateurs")
    promotion = Promotion.objects.create(
        track=track,
        number=1,
        name="Bench",
        slug="bench",
        starts=today,
        ends=today + timedelta(days=500),
        hashtag="#Bench",
    )
    member = User.objects.create_user("member@example.org")
    for number in range(students):
        user = member if number == 0 else User.objects.create_user(f"student{number}@example.org")
        student = Student.objects.create(
            promotion=promotion,
            user=user,
            first_name=f"Camille{number}",
            last_name="Durand",
            email=user.email,
        )
        portrait = Portrait.objects.create(student=student, invited_at=timezone.now())
        if number < online:
            _put_online(portrait, user, today)
    CommsMember.objects.create(student=member.student, starts=today)
    return member


def _put_online(portrait, user, today):
    photo = Photo.objects.create(
        portrait=portrait,
        master="x.jpg",
        width=1200,
        height=1500,
        source_sha256="0" * 64,
        crop_x=0,
        crop_y=0,
        crop_width=1,
        crop_height=1,
    )
    version = PortraitVersion.objects.create(
        portrait=portrait,
        number=1,
        quote="Une phrase.",
        text="Un texte. " * 60,
        alt_text="Portrait",
        photo=photo,
        fingerprint="0" * 64,
    )
    everywhere = dict.fromkeys(("gallery", "linkedin", "facebook", "x", "bluesky", "mastodon"), True)
    consent = Consent.objects.create(
        portrait=portrait,
        version=version,
        fingerprint="0" * 64,
        until=today + timedelta(days=300),
        terms="",
        language="fr",
        by=user,
        signed_in_with="",
        **everywhere,
    )
    fields = {"photo": photo, "online": version, "consent": consent, "version": 1, "signed_version": 1}
    Portrait.objects.filter(pk=portrait.pk).update(published_at=timezone.now(), **fields)


def cpu(client, path, status=200, **headers):
    """Seconds of CPU a request, the best of three series. An answer other than `status` would measure something else."""
    answered = client.get(path, headers=headers).status_code
    if answered != status:
        raise RuntimeError(f"{path} answered {answered} instead of {status}")
    best = float("inf")
    for _series in range(3):
        start = time.process_time()
        for _round in range(ROUNDS):
            client.get(path, headers=headers)
        best = min(best, (time.process_time() - start) / ROUNDS)
    return best


def run():
    """Rows for the table: name, value and reference in milliseconds of CPU a page, their ratio, the aim."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    member = fill()
    with override_settings(MIDDLEWARE=[]):
        bare = cpu(Client(SERVER_NAME=HOST), reverse("livez"))
    anyone, desk = Client(SERVER_NAME=HOST), Client(SERVER_NAME=HOST)
    desk.force_login(member)
    gallery = reverse("gallery")
    anyone.get(gallery)  # Sets the cookie that the mark of the page depends on.
    etag = anyone.get(gallery).headers.get("ETag", "")
    measured = [
        ("P1 gallery of 30, unchanged (304)", cpu(anyone, gallery, 304, if_none_match=etag), "≤ 1.2"),
        ("P2 gallery of 30, fresh", cpu(anyone, gallery), "≤ 8"),
        ("P3 board of 66 students", cpu(desk, reverse("board")), "≤ 12"),
    ]
    return [
        {"name": name, "value": value * 1000, "reference": bare * 1000, "ratio": value / bare, "aim": aim}
        for name, value, aim in measured
    ]

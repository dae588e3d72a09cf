"""The month page with 1,000 and with 1,000,000 posts on PostgreSQL (P4). A process of its own: its database is another one.

`python -m bench.calendar` loads, measures and prints its rows; `run` does so for `make bench`, where PostgreSQL is installed.
"""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta

FEW, MANY, IN_THE_MONTH = 1_000, 1_000_000, 60
ROUNDS = 150
YEARS = 20
"""Over which the other posts are spread, before the month that is shown."""


def run():
    """Rows for the table, none without PostgreSQL."""
    from tests.services import postgres_programs

    if postgres_programs() is None:
        sys.stderr.write("Left out: the calendar with a million posts, since PostgreSQL is not installed.\n")
        return []
    done = subprocess.run(
        [sys.executable, "-m", "bench.calendar"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout)


def main():
    from tests.services import Postgres

    server = Postgres()
    try:
        server.start()
        os.environ["DATABASE_URL"] = server.url
        import django

        django.setup()
        sys.stdout.write(json.dumps(measure()))
    finally:
        server.stop()


def measure():
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from bench import pages

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    member = pages.fill(students=3, online=1)
    month = first_post(member)
    desk = Client(SERVER_NAME=pages.HOST)
    desk.force_login(member)
    took = {}
    for count in (FEW, MANY):
        grow(count, month)
        took[count] = best(desk, reverse("calendar"), {"view": "month", "day": month.date().isoformat()})
    connection.close()
    return [
        {
            "name": "P4 month page, 1,000,000 posts against 1,000",
            "value": took[MANY] * 1000,
            "reference": took[FEW] * 1000,
            "ratio": took[MANY] / took[FEW],
            "aim": "≤ 1.5",
        }
    ]


def first_post(member):
    """One post that is out, with its words and its delivery; all others are made after it. When its month begins."""
    from django.utils import timezone

    from cohorts.models import User
    from portraits.models import PortraitVersion
    from posts.agenda import midnight
    from posts.models import Account, Delivery, Post, Variant

    month = midnight(timezone.localdate().replace(day=1))
    version = PortraitVersion.objects.select_related("portrait__student__promotion").get()
    account = Account.objects.create(network="linkedin", name="Bench", remote_id="urn:li:organization:1")
    post = Post.objects.create(
        promotion=version.portrait.student.promotion,
        portrait=version.portrait,
        portrait_version=1,
        author=member,
        state="done",
        publish_at=month,
        latest_useful_at=month + timedelta(days=1),
        approved_version=1,
        approved_by=User.objects.create_user("staff@example.org", is_staff=True),
        approved_at=month,
    )
    Variant.objects.create(post=post, account=account, text="Un texte. " * 60)
    Delivery.objects.create(
        post=post,
        account=account,
        post_version=1,
        portrait_version=version,
        state="published",
        text="Un texte. " * 60,
        fingerprint="0" * 64,
        remote_id="1",
        url="https://example.org/1",
        due_at=month,
        latest_useful_at=month + timedelta(days=1),
        published_at=month,
        confirmed_at=month,
    )
    return month


def grow(count, month):
    """Copies of the first post, until there are so many: as many in the month however many there are in all."""
    from django.db import connection

    from posts.models import Delivery, Post, Variant

    already = Post.objects.count()
    number = "n.number"
    moment = (
        f"CASE WHEN {number} < {IN_THE_MONTH} THEN %(month)s::timestamptz + {number} * interval '11 hours' "
        f"ELSE %(month)s::timestamptz - {number} * interval '{YEARS * 365 * 86400 / count} seconds' END"
    )
    numbers = f"generate_series({already}, {count - 1}) AS n(number)"
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM posts_post")
        (last,) = cursor.fetchone()
        _copy(cursor, Post, {"publish_at": moment}, numbers, {"month": month})
        posts = f"posts_post AS p WHERE p.id > {last} AND "
        _copy(cursor, Variant, {"post_id": "p.id"}, posts, {})
        changed = {
            "post_id": "p.id",
            "key": "gen_random_uuid()",
            "remote_id": "'n' || p.id",
            "due_at": "p.publish_at",
            "published_at": "p.publish_at",
        }
        _copy(cursor, Delivery, changed, posts, {})
        cursor.execute("VACUUM ANALYZE")
    made = [model.objects.count() for model in (Post, Variant, Delivery)]
    if made != [count] * 3:
        raise RuntimeError(f"there are {made} posts, words and deliveries instead of {count} each")


def _copy(cursor, model, changed, source, values):
    """The first row of this table once for each of the source, but for what is changed."""
    names = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{name}"' for name in names)
    taken = ", ".join(changed.get(name, f't."{name}"') for name in names)
    table = model._meta.db_table
    joined = source if source.endswith("AND ") else f"{source} WHERE "
    query = f"INSERT INTO {table} ({columns}) SELECT {taken} FROM {table} AS t, {joined}t.id = (SELECT min(id) FROM {table})"
    cursor.execute(query, values or None)


def best(client, path, query):
    """Seconds for a page with its queries, the best of all rounds: a busy machine only ever adds to it."""
    answer = client.get(path, query)
    shown = answer.content.count(b'class="planned ')
    if (answer.status_code, shown) != (200, IN_THE_MONTH):
        raise RuntimeError(f"{path} answered {answer.status_code} with {shown} posts")
    found = float("inf")
    for _round in range(ROUNDS):
        start = time.perf_counter()
        client.get(path, query)
        found = min(found, time.perf_counter() - start)
    return found


if __name__ == "__main__":
    main()

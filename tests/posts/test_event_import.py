"""The school’s events from a file: what is read of it, what it would change, and that all or nothing of it is taken."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from posts import actions, event_files
from posts.event_files import Unreadable, read
from posts.models import Event
from tests import factories

NOW = datetime(2026, 10, 12, 9, 0)
CHOOSE = reverse("admin:posts_event_import")


@pytest.fixture(autouse=True)
def _monday():
    """Monday 12 October 2026: the clocks go back on Sunday 25."""
    with time_machine.travel(timezone.make_aware(NOW), tick=False):
        yield


def ics(*events):
    """A file with these events, each a text of lines."""
    body = "\r\n".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{body}\r\nEND:VCALENDAR\r\n".encode()


def event(uid="a", start="DTSTART:20261110T090000", more="DTEND:20261110T170000", name="Congrès"):
    return "\r\n".join(filter(None, [f"UID:{uid}", f"SUMMARY:{name}", start, more]))


def found(*events):
    return read(ics(*events), timezone.now())


def wall(found):
    return [timezone.localtime(one.starts_at).strftime("%Y-%m-%d %H:%M") for one in found]


# Reading --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("DTSTART:20261110T090000", "2026-11-10 09:00"),
        ("DTSTART:20261110T090000Z", "2026-11-10 10:00"),
        ("DTSTART;TZID=America/Cayenne:20261110T090000", "2026-11-10 13:00"),
        ("DTSTART;TZID=Europe/Paris:20260710T090000", None),
        ("DTSTART;VALUE=DATE:20261110", "2026-11-10 00:00"),
    ],
)
def test_moment_is_that_of_the_schools_clock(start, expected):
    assert wall(found(event(start=start, more=""))) == [expected] * bool(expected)


@pytest.mark.parametrize(
    ("start", "more", "when"),
    [
        ("DTSTART:20261110T090000", "DTEND:20261110T170000", "de 9\xa0h à 17\xa0h"),
        ("DTSTART:20261110T090000", "DURATION:PT90M", "de 9\xa0h à 10\xa0h\xa030"),
        ("DTSTART:20261110T090000", "", "de 9\xa0h à 10\xa0h"),
        ("DTSTART:20261110T090000", "DTEND:20261110T080000", "de 9\xa0h à 10\xa0h"),
        ("DTSTART;VALUE=DATE:20261110", "", "toute la journée"),
        (
            "DTSTART;VALUE=DATE:20261110",
            "DTEND;VALUE=DATE:20261113",
            "du mardi 10 novembre au jeudi 12 novembre",
        ),
    ],
)
def test_end_is_found_however_it_is_said(start, more, when):
    (one,) = found(event(start=start, more=more))
    assert Event(**vars(one)).when == when


def test_place_and_address_are_taken_and_only_an_address_of_the_web():
    (one,) = found(event(more="LOCATION:Nantes\\, Cité\r\nURL:https://example.org/congres"))
    assert (one.place, one.link) == ("Nantes, Cité", "https://example.org/congres")
    (one,) = found(event(more="URL:javascript:alert(1)"))
    assert one.link == ""


def test_long_and_strange_names_fit():
    (one,) = found(event(name="É" * 300 + "\u202e"))
    assert (len(one.name), one.name[-1]) == (120, "…")


def test_only_eighteen_months_from_today_are_taken():
    days = {"past": "20261011", "today": "20261012", "soon": "20280411", "late": "20280412"}
    taken = found(*(event(uid, f"DTSTART;VALUE=DATE:{day}", "") for uid, day in days.items()))
    assert [one.uid for one in taken] == ["today", "soon"]


@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "CLASS:PRIVATE", "CLASS:CONFIDENTIAL"])
def test_cancelled_and_private_events_are_left_out(line):
    assert found(event(more=line)) == []


def test_newest_of_the_same_event_counts():
    (one,) = found(
        event(name="Nouveau", more="SEQUENCE:2"),
        event(name="Ancien", more="SEQUENCE:1"),
    )
    assert one.name == "Nouveau"


# Repetitions ----------------------------------------------------------------------------------------


def repeated(rule, start="DTSTART;TZID=Europe/Paris:20261019T090000", more=""):
    return event(start=start, more="\r\n".join(filter(None, [f"RRULE:{rule}", more])))


def test_repetition_keeps_its_hour_across_the_clock_change():
    assert wall(found(repeated("FREQ=WEEKLY;COUNT=2"))) == ["2026-10-19 09:00", "2026-10-26 09:00"]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3", [19, 20, 21]),
        ("FREQ=DAILY;UNTIL=20261020T235959Z", [19, 20]),
        ("FREQ=DAILY;UNTIL=20261020", [19, 20]),
        ("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3", [19, 22, 26]),
    ],
)
def test_repetition_ends_where_it_says(rule, days):
    assert [timezone.localtime(one.starts_at).day for one in found(repeated(rule))] == days


def test_repetition_without_an_end_stops_after_eighteen_months():
    taken = found(repeated("FREQ=MONTHLY"))
    assert (len(taken), wall(taken)[-1]) == (18, "2028-03-19 09:00")


def test_repetition_that_began_long_ago_is_taken_from_today_on():
    taken = found(repeated("FREQ=YEARLY", start="DTSTART;VALUE=DATE:20001111"))
    assert wall(taken) == ["2026-11-11 00:00", "2027-11-11 00:00"]


def test_days_that_are_left_out_or_added():
    more = "EXDATE;TZID=Europe/Paris:20261020T090000\r\nRDATE;TZID=Europe/Paris:20261101T090000"
    taken = found(repeated("FREQ=DAILY;COUNT=3", more=more))
    assert wall(taken) == ["2026-10-19 09:00", "2026-10-21 09:00", "2026-11-01 09:00"]


def test_one_day_that_was_moved_stands_where_it_was_moved_to():
    moved = event(
        start="DTSTART;TZID=Europe/Paris:20261020T140000",
        more="RECURRENCE-ID;TZID=Europe/Paris:20261020T090000",
    )
    taken = found(repeated("FREQ=DAILY;COUNT=3"), moved)
    assert wall(taken) == ["2026-10-19 09:00", "2026-10-20 14:00", "2026-10-21 09:00"]
    assert taken[1].uid == "a 20261020T070000Z"


def test_one_day_that_was_cancelled_is_left_out():
    cancelled = event(
        start="DTSTART;TZID=Europe/Paris:20261020T090000",
        more="RECURRENCE-ID;TZID=Europe/Paris:20261020T090000\r\nSTATUS:CANCELLED",
    )
    assert wall(found(repeated("FREQ=DAILY;COUNT=2"), cancelled)) == ["2026-10-19 09:00"]


# Files that are none --------------------------------------------------------------------------------

NO_CALENDAR = "Ce n’est pas un fichier de calendrier."
NO_DATE = "«\xa0Congrès\xa0»\xa0: sa date ou sa répétition est illisible."


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 \x00\xff", NO_CALENDAR),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", NO_CALENDAR),
        (b"BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\n", NO_CALENDAR),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "Ce fichier ne contient aucun évènement."),
        (b"x" * (event_files.MAX_BYTES + 1), "Le fichier dépasse 2 Mo."),
        (ics(event(start="")), NO_DATE),
        (ics(event(start="DTSTART:demain")), NO_DATE),
        (ics(event(start="DTSTART:00010101T000000")), NO_DATE),
        (ics(event(uid="")), NO_DATE),
        (ics(repeated("FREQ=SECONDLY")), NO_DATE),
        (ics(repeated("FREQ=DAILY;BYHOUR=1,2")), NO_DATE),
        (ics(repeated("FREQ=DAILY;INTERVAL=0")), NO_DATE),
        (ics(repeated("FREQ=SOMETIMES")), NO_DATE),
        (ics(*(repeated("FREQ=DAILY").replace("UID:a", f"UID:{n}") for n in range(4))), "plus de 2000"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(data, said):
    with pytest.raises(Unreadable) as refused:
        read(data, timezone.now())
    assert said in refused.value.problems[0]


def test_latin_file_is_read():
    data = ics(event(name="Congrès")).decode().encode("cp1252")
    assert [one.name for one in read(data, timezone.now())] == ["Congrès"]


# What would change, and taking it in -----------------------------------------------------------------


def imported(*events, staff, **options):
    return actions.import_events(found(*events), by=staff, **{"promotion": None} | options)


def test_events_are_taken_in_once(staff):
    first = imported(event("a"), event("b"), staff=staff)
    again = imported(event("a"), event("b"), staff=staff)
    assert (len(first.new), len(again.new), len(again.same), Event.objects.count()) == (2, 0, 2, 2)


def test_changed_event_keeps_its_hashtag(staff, promotion):
    imported(event("a"), staff=staff)
    Event.objects.update(hashtag="#Congres")
    plan = imported(event("a", name="Grand congrès", more="LOCATION:Nantes"), staff=staff)
    assert (len(plan.new), len(plan.changed), len(plan.gone)) == (0, 1, 0)
    assert Event.objects.values_list("name", "place", "hashtag").get() == (
        "Grand congrès",
        "Nantes",
        "#Congres",
    )


def test_event_that_was_entered_by_hand_is_found_again(staff):
    (one,) = found(event("a"))
    Event.objects.create(name=one.name, starts_at=one.starts_at, ends_at=one.ends_at, hashtag="#Congres")
    plan = imported(event("a", more="LOCATION:Nantes"), staff=staff)
    assert (len(plan.new), len(plan.changed)) == (0, 1)
    assert Event.objects.values_list("uid", "place", "hashtag").get() == ("a", "Nantes", "#Congres")


@pytest.mark.parametrize(("removes_gone", "left"), [(False, {"a", "b"}), (True, {"a"})])
def test_what_is_gone_from_the_file_goes_only_when_asked(removes_gone, left, staff):
    imported(event("a"), event("b"), staff=staff)
    plan = imported(event("a"), staff=staff, removes_gone=removes_gone)
    assert [one.uid for one in plan.gone] == ["b"]
    assert set(Event.objects.values_list("uid", flat=True)) == left


def test_what_was_entered_by_hand_or_is_over_or_is_anothers_is_never_gone(staff, promotion):
    now = timezone.now()
    for uid, starts, whose in (
        ("", now + timedelta(days=3), None),
        ("over", now - timedelta(days=3), None),
        ("theirs", now + timedelta(days=3), promotion),
    ):
        Event.objects.create(
            name="x", uid=uid, starts_at=starts, ends_at=starts + timedelta(hours=1), promotion=whose
        )
    plan = imported(event("a"), staff=staff, removes_gone=True)
    assert (plan.gone, Event.objects.count()) == ([], 4)


def test_only_staff_take_events_in(member):
    with pytest.raises(PermissionDenied):
        imported(event("a"), staff=member.user)


# At the desk ----------------------------------------------------------------------------------------


@pytest.fixture
def desk(client, staff, settings):
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(staff)
    return client


def choose(desk, data, **fields):
    return desk.post(CHOOSE, {"file": SimpleUploadedFile("a.ics", data), **fields})


def test_staff_read_what_would_change_then_say_so(desk, promotion):
    response = choose(desk, ics(event("a"), event("b", name="Table ronde")), promotion=promotion.pk)
    shown = response.content.decode()
    assert (response.status_code, Event.objects.count()) == (200, 0)
    assert "nouveaux, 2" in shown
    assert "mardi 10 novembre, de 9\xa0h à 17\xa0h" in shown
    key = response.context["confirm"]["key"].value()
    response = desk.post(reverse("admin:posts_event_confirm"), {"key": key}, follow=True)
    assert "2 ajoutés" in response.content.decode()
    assert set(Event.objects.values_list("name", "promotion")) == {
        ("Congrès", promotion.pk),
        ("Table ronde", promotion.pk),
    }


def test_gone_events_are_shown_and_go_with_a_tick(desk, staff):
    imported(event("a"), event("b", name="Table ronde"), staff=staff)
    response = choose(desk, ics(event("a", name="Grand congrès")))
    shown = response.content.decode()
    assert "n’est plus dans le fichier" in shown
    assert "<ins>Grand congrès</ins>" in shown
    key = response.context["confirm"]["key"].value()
    desk.post(reverse("admin:posts_event_confirm"), {"key": key, "removes_gone": "on"})
    assert list(Event.objects.values_list("name", flat=True)) == ["Grand congrès"]


def test_bad_file_changes_nothing_and_says_why(desk):
    response = choose(desk, ics(event("a"), event("b", start="DTSTART:demain", name="Table ronde")))
    assert response.status_code == 422
    assert "«\xa0Table ronde\xa0»" in response.content.decode()
    assert Event.objects.count() == 0


def test_no_file_is_said(desk):
    response = desk.post(CHOOSE, {})
    assert (response.status_code, "Choisissez le fichier." in response.content.decode()) == (422, True)


def test_what_another_person_chose_is_not_confirmed(desk, client):
    key = choose(desk, ics(event("a"))).context["confirm"]["key"].value()
    client.force_login(factories.make_staff())
    response = client.post(reverse("admin:posts_event_confirm"), {"key": key}, follow=True)
    assert "Choisissez le fichier à nouveau" in response.content.decode()
    assert Event.objects.count() == 0


def test_event_is_entered_by_hand(desk):
    data = {"name": "Congrès", "starts_at": "2026-11-10T09:00", "ends_at": "2026-11-10T17:00"}
    desk.post(reverse("admin:posts_event_add"), data)
    assert Event.objects.get().when == "de 9\xa0h à 17\xa0h"


@pytest.mark.parametrize("who", ["member", "student"])
def test_desk_of_events_is_the_staffs(who, client, request):
    client.force_login(request.getfixturevalue(who).user)
    assert client.get(CHOOSE).status_code == 302

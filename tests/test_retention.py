"""What is kept of people: each field has its rule, and each rule does what it says, once, to what is due and nothing else."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import FieldDoesNotExist
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import models
from django.urls import reverse
from django.utils import timezone, translation

from cohorts.models import CommsMember, Internship, Student, User
from inet_comms import retention
from inet_comms.celery import app as celery
from inet_comms.retention_words import LANGUAGES, chapters, said_rule
from inet_comms.tasks import retain
from portraits import actions
from portraits.models import Answer, Consent, Contact, Photo, Portrait, PortraitMove, PortraitVersion
from posts.actions.delivering import run_pass
from posts.models import Attempt, Delivery, Post
from tests import factories
from tests.factories import fresh

OURS = ("cohorts", "portraits", "posts")
NIGHT = datetime(2031, 2, 11, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))


def named(model):
    """The fields that a rule must speak of: all but the number of the row."""
    own = [*model._meta.concrete_fields, *model._meta.local_many_to_many]
    return {one.name for one in own if not isinstance(one, models.AutoField)}


# The file ----------------------------------------------------------------------------------------


@pytest.mark.files_only
def test_every_model_of_ours_is_named_once():
    labels = [subject.label for subject in retention.policy().subjects]
    ours = {model._meta.label for name in OURS for model in apps.get_app_config(name).get_models()}
    assert (sorted(ours - set(labels)), len(labels)) == ([], len(set(labels)))


@pytest.mark.files_only
def test_every_field_is_named_once_and_every_name_is_a_field():
    wrong = {}
    for subject in retention.policy().subjects:
        names = [*subject.personal, *subject.plain]
        twice = {name for name in names if names.count(name) > 1}
        if problems := twice | (named(subject.model) ^ set(names)):
            wrong[subject.label] = sorted(problems)
    assert wrong == {}


@pytest.mark.files_only
def test_every_personal_field_has_a_rule_that_ends_it():
    wrong = []
    for subject in retention.policy().subjects:
        reached = {name for rule in subject.rules if rule.do != "keep" for name in rule.fields}
        wrong += [f"{subject.label}.{name}" for name in subject.personal if name not in reached]
    assert wrong == []


@pytest.mark.files_only
def test_no_rule_names_a_field_that_is_plain_or_missing():
    wrong = [
        f"{subject.label}.{name}"
        for subject in retention.policy().subjects
        for rule in subject.rules
        for name in rule.fields
        if name not in subject.personal
    ]
    assert wrong == []


@pytest.mark.files_only
def test_every_rule_counts_from_a_moment():
    wrong = []
    for rule in retention.policy().rules:
        for path in rule.at:
            try:
                last = list(retention.walk(rule.model, path))[-1]
            except FieldDoesNotExist:
                wrong.append((rule.label, path))
            else:
                if not isinstance(last, models.DateField):
                    wrong.append((rule.label, path))
    assert wrong == []


@pytest.mark.files_only
def test_what_is_blanked_can_be_blank():
    wrong = [
        f"{rule.label}.{name}"
        for rule in retention.policy().rules
        if rule.do == "blank"
        for one in [rule.model._meta.get_field(name) for name in rule.fields]
        for name in [one.name]
        if not (one.null or isinstance(one, (models.CharField, models.TextField, models.JSONField)))
        or isinstance(one, models.FileField)
    ]
    assert wrong == []


@pytest.mark.files_only
def test_every_word_is_there_in_both_languages_and_used():
    words = retention.policy().words
    subjects = retention.policy().subjects
    assert set(words.purposes) == {subject.purpose for subject in subjects}
    assert set(words.bases) == {subject.basis for subject in subjects if subject.basis}
    assert set(words.moments) == {rule.start for rule in retention.policy().rules}
    entries = [*words.bases.values(), *words.moments.values(), *words.purposes.values()]
    entries += [purpose["why"] for purpose in words.purposes.values()]
    assert all(entry.get(language) for entry in entries for language in LANGUAGES)


@pytest.mark.files_only
def test_what_is_kept_of_a_person_says_on_which_ground():
    assert [
        subject.label for subject in retention.policy().subjects if subject.personal and not subject.basis
    ] == []


@pytest.mark.files_only
def test_rule_that_does_nothing_known_is_refused():
    with pytest.raises(ValueError, match="hide"):
        retention._rule("cohorts.Student", ("email",), {"do": "hide", "from": "made", "at": "email"})


@pytest.mark.django_db
def test_every_rule_can_be_asked_and_applied():
    """On whichever database the tests run."""
    assert {reached for _rule, reached in retention.apply()} == {0}


# What it does -------------------------------------------------------------------------------------


@pytest.fixture
def portrait(student, member, account):
    return factories.make_portrait("signed", student=student, comms=member)


def later(**since):
    """Apply the rules as of that long from now; what they reached, by model and verb."""
    found = {}
    for rule, reached in retention.apply(timezone.now() + timedelta(**since)):
        if reached:
            found[rule.label, rule.do] = found.get((rule.label, rule.do), 0) + reached
    return found


def years(count):
    return {"days": round(365.25 * count) + 1}


@pytest.mark.django_db
def test_nothing_goes_while_the_consent_runs_and_the_studies_go_on(portrait):
    before = Portrait.objects.values().get(pk=portrait.pk)
    later(days=29)
    assert Portrait.objects.values().get(pk=portrait.pk) == before


@pytest.mark.django_db
def test_words_of_a_withdrawn_portrait_are_erased_after_thirty_days(portrait, student):
    actions.withdraw(portrait, by=student.user)
    later(days=29)
    assert fresh(portrait).title == "Servir au plus près"
    later(days=31)
    portrait = fresh(portrait)
    assert (portrait.title, portrait.quote, portrait.text, portrait.alt_text) == ("", "", "", "")


@pytest.mark.django_db
def test_proof_survives_its_words(portrait, student):
    """What was agreed to can still be recognised by its fingerprint, and who agreed, when and to which terms is there."""
    actions.withdraw(portrait, by=student.user)
    later(days=31)
    version = PortraitVersion.objects.get(portrait=portrait, number=2)
    consent = Consent.objects.get(version=version)
    assert (version.text, version.by) == ("", None)
    assert (consent.fingerprint, consent.by) == (version.fingerprint, student.user)
    assert consent.terms.startswith("J’autorise")


@pytest.mark.django_db
def test_words_signed_before_a_withdrawal_go_though_the_student_began_again(portrait, student):
    actions.withdraw(portrait, by=student.user)
    actions.reopen(fresh(portrait), by=student.user)
    later(days=31)
    assert set(PortraitVersion.objects.values_list("text", flat=True)) == {""}
    assert fresh(portrait).title == "Servir au plus près"


@pytest.mark.django_db
def test_answers_stay_a_year_for_whoever_may_begin_again(portrait, student):
    actions.withdraw(portrait, by=student.user)
    later(days=300)
    kept = Answer.objects.exists()
    later(days=367)
    assert (kept, Answer.objects.exists()) == (True, False)


@pytest.mark.django_db
def test_proof_goes_five_years_after_the_end_and_the_person_with_it(portrait, student):
    actions.withdraw(portrait, by=student.user)
    later(days=365 * 5 - 2)
    assert Consent.objects.filter(portrait=portrait).count() == 2
    later(**years(5))
    later(**years(6))
    assert (
        Consent.objects.count(),
        Portrait.objects.count(),
        Student.objects.filter(pk=student.pk).count(),
    ) == (
        0,
        0,
        0,
    )


@pytest.mark.django_db
def test_login_of_whoever_is_gone_goes_unless_a_decision_names_it(portrait, student, member):
    """The author of a post stays as a pseudonym: nobody can say who it was."""
    factories.make_post("draft", portrait=portrait, comms=member)
    for person in (student, member):
        User.objects.filter(pk=person.user_id).update(date_joined=timezone.now() - timedelta(days=400))
    CommsMember.objects.all().delete()
    Student.objects.filter(pk=member.pk).delete()
    later(hours=1)
    author = User.objects.get(pk=member.user_id)
    assert (author.first_name, author.last_name, author.email.endswith("@pseudonym.invalid")) == (
        "",
        "",
        True,
    )
    assert User.objects.get(pk=student.user_id).email == "lea@example.org"


@pytest.mark.django_db
def test_pseudonym_is_made_once(member, portrait):
    factories.make_post("draft", portrait=portrait, comms=member)
    User.objects.filter(pk=member.user_id).update(date_joined=timezone.now() - timedelta(days=400))
    Student.objects.filter(pk=member.pk).delete()
    later(hours=1)
    first = User.objects.get(pk=member.user_id).email
    assert (later(hours=2), User.objects.get(pk=member.user_id).email) == ({}, first)


@pytest.mark.django_db
def test_staff_who_left_become_a_pseudonym_and_those_who_work_here_do_not(staff):
    gone = factories.make_staff(email="parti@example.org", first_name="Yves", is_active=False)
    later(**years(2))
    assert (User.objects.filter(pk=gone.pk).exists(), fresh(staff).email) == (True, "bureau@example.org")
    assert (fresh(gone).first_name, fresh(gone).email.endswith("@pseudonym.invalid")) == ("", True)


@pytest.mark.django_db
def test_declared_facts_and_tutors_go_a_year_after_the_studies(portrait, student, promotion):
    Portrait.objects.filter(pk=portrait.pk).update(region="bre", entry_route="third", host_kind="city")
    Internship.objects.create(
        student=student, host="Ville de Brest", tutor_name="Anne", tutor_email="a@example.org"
    )
    promotion.ends = timezone.localdate() - timedelta(days=367)
    promotion.starts = promotion.ends - timedelta(days=540)
    promotion.save()
    later(hours=1)
    stage, portrait = Internship.objects.get(student=student), fresh(portrait)
    assert (portrait.region, portrait.entry_route, portrait.host_kind) == ("", "", "")
    assert (stage.host, stage.tutor_name, stage.tutor_email) == ("Ville de Brest", "", "")
    assert portrait.text != ""


@pytest.mark.django_db
def test_portrait_that_was_never_handed_in_goes_a_year_after_the_studies_with_its_files(
    student, member, promotion, django_capture_on_commit_callbacks
):
    portrait = factories.make_portrait("draft", student=student, comms=member)
    names = [portrait.photo.master.name, *portrait.photo.renditions.values_list("file", flat=True)]
    promotion.ends = timezone.localdate() - timedelta(days=367)
    promotion.starts = promotion.ends - timedelta(days=540)
    promotion.save()
    with django_capture_on_commit_callbacks(execute=True):
        later(hours=1)
    assert (Portrait.objects.filter(pk=portrait.pk).exists(), Photo.objects.exists()) == (False, False)
    assert [name for name in names if default_storage.exists(name)] == []


@pytest.mark.django_db
def test_files_of_a_withdrawn_portrait_that_a_dying_process_left_go_the_next_night(
    portrait, django_capture_on_commit_callbacks
):
    photo = portrait.photo
    names = [photo.master.name, *photo.renditions.values_list("file", flat=True)]
    Portrait.objects.filter(pk=portrait.pk).update(**{"state": "withdrawn"}, consent=None, photo=None)
    with django_capture_on_commit_callbacks(execute=True):
        later(hours=1)
    assert (Photo.objects.exists(), [name for name in names if default_storage.exists(name)]) == (False, [])


@pytest.mark.django_db
def test_file_that_another_row_names_stays(portrait, django_capture_on_commit_callbacks):
    photo = portrait.photo
    other = factories.make_portrait("draft", comms=factories.make_member())
    Photo.objects.filter(pk=other.photo_id).update(master=photo.master.name)
    Portrait.objects.filter(pk=portrait.pk).update(**{"state": "withdrawn"}, consent=None, photo=None)
    with django_capture_on_commit_callbacks(execute=True):
        later(hours=1)
    assert default_storage.exists(photo.master.name)


@pytest.mark.django_db
def test_history_loses_who_and_why_after_a_year_and_stays(portrait):
    PortraitMove.objects.filter(record=portrait).update(note="Parce que.")
    steps = list(PortraitMove.objects.filter(record=portrait).values_list("name", flat=True))
    later(days=367)
    moves = PortraitMove.objects.filter(record=portrait)
    assert list(moves.values_list("name", flat=True)) == steps
    assert set(moves.values_list("by", "note")) == {(None, "")}


@pytest.mark.django_db
def test_contacts_go_a_year_after_the_studies_of_that_promotion_only(portrait, member, promotion):
    other = factories.make_portrait("invited", comms=factories.make_member())
    for one in (portrait, other):
        Contact.objects.create(portrait=one, means="phone", by=member.user)
    promotion.ends = timezone.localdate() - timedelta(days=367)
    promotion.starts = promotion.ends - timedelta(days=540)
    promotion.save()
    later(hours=1)
    assert list(Contact.objects.values_list("portrait", flat=True)) == [other.pk]


@pytest.mark.django_db
def test_what_networks_answered_is_erased_and_the_attempt_stays(page, student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    post = factories.make_post("approved", portrait=portrait, comms=member, publish_at=timezone.now())
    run_pass(workers=1)
    Attempt.objects.update(answer="201 Created")
    later(days=32)
    later(days=500)
    attempt = Attempt.objects.get(delivery__post=post)
    assert (attempt.answer, attempt.outcome, fresh(post.deliveries.get()).text != "") == (
        "",
        "published",
        True,
    )


@pytest.mark.django_db
def test_what_left_its_page_is_erased_step_by_step(page, student, member):
    portrait = factories.make_portrait("signed", student=student, comms=member)
    post = factories.make_post("approved", portrait=portrait, comms=member, publish_at=timezone.now())
    run_pass(workers=1)
    actions.withdraw(fresh(portrait), by=student.user)
    run_pass(workers=1)
    delivery = post.deliveries.get()
    assert (delivery.state, delivery.text != "") == ("withdrawn", True)
    later(days=32)
    assert (fresh(delivery).text, fresh(delivery).url != "") == ("", True)
    later(days=400)
    assert (fresh(delivery).url, delivery.attempts.count()) == ("", 0)
    later(**years(5))
    assert (Delivery.objects.count(), Post.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_sessions_that_ended_go():
    Session.objects.create(
        session_key="over", session_data="", expire_date=timezone.now() - timedelta(days=2)
    )
    Session.objects.create(
        session_key="runs", session_data="", expire_date=timezone.now() + timedelta(days=2)
    )
    later(hours=1)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["runs"]


@pytest.mark.django_db
def test_again_at_once_changes_nothing(portrait, student):
    actions.withdraw(portrait, by=student.user)
    first = later(days=400)
    assert (first != {}, later(days=400)) == (True, {})


@pytest.mark.django_db
def test_works_in_small_transactions(portrait, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    steps = PortraitMove.objects.filter(record=portrait).count()
    assert (steps > 2, later(days=367)["portraits.PortraitMove", "blank"]) == (True, steps)


@pytest.mark.django_db
def test_log_holds_counts_and_no_names(portrait, student, caplog):
    actions.withdraw(portrait, by=student.user)
    with caplog.at_level("INFO", logger="inet_comms.retention"):
        later(days=367)
    said = caplog.text
    assert ("Retention: blank of portraits.Portrait, 1 rows" in said, "Léa" in said, "lea@" in said) == (
        True,
        False,
        False,
    )


# When ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "applied"),
    [
        (datetime(2027, 1, 12, 2, 30, tzinfo=ZoneInfo("UTC")), True),
        (datetime(2027, 1, 12, 1, 30, tzinfo=ZoneInfo("UTC")), False),
        (datetime(2027, 7, 12, 1, 30, tzinfo=ZoneInfo("UTC")), True),
        (datetime(2027, 7, 12, 2, 30, tzinfo=ZoneInfo("UTC")), False),
    ],
)
def test_night_is_half_past_three_in_paris(moment, applied, portrait):
    with time_machine.travel(moment, tick=False):
        Session.objects.create(session_key="over", session_data="", expire_date=moment - timedelta(days=9))
        assert (retain() > 0, Session.objects.exists()) == (applied, not applied)


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31), date(2027, 1, 1), date(2027, 7, 1)])
def test_one_night_of_the_clock_is_the_right_one(day):
    """Also when the clocks change."""
    asked = celery.conf.beat_schedule["retain"]["schedule"]
    moments = [
        datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("UTC"))
        for hour in asked.hour
        for minute in asked.minute
    ]
    local = [moment.astimezone(ZoneInfo(settings.TIME_ZONE)) for moment in moments]
    assert [(moment.hour, moment.minute) for moment in local if moment.hour == 3] == [(3, 30)]


def test_worker_knows_the_task():
    celery.loader.import_default_modules()
    assert celery.conf.beat_schedule["retain"]["task"] in celery.tasks


# The command and the page -------------------------------------------------------------------------


@pytest.mark.django_db
def test_dry_run_says_what_would_go_and_changes_nothing(portrait, student, capsys):
    actions.withdraw(portrait, by=student.user)
    with translation.override("en"), time_machine.travel(timezone.now() + timedelta(days=31)):
        call_command("retain", "--dry-run")
    said = capsys.readouterr().out
    assert (
        "portraits.Portrait: 1 – Erased 30 days after the withdrawal or the end of the consent: title, quote, text"
        in said
    )
    assert fresh(portrait).title == "Servir au plus près"


@pytest.mark.django_db
def test_command_does_it(portrait, student, capsys):
    actions.withdraw(portrait, by=student.user)
    with translation.override("en"), time_machine.travel(timezone.now() + timedelta(days=31)):
        call_command("retain")
    assert (fresh(portrait).title, "rows changed." in capsys.readouterr().out) == ("", True)


@pytest.mark.django_db
def test_page_says_each_rule_in_words(client):
    client.cookies["django_language"] = "en"
    shown = client.get(reverse("retention")).content.decode()
    with translation.override("en"):
        policy = retention.policy()
        missing = [rule.label for rule in policy.rules if said_rule(rule, policy.words) not in shown]
        rows = sum(len(rows) for _title, _why, rows in chapters(policy))
    assert (missing, rows) == ([], len(policy.subjects))


@pytest.mark.django_db
def test_page_speaks_french(client):
    shown = client.get(reverse("retention")).content.decode()
    assert "Le portrait et ses images" in shown


@pytest.mark.django_db
def test_page_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(reverse("retention"))


@pytest.mark.django_db
def test_every_page_leads_to_it(client):
    assert f'href="{reverse("retention")}"' in client.get(reverse("gallery")).content.decode()

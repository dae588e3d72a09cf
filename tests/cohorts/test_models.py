"""People: mandates that begin and end by themselves, names that change, what the database refuses, logins that follow."""

from datetime import date, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts import actions
from cohorts.models import CommsMember, FormerName, Internship, Promotion, Student, User
from cohorts.permissions import can_manage_people, is_anyones_comms, is_comms, is_staff, is_the_student
from tests import factories

pytestmark = pytest.mark.django_db

CAST = ("student", "classmate", "member", "former_member", "neighbour", "staff")


def user_of(person):
    """As a request sees them: nothing remembered from before."""
    return User.objects.get(pk=person.pk if isinstance(person, User) else person.user_id)


def who(request, allowed):
    """The names of the cast for whom `allowed(user)` says yes."""
    return {name for name in CAST if allowed(user_of(request.getfixturevalue(name)))}


# Who people are today -----------------------------------------------------------------------------


def test_comms_of_a_promotion_are_those_whose_mandate_runs(request, promotion):
    assert who(request, lambda user: is_comms(user, promotion)) == {"member"}


def test_anyones_comms_includes_the_other_promotion(request):
    assert who(request, is_anyones_comms) == {"member", "neighbour"}


def test_people_are_managed_by_staff_only(request):
    assert who(request, can_manage_people) == {"staff"}


def test_staff_who_left_are_staff_no_more(staff):
    staff.is_active = False
    assert not is_staff(staff)


def test_the_student_is_the_very_person(request, student):
    assert who(request, lambda user: is_the_student(user, student)) == {"student"}


def test_student_without_login_is_nobody(promotion, staff):
    student = factories.make_student(promotion, login=False)
    assert not is_the_student(staff, student)


@pytest.mark.parametrize(
    ("day", "runs"),
    [("2026-08-31", False), ("2026-09-01", True), ("2027-08-31", True), ("2027-09-01", False)],
)
def test_mandate_runs_from_its_first_to_its_last_day(promotion, day, runs):
    member = factories.make_member(promotion, starts=date(2026, 9, 1), ends=date(2027, 8, 31))
    with time_machine.travel(f"{day}T12:00:00+02:00", tick=False):
        assert is_comms(user_of(member), promotion) is runs


def test_mandate_without_end_goes_on(promotion):
    member = factories.make_member(promotion, starts=date(2026, 9, 1))
    with time_machine.travel("2036-01-01T12:00:00+01:00", tick=False):
        assert is_comms(user_of(member), promotion)


def test_mandate_begins_at_midnight_in_paris(promotion):
    member = factories.make_member(promotion, starts=date(2026, 9, 1))
    with time_machine.travel("2026-08-31T22:30:00+00:00", tick=False):
        assert is_comms(user_of(member), promotion)


def test_two_mandates_of_one_person_count_for_both_their_days(promotion):
    member = factories.make_member(promotion, starts=date(2025, 9, 1), ends=date(2026, 1, 31))
    CommsMember.objects.create(student=member, starts=date(2026, 5, 1), ends=date(2026, 6, 30))
    running = [
        CommsMember.objects.active(day).count()
        for day in (date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1))
    ]
    assert running == [1, 0, 1]


def test_visible_students_of_each_of_the_cast(request, promotion):
    people = {name: request.getfixturevalue(name) for name in CAST}
    seen = {name: Student.objects.visible_to(user_of(person)).count() for name, person in people.items()}
    assert seen == {"student": 1, "classmate": 1, "member": 4, "former_member": 1, "neighbour": 1, "staff": 5}


def test_visible_promotions_of_each_of_the_cast(request, promotion):
    people = {name: request.getfixturevalue(name) for name in CAST}
    seen = {name: Promotion.objects.visible_to(user_of(person)).count() for name, person in people.items()}
    assert seen == {"student": 1, "classmate": 1, "member": 1, "former_member": 1, "neighbour": 1, "staff": 2}


# Names that change --------------------------------------------------------------------------------


def rename(promotion, staff, name, slug):
    return actions.rename(promotion, name=name, slug=slug, by=staff)


def former(promotion):
    return list(promotion.former_names.values_list("name", "slug", "until"))


def test_rename_keeps_the_former_name_and_its_address(promotion, staff):
    promotion = rename(promotion, staff, "Emmaüs", "emmaus")
    assert (promotion.name, promotion.slug, former(promotion)) == (
        "Emmaüs",
        "emmaus",
        [("Joséphine Baker", "josephine-baker", timezone.localdate())],
    )


def test_rename_with_the_same_address_corrects_the_spelling_only(promotion, staff):
    promotion = rename(promotion, staff, "Josephine Baker", "josephine-baker")
    assert (promotion.name, former(promotion)) == ("Josephine Baker", [])


def test_rename_back_frees_the_former_address(promotion, staff):
    rename(promotion, staff, "Emmaüs", "emmaus")
    promotion = rename(promotion, staff, "Joséphine Baker", "josephine-baker")
    assert [slug for _name, slug, _until in former(promotion)] == ["emmaus"]


def test_rename_to_another_promotions_address_is_refused_and_changes_nothing(promotion, staff):
    factories.make_promotion(slug="emmaus")
    with pytest.raises(ValidationError):
        rename(promotion, staff, "Emmaüs", "emmaus")
    fresh = factories.fresh(promotion)
    assert (fresh.name, fresh.slug, FormerName.objects.count()) == ("Joséphine Baker", "josephine-baker", 0)


def test_rename_is_for_staff_only(promotion, member):
    with pytest.raises(PermissionDenied):
        rename(promotion, user_of(member), "Emmaüs", "emmaus")


def test_promotion_says_its_years(db):
    promotion = factories.make_promotion(name="Abbé Pierre", starts=date(2020, 1, 1), ends=date(2021, 6, 30))
    assert (str(promotion), promotion.is_graduated) == ("Abbé Pierre (2020/2021)", True)


# Logins -------------------------------------------------------------------------------------------


def address(user):
    return EmailAddress.objects.values_list("email", "verified", "primary").get(user=user)


def test_give_login_makes_one_user_with_a_verified_address(promotion):
    student = factories.make_student(promotion, login=False, email="Lea@Example.org")
    users = {actions.give_login(student).pk, actions.give_login(factories.fresh(student)).pk}
    assert (len(users), address(student.user)) == (1, ("lea@example.org", True, True))


def test_give_login_joins_the_user_who_already_signs_in_with_the_address(promotion, staff):
    student = factories.make_student(promotion, login=False, email="BUREAU@example.org")
    assert actions.give_login(student) == staff


def test_update_login_follows_a_corrected_name_and_address(student):
    student.last_name, student.email = "Le Goff-Martin", "Lea.LeGoff@example.org"
    student.save()
    user = actions.update_login(student)
    assert (str(user), user.email, address(user)) == (
        "Léa Le Goff-Martin",
        "lea.legoff@example.org",
        ("lea.legoff@example.org", True, True),
    )


def test_address_of_anothers_login_is_taken(student, classmate, promotion):
    newcomer = Student(promotion=promotion)
    assert [
        actions.is_taken("LEA@example.org", classmate),
        actions.is_taken("LEA@example.org", newcomer),
        actions.is_taken("LEA@example.org", student),
        actions.is_taken("new@example.org", newcomer),
    ] == [True, True, False, False]


def test_superuser_is_made_without_password(db):
    user = User.objects.create_superuser("Root@Example.org")
    assert (user.email, user.is_staff, user.has_usable_password()) == ("root@example.org", True, False)


# What the database refuses ------------------------------------------------------------------------


def refused(make):
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_database_refuses_two_users_with_one_address_in_two_cases(student):
    refused(lambda: User.objects.create(email="LEA@example.org"))


def test_database_refuses_two_students_with_one_address_in_two_cases(student, promotion):
    refused(lambda: factories.make_student(promotion, login=False, email="LEA@example.org"))


def test_database_refuses_two_promotions_with_one_number_in_a_track(promotion):
    refused(lambda: factories.make_promotion(track=promotion.track, number=promotion.number))


def test_database_accepts_one_name_in_two_tracks(promotion):
    assert factories.make_promotion(name=promotion.name).name == promotion.name


@pytest.mark.parametrize("days", [0, -1])
def test_database_refuses_a_promotion_that_does_not_end_after_its_start(db, days):
    start = date(2026, 1, 1)
    refused(lambda: factories.make_promotion(starts=start, ends=start + timedelta(days=days)))


def test_database_refuses_a_mandate_that_ends_before_it_starts(student):
    refused(lambda: CommsMember.objects.create(student=student, starts="2026-09-02", ends="2026-09-01"))


def test_database_accepts_a_mandate_of_one_day(student):
    CommsMember.objects.create(student=student, starts="2026-09-01", ends="2026-09-01")
    assert CommsMember.objects.active(date(2026, 9, 1)).count() == 1


def test_database_refuses_an_internship_that_ends_before_it_starts(student):
    refused(
        lambda: Internship.objects.create(
            student=student, host="Brest", starts="2026-03-02", ends="2026-03-01"
        )
    )


@pytest.mark.parametrize("colour", ["0E5A63", "#0E5A6", "red", "#0E5A63; x"])
def test_promotion_refuses_what_is_no_colour(promotion, colour):
    promotion.colour = colour
    with pytest.raises(ValidationError) as error:
        promotion.full_clean()
    assert list(error.value.message_dict) == ["colour"]


@pytest.mark.parametrize("hashtag", ["Promo", "#", "#Deux mots", "#a.b", "#<b>"])
def test_promotion_refuses_what_is_no_hashtag(promotion, hashtag):
    promotion.hashtag = hashtag
    with pytest.raises(ValidationError) as error:
        promotion.full_clean()
    assert list(error.value.message_dict) == ["hashtag"]

"""*Équilibre*: whom the portraits have shown so far, against the promotion as a whole, and whom to show next."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cohorts.models import Promotion, Student

from ..balance import FACTS, FEWEST, Person, charts, suggestions
from ..models import Portrait
from ..steps import LINE
from .choosing import choose


@require_safe
@login_required
def balance(request):
    """Charts of what was declared, and suggestions that say why."""
    chosen = choose(request, "balance")
    people = _people(chosen.promotion) if chosen.promotion else []
    drawn = charts(people)
    context = {
        "chosen": chosen,
        "promotion": chosen.promotion,
        "switcher": chosen.switcher,
        "charts": drawn,
        "total": len(people),
        "shown": sum(person.is_shown for person in people),
        "suggestions": suggestions(people, drawn),
        "running": _running(),
        "fewest": FEWEST,
    }
    return render(request, "portraits/balance.html", context)


def _people(promotion):
    """Everyone who has not chosen to count in no balance."""
    students = Student.objects.filter(promotion=promotion).exclude(portrait__counts_in_balance=False)
    return [_person(student) for student in students.select_related("portrait")]


def _person(student):
    portrait = getattr(student, "portrait", None)
    return Person(
        pk=portrait.pk if portrait else 0,
        name=student.full_name,
        facts={fact: getattr(portrait, fact, "") for fact in FACTS},
        is_shown=portrait is not None and portrait.online_id is not None,
        readiness=LINE.index(portrait.state) if portrait and portrait.state in LINE else 0,
    )


def _running():
    """The promotions of today, each with its track: how many of its students have a portrait online."""
    online = Portrait.objects.online().filter(student__promotion__isnull=False)
    running = Promotion.objects.running().select_related("track")
    return running.annotate(
        people=Count("students", distinct=True),
        shown=Count("students", filter=Q(students__portrait__in=online), distinct=True),
    ).order_by("track__name", "-number")

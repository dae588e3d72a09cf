"""What somebody agrees to who can be recognised in another person's photo, and the signed link that asks them."""

from __future__ import annotations

import unicodedata

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts.models import Promotion, Student

from .links import LinkRefused
from .models import Appearance, Portrait

SALT = "portraits.likeness"
FOUND_AT_MOST = 12


def terms(appearance: Appearance, school: str) -> list[str]:
    """The sentences on the screen, which are, word for word, what is kept as proof."""
    said = {
        "name": appearance.student.full_name,
        "owner": appearance.portrait.student.full_name,
        "school": school,
    }
    return [
        _(
            "I, %(name)s, can be recognised in this photo. I allow the school (%(school)s) to publish it with the portrait of %(owner)s, however it is framed, in the places and until the day that %(owner)s allows: at most the school’s public gallery and its pages on LinkedIn, Facebook, X, Bluesky and Mastodon."
        )
        % said,
        _(
            "My name does not appear with it, and the photo may not be used for anything else without asking me again."
        ),
        _(
            "I can take this back at any moment, without giving a reason and without any disadvantage: the photo then leaves the gallery at once and is taken down from the networks. What others have shared or captured there cannot be called back."
        ),
    ]


def path(appearance: Appearance) -> str:
    """Always the same for the same person and photo: they find their answer there, and take it back there."""
    return reverse("appearance", args=[signing.Signer(salt=SALT).sign_object(appearance.pk)])


def read(token: str) -> Appearance:
    """Whom the link asks, about which photo. Raises LinkRefused."""
    incomplete = _(
        "This link is not complete, or it was not made here. Copy it again, whole, from your mail."
    )
    try:
        pk = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkRefused(incomplete) from error
    whole = Appearance.objects.select_related(
        "student__user", "portrait__student__promotion", "portrait__photo", "portrait__online__photo"
    )
    found = whole.filter(pk=pk).first() if isinstance(pk, int) else None
    if found is None:
        raise LinkRefused(_("Nobody asks you about this photo any more. There is nothing to do."))
    return found


def proof_by_link(appearance: Appearance) -> str:
    """How we know who answered: the link went to this address only."""
    return f"link:{appearance.student.email}"[:120]


def candidates(portrait: Portrait, words: str) -> list[Student]:
    """Who may be meant: students of the promotion and of those that overlap with it, by name, accents aside."""
    wanted = plain(words).split()
    if not wanted:
        return []
    own = portrait.student.promotion
    overlapping = Promotion.objects.filter(starts__lte=own.ends, ends__gte=own.starts)
    tied = Appearance.objects.filter(portrait=portrait).in_photo_of(portrait)
    people = Student.objects.filter(promotion__in=overlapping).exclude(pk=portrait.student_id)
    people = people.exclude(pk__in=tied.values("student")).select_related("promotion")
    found = [person for person in people if all(word in plain(person.full_name) for word in wanted)]
    return sorted(found, key=lambda person: person.promotion_id != own.pk)[:FOUND_AT_MOST]


def plain(words: str) -> str:
    """Without accents and capitals, hyphens as spaces: “Benoît-Noël” is found by “benoit noel”."""
    letters = unicodedata.normalize("NFKD", words.replace("-", " ").replace("’", "'").casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))

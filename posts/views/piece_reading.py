"""The same as for a portrait, about a post of another kind: no signed text to compare with, but people who are named."""

from __future__ import annotations

from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import User

from ..actions.writing import taken_pages
from ..forms.writing import PostForm
from ..kinds import ABOUT
from ..models import Account, Kind, Named, Post
from ..pictures import ShownPiece
from .reading import Reading, problems


class PieceReading(Reading):
    version = None
    known = ""
    passages = ()
    can_begin_again = False

    @cached_property
    def people(self) -> list[Named]:
        return list(self.post.named.all())

    @property
    def about(self):
        return ABOUT.get(Kind(self.post.kind))

    def shown(self, account: Account, picture: str | None) -> ShownPiece:
        return ShownPiece(self.post.piece.used, account)

    @property
    def needs_student(self) -> bool:
        return self.post.needs_student

    @property
    def awaited_names(self) -> str:
        return ", ".join(one.name for one in self.post.awaited())

    @cached_property
    def obstacles(self) -> list[str]:
        post, found = self.post, []
        if self.about and self.about.needs_document and all(one.is_image for one in post.piece.used):
            found.append(_("The document is missing: add the PDF under “Edit the content”."))
        is_undescribed = post.piece.has_undescribed
        if is_undescribed:
            found.append(_("A picture has no description: write one under “Edit the content”."))
        if post.publish_at is None:
            found.append(_("Choose the day and the time, and save."))
        elif post.publish_at <= timezone.now():
            found.append(_("The moment has passed: choose a new one, and save."))
        if not self.variants:
            found.append(_("It goes nowhere yet: tick a page, and save."))
        taken = taken_pages(None, post)
        for variant, shown in self.variants:
            if variant.account_id in taken:
                found.append(
                    _(
                        "It is, or may be, on %(page)s already: look under “Did it go out?” first, or leave that page out and save."
                    )
                    % {"page": variant.account}
                )
            if not variant.account.is_ready:
                found.append(
                    _("%(page)s must be connected again: ask the staff.") % {"page": variant.account}
                )
            # Each network would say it again of a picture without description.
            found += [] if is_undescribed else problems(variant.text, shown)
        return found

    @property
    def student_key(self) -> str:
        students = [one for one in self.people if one.student_id]
        if not students:
            return _("No student is named or shown: nobody else has to agree.")
        if self.needs_student:
            return _("Waits for the agreement of %(name)s.") % {"name": self.awaited_names}
        return ngettext("%(count)d student has agreed.", "%(count)d students have agreed.", len(students)) % {
            "count": len(students)
        }

    @property
    def student_key_turned(self) -> bool:
        return not self.needs_student


def reading_of(post: Post, user: User, form: PostForm | None = None, **options) -> Reading:
    return (Reading if post.portrait else PieceReading)(post, user, form, **options)

"""What stands against a post, as one person reads it: what they may let pass, what was let pass before, by whom and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.models import User

from .. import permissions
from ..forms.exempting import ExemptForm
from ..models import Exemption, Post
from ..policy import Sheet, rulings_by_page
from ..rulings import Ruling, Who, with_exemptions
from ..verdicts import of_the_group, said, verdicts


@dataclass(frozen=True)
class Case:
    """One ruling that is open. `form` lets it pass, where this person may."""

    ruling: Ruling
    form: ExemptForm | None

    @property
    def is_for_staff(self) -> bool:
        return self.ruling.who == Who.STAFF

    @property
    def is_for_nobody(self) -> bool:
        return self.ruling.who == Who.NOBODY


class Standing:
    """`data` is what was posted about one of the rulings."""

    def __init__(self, post: Post, user: User, data=None):
        self.post, self.user, self.data = post, user, data

    @cached_property
    def rulings(self) -> list[Ruling]:
        return verdicts(self.post)

    @cached_property
    def advice(self) -> list[Ruling]:
        return [one for one in self.rulings if one.is_advice]

    @property
    def advice_on_the_whole(self) -> list[Ruling]:
        """What is not said beside the text of a page."""
        return [one for one in self.advice if one.account is None]

    def said_beside(self, account: int) -> list[str]:
        """What is to be said about the saved text of this page."""
        return [_said(one) for one in self.rulings if one.account == account and one.exemption is None]

    @cached_property
    def cases(self) -> list[Case]:
        return [Case(one, self._form(one)) for one in self.rulings if one.is_open]

    def _form(self, ruling: Ruling) -> ExemptForm | None:
        if not permissions.can_exempt(self.user, self.post, ruling.who):
            return None
        return ExemptForm(ruling, self.data if ruling == self.answered else None)

    @cached_property
    def answered(self) -> Ruling | None:
        """The open ruling that was posted about; None where it stands no more, or somebody was faster."""
        if self.data is None:
            return None
        key = (self.data.get("rule", ""), self.data.get("about", ""))
        return next((one for one in self.rulings if (one.rule, one.about) == key and one.is_open), None)

    @property
    def answer(self) -> ExemptForm | None:
        return next((case.form for case in self.cases if case.ruling == self.answered), None)

    @property
    def to_settle(self) -> list[str]:
        """What the group must do before it can ask anybody, in one sentence; empty where nothing is open for it."""
        count = len(of_the_group(self.rulings))
        sentence = ngettext(
            "%(count)d rule of the school is against it: follow the advice below, or say why it should go out all the same.",
            "%(count)d rules of the school are against it: follow the advice below, or say why it should go out all the same.",
            count,
        )
        return [sentence % {"count": count}] if count else []

    @cached_property
    def exemptions(self) -> list[Exemption]:
        """Oldest first; they stay when the rule changes, and when the text does."""
        return list(self.post.exemptions.all())


def said_as_typed(post: Post, sheets: list[Sheet]) -> dict[int, list[str]]:
    """By account id, what the school's rules say about what is typed, and what to do; without what was let pass."""
    by_page = rulings_by_page(post, sheets)
    asked = with_exemptions(post, [one for found in by_page.values() for one in found])
    given = {(one.rule, one.about) for one in asked if one.exemption}
    return {
        account: [_said(one) for one in found if (one.rule, one.about) not in given]
        for account, found in by_page.items()
    }


def _said(ruling: Ruling) -> str:
    return said(ruling) if ruling.is_advice else _("To settle: %(said)s") % {"said": said(ruling)}

"""The questionnaire of one promotion, once its comms group has made it its own; until then the school's is asked."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cohorts.models import Promotion

from ..questions import LIMITS, QUESTIONS, QUOTE, QUOTE_LIMIT, Question


class Questionnaire(models.Model):
    """How often a promotion's questions have changed, so that nobody writes over what they have not seen.

    `version` grows with every change; what changed last at which version stands on each question, for the order here.
    """

    promotion = models.OneToOneField(
        Promotion, models.CASCADE, related_name="questionnaire", verbose_name=_("promotion")
    )
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    arranged_in = models.PositiveIntegerField(_("version of the order"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")

    def __str__(self):
        return str(self.promotion)


class PromotionQuestion(models.Model):
    """One question as this promotion asks it. Answers are kept under `key`: a question that was answered is retired, not deleted."""

    promotion = models.ForeignKey(
        Promotion, models.CASCADE, related_name="questions", verbose_name=_("promotion")
    )
    key = models.SlugField(_("key"), max_length=30, editable=False)
    place = models.PositiveSmallIntegerField(_("place"), default=0)
    label = models.CharField(_("question"), max_length=120)
    help = models.CharField(_("help"), max_length=400, blank=True)
    missing = models.CharField(_("words in “what is missing”"), max_length=80, blank=True)
    limit = models.PositiveIntegerField(
        _("characters at most"),
        default=1200,
        validators=[MinValueValidator(LIMITS[0]), MaxValueValidator(LIMITS[1])],
    )
    is_required = models.BooleanField(_("must be answered"), default=True)
    required_from = models.DateField(_("optional until"), null=True, blank=True)
    frozen_after = models.DateField(_("frozen after"), null=True, blank=True)
    is_retired = models.BooleanField(_("no longer asked"), default=False)
    changed_in = models.PositiveIntegerField(_("changed in version"), default=0, editable=False)

    class Meta:
        verbose_name = _("question of a promotion")
        verbose_name_plural = _("questions of promotions")
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint("promotion", "key", name="one_question_per_key"),
            models.CheckConstraint(
                condition=~models.Q(key=QUOTE) | models.Q(is_retired=False, limit__lte=QUOTE_LIMIT),
                name="the_quote_stays_and_stays_short",
            ),
        ]

    def __str__(self):
        return self.label

    @classmethod
    def of(cls, promotion: Promotion, question: Question) -> PromotionQuestion:
        """A question of the school, or of another promotion, as a row of this one; not saved, and without its dates."""
        return cls(
            promotion=promotion,
            key=question.key,
            label=str(question.label),
            help=str(question.help),
            missing=str(question.missing),
            limit=question.limit,
            is_required=question.is_required,
        )

    @property
    def is_quote(self) -> bool:
        return self.key == QUOTE

    def as_asked(self) -> Question:
        """The question as it is today. A frozen one is no longer required: nobody could answer it any more."""
        today = timezone.localdate()
        is_frozen = self.frozen_after is not None and self.frozen_after < today
        waits = self.required_from is not None and self.required_from > today
        return Question(
            self.key,
            self.label,
            self.help,
            self.missing or self.label,
            limit=self.limit,
            is_required=self.is_required and not waits and not is_frozen,
            is_frozen=is_frozen,
            required_from=self.required_from if self.is_required and waits else None,
            frozen_after=self.frozen_after,
        )


def questions_of(promotion: Promotion) -> tuple[Question, ...]:
    """What this promotion's students are asked today, in order. Prefetch `promotion.questions` where many are shown."""
    rows = promotion.questions.all()
    return tuple(row.as_asked() for row in rows if not row.is_retired) if rows else QUESTIONS


def retired_of(promotion: Promotion) -> list[PromotionQuestion]:
    """What they were asked once; the answers are kept."""
    return [row for row in promotion.questions.all() if row.is_retired]


def of_school(promotion: Promotion) -> list[PromotionQuestion]:
    """The school's questions as rows of this promotion, in the school's language; not saved."""
    with override(settings.LANGUAGE_CODE):
        return [PromotionQuestion.of(promotion, question) for question in QUESTIONS]


def rows_of(promotion: Promotion) -> list[PromotionQuestion]:
    """The rows to be edited, retired ones too; the school's while the promotion has none of its own."""
    return list(promotion.questions.all()) or of_school(promotion)

"""A portrait and what belongs to it."""

from .card import Card, CardStyle
from .chasing import Contact, Nudge, NudgeMove, QuietPeriod, ResumeLink, Rhythm
from .consent import Consent, Place
from .people import Appearance
from .photo import Photo, Rendition
from .portrait import Answer, Portrait, PortraitMove, PortraitVersion
from .question import PromotionQuestion, Questionnaire, questions_of, retired_of, rows_of
from .studio import Presence, Remark, RemarkAnswer, WorkingCopy

__all__ = [
    "Answer",
    "Appearance",
    "Card",
    "CardStyle",
    "Consent",
    "Contact",
    "Nudge",
    "NudgeMove",
    "Photo",
    "Place",
    "Portrait",
    "PortraitMove",
    "PortraitVersion",
    "Presence",
    "PromotionQuestion",
    "Questionnaire",
    "QuietPeriod",
    "Remark",
    "RemarkAnswer",
    "Rendition",
    "ResumeLink",
    "Rhythm",
    "WorkingCopy",
    "questions_of",
    "retired_of",
    "rows_of",
]

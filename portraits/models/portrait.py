"""The portrait of one student, its versions, and its life as a table of moves."""

from __future__ import annotations

import hashlib
import json
import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from cohorts.models import Student
from inet_comms.lifecycle import Arrow, BaseMove

from .. import querysets
from ..questions import Question
from .people import Appearance
from .question import questions_of


class Region(models.TextChoices):
    ARA = "ara", "Auvergne-Rhône-Alpes"
    BFC = "bfc", "Bourgogne-Franche-Comté"
    BRE = "bre", "Bretagne"
    CVL = "cvl", "Centre-Val de Loire"
    COR = "cor", "Corse"
    GES = "ges", "Grand Est"
    HDF = "hdf", "Hauts-de-France"
    IDF = "idf", "Île-de-France"
    NOR = "nor", "Normandie"
    NAQ = "naq", "Nouvelle-Aquitaine"
    OCC = "occ", "Occitanie"
    PDL = "pdl", "Pays de la Loire"
    PAC = "pac", "Provence-Alpes-Côte d’Azur"
    OM = "om", _("Overseas France")
    ABROAD = "abroad", _("Abroad")


class EntryRoute(models.TextChoices):
    EXTERNAL = "external", _("external competition")
    INTERNAL = "internal", _("internal competition")
    THIRD = "third", _("third competition")
    DOCTORS = "doctors", _("competition for doctors")


class Sector(models.TextChoices):
    STUDIES = "studies", _("studies")
    STATE = "state", _("State")
    LOCAL = "local", _("local government")
    COMPANY = "company", _("company")
    NONPROFIT = "nonprofit", _("non-profit")
    RESEARCH = "research", _("research")
    HOSPITAL = "hospital", _("hospital")


class HostKind(models.TextChoices):
    """Where the internship that counts most to them is, or was."""

    CITY = "city", _("a city or a village")
    INTERCITY = "intercity", _("a metropolis or a group of municipalities")
    DEPARTMENT = "department", _("a department")
    REGION = "region", _("a region")
    OTHER = "other", _("another body")


def new_public_id() -> str:
    return secrets.token_hex(4)


class Portrait(models.Model):
    """What one student tells, what the comms group made of it, and how far it has come.

    `version` grows with every edit after the first submission. The student's key is `signed_version`; publishing needs
    it equal to `version`. What the public sees is `online`, a version, never the text being worked on.
    """

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        DRAFT = "draft", _("being written")
        SUBMITTED = "submitted", _("handed in")
        IN_EDIT = "in_edit", _("being edited")
        TO_SIGN = "to_sign", _("to be signed")
        SIGNED = "signed", _("signed")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    UNDER_WAY = (State.SUBMITTED, State.IN_EDIT, State.TO_SIGN, State.SIGNED, State.PUBLISHED)
    MOVES = {
        "begin": Arrow((State.INVITED,), State.DRAFT),
        "submit": Arrow((State.INVITED, State.DRAFT), State.SUBMITTED),
        "take_up": Arrow((State.SUBMITTED,), State.IN_EDIT),
        "hand_back": Arrow((State.SUBMITTED, State.IN_EDIT), State.DRAFT),
        "edit": Arrow(UNDER_WAY, State.IN_EDIT),
        "ask_signature": Arrow((State.IN_EDIT,), State.TO_SIGN),
        "keep_as_signed": Arrow((State.SUBMITTED, State.IN_EDIT), State.SIGNED),
        "sign": Arrow((State.TO_SIGN,), State.SIGNED),
        "ask_change": Arrow((State.TO_SIGN,), State.IN_EDIT),
        "publish": Arrow((State.SIGNED,), State.PUBLISHED, clock=True),
        "withdraw": Arrow((State.INVITED, State.DRAFT, *UNDER_WAY), State.WITHDRAWN),
        "withdraw_by_link": Arrow((State.DRAFT, *UNDER_WAY), State.WITHDRAWN),
        "lapse": Arrow((State.DRAFT, *UNDER_WAY), State.WITHDRAWN, clock=True),
        "lose_photo": Arrow((State.DRAFT, *UNDER_WAY), State.DRAFT, clock=True),
        "reopen": Arrow((State.WITHDRAWN,), State.DRAFT),
    }
    WRITABLE = (State.INVITED, State.DRAFT)
    TEXT_LIMIT = 9000
    """Characters of the edited text: all the answers at their longest fit in."""
    KEYED = (State.SIGNED, State.PUBLISHED)

    student = models.OneToOneField(
        Student, models.CASCADE, related_name="portrait", verbose_name=_("student")
    )
    state = models.SlugField(_("state"), choices=State.choices, default=State.INVITED, editable=False)
    invited_at = models.DateTimeField(_("invited at"), null=True, blank=True, editable=False)
    public_id = models.SlugField(_("public identifier"), unique=True, default=new_public_id, editable=False)

    region = models.SlugField(_("region of origin"), choices=Region.choices, blank=True)
    entry_route = models.SlugField(_("entry route"), choices=EntryRoute.choices, blank=True)
    earlier_sector = models.SlugField(_("earlier sector"), choices=Sector.choices, blank=True)

    host_kind = models.SlugField(_("kind of internship host"), choices=HostKind.choices, blank=True)
    counts_in_balance = models.BooleanField(_("counts in the balance"), default=True)

    looked_after_by = models.ForeignKey(
        Student,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("looked after by"),
        help_text=_("The member of the comms group who goes to see them."),
    )
    nudges_off_at = models.DateTimeField(_("wants no reminders since"), null=True, blank=True, editable=False)

    title = models.CharField(_("title"), max_length=120, blank=True)
    quote = models.CharField(_("quote"), max_length=140, blank=True)
    text = models.TextField(_("text"), max_length=TEXT_LIMIT, blank=True)
    alt_text = models.CharField(_("description of the photo"), max_length=200, blank=True)
    photo = models.ForeignKey(
        "Photo", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("photo")
    )

    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    signed_version = models.PositiveIntegerField(_("signed version"), null=True, blank=True, editable=False)
    consent = models.ForeignKey(
        "Consent",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("consent"),
        editable=False,
    )
    online = models.ForeignKey(
        "PortraitVersion",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("version online"),
        editable=False,
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)

    objects = querysets.PortraitQuerySet.as_manager()

    class Meta:
        verbose_name = _("portrait")
        verbose_name_plural = _("portraits")
        ordering = ["student__last_name", "student__first_name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["signed", "published"]) | Q(signed_version=F("version")),
                name="signed_means_this_version",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | (Q(online__isnull=True) & Q(consent__isnull=True)),
                name="withdrawn_means_nothing_online",
            ),
            models.CheckConstraint(
                condition=Q(online__isnull=True) | (Q(published_at__isnull=False) & Q(consent__isnull=False)),
                name="online_means_dated_and_consented",
            ),
        ]
        indexes = [
            models.Index(
                F("published_at").desc(),
                F("id").desc(),
                name="gallery_newest",
                condition=Q(online__isnull=False),
            ),
        ]

    def __str__(self):
        return self.student.full_name

    def get_absolute_url(self):
        return reverse("gallery_portrait", args=[self.slug])

    @property
    def slug(self) -> str:
        """Name for people, random part for the machine: `lea-martin-3f9a21bc`. Only the random part is looked up."""
        # NFKD does not take these apart, and slugify would drop them.
        name = self.student.full_name.translate(str.maketrans("łŁøØđĐ", "lLoOdD"))
        return f"{slugify(name) or 'portrait'}-{self.public_id}"

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What this student is asked today, in order."""
        return questions_of(self.student.promotion)

    @property
    def own_words(self) -> dict[str, str]:
        """The student's answers by question key, in the order of the questions."""
        given = {answer.question: answer.text for answer in self.answers.all()}
        return {question.key: given.get(question.key, "") for question in self.questions}

    @property
    def missing(self) -> list:
        """What exactly is missing before it can be handed in, each as words that complete “what is missing: …”."""
        words = self.own_words
        absent = [
            question.missing
            for question in self.questions
            if question.is_required and not words[question.key].strip()
        ]
        return absent if self.photo_id else [*absent, _("the photo")]

    @property
    def is_signed(self) -> bool:
        """The student's key is turned for exactly the present version."""
        return (
            self.state in self.KEYED and self.signed_version == self.version and self.consent_id is not None
        )

    @property
    def is_free_of_others(self) -> bool:
        """Everyone else who can be recognised in its photo has agreed (one query). Until then it is neither signed nor sent."""
        return self.photo_id is None or not Appearance.objects.in_photo_of(self).standing().exists()

    @property
    def is_writable(self) -> bool:
        """The student writes; nobody else touches it meanwhile."""
        return self.state in self.WRITABLE


class PortraitMove(BaseMove):
    record = models.ForeignKey(Portrait, models.CASCADE, related_name="moves", verbose_name=_("portrait"))

    class Meta(BaseMove.Meta):
        verbose_name = _("step of a portrait")
        verbose_name_plural = _("steps of portraits")


class Answer(models.Model):
    """The student's own words to one question. They stay as given, whatever the edited text becomes."""

    portrait = models.ForeignKey(Portrait, models.CASCADE, related_name="answers", verbose_name=_("portrait"))
    question = models.SlugField(_("question"), max_length=30)
    text = models.TextField(_("answer"), blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = querysets.AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint("portrait", "question", name="one_answer_per_question")]

    def __str__(self):
        return f"{self.portrait_id}: {self.question}"


class PortraitVersion(models.Model):
    """What the portrait said at one version: what is signed, approved and put online is always one of these."""

    portrait = models.ForeignKey(
        Portrait, models.CASCADE, related_name="versions", verbose_name=_("portrait")
    )
    number = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=120, blank=True)
    quote = models.CharField(_("quote"), max_length=140, blank=True)
    text = models.TextField(_("text"))
    alt_text = models.CharField(_("description of the photo"), max_length=200, blank=True)
    photo = models.ForeignKey(
        "Photo", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("photo")
    )
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("version of a portrait")
        verbose_name_plural = _("versions of portraits")
        ordering = ["number"]
        constraints = [models.UniqueConstraint("portrait", "number", name="one_row_per_portrait_version")]

    def __str__(self):
        return _("Version %(number)s") % {"number": self.number}

    def compute_fingerprint(self) -> str:
        """SHA-256 (hex) of the words and of the photo as framed: two versions with equal fingerprints look the same."""
        photo = self.photo.fingerprint if self.photo else ""
        words = json.dumps([self.title, self.quote, self.text, self.alt_text, photo], ensure_ascii=False)
        return hashlib.sha256(words.encode()).hexdigest()

"""Who: users, tracks, promotions, students, their internships, and the mandates of the communication groups."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from .. import querysets
from .notice import Digest, Notice, Preference

__all__ = [
    "CommsMember",
    "Digest",
    "FormerName",
    "Internship",
    "Notice",
    "Preference",
    "Promotion",
    "Student",
    "Track",
    "User",
]

hex_colour = RegexValidator(
    r"^#[0-9A-Fa-f]{6}$", _("Write the colour as # and six digits, for example #0E5A63.")
)
hashtag = RegexValidator(r"^#\w+$", _("Write one hashtag: # and letters or digits, without space or dot."))


class User(AbstractUser):
    """A login: an e-mail address. Who the person is at the school stands on Student, or in `is_staff`."""

    username = None
    email = models.EmailField(
        _("e-mail address"),
        unique=True,
        error_messages={"unique": _("Someone already signs in with this address.")},
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = querysets.UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]

    def __str__(self):
        return self.get_full_name() or self.email

    def clean(self):
        super().clean()
        self.email = self.email.lower()

    @cached_property
    def as_student(self) -> Student | None:
        return Student.objects.select_related("promotion__track").filter(user=self).first()

    @cached_property
    def comms_promotion_ids(self) -> frozenset[int]:
        """Promotions whose communication group this person is in today: the dates of the mandates decide, nothing else."""
        mandates = CommsMember.objects.active().filter(student__user=self)
        return frozenset(mandates.values_list("student__promotion_id", flat=True))


class Track(models.Model):
    """One of the four curricula (filière)."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("short name"), unique=True)
    hashtag = models.CharField(_("hashtag"), max_length=60, blank=True, validators=[hashtag])

    class Meta:
        verbose_name = _("track")
        verbose_name_plural = _("tracks")
        ordering = ["name"]

    def __str__(self):
        return self.name


class Promotion(models.Model):
    """One intake of a track. Its number never changes; its name can (see FormerName)."""

    track = models.ForeignKey(Track, models.PROTECT, related_name="promotions", verbose_name=_("track"))
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), unique=True, help_text=_("The last part of its page's address."))
    starts = models.DateField(_("starts on"))
    ends = models.DateField(_("ends on"))
    hashtag = models.CharField(_("hashtag"), max_length=60, validators=[hashtag])
    colour = models.CharField(_("colour"), max_length=7, default="#0E5A63", validators=[hex_colour])
    second_colour = models.CharField(
        _("second colour"), max_length=7, default="#F3E9D2", validators=[hex_colour]
    )

    objects = querysets.PromotionQuerySet.as_manager()

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        ordering = ["-starts", "track", "-number"]
        constraints = [
            models.UniqueConstraint(
                "track",
                "number",
                name="one_promotion_per_track_and_number",
                violation_error_message=_("This track already has a promotion with this number."),
            ),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="promotion_ends_after_it_starts",
                violation_error_message=_("A promotion ends after it starts: check the two dates."),
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.years})"

    def get_absolute_url(self):
        return reverse("gallery_promotion", args=[self.slug])

    @property
    def years(self) -> str:
        return f"{self.starts:%Y}/{self.ends:%Y}"

    @property
    def is_graduated(self) -> bool:
        return self.ends < timezone.localdate()


class FormerName(models.Model):
    """A name a promotion bore until a day. Its old address keeps working: it redirects."""

    promotion = models.ForeignKey(
        Promotion, models.CASCADE, related_name="former_names", verbose_name=_("promotion")
    )
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("address"), unique=True)
    until = models.DateField(_("until"))

    class Meta:
        verbose_name = _("former name")
        verbose_name_plural = _("former names")
        ordering = ["-until"]

    def __str__(self):
        return self.name


class Student(models.Model):
    """A person of a promotion, apart from the login that they may have."""

    promotion = models.ForeignKey(
        Promotion, models.PROTECT, related_name="students", verbose_name=_("promotion")
    )
    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="student", verbose_name=_("login")
    )
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    email = models.EmailField(_("e-mail address"))
    mail_refused_at = models.DateTimeField(_("mail comes back since"), null=True, blank=True, editable=False)

    objects = querysets.StudentQuerySet.as_manager()

    class Meta:
        verbose_name = _("student")
        verbose_name_plural = _("students")
        ordering = ["last_name", "first_name"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_student_per_email",
                violation_error_message=_("Another student already has this e-mail address."),
            )
        ]

    def __str__(self):
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def initials(self) -> str:
        return f"{self.first_name[:1]}{self.last_name[:1]}".upper()


class Internship(models.Model):
    """A stage in a local authority, with the tutor who receives the student there."""

    student = models.ForeignKey(
        Student, models.CASCADE, related_name="internships", verbose_name=_("student")
    )
    host = models.CharField(_("host authority"), max_length=120)
    place = models.CharField(_("place"), max_length=80, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    tutor_name = models.CharField(_("tutor"), max_length=120, blank=True)
    tutor_email = models.EmailField(_("tutor’s e-mail address"), blank=True)
    starts = models.DateField(_("starts on"), null=True, blank=True)
    ends = models.DateField(_("ends on"), null=True, blank=True)

    class Meta:
        verbose_name = _("internship")
        verbose_name_plural = _("internships")
        ordering = ["starts", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(starts__isnull=True) | Q(ends__gte=F("starts")),
                name="internship_ends_after_it_starts",
                violation_error_message=_("An internship ends after it starts: check the two dates."),
            )
        ]

    def __str__(self):
        return f"{self.host} ({self.place})" if self.place else self.host


class CommsMember(models.Model):
    """A mandate in a promotion's communication group. Rights follow its dates by themselves."""

    student = models.ForeignKey(Student, models.CASCADE, related_name="mandates", verbose_name=_("student"))
    starts = models.DateField(_("starts on"), default=timezone.localdate)
    ends = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("Rights end by themselves at the end of that day.")
    )

    objects = querysets.CommsMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("comms group mandate")
        verbose_name_plural = _("comms group mandates")
        ordering = ["-starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="mandate_ends_after_it_starts",
                violation_error_message=_("A mandate ends after it starts: check the two dates."),
            )
        ]

    def __str__(self):
        return f"{self.student} ({self.starts})"

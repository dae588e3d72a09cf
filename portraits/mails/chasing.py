"""The mails that chase: the invitation and the reminders, each with a link that signs in once; and what the group is told of them."""

from __future__ import annotations

from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts import kinds
from cohorts.models import User
from inet_comms.mailing import Action, compose, log

from .. import nudging, personal
from ..models import Nudge, Portrait, ResumeLink
from . import comms_addresses
from .telling import MARK, group, in_french, let_it_come_back, tell


def invitation(portrait: Portrait, by: User) -> bool:
    """Write to the student; True if their server says that nobody is there."""
    student = portrait.student
    mail = compose(
        student.email,
        _("Your portrait for the promotion %(name)s: ten minutes on your phone")
        % {"name": student.promotion.name},
        [
            _("Hello %(name)s,") % {"name": student.first_name},
            _(
                "%(by)s invites you to tell in a few sentences who you are. One question a screen, each answer is saved as you give it: stop and go on whenever you like, on any device."
            )
            % {"by": by},
            _("You decide where your portrait appears, and you can withdraw it at any moment."),
            _(
                "No password: the button signs you in, once. Later you receive a six-digit code at this address."
            ),
        ],
        Action(_("Begin my portrait"), ResumeLink.make(portrait)),
        headers={MARK: personal.mark(student)},
    )
    let_it_come_back(mail)
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        log.warning("An invitation was refused: %s", error)
        return any(code >= 500 for code, _answer in error.recipients.values())
    except (SMTPException, OSError):
        log.exception("A mail could not be sent: %s", mail.subject)
    return False


def reminder(nudge: Nudge) -> EmailMultiAlternatives:
    """The mail, not sent yet. The link is made here, so that nobody of the group has it before their eyes."""
    portrait = nudge.portrait
    way_out = settings.PUBLIC_URL + personal.way_out(portrait)
    with translation.override(settings.LANGUAGE_CODE):
        mail = compose(
            portrait.student.email,
            nudge.subject,
            [part for part in nudge.text.replace("\r\n", "\n").split("\n\n") if part.strip()],
            Action(nudging.action_label(portrait), ResumeLink.make(portrait)),
            template="reminder",
            way_out=way_out,
            headers={
                MARK: personal.mark(portrait.student),
                "List-Unsubscribe": f"<{way_out}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
        )
    # Whoever looks after them reads the answer, else the whole group.
    keeper, group = portrait.looked_after_by, comms_addresses(portrait.student.promotion)
    mail.reply_to = [keeper.email] if keeper and keeper.email in group else group
    let_it_come_back(mail)
    return mail


def signature(portrait: Portrait) -> str:
    """Who the reminder comes from, in the school's language."""
    with translation.override(settings.LANGUAGE_CODE):
        if portrait.looked_after_by:
            return _("%(name)s, for your communication group") % {"name": portrait.looked_after_by.first_name}
        return _("Your communication group")


@in_french()
def reminders_to_read(promotion, count: int) -> None:
    """To the group, once a day: nothing leaves for the first time before one of them has read it."""
    tell(
        kinds.REMINDERS,
        group(promotion),
        ngettext(
            "%(count)d reminder waits for you to read it",
            "%(count)d reminders wait for you to read them",
            count,
        )
        % {"count": count},
        [
            _(
                "They leave once one of you has read them and let them go. You can change the words, or cancel."
            ),
        ],
        Action(_("Read the reminders"), reverse("outbox", query={"promotion": promotion.slug})),
    )

"""A student proposes; the comms group takes it up as a post, or says why not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.db import transaction

from cohorts.models import Student, User
from inet_comms.lifecycle import lock, move, require

from .. import permissions, piece_mails
from ..attachments import Prepared
from ..models import Kind, Post, Proposal
from .composing import Files, compose, keep_files


@transaction.atomic
def propose(
    student: Student, kind: Kind, *, title: str, text: str, pictures: Iterable[Prepared] = (), by: User
) -> Proposal:
    """Words and pictures for the group of the promotion, which is told."""
    require(permissions.can_propose(by, student))
    proposal = Proposal.objects.create(student=student, kind=kind, title=title, text=text)
    keep_files(Files(added=tuple((one, "") for one in pictures)), proposal=proposal)
    transaction.on_commit(partial(piece_mails.proposed, proposal))
    return proposal


@transaction.atomic
def take_up(proposal: Proposal, *, by: User) -> Post:
    """A post begins with these words and pictures; the student sees what becomes of it."""
    proposal = lock(proposal)
    promotion = proposal.student.promotion
    require(permissions.can_compose(by, promotion))
    content = {"title": proposal.title, "text": proposal.text}
    proposal = move(proposal, "take_up", by=by)
    post = compose(promotion, Kind(proposal.kind), content=content, by=by)
    proposal.attachments.update(piece=post.piece)
    proposal.post = post
    proposal.save(update_fields=["post"])
    transaction.on_commit(partial(piece_mails.taken_up, proposal, by))
    return post


@transaction.atomic
def decline(proposal: Proposal, *, reason: str, by: User) -> Proposal:
    """Not this time: the student gets the reason."""
    proposal = lock(proposal)
    require(permissions.can_compose(by, proposal.student.promotion))
    proposal = move(proposal, "decline", by=by, note=reason)
    transaction.on_commit(partial(piece_mails.declined, proposal, reason, by))
    return proposal


@transaction.atomic
def take_proposal_back(proposal: Proposal, *, by: User) -> Proposal:
    """The student has changed their mind, before anybody took it up."""
    proposal = lock(proposal)
    require(permissions.can_propose(by, proposal.student))
    return move(proposal, "take_back", by=by)

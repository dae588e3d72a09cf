"""What the comms group writes about besides portraits: a post with its content, its pictures, the people in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import transaction

from cohorts.models import Promotion, Student, User
from inet_comms.lifecycle import lock, move, require, require_version

from .. import permissions
from ..attachments import Prepared
from ..kinds import latest_useful
from ..models import Account, Attachment, Kind, Named, Piece, Post, Variant
from ..opening import piece_words
from ..policy import policies_for
from .writing import cancel_deliveries

VOID = {"approved_version": None, "approved_by": None, "approved_at": None}


@dataclass(frozen=True)
class Person:
    """Somebody named or shown. `agreement`: of whoever is no student here, how they agreed."""

    name: str
    role: str = ""
    student: Student | None = None
    agreement: str = ""


@dataclass(frozen=True)
class Files:
    """What changes among the attachments: new ones (with the description of a picture, or the title of a document), the
    descriptions of those that stay (by id), the ids of those that are left out."""

    added: tuple[tuple[Prepared, str], ...] = ()
    described: tuple[tuple[int, str], ...] = ()
    left_out: frozenset[int] = frozenset()


NO_FILES = Files()


@transaction.atomic
def compose(
    promotion: Promotion,
    kind: Kind,
    *,
    content: dict,
    people: Iterable[Person] = (),
    files: Files = NO_FILES,
    by: User,
) -> Post:
    """Begin a post of this kind: one variant for each page where the school publishes that, with words to begin with."""
    require(permissions.can_compose(by, promotion))
    post = Post.objects.create(promotion=promotion, kind=kind, author=by)
    piece = Piece.objects.create(post=post, **content)
    _set_people(post, people)
    _set_files(piece, files)
    for account in pages_of(kind):
        Variant.objects.create(post=post, account=account, text=piece_words(post, account))
    return post


def pages_of(kind: Kind) -> list[Account]:
    """The school's pages on which this kind has its place, by its own rules; all of them where there is none."""
    accounts = list(Account.objects.all())
    rules = policies_for(accounts)
    fitting = [one for one in accounts if one.pk not in rules or rules[one.pk].allows(kind)]
    return fitting or accounts


@transaction.atomic
def recompose(
    post: Post, *, content: dict, people: Iterable[Person], files: Files = NO_FILES, read: int, by: User
) -> Post:
    """Another content: a new version, what was agreed or approved is void. Words that nobody has touched follow; others stay."""
    post = lock(post)
    require(permissions.can_write(by, post))
    require_version(post, "edit", read)
    untouched = [
        variant
        for variant in post.variants.select_related("account")
        if variant.text == piece_words(post, variant.account)
    ]
    post = move(post, "edit", by=by, version=post.version + 1, **VOID)
    piece = post.piece
    for name, value in content.items():
        setattr(piece, name, value)
    piece.save()
    _set_people(post, people)
    _set_files(piece, files)
    post = Post.objects.get(pk=post.pk)
    post.latest_useful_at = latest_useful(post, post.publish_at)
    post.save(update_fields=["latest_useful_at"])
    for variant in untouched:
        variant.text = piece_words(post, variant.account)
        variant.save(update_fields=["text"])
    cancel_deliveries(post, by=by)
    return post


def _set_people(post: Post, people: Iterable[Person]) -> None:
    """Who agreed to an earlier version is asked again, and can still take that back: something of it may be online."""
    agreed = {
        one.student_id: (one.agreed_version, one.agreed_at) for one in post.named.all() if one.student_id
    }
    post.named.all().delete()
    for one in people:
        version, moment = agreed.get(one.student and one.student.pk, (None, None))
        Named.objects.create(
            post=post,
            student=one.student,
            name=one.name,
            role=one.role,
            agreement=one.agreement,
            agreed_version=version,
            agreed_at=moment,
        )


def _set_files(piece: Piece, files: Files) -> None:
    piece.attachments.filter(pk__in=files.left_out).update(is_used=False)
    for pk, alt_text in files.described:
        piece.attachments.filter(pk=pk).update(alt_text=alt_text)
    keep_files(files, piece=piece)


def keep_files(files: Files, **owner) -> None:
    """A row and a file for each new one. `owner`: the piece or the proposal that has it."""
    for prepared, words in files.added:
        is_image = prepared.content_type.startswith("image/")
        attachment = Attachment(
            **owner,
            kind=Attachment.Kind.IMAGE if is_image else Attachment.Kind.DOCUMENT,
            alt_text=words if is_image else "",
            name="" if is_image else words,
            content_type=prepared.content_type,
            width=prepared.width,
            height=prepared.height,
            pages=prepared.pages,
            size=len(prepared.data),
            sha256=prepared.sha256,
        )
        attachment.file.save(f"file{prepared.ending}", ContentFile(prepared.data), save=False)
        attachment.save()

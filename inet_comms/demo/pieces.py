"""What the demo school publishes besides portraits, and what its students propose. Pictures are drawn here: no photograph of anybody."""

from __future__ import annotations

import io
from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils import timezone
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from cohorts.models import Promotion, Student
from posts import actions, attachments
from posts.actions.composing import Files, Person
from posts.models import Kind, Post

FONT = settings.BASE_DIR / "static" / "fonts" / "inter-600.ttf"
POSTER = (1280, 960)


def publish(school) -> None:
    """Each post as far as `school.json` says: begun, waiting for who is named, or before the staff."""
    for row in school.material.get("pieces", []):
        promotion = school.promotions[row["promotion"]]
        member = school.members[promotion.slug][row.get("author", 0)]
        post = actions.compose(
            promotion,
            Kind(row["kind"]),
            content=_content(school, row),
            people=[_person(school, one) for one in row.get("people", [])],
            files=Files(added=tuple(_files(promotion, row))),
            by=member,
        )
        _go_on(post, row, member, school)
    for row in school.material.get("proposals", []):
        student = _student(school, row["student"])
        actions.propose(student, Kind(row["kind"]), title=row["title"], text=row["text"], by=student.user)


def _content(school, row: dict) -> dict:
    content = {
        name: row[name] for name in ("title", "text", "module", "place", "partners", "link") if name in row
    }
    if "day" in row:
        content["happens_at"] = _moment(school, row["day"], row["hour"])
    return content


def _go_on(post: Post, row: dict, member, school) -> None:
    if "leaves" not in row:
        return
    post = actions.write(
        post,
        texts=dict(post.variants.values_list("account_id", "text")),
        publish_at=_moment(school, row["leaves"], 12),
        read=post.version,
        by=member,
    )
    if row["state"] == "to_sign":
        actions.ask_student(post, read=post.version, by=member)
    elif row["state"] == "in_review":
        actions.ask_review(post, read=post.version, by=member)


def _moment(school, days: int, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(school.today + timedelta(days=days), time(hour)))


def _person(school, row: dict) -> Person:
    if "student" in row:
        student = _student(school, row["student"])
        return Person(student.full_name, row["role"], student)
    return Person(row["name"], row["role"], None, row["agreement"])


def _student(school, email: str) -> Student:
    return next(student for _row, student in school.people if student.email == email)


def _files(promotion: Promotion, row: dict):
    if row.get("document"):
        yield attachments.document(io.BytesIO(_leaflet(row["title"], row["document"]))), row["title"]
    if row.get("poster"):
        yield attachments.picture(io.BytesIO(_poster(promotion, row["title"]))), row["poster"]


def _poster(promotion: Promotion, title: str) -> bytes:
    """The title in white on the promotion's colour, as a school hangs it in its hall."""
    picture, out = Image.new("RGB", POSTER, promotion.colour), io.BytesIO()
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype(FONT, 92)
    pen.rectangle((0, POSTER[1] - 60, POSTER[0], POSTER[1]), fill=promotion.second_colour)
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font=font) > POSTER[0] - 200:
            lines.append(word)
        else:
            lines[-1] = longer
    pen.multiline_text((100, 120), "\n".join(lines), font=font, fill="white", spacing=28)
    picture.save(out, "PNG")
    return out.getvalue()


def _leaflet(title: str, pages: list[str]) -> bytes:
    """A PDF of a page for each passage."""
    pdf = FPDF(format=(160, 200))
    pdf.add_font("Inter", "", FONT)
    for number, passage in enumerate(pages, start=1):
        pdf.add_page()
        pdf.set_font("Inter", size=20)
        pdf.multi_cell(0, 10, title if number == 1 else f"{number}")
        pdf.ln(8)
        pdf.set_font("Inter", size=14)
        pdf.multi_cell(0, 8, passage)
    return bytes(pdf.output())

"""Style hints for the edited words: each rule says what it found, where, and why it matters. Nothing here stops anybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LINKEDIN_LENGTH = (900, 1800)
"""Characters of the portraits that are read to their end on LinkedIn: the group's own experience, not the network's rule."""
BEFORE_FOLD = 210
LONG_SENTENCE = 40
"""Words."""
KNOWN_ACRONYMS = frozenset(
    [
        "INET",
        "SNCF",
        "TGV",
        "ONU",
        "USA",
        "GPS",
        "CDI",
        "CDD",
        "BTS",
        "SMS",
        "PDF",
        "PME",
        "COVID",
        "RER",
        "TER",
        "HLM",
    ]
)
"""What every reader knows without being told. CNFPT is not among them: employers outside the field read too."""
INCLUSIVE = ("free", "points", "no_points")

HASHTAG = re.compile(r"(?<![\w#])#(\w+)")
CAPITALS = re.compile(r"(?<![\w#’'-])[A-ZÀ-ÖØ-Þ]{3,}(?![\w’'])")
SHOUTED = re.compile(r"\b[A-ZÀ-ÖØ-Þ]{2,}(?:[ \t]+[A-ZÀ-ÖØ-Þ]{2,}){2,}\b|(?<![#\w])[A-ZÀ-ÖØ-Þ]{8,}(?!\w)")
SENTENCE = re.compile(r"[^.!?…\n]+[.!?…]*")
WITH_POINTS = re.compile(r"\w+[·•]\w+(?:[·•]\w+)?")
WITHOUT_POINTS = re.compile(r"\w+\((?:e|ne|trice|euse|ère)\)s?|\w+-e-s\b|\w+/e(?:s|/s)?\b")
STRAIGHT = re.compile(r"\w'\w|\"[^\"\n]*\"")
DOUBLE_SPACE = re.compile(r"\S+[ \t]{2,}\S+")
EXCLAIMED = re.compile(r"\S+\s*!+")
SAYS_PICTURE = re.compile(r"^\s*(?:une |la )?(?:photo|photographie|image|picture)\b", re.I)


@dataclass(frozen=True)
class Hint:
    """`field` is where it was found, `passage` the words in question, as they stand there."""

    rule: str
    field: str
    what: str
    why: str
    passage: str = ""


@dataclass(frozen=True)
class Words:
    """What is edited, and what the rules must know besides. `names` are the student's, first and last."""

    title: str = ""
    quote: str = ""
    text: str = ""
    alt_text: str = ""
    names: tuple[str, ...] = ()
    inclusive: str = "free"
    fields: tuple[str, ...] = field(default=("title", "quote", "text"), repr=False)

    def read(self) -> Iterator[tuple[str, str]]:
        """(name, words) of the fields that are read as prose."""
        return ((name, getattr(self, name)) for name in self.fields)


def hints_for(words: Words) -> list[Hint]:
    """All hints, in the order of the rules: what concerns the whole text first."""
    return [hint for rule in RULES for hint in rule(words)]


def length_on_linkedin(words: Words) -> Iterator[Hint]:
    shortest, longest = LINKEDIN_LENGTH
    length = len(words.text.strip())
    if 0 < length < shortest:
        what = _("The text has %(length)d characters.") % {"length": length}
        why = _(
            "On LinkedIn portraits of %(shortest)d to %(longest)d characters are read most. Is there a moment, a place, an example to add?"
        )
    elif length > longest:
        what = _("The text has %(length)d characters.") % {"length": length}
        why = _(
            "On LinkedIn portraits of %(shortest)d to %(longest)d characters are read most; the gallery has room for all of it. What could go from the post?"
        )
    else:
        return
    yield Hint("length", "text", what, why % {"shortest": shortest, "longest": longest})


def before_the_fold(words: Words) -> Iterator[Hint]:
    opening = "\n\n".join(filter(None, [words.title.strip(), words.text.strip()]))
    if len(opening) <= BEFORE_FOLD or re.search(r"[.!?…»]", opening[len(words.title.strip()) : BEFORE_FOLD]):
        return
    yield Hint(
        "fold",
        "text",
        _("The first sentence does not end before “…see more”."),
        _(
            "LinkedIn shows about %(count)d characters, title included. A first sentence that fits makes people open the rest."
        )
        % {"count": BEFORE_FOLD},
        _around(opening, BEFORE_FOLD),
    )


def hashtags_in_camel_case(words: Words) -> Iterator[Hint]:
    for name, text in words.read():
        for found in HASHTAG.finditer(text):
            if len(found[1]) >= 12 and found[1] == found[1].lower():
                yield Hint(
                    "hashtag",
                    name,
                    _("A long hashtag without capitals."),
                    _(
                        "With a capital at each word, as in #FonctionPublique, screen readers say the words and eyes find them."
                    ),
                    found[0],
                )


def unexplained_acronyms(words: Words) -> Iterator[Hint]:
    explained, text_of_all = set(), "\n".join(text for _name, text in words.read())
    for name, text in words.read():
        shouted = [found.span() for found in SHOUTED.finditer(text)]
        for found in CAPITALS.finditer(text):
            acronym = found[0]
            if acronym in explained | KNOWN_ACRONYMS or any(a <= found.start() < b for a, b in shouted):
                continue
            explained.add(acronym)
            if re.search(
                rf"\({acronym}[\s,)]|\b{acronym}\s*[(]|\b{acronym}, (?:le|la|les|l’|the)\b", text_of_all
            ):
                continue
            yield Hint(
                "acronym",
                name,
                _("An acronym that is not explained."),
                _(
                    "Not every reader is of the field. Write it out once, the acronym in brackets behind it; then it may stand alone."
                ),
                acronym,
            )


def inclusive_writing(words: Words) -> Iterator[Hint]:
    """The school's choice (INCLUSIVE_WRITING): `points` wants the median point, `no_points` wants none, `free` says nothing."""
    if words.inclusive == "points":
        unwanted, why = WITHOUT_POINTS, _("The school has chosen the median point: “étudiant·e·s”.")
    elif words.inclusive == "no_points":
        unwanted, why = (
            WITH_POINTS,
            _("The school has chosen not to use median points: write both forms, or a word that holds both."),
        )
    else:
        return
    for name, text in words.read():
        for found in unwanted.finditer(text):
            yield Hint(
                "inclusive", name, _("Inclusive writing in another form than the school’s."), why, found[0]
            )


def exclamation_marks(words: Words) -> Iterator[Hint]:
    for name, text in words.read():
        count = text.count("!")
        if count:
            what = ngettext("%(count)d exclamation mark.", "%(count)d exclamation marks.", count)
            why = _("A portrait convinces by what it tells; what is exclaimed reads like an advertisement.")
            yield Hint("exclamation", name, what % {"count": count}, why, EXCLAIMED.search(text)[0].strip())


def long_sentences(words: Words) -> Iterator[Hint]:
    for name, text in words.read():
        for found in SENTENCE.finditer(text):
            count = len(found[0].split())
            if count > LONG_SENTENCE:
                yield Hint(
                    "sentence",
                    name,
                    _("A sentence of %(count)d words.") % {"count": count},
                    _("On a phone one loses the thread after about %(limit)d. Where could it be cut?")
                    % {"limit": LONG_SENTENCE},
                    Truncator(found[0].strip()).words(8, truncate="…"),
                )


def capitals_only(words: Words) -> Iterator[Hint]:
    for name, text in words.read():
        for found in SHOUTED.finditer(text):
            yield Hint(
                "capitals",
                name,
                _("Words in capitals only."),
                _(
                    "They read as shouting, some screen readers spell them letter by letter, and accents get lost."
                ),
                found[0],
            )


def double_spaces(words: Words) -> Iterator[Hint]:
    for name, text in words.read():
        found = DOUBLE_SPACE.search(text)
        if found:
            why = _("The networks show both: it looks like a hole in the line.")
            yield Hint("spaces", name, _("Two blanks in a row."), why, found[0])


def straight_quotes(words: Words) -> Iterator[Hint]:
    for name, text in words.read():
        found = STRAIGHT.search(text)
        if found:
            why = _("In French one writes « and » around a quotation, and ’ for an apostrophe.")
            yield Hint("quotes", name, _("Straight quotation marks or apostrophes."), why, found[0])


def description_of_the_photo(words: Words) -> Iterator[Hint]:
    alt = words.alt_text
    if SAYS_PICTURE.match(alt):
        why = _("Screen readers say by themselves that it is a picture: begin with who or what one sees.")
        yield Hint(
            "alt",
            "alt_text",
            _("The description says that it is a picture."),
            why,
            SAYS_PICTURE.match(alt)[0],
        )
    for name in words.names:
        if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", alt, re.I):
            why = _(
                "The networks index descriptions apart from the post: a name in there stays findable longer than the student allows."
            )
            yield Hint("alt", "alt_text", _("The description names the student."), why, name)
            break


RULES: tuple[Callable[[Words], Iterator[Hint]], ...] = (
    length_on_linkedin,
    before_the_fold,
    hashtags_in_camel_case,
    unexplained_acronyms,
    inclusive_writing,
    capitals_only,
    long_sentences,
    exclamation_marks,
    straight_quotes,
    double_spaces,
    description_of_the_photo,
)


def proposed_description(
    own: str, *, promotion: str, width: float, names: tuple[str, ...], limit: int
) -> str:
    """A description of the photo to begin from: what the student wrote without their name, how it is framed, the promotion.

    `width` is how much of the photo's width the frame keeps, from 0 to 1. The name stays out: a description travels further
    than the post.
    """
    for name in sorted(filter(None, names), key=len, reverse=True):
        own = re.sub(rf"(?:\b(?:de|of)\s+|\bd[’'])?(?<!\w){re.escape(name)}(?!\w)", "", own, flags=re.I)
    own = re.sub(r"^[\s,;:.–-]+|\s+(?=[,.])", "", re.sub(r"\s{2,}", " ", own)).strip(" .")
    of = (
        _("portrait, closely framed, of the promotion %(name)s")
        if width < 0.45
        else _("portrait of the promotion %(name)s")
    )
    of %= {"name": promotion}
    proposal = f"{own[:1].upper()}{own[1:]} ({of})." if own else f"{of[:1].upper()}{of[1:]}."
    return Truncator(proposal).chars(limit)


def _around(text: str, place: int) -> str:
    return f"…{text[max(0, place - 40) : place].partition(' ')[2].rpartition(' ')[0]}"

"""The page on which people make a network misbehave, and see what was wrong with what it was sent."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from . import faults
from .exchange import Request, Response
from .ledger import Ledger
from .manners import MANNERS
from .pages import html_with_form
from .watching import broken_rules, events, faults_set, in_words
from .wording import KNOBS, OPTIONS, moments

PATH = "/panneau/"
TIMES = (1, 2, 3, 5, 10, 0)
CHANCES = (100, 75, 50, 25, 10, 5)
LARGEST = 100_000_000
NUMBERS = ("seconds", "retry_after", "polls", "code", "percent", "kept")
DONE: dict[str, Promise] = {
    "set": _("It is set."),
    "removed": _("It is taken away."),
    "cleared": _("Everything behaves again."),
    "knobs": _("The settings are changed."),
}
STALE = _(
    "Nothing was changed: this page was from before the rehearsal was started again. Please choose once more."
)


class Wrong(Exception):
    """What was filled in cannot be done; `message` says what to do, `field` where."""

    def __init__(self, field: str, message: str | Promise):
        super().__init__(field)
        self.field, self.message = field, message


class Panel:
    def __init__(self, ledger: Ledger):
        self.ledger = ledger
        # This server has no sessions: whoever shows this was shown a form by this process.
        self.token = secrets.token_urlsafe(24)

    def answer(self, request: Request) -> Response:
        if request.method in ("GET", "HEAD"):
            asked = request.asked
            return self._show(asked.get("network", ""), done=DONE.get(asked.get("done", ""), ""))
        if request.method != "POST":
            return Response(405, b"", {"Allow": "GET, HEAD, POST"})
        form = request.form
        if not is_from_here(request) or not self._is_ours(form.get("token", "")):
            return self._show(form.get("network", ""), 403, problem=Wrong("", STALE))
        network = form.get("network", "")
        try:
            done = self._do(form.get("do", ""), network, form)
        except Wrong as wrong:
            return self._show(network, 400, problem=wrong, form=form)
        return Response(303, b"", {"Location": f"{PATH}?{urlencode({'network': network, 'done': done})}"})

    def _is_ours(self, token: str) -> bool:
        return secrets.compare_digest(token.encode(), self.token.encode())

    # What is done -----------------------------------------------------------------------------------

    def _do(self, what: str, network: str, form: dict[str, str]) -> str:
        """The key in DONE. Raises Wrong."""
        if network not in MANNERS:
            raise Wrong("", _("Choose a network."))
        match what:
            case "set":
                self._set(network, form)
                return "set"
            case "remove":
                self._remove(network, form)
                return "removed"
            case "clear":
                for slug in MANNERS:
                    self.ledger.set_faults(slug, [])
                return "cleared"
            case "knobs":
                self._turn(form)
                return "knobs"
        raise Wrong("", _("Choose what to do."))

    def _set(self, network: str, form: dict[str, str]) -> None:
        name = form.get("fault", "")
        known = faults.COMMON | faults.OWN[network]
        if name not in known:
            raise Wrong("fault", _("Choose what should go wrong."))
        times, percent = one_of(form, "times", TIMES), one_of(form, "chance", CHANCES)
        fault: dict = {"name": name, "times": times, "chance": percent / 100}
        for option in sorted(known[name]):
            if value := option_value(form, name, option):
                fault[option] = value
        with self.ledger.transaction():
            self.ledger.set_faults(
                network, [*(found["fault"] for found in faults_set(self.ledger, network)), fault]
            )

    def _remove(self, network: str, form: dict[str, str]) -> None:
        # Numbers are given anew when the list changes, so the name has to fit, too.
        this = "DELETE FROM fault WHERE network = ? AND id = ? AND name = ?"
        self.ledger.write(this, network, form.get("id", ""), form.get("name", ""))

    def _turn(self, form: dict[str, str]) -> None:
        knobs: dict = {"duplicate_ignores_pictures": "duplicate_ignores_pictures" in form}
        for knob in self._knobs(form):
            # What was left as it stood keeps its fractions.
            if knob["value"] != knob["stands"]:
                least = -LARGEST if knob["name"] == "clock_offset" else 0
                knobs[knob["name"]] = whole(form, knob["name"], 0, least=least) * KNOBS[knob["name"]][2]
        self.ledger.turn(**knobs)

    # What is shown ----------------------------------------------------------------------------------

    def _show(
        self,
        slug: str,
        status: int = 200,
        *,
        done: str | Promise = "",
        problem: Wrong | None = None,
        form: dict[str, str] | None = None,
    ) -> Response:
        network = MANNERS.get(slug) or next(iter(MANNERS.values()))
        filled = form or {}
        set_now = [
            in_words(other, found)
            for other in MANNERS.values()
            for found in faults_set(self.ledger, other.slug)
        ]
        return html_with_form(
            "panel",
            status,
            network=network,
            networks=[
                (other, sum(line["network"] is other for line in set_now)) for other in MANNERS.values()
            ],
            path=PATH,
            token=self.token,
            done=done,
            problem=problem,
            set_now=set_now,
            moments=[
                (
                    moment,
                    [(name, said, self._options(name, options, filled)) for name, said, options in found],
                )
                for moment, found in moments(network.slug)
            ],
            chosen=filled.get("fault", ""),
            times=[(number, str(number) == filled.get("times", "1")) for number in TIMES],
            chances=[(percent, str(percent) == filled.get("chance", "100")) for percent in CHANCES],
            knobs=self._knobs(filled if filled.get("do") == "knobs" else {}),
            ignores_pictures=self.ledger.knob("duplicate_ignores_pictures"),
            broken=broken_rules(self.ledger),
            events=events(self.ledger),
            calls=events(self.ledger, are_calls=True),
        )

    def _options(self, fault: str, options: list[str], filled: dict[str, str]) -> list[dict]:
        fields = []
        for option in options:
            label, first = OPTIONS.get(option, (option, ""))
            name = f"{fault}:{option}"
            value = filled.get(name, first)
            fields.append(
                {
                    **{"name": name, "label": label, "value": value},
                    **{"is_number": option in NUMBERS, "may_be_empty": first == ""},
                }
            )
        return fields

    def _knobs(self, filled: dict[str, str]) -> list[dict]:
        knobs = []
        for name, (label, unit, size) in KNOBS.items():
            stands = str(round(self.ledger.knob(name) / size))
            value = filled.get(name, stands)
            knobs.append({"name": name, "label": label, "unit": unit, "value": value, "stands": stands})
        return knobs


def is_from_here(request: Request) -> bool:
    """The browser says that a page of this very server sent it, or says nothing."""
    origin = request.headers.get("origin")
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def one_of(form: dict[str, str], name: str, choices: tuple[int, ...]) -> int:
    """One of a list, its first if nothing was chosen. Raises Wrong."""
    text = form.get(name, str(choices[0]))
    if text not in map(str, choices):
        raise Wrong(name, _("Choose from the list."))
    return int(text)


def whole(form: dict[str, str], name: str, otherwise: int, *, least: int = 0) -> int:
    """A whole number. Raises Wrong."""
    text = form.get(name, "").replace("\u202f", "").replace("\xa0", "").replace(" ", "") or str(otherwise)
    try:
        number = int(text)
    except ValueError:
        raise Wrong(name, _("Write a whole number, for example 10.")) from None
    if not least <= number <= LARGEST:
        raise Wrong(name, _("This number is too small or too large."))
    return number


def option_value(form: dict[str, str], fault: str, option: str) -> str | int:
    """What was filled in for it, else what stands there at first; empty if the option is to be left out."""
    name, first = f"{fault}:{option}", OPTIONS.get(option, ("", ""))[1]
    text = form.get(name, "").strip() or str(first)
    return whole({name: text}, name, 0) if text and option in NUMBERS else text

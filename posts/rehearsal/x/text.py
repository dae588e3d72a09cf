"""X's reading of a text, written apart from ours: what it weighs, what stands out in it, and how the interface gives it back.

Source: twitter-text configuration v3 (docs.x.com, counting characters). Where this is coarser than X, it forgives.
"""

from __future__ import annotations

import hashlib
import unicodedata
from functools import lru_cache

import regex

LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
ADDRESS_WEIGHT = 23
COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc cd cf cg ch"
    " ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm"
    " gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb"
    " lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu"
    " nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy"
    " sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
TOP = "|".join((*COUNTRIES.split(), "com", "org", "net", "info", "biz", "edu", "gov", "int"))
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
PATH = r"(?:[/?#][^\s<>«»“”]*[^\s<>«»“”.,;:!?'’)\]…])?"
LINK = regex.compile(
    rf"https?://(?:[\w-]{{1,63}}\.){{1,8}}[a-z]{{2,}}(?::[0-9]+)?(?:{PATH}|/)"
    rf"|(?<![\w@.#$/-])(?:{LABEL}\.){{1,8}}(?:{TOP})(?![\w-]|\.\w|@){PATH}",
    regex.IGNORECASE,
)
CASHTAG = regex.compile(r"(?:^|\s)\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?=$|\s|\p{P})", regex.IGNORECASE)
TAG = regex.compile(r"(?<![\w&/])(?P<hashtag>#\w*\p{L}\w*)|(?<![\w@/])(?P<mention>@[A-Za-z0-9_]{1,15})\b")
EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|\u20e3")


@lru_cache(4096)
def weight(text: str) -> int:
    """280 is the most that an account may say unless it pays for more."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    links = LINK.findall(text)
    return ADDRESS_WEIGHT * len(links) + sum(map(_weight_of, regex.findall(r"\X", LINK.sub("", text))))


def _weight_of(cluster: str) -> int:
    if EMOJI.search(cluster):
        return 2
    return sum(1 if any(low <= ord(c) <= high for low, high in LIGHT) else 2 for c in cluster)


def parts(text: str) -> list[list[str]]:
    """[kind, words] in order, with kind text, link, hashtag or mention."""
    found: list[list[str]] = []
    end = 0
    for link in LINK.finditer(text):
        found += [*_tags(text[end : link.start()]), ["link", link[0]]]
        end = link.end()
    return [*found, *_tags(text[end:])]


def _tags(text: str) -> list[list[str]]:
    found: list[list[str]] = []
    end = 0
    for match in TAG.finditer(text):
        found += [["text", text[end : match.start()]], [str(match.lastgroup), match[0]]]
        end = match.end()
    return [part for part in [*found, ["text", text[end:]]] if part[1]]


@lru_cache(4096)
def as_given(
    text: str, number: str, media_keys: tuple[str, ...] = (), *, most: int = 0
) -> tuple[str, list[dict]]:
    """The text as the interface gives it, and its entities.urls: short addresses, escaped signs, one more address for the
    pictures. `most`: where a long text is cut off."""
    given, urls = "", []
    for kind, words in parts(text[:most] + "…" if most and len(text) > most else text):
        if kind == "link":
            url = short(number, len(urls))
            expanded = words if words.lower().startswith("http") else f"http://{words}"
            urls.append(_entity(url, expanded, len(given)))
            given += url
        else:
            given += words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if media_keys:
        url = short(number, len(urls))
        given += " " * bool(given)
        photo = _entity(url, f"https://x.com/rehearsal/status/{number}/photo/1", len(given))
        urls += [{**photo, "media_key": key} for key in media_keys]
        given += url
    return given, urls


def short(number: str, position: int) -> str:
    return f"https://t.co/{hashlib.sha256(f'{number}/{position}'.encode()).hexdigest()[:10]}"


def _entity(url: str, expanded: str, start: int) -> dict:
    shown = regex.sub(r"^https?://(?:www\.)?", "", expanded)
    display = shown if len(shown) < 28 else f"{shown[:26]}…"
    return {
        "start": start,
        "end": start + len(url),
        "url": url,
        "expanded_url": expanded,
        "display_url": display,
    }

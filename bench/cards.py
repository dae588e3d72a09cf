"""A card 1080×1350 from the stored crop: CPU against the floor, which is decoding the photo and encoding a card (P6).

Where Chromium is found, it draws a page of the same size with the same photo, as services that use a browser do.
"""

import io
import math
import os
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from PIL import Image

from bench.photos import synthetic_photo
from portraits import cards
from portraits.cards.painting import OPTIONS

ROUNDS = 15
WORDS = cards.Words(
    "Marie-Sophie",
    "Dufourcq-Lascaux de Saint-Exupéry",
    promotion="Promotion Estuaire",
    track="Administrateurs territoriaux",
    quote="Une politique publique ne vaut que par celles et ceux qui la rendent possible chaque matin, avant huit heures.",
    hashtag="#PromotionEstuaire",
)
PAGE = """<!doctype html><meta charset="utf-8"><style>body{{margin:0;width:1080px;height:1350px;background:#0E5A63;color:#fff}}
img{{width:1080px;height:820px;object-fit:cover;object-position:top}}h1{{font:80px serif;margin:0 72px}}p{{font:40px serif;margin:20px 72px}}</style>
<img src="photo.jpg"><h1>{name}</h1><p>{quote}</p>"""


def run():
    photo = stored_crop()
    works = {"floor": lambda _words: floor(photo)}
    for layout in cards.LAYOUTS:
        style = cards.Style(layout, "#0E5A63", "#F3E9D2")
        works[layout] = lambda words, style=style: cards.draw(photo, words, style, "portrait")
    least = measured(works)
    rows = [
        row(f"card 1080×1350, {layout}, s", least[layout], least["floor"], "≤ 2 × floor")
        for layout in cards.LAYOUTS
    ]
    if browser := next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    ):
        rows.append(
            row("card 1080×1350, band, s", least["band"], chromium(browser, photo), "≤ 1/35 of Chromium")
        )
    return rows


def row(name, value, reference, aim):
    return {"name": name, "value": value, "reference": reference, "ratio": value / reference, "aim": aim}


def stored_crop():
    """As photos.render() leaves it."""
    out = io.BytesIO()
    synthetic_photo(1280, 1536).crop((0, 0, 1200, 1500)).save(out, "JPEG", quality=82, progressive=True)
    return out.getvalue()


def floor(photo):
    with Image.open(io.BytesIO(photo)) as picture:
        picture.crop((0, 0, 1080, 1350)).save(io.BytesIO(), "JPEG", **OPTIONS["JPEG"])


def measured(works):
    """The least seconds of CPU of each work, in turns so that a busy machine disturbs all alike.

    Each round has other words: they are fitted anew, while letters stay cached as in a worker that has drawn before.
    """
    least = dict.fromkeys(works, math.inf)
    for turn in range(ROUNDS):
        words = replace(WORDS, first_name=f"{WORDS.first_name} {chr(65 + turn)}", quote=WORDS.quote[turn:])
        for name, work in works.items():
            start = time.process_time()
            work(words)
            least[name] = min(least[name], time.process_time() - start)
    return least


def chromium(browser, photo):
    """Seconds of CPU for one picture, browser start included."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "card.html")
        page.write_text(
            PAGE.format(name=f"{WORDS.first_name} {WORDS.last_name}", quote=WORDS.quote), encoding="utf-8"
        )
        Path(folder, "photo.jpg").write_bytes(photo)
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1080,1350"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [*command, f"--user-data-dir={folder}/profile", f"--screenshot={folder}/card.png", page.as_uri()],
            check=True,
            capture_output=True,
            timeout=60,
            env=os.environ | {"HOME": folder},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

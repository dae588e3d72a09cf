"""`make cards`: 24 cards on one sheet, for people to look at before they change how cards are drawn.

`python -m bench.contact_sheet FILE.jpg [portrait|square|share]`: the demo school's people, and six that are hard to set.
"""

import io
import json
import os
import sys
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "inet_comms" / "demo"
COLUMNS, ROWS, GAP, WIDTH = 6, 4, 40, 540
HARD = (
    {"first_name": "Marie-Sophie", "last_name": "Dufourcq-Lascaux de Saint-Exupéry"},
    {
        "quote": "Une politique publique ne vaut que par celles et ceux qui la rendent possible chaque matin, avant huit heures, dans le froid de janvier."
    },
    {"first_name": "Nguyễn Thị", "last_name": "Țepeș-Brâncoveanu"},
    {"first_name": "Io", "last_name": "Ly", "quote": "Non."},
    {"quote": ""},
    {
        "last_name": "de La Rochefoucauld-Montbel van der Meulen-Verbruggen",
        "quote": "J’écoute : c’est déjà beaucoup !",
    },
)


def main(path, size="portrait"):
    from portraits import cards

    sheet = None
    for place, (photo, words, style) in enumerate(people(cards)):
        card = Image.open(io.BytesIO(cards.draw(photo, words, style, size).data))
        small = card.resize((WIDTH, round(WIDTH * card.height / card.width)), Image.Resampling.LANCZOS)
        if sheet is None:
            height = small.height + GAP
            sheet = Image.new("RGB", (COLUMNS * (WIDTH + GAP) + GAP, ROWS * height + GAP), "#D9D5CC")
        sheet.paste(small, (GAP + place % COLUMNS * (WIDTH + GAP), GAP + place // COLUMNS * height))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, quality=92)
    sys.stdout.write(f"{COLUMNS * ROWS} cards on {path}\n")


def people(cards):
    """(photo, words, style) of 24 cards: the three layouts in turn, each promotion in its colours, one without a photo."""
    school = json.loads((DEMO / "school.json").read_text(encoding="utf-8"))
    tracks = {track["slug"]: track["name"] for track in school["tracks"]}
    promotions = {one["slug"]: one for one in school["promotions"]}
    told = [one for one in school["students"] if one.get("edited", {}).get("quote")]
    by_promotion = [[one for one in told if one["promotion"] == slug] for slug in promotions]
    turns = cycle(filter(None, by_promotion))
    for place in range(COLUMNS * ROWS):
        # Rows begin with another layout each, so that a column shows all three.
        layout = cards.LAYOUTS[(place + place // COLUMNS) % len(cards.LAYOUTS)]
        row = next(turns)
        person = row[(place // 3) % len(row)]
        promotion = promotions[person["promotion"]]
        words = cards.Words(
            person["first_name"],
            person["last_name"],
            promotion=f"Promotion {promotion['name']}",
            track=tracks[promotion["track"]],
            quote=person["edited"]["quote"],
            hashtag=promotion["hashtag"],
            school=school["school"],
        )
        if place % 4 == 1:
            words = replace(words, **HARD[place // 4])
        photo = None if place == COLUMNS * ROWS - 1 else as_kept(DEMO / "faces" / person["face"])
        yield photo, words, cards.Style(layout, promotion["colours"]["main"], promotion["colours"]["second"])


def as_kept(face):
    """A drawn face as photos.render() would keep the crop."""
    out = io.BytesIO()
    Image.open(face).convert("RGB").save(out, "JPEG", quality=82, progressive=True)
    return out.getvalue()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inet_comms.settings")
    import django

    django.setup()
    main(Path(sys.argv[1]), *sys.argv[2:])

"""Two hundred names and quotes as a school could have them, the same each time: double, with particles, from all over Europe."""

from __future__ import annotations

import random
import unicodedata

from portraits.cards import Words

FIRST = [
    "Marie-Sophie",
    "Jean-Baptiste",
    "Éléonore",
    "Zoë",
    "Maëlle",
    "Anaïs",
    "François",
    "Łukasz",
    "Şule",
    "Žofia",
    "Gökçe",
    "Tamás-Ödön",
    "Ștefan",
    "Ġużeppi",
    "Nguyễn-Thị",
    "Đặng",
    "Bjørn",
    "Åsa",
    "Siân",
    "Ñusta",
    "Ximun",
    "Aliénor",
    "Œdipe",
    "Þór",
    "Ulla",
    "Io",
    "Ève",
    "Thanh-Mai",
    "Adebọ́lá",
]
LAST = [
    "Dufourcq-Lascaux de Saint-Exupéry",
    "de La Rochefoucauld-Montbel",
    "Le Bihan",
    "d’Estrac",
    "Wojciechowski",
    "Çağlayan",
    "Nagy-Erdős",
    "Țepeș-Brâncoveanu",
    "Nguyễn Thị Minh Khai",
    "Ó Súilleabháin",
    "van der Meulen-Verbruggen",
    "von und zu Hohenlohe-Langenburg",
    "Benhaddou",
    "Dvořáková-Žižková",
    "Etchegoyhen",
    "N’Guessan",
    "Ly",
    "Itō",
    "É",
    "de la Cruz y Fernández del Río",
    "Sørensen",
    "Zoghlami Ben Aïssa",
]
WORDS = [
    "la",
    "commune",
    "écoute",
    "ses",
    "agents",
    "avant",
    "huit",
    "heures",
    "et",
    "l’eau",
    "des",
    "villages",
    "ne",
    "ment",
    "jamais",
    "où",
    "l’on",
    "décide",
    "ensemble",
    "à",
    "la",
    "cantine",
    "intercommunalité",
    "quand",
    "même",
    "nous",
    "avons",
    "appris",
    "territoires",
    "hospitaliers",
    "dans",
    "le",
    "froid",
    "de",
    "janvier",
]
SIGNS = (" ?", " !", " :", " ;", ",", "", "", "", "", "…")
PROMOTIONS = (
    ("Promotion Estuaire", "#PromotionEstuaire", "Administrateurs territoriaux"),
    ("Promotion Gisèle Halimi", "#PromotionGisèleHalimi", "Conservateurs de bibliothèques"),
    ("Promotion Abbé Pierre, 28e promotion", "#Inet28AbbéPierreEmmaüs", "Ingénieurs en chef"),
    ("", "", ""),
)
COLOURS = (
    ("#0E5A63", "#F3E9D2"),
    ("#23566B", "#EAF2F4"),
    ("#F2C230", "#D81E5B"),
    ("#8A8A8A", "#9A9A9A"),
    ("#000000", "#FFFFFF"),
    ("#FFFFFF", "#000000"),
    ("#4F6228", "#F4EFD9"),
)
SENTENCE = "Une politique publique ne vaut que par celles et ceux qui la rendent possible chaque matin, avant huit heures, en janvier, au bord d’un quai"


def words(number: int) -> Words:
    """The one with this number, 0 to 199."""
    chance = random.Random(number)
    first, last = chance.choice(FIRST), chance.choice(LAST)
    if number % 20 == 7:
        first, last = "A", "B"
    if number % 20 == 13:
        last = " ".join(LAST[number % len(LAST) :] + LAST)[: 80 - len(first)].strip()
    if number % 40 == 17:
        last = "Taumatawhakatangihangakoauauotamateapokaiwhenuakitanatahuzqwxy"[: 79 - len(first)]
    form = "NFD" if number % 3 == 0 else "NFC"
    promotion, hashtag, track = PROMOTIONS[number % len(PROMOTIONS)]
    return Words(
        unicodedata.normalize(form, first),
        unicodedata.normalize(form, last),
        promotion=promotion,
        track=track,
        hashtag=hashtag,
        quote=unicodedata.normalize(form, quote(number, chance)),
    )


def quote(number: int, chance: random.Random) -> str:
    """None, one of exactly 140 signs, or a number of words with French punctuation."""
    if number % 11 == 0:
        return ""
    if number % 11 == 5:
        return f"{SENTENCE:…<139.139}!"
    said = "".join(f" {chance.choice(WORDS)}{chance.choice(SIGNS)}" for _word in range(chance.randint(1, 22)))
    return said.strip()[:140].strip()

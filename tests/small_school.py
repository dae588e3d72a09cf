"""A demo school with one student for each state, small enough for tests: what school.json tells, and where it may be loaded."""

import json

from tests import factories

STATES = (
    *("not_invited", "invited", "draft", "submitted", "in_edit", "to_sign", "signed", "in_review"),
    *("scheduled", "published", "withdrawn"),
)
SIGNED = STATES.index("signed")


def student(number, state, promotion="cap", **more):
    answers = dict.fromkeys(("origin", "before", "why", "here", "internships", "next"), f"Réponse {number}.")
    if state == "draft":
        answers |= {"un-livre": "Un roman.", "un-lieu": "Brest."}
    text = f"Texte de {state}, relu."
    return {
        "promotion": promotion,
        "first_name": f"Prénom{number}",
        "last_name": state,
        "email": f"eleve{number}@demo.invalid",
        "comms": False,
        "face": "01.webp",
        "state": state,
        "facts": {"region": "Bretagne", "entry_route": "interne", "earlier_sector": "État"},
        "internships": [
            {"host": "Ville de Brest", "place": "Brest", "tutor_name": "Anne", "start": -90, "end": -60}
        ],
        "answers": answers | {"quote": f"Citation {number}."},
        "edited": {"title": "Titre", "text": text, "quote": "Citation.", "linkedin": f"Titre\n\n{text}"},
    } | more


def promotion(slug, number, starts, ends, **more):
    return {
        "slug": slug,
        "track": "admin",
        "number": number,
        "name": slug.capitalize(),
        "former_names": [],
        "starts": starts,
        "ends": ends,
        "hashtag": "#Cap",
        "colours": {"main": "#0E5A63", "second": "#F3E9D2"},
    } | more


MORE = {"in_review": {"on_x": {"hashtags": "#Un #Deux #Trois", "all_the_same": "Pour le congrès."}}}
MATERIAL = {
    "school": "INET",
    "tracks": [{"slug": "admin", "name": "Administrateurs", "hashtag": "#Admin"}],
    "promotions": [
        promotion(
            "sortie", 1, -900, -350, former_names=[{"name": "Ancienne", "slug": "ancienne", "until": -400}]
        ),
        promotion(
            "cap",
            2,
            -300,
            250,
            questions=[
                {
                    "key": "un-livre",
                    "label": "Un livre ?",
                    "limit": 300,
                    "is_required": False,
                    "is_retired": True,
                },
                {"key": "un-lieu", "label": "Un lieu ?", "limit": 300, "is_required": False},
            ],
        ),
    ],
    "sharing": {
        "shares": [{"network": "linkedin", "starts": -30, "ends": 60, "parts": {"cap": 60, "sortie": 40}}],
        "slots": [
            {"network": "linkedin", "promotion": "cap", "kind": "portrait", "weekday": day, "time": "08:30"}
            for day in range(5)
        ],
    },
    "events": [{"name": "Congrès", "place": "Metz", "day": 6, "hour": 9, "hours": 8}],
    "pieces": [
        {
            "promotion": "cap",
            "kind": "round_table",
            "title": "Table ronde",
            "text": factories.SUBSTANCE,
            "day": 20,
            "hour": 18,
            "leaves": 10,
            "state": "to_sign",
            "people": [{"student": f"eleve{SIGNED}@demo.invalid", "role": "modératrice"}],
            "poster": "Une affiche.",
            "document": ["Une page."],
        }
    ],
    "proposals": [
        {
            "student": f"eleve{SIGNED}@demo.invalid",
            "kind": "event",
            "title": "Une visite",
            "text": "Jeudi, les archives.",
        }
    ],
    "staff": [
        {"first_name": "Hélène", "last_name": "Roux", "email": "helene@demo.invalid"},
        {"first_name": "Ada", "last_name": "Clément", "email": "ada@demo.invalid"},
    ],
    "students": [
        student(100, "published", "sortie", comms=True),
        student(101, "not_invited", comms=True),
        student(102, "not_invited", comms=True),
        *(student(number, state, **MORE.get(state, {})) for number, state in enumerate(STATES)),
    ],
}


def write(folder, material=MATERIAL):
    """The folder as the demo's own: school.json and one face."""
    (folder / "faces").mkdir(parents=True, exist_ok=True)
    (folder / "faces/01.webp").write_bytes(factories.picture_bytes(form="WEBP"))
    (folder / "school.json").write_text(json.dumps(material))
    return folder


def machine(folder):
    """Settings of a machine of its own below `folder`, with no rehearsal network running."""
    return {
        "DATA_DIR": folder / "data",
        "MAIL_DIR": folder / "data/mail",
        "REHEARSAL_URL": "http://127.0.0.1:9",
    }

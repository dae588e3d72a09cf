"""Style hints: each rule on words that it should remark on, and on words that it should leave alone."""

import pytest
from django.utils import translation

from portraits import hints
from portraits.hints import Words

GOOD = "Elle vient de Roscoff. " * 50


def found(rule, **words):
    """(field, passage) of what this rule remarks on."""
    return [(hint.field, hint.passage) for hint in rule(Words(**words))]


def test_good_words_get_no_hint():
    words = Words(
        title="Servir au plus près", quote="La mer d’abord", text=GOOD, alt_text="Une femme sur un quai."
    )
    assert hints.hints_for(words) == []


def test_every_hint_says_what_where_and_why():
    words = Words(
        text='SERVIR ICI AUSSI  le CNFPT dit "oui" #fonctionpublique ' + "mot " * 50 + "étudiant(e)s !",
        alt_text="Photo de Léa",
        names=("Léa", "Le Goff"),
        inclusive="points",
    )
    made = hints.hints_for(words)
    assert {hint.rule for hint in made} == {
        *("length", "fold", "hashtag", "acronym", "inclusive", "capitals"),
        *("sentence", "exclamation", "quotes", "spaces", "alt"),
    }
    assert [hint for hint in made if not (hint.what and hint.why and hint.field)] == []


@pytest.mark.parametrize(
    ("length", "count"), [(0, 0), (1, 1), (899, 1), (900, 0), (1800, 0), (1801, 1), (9000, 1)]
)
def test_length_on_linkedin(length, count):
    assert len(found(hints.length_on_linkedin, text="a" * length)) == count


@pytest.mark.parametrize(
    ("title", "text", "count"),
    [
        ("", "Une phrase. " + "mot " * 100, 0),
        ("", "mot " * 100, 1),
        ("t" * 120, "Mot " * 30 + ". " + "mot " * 60, 1),
        ("Titre.", "mot " * 100, 1),
        ("", "court", 0),
    ],
)
def test_first_sentence_before_the_fold(title, text, count):
    assert len(found(hints.before_the_fold, title=title, text=text)) == count


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("#fonctionpubliqueterritoriale", ["#fonctionpubliqueterritoriale"]),
        ("#FonctionPublique #INET2026 #brest", []),
        ("a#fonctionpublique", []),
        ("#égalitéprofessionnelle", ["#égalitéprofessionnelle"]),
    ],
)
def test_hashtags_in_camel_case(text, passages):
    assert [passage for _field, passage in found(hints.hashtags_in_camel_case, text=text)] == passages


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("Le CNFPT forme.", ["CNFPT"]),
        ("Le CNFPT, puis le CNFPT.", ["CNFPT"]),
        ("Le Centre national de la fonction publique territoriale (CNFPT) forme. Le CNFPT recrute.", []),
        ("Le CNFPT (Centre national) forme.", []),
        ("Élève de l’INET, en CDI.", []),
        ("Un #CNFPT", []),
        ("Le DGS et la DRH.", ["DGS", "DRH"]),
        ("JE SUIS TRÈS FIÈRE", []),
        ("Le RH", []),
    ],
)
def test_unexplained_acronyms(text, passages):
    assert [passage for _field, passage in found(hints.unexplained_acronyms, text=text)] == passages


@pytest.mark.parametrize(
    ("choice", "text", "passages"),
    [
        ("free", "étudiant·e·s étudiant(e)s", []),
        ("points", "étudiant·e·s", []),
        ("points", "étudiant(e)s, agent-e-s", ["étudiant(e)s", "agent-e-s"]),
        ("no_points", "étudiant·e·s et directeur·trice", ["étudiant·e·s", "directeur·trice"]),
        ("no_points", "étudiantes et étudiants", []),
    ],
)
def test_inclusive_writing_is_the_schools_choice(choice, text, passages):
    assert [
        passage for _field, passage in found(hints.inclusive_writing, text=text, inclusive=choice)
    ] == passages


@pytest.mark.parametrize(
    ("rule", "text", "passages"),
    [
        (hints.exclamation_marks, "Bravo ! Encore !", ["Bravo !"]),
        (hints.exclamation_marks, "Bravo.", []),
        (hints.long_sentences, "mot " * 40, []),
        (hints.long_sentences, "mot " * 41 + ". Fin.", ["mot mot mot mot mot mot mot mot…"]),
        (hints.long_sentences, ("mot " * 30 + ". ") * 2, []),
        (hints.capitals_only, "SERVIR LES AUTRES ici", ["SERVIR LES AUTRES"]),
        (hints.capitals_only, "TERRITORIALES", ["TERRITORIALES"]),
        (hints.capitals_only, "Le CNFPT et l’AFIGESE", []),
        (hints.double_spaces, "un  deux", ["un  deux"]),
        (hints.double_spaces, "un\n\ndeux", []),
        (hints.straight_quotes, "l'eau", ["l'e"]),
        (hints.straight_quotes, 'Il dit "oui".', ['"oui"']),
        (hints.straight_quotes, "l’eau « oui »", []),
    ],
)
def test_typography(rule, text, passages):
    assert [passage for _field, passage in found(rule, text=text)] == passages


@pytest.mark.parametrize(
    ("alt", "passages"),
    [
        ("Une femme sur un quai.", []),
        ("Photo d’une femme", ["Photo"]),
        ("Léa devant la mer", ["Léa"]),
        ("Monsieur le goff sourit", ["Le Goff"]),
        ("Devant un coléa", []),
        ("", []),
    ],
)
def test_description_of_the_photo(alt, passages):
    names = ("Léa", "Le Goff")
    assert [
        passage for _field, passage in found(hints.description_of_the_photo, alt_text=alt, names=names)
    ] == passages


@pytest.mark.parametrize(
    ("own", "width", "proposal"),
    [
        ("Portrait souriant", 0.9, "Portrait souriant (portrait of the promotion Joséphine Baker)."),
        (
            "Léa Le Goff, de face, en rouge.",
            0.3,
            "De face, en rouge (portrait, closely framed, of the promotion Joséphine Baker).",
        ),
        (
            "Portrait dessiné de Léa Le Goff, sur fond uni.",
            0.9,
            "Portrait dessiné, sur fond uni (portrait of the promotion Joséphine Baker).",
        ),
        ("", 0.9, "Portrait of the promotion Joséphine Baker."),
    ],
)
def test_proposed_description_says_no_name(own, width, proposal):
    with translation.override("en"):
        made = hints.proposed_description(
            own, promotion="Joséphine Baker", width=width, names=("Léa Le Goff", "Léa", "Le Goff"), limit=200
        )
    assert made == proposal


def test_proposed_description_fits():
    made = hints.proposed_description("mot " * 100, promotion="P", width=1, names=(), limit=200)
    assert len(made) == 200

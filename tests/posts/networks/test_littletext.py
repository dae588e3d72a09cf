"""LinkedIn's markup: everything people write arrives uncut, hashtags alive. Judged by the rehearsal network's own parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posts.networks import words
from posts.networks.linkedin import littletext
from posts.rehearsal.linkedin import littletext as judge

GOLDEN = [
    ("Bonjour à toutes et à tous", "Bonjour à toutes et à tous"),
    ("Promotion Gisèle Halimi (2021/2022)", "Promotion Gisèle Halimi \\(2021/2022\\)"),
    ("Il dit : « […] »", "Il dit : « \\[…\\] »"),
    ("a_b ~ c* <d> {e|f}", "a\\_b \\~ c\\* \\<d\\> \\{e\\|f\\}"),
    ("C:\\dossier\\", "C:\\\\dossier\\\\"),
    ("ecrire@inet.example", "ecrire\\@inet.example"),
    ("@INET bonjour", "\\@INET bonjour"),
    ("#INET", "{hashtag|\\#|INET}"),
    ("Bravo #INET.", "Bravo {hashtag|\\#|INET}."),
    ("(#INET)", "\\({hashtag|\\#|INET}\\)"),
    ("l’#Élève et #été2026", "l’{hashtag|\\#|Élève} et {hashtag|\\#|été2026}"),
    ("#2026Ensemble", "{hashtag|\\#|2026Ensemble}"),
    ("#Gisèle_Halimi", "{hashtag|\\#|Gisèle\\_Halimi}"),
    ("#Grand-Est", "{hashtag|\\#|Grand}-Est"),
    ("#un#deux", "{hashtag|\\#|un}\\#deux"),
    ("#INET\n#Promotion", "{hashtag|\\#|INET}\n{hashtag|\\#|Promotion}"),
    ("#e\u0301le\u0300ve", "{hashtag|\\#|élève}"),
    ("# INET", "\\# INET"),
    ("##INET", "\\#\\#INET"),
    ("n#1", "n\\#1"),
    ("#1", "\\#1"),
    ("#2026", "\\#2026"),
    ("#", "\\#"),
    ("C#", "C\\#"),
    ("#🎓", "\\#🎓"),
    ("🎓#INET 👩🏽‍🎓", "🎓{hashtag|\\#|INET} 👩🏽‍🎓"),
    ("https://a.example/b#partie", "https://a.example/b\\#partie"),
    ("https://a.example/#partie", "https://a.example/\\#partie"),
    ("&#39;", "&\\#39;"),
    ("\\#INET", "\\\\{hashtag|\\#|INET}"),
    ("{hashtag|\\#|INET}", "\\{hashtag\\|\\\\\\#\\|INET\\}"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "commentary"), GOLDEN)
def test_escape(text, commentary):
    assert littletext.escape(text) == commentary


@pytest.mark.parametrize("text", [text for text, _commentary in GOLDEN])
def test_escaped_text_reads_back_as_written(text):
    assert littletext.plain(littletext.escape(text)) == words.tidy(text)


@pytest.mark.parametrize(
    ("commentary", "text"),
    [
        ("{hashtag|\\#|INET}", "#INET"),
        ("{hashtag|#|INET}", "#INET"),
        ("{hashtag|\\#|Grand-Est} !", "#Grand-Est !"),
        ("#INET nu", "#INET nu"),
        ("Merci @[INET \\(école\\)](urn:li:organization:1001)", "Merci INET (école)"),
        ("\\\\\\#INET", "\\#INET"),
        ("sans rien", "sans rien"),
    ],
)
def test_plain_reads_what_linkedin_gives(commentary, text):
    assert littletext.plain(commentary) == text


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("e\u0301", "é"),
        ("a\x00b\x1f\x7fc\td", "abc\td"),
        ("a\ud83db", "ab"),
        ("fine\u202f! \u00a0», 👩🏽‍🎓", "fine\u202f! \u00a0», 👩🏽‍🎓"),
    ],
)
def test_tidy(text, tidy):
    assert words.tidy(text) == tidy


@pytest.mark.parametrize(("text", "units"), [("abc", 3), ("é", 1), ("🎓", 2), ("", 0), ("\ud83d", 1)])
def test_units_are_utf_16(text, units):
    assert words.units(text) == units


@given(st.text(alphabet=st.one_of(st.sampled_from("#\\{}|@[]()<>*_~ \naé1ñ🎓:/hashtag"), st.characters())))
def test_any_text_is_read_whole_by_the_judge(text):
    reading = judge.read(littletext.escape(text), {})
    assert (reading.text, reading.cut) == (words.tidy(text), "")


@given(st.text(alphabet="#\\{}|@[]()<>*_~ \naé1🎓"))
def test_any_text_survives_the_way_there_and_back(text):
    given_back = judge.read(littletext.escape(text), {}).markup
    assert littletext.plain(given_back) == words.tidy(text)


@given(st.text(alphabet="#aé1_ -.(🎓", max_size=12))
def test_hashtags_are_alive_for_the_judge(text):
    alive = [words for kind, words in judge.read(littletext.escape(text), {}).parts if kind == "hashtag"]
    assert alive == [match[0] for match in littletext.HASHTAG.finditer(words.tidy(text))]

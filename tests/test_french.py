"""French is complete, and the compiled catalogue in the repository is the one that the sentences make."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale/fr/LC_MESSAGES/django.po"
pytestmark = pytest.mark.files_only
needs_gettext = pytest.mark.skipif(
    shutil.which("msgfmt") is None, reason="left out: no gettext on this machine"
)


PLURALS = {}
"""Singular → plural, filled as entries are read."""


def entries(catalogue=CATALOGUE):
    """(msgid, [msgstr…], is_fuzzy) of each entry that is not the header and not obsolete."""
    for block in catalogue.read_text(encoding="utf-8").split("\n\n")[1:]:
        lines = [line for line in block.splitlines() if not line.startswith("#~")]
        text = "\n".join(line for line in lines if not line.startswith("#"))
        if "msgid" not in text:
            continue
        joined = re.sub(r'"\n"', "", text)
        msgid = re.search(r'^msgid "(.*)"$', joined, re.MULTILINE).group(1)
        if plural := re.search(r'^msgid_plural "(.*)"$', joined, re.MULTILINE):
            PLURALS[msgid] = plural.group(1)
        yield msgid, re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', joined, re.MULTILINE), "#, fuzzy" in block


def test_no_sentence_is_missing_or_fuzzy():
    assert [msgid for msgid, translations, is_fuzzy in entries() if is_fuzzy or not all(translations)] == []


def test_french_keeps_the_placeholders():
    """Of singular and plural together: “once” and “%(count)s times” are one sentence."""
    wrong = []
    for msgid, translations, _fuzzy in entries():
        wanted = set(re.findall(r"%\(\w+\)[sd]", msgid + PLURALS.get(msgid, "")))
        wrong += [msgid for text in translations if set(re.findall(r"%\(\w+\)[sd]", text)) - wanted]
        wrong += [msgid for text in translations[-1:] if wanted - set(re.findall(r"%\(\w+\)[sd]", text))]
    assert wrong == []


def test_french_typography():
    """A no-break space before : and inside « », a narrow one before ; ? !, and the curly apostrophe."""
    wrong = [
        (msgid, text)
        for msgid, translations, _fuzzy in entries()
        for text in translations
        if re.search(r"\w'\w| [:;?!](?:\s|$)|\w[;?!](?:\s|$)|« | »", re.sub(r"%\(\w+\)[sd]|&\w+;", "x", text))
    ]
    assert wrong == []


@needs_gettext
def test_every_sentence_of_the_code_is_in_the_catalogue(tmp_path):
    """makemessages on a copy of the sources finds nothing new."""
    copy = tmp_path / "project"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "var", "tests", "node_modules", "static", "__pycache__", "faces"
    )
    shutil.copytree(ROOT, copy, ignore=ignored)
    command = ["makemessages", "-l", "fr", "--no-obsolete", "--no-location", "--verbosity", "0"]
    environment = {
        "DJANGO_SETTINGS_MODULE": "inet_comms.settings",
        "DATA_DIR": str(tmp_path / "data"),
        "DEBUG": "1",
    }
    subprocess.run(
        [sys.executable, "manage.py", *command], cwd=copy, check=True, env=os.environ | environment
    )
    fresh = list(entries(copy / "locale/fr/LC_MESSAGES/django.po"))
    known = {msgid for msgid, _translations, _fuzzy in entries()}
    assert [msgid for msgid, _translations, is_fuzzy in fresh if msgid not in known or is_fuzzy] == []


@needs_gettext
def test_compiled_catalogue_is_the_compilation_of_the_sentences(tmp_path):
    out = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check", "-o", out, CATALOGUE], check=True, capture_output=True)
    assert out.read_bytes() == CATALOGUE.with_suffix(".mo").read_bytes()

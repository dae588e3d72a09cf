"""The docs cannot drift: each path in docs/map.md exists, lifecycles.md is what MOVES draws, README stays short."""

import re
from pathlib import Path

import pytest

from inet_comms.lifecycle_docs import draw

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.files_only


def test_every_path_in_the_map_exists():
    paths = set(
        re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:py|md|yml|toml))`", (ROOT / "docs/map.md").read_text())
    )
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_map_names_every_folder_of_the_apps():
    text = (ROOT / "docs/map.md").read_text()
    folders = [
        path.parent.name
        for app in ("cohorts", "portraits", "posts")
        for path in (ROOT / app).glob("*/__init__.py")
    ]
    assert [name for name in sorted(set(folders) - {"migrations", "management"}) if name not in text] == []


def test_lifecycles_are_what_the_tables_draw():
    assert (ROOT / "docs/lifecycles.md").read_text() == draw()


def test_readme_is_at_most_150_lines_and_its_pictures_exist():
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) <= 150
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", readme)
    assert [name for name in pictures if not (ROOT / name).exists()] == []
    assert len(pictures) > 0

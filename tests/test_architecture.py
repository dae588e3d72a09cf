"""The shape of the code: who may import whom, where a state is written, what a template must not hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("cohorts", "portraits", "posts")
LADDER = ("permissions", "querysets", "models", "actions", "forms", "views", "admin", "tasks", "urls")
pytestmark = pytest.mark.files_only


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def imports(path):
    """Absolute module names imported when the file is loaded (imports under TYPE_CHECKING and in functions do not count)."""
    package = path.relative_to(ROOT).with_suffix("").parts
    if package[-1] == "__init__":
        package = (*package[:-1], "")
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: -node.level]) if node.level else ""
            module = ".".join(filter(None, [base, node.module or ""]))
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def rung(module):
    parts = module.split(".")
    return LADDER.index(parts[1]) if parts[0] in APPS and len(parts) > 1 and parts[1] in LADDER else None


@pytest.mark.parametrize("app", APPS)
def test_apps_depend_leftwards_only(app):
    later = APPS[APPS.index(app) + 1 :]
    wrong = [
        (str(path.relative_to(ROOT)), module)
        for path in sources(app)
        for module in imports(path)
        if module.split(".")[0] in later
    ]
    assert wrong == []


def test_files_import_only_lower_rungs_of_their_app():
    wrong = []
    for path in sources(*APPS):
        own = rung(".".join(path.relative_to(ROOT).with_suffix("").parts))
        if own is None:
            continue
        for module in imports(path):
            other = rung(module)
            if module.split(".")[0] == path.relative_to(ROOT).parts[0] and other is not None and other > own:
                wrong.append((str(path.relative_to(ROOT)), module))
    assert wrong == []


def test_networks_import_nothing_of_ours_but_their_base():
    wrong = [
        (path.name, module)
        for path in sources("posts/networks")
        for module in imports(path)
        if module.split(".")[0] in (*APPS, "inet_comms") and not module.startswith("posts.networks")
    ]
    assert wrong == []


def test_states_are_written_in_lifecycle_only():
    pattern = re.compile(r"\.state\s*=[^=]|update\([^)]*\bstate=")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("inet_comms", *APPS)
        if path.name != "lifecycle.py"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert wrong == []


def test_every_module_opens_with_a_sentence():
    silent = [
        str(path.relative_to(ROOT))
        for path in sources("inet_comms", "tests", *APPS)
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_templates_hold_no_inline_script_style_or_handler():
    pattern = re.compile(r'style="|<script>|<style|\son[a-z]+="', re.IGNORECASE)
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if "emails" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert wrong == []


def test_no_file_names_a_machine_or_a_registry():
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    pattern = re.compile(r"(?:^|[\s\"'(=])/(?:home|root|work)/[a-z.]")
    wrong = []
    for name in names:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".html", ".css", ".js", ".yml", ".toml", ".txt"} and path.exists():
            wrong += [name for line in path.read_text(errors="ignore").splitlines() if pattern.search(line)]
    assert sorted(set(wrong) - {"tests/test_architecture.py"}) == []

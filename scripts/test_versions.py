"""Run the test suite on versions that hosts really have: the lowest that the package declares, or those that a line of Open edX pins.

    python scripts/test_versions.py lowest
    python scripts/test_versions.py ulmo verawood master

Each name has an environment of its own in ``.venv-NAME``. For Open edX's main branch, which allows ranges, only the resolution is
checked. A line whose Python is not on this machine is skipped with a note.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
UV = [str(Path(sys.executable).with_name("uv"))]
EXTRAS = ".[test,preview,sign]"
#: Warnings are errors in this suite, and this plug-in of a package that hosts pin raises one with newer pytest.
PYTEST_ARGUMENTS = ["-m", "pytest", "-n", "auto", "-m", "not services", "-p", "no:anyio"]


class Line(NamedTuple):
    """One set of versions. ``resolution`` is uv's; ``pins`` names a file of constraints; ``has_suite``: whether to run the tests."""

    python: str
    resolution: str = "highest"
    pins: str = ""
    has_suite: bool = True


LINES = {
    "lowest": Line("3.11", resolution="lowest-direct"),
    "ulmo": Line("3.11", pins="ulmo"),
    "verawood": Line("3.12", pins="verawood"),
    "master": Line("3.12", pins="master", has_suite=False),
}


def main(names: list[str]) -> int:
    """Run the named lines; return 1 if one of them failed, or if the lowest versions could not be tried."""
    problems = [problem for name in names if (problem := _run(name, LINES[name]))]
    for problem in problems:
        print(f"test_versions: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _run(name: str, line: Line) -> str:
    print(f"==> {name}: Python {line.python}", flush=True)
    options = ["--resolution", line.resolution]
    if line.pins:
        options += ["--constraint", str(ROOT / "scripts" / "open_edx" / f"{line.pins}.txt")]
    if not line.has_suite:
        extras = [argument for extra in ("test", "preview", "sign") for argument in ("--extra", extra)]
        version = ["--python-version", line.python, "--output-file", os.devnull]
        resolves = _call([*UV, "pip", "compile", "--quiet", *options, *version, *extras, "pyproject.toml"])
        return "" if resolves else f"{name}: the requirements do not resolve"
    if not _call([*UV, "python", "find", "--quiet", line.python]):
        problem = f"{name}: needs Python {line.python}, which is not on this machine"
        print(f"    skipped: {problem}", flush=True)
        return "" if line.pins else problem
    environment = ROOT / f".venv-{name}"
    python = str(environment / "bin" / "python")
    steps = {
        "the environment cannot be made": [
            *UV,
            "venv",
            "--quiet",
            "--clear",
            "--python",
            line.python,
            str(environment),
        ],
        "the requirements do not resolve": [
            *UV,
            *("pip", "install", "--quiet", "--python", python, *options, "--editable", EXTRAS),
        ],
        "the suite failed": [python, *PYTEST_ARGUMENTS],
    }
    for problem, command in steps.items():
        if not _call(command):
            return f"{name}: {problem}"
    return ""


def _call(command: list[str]) -> bool:
    # The interpreters of this machine will do: none is downloaded.
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["lowest"]))

"""Run the test suite on versions that hosts really have: the lowest that the package declares, or those that a line of Open edX pins.

    python scripts/test_versions.py lowest
    python scripts/test_versions.py ulmo verawood master

Each name has an environment of its own in ``.venv-NAME``, made anew in each run from uv's cache. To repeat one test afterwards:
``.venv-NAME/bin/python -m pytest -p no:anyio PATH``. For Open edX's main branch, which allows ranges, only the resolution is checked.
``PYTEST_XDIST_AUTO_NUM_WORKERS`` sets how many tests run at once.

A failure, or a Python that is not on this machine, does not stop the lines that follow. The exit status is 0 only if all of them ran
and passed, 2 if nothing could be tried.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
UV = str(Path(sys.executable).with_name("uv"))
#: The packages that a host installs, and the test tools.
RUNTIME_EXTRAS = ("preview", "sign")
TEST_EXTRAS = ("test", *RUNTIME_EXTRAS)
#: Warnings are errors in this suite. With newer pytest, this plug-in of a pinned package causes a warning.
PYTEST_ARGUMENTS = ["-m", "pytest", "-n", "auto", "-m", "not services and not slow", "-p", "no:anyio"]
#: A program that prints the version and the path of its interpreter.
WHICH = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"


class Line(NamedTuple):
    """One set of versions.

    ``resolution`` is uv's option. ``pins`` names a file of constraints. ``has_suite`` says whether to run the tests.
    """

    python: str
    resolution: str = "highest"
    pins: str = ""
    has_suite: bool = True


class Outcome(NamedTuple):
    """The result of one line."""

    name: str
    problem: str
    seconds: float


LINES = {
    "lowest": Line("3.11", resolution="lowest-direct"),
    "ulmo": Line("3.11", pins="ulmo"),
    "verawood": Line("3.12", pins="verawood"),
    "master": Line("3.12", pins="master", has_suite=False),
}


def main(names: list[str]) -> int:
    """Run the named lines one after the other and report."""
    if unknown := [name for name in names if name not in LINES]:
        return _refuse(f"there is no line {', '.join(map(repr, unknown))}. Choose from: {', '.join(LINES)}")
    if not Path(UV).exists():
        return _refuse(
            f"there is no uv beside {sys.executable}. Install it: {sys.executable} -m pip install '.[versions]'"
        )
    outcomes = []
    for name in names:
        started = time.monotonic()
        problem = _run(name, LINES[name])
        outcomes.append(Outcome(name, problem, time.monotonic() - started))
    print("\n==> What was run")
    for outcome in outcomes:
        print(
            f"  {'FAILED' if outcome.problem else 'ok':7} {outcome.name} ({outcome.seconds:.0f} s) {outcome.problem}".rstrip()
        )
    failed = [outcome.name for outcome in outcomes if outcome.problem]
    if failed:
        print(f"test_versions: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def find_python(version: str) -> str:
    """Return the path of an interpreter of this version (``3.12``) that runs on this machine, or ``""`` if there is none.

    A ``python3.12`` on PATH may be a shim of pyenv that runs only where a file selects this version. So each candidate is run, and
    pyenv's own folder is searched too.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    folders = [*map(Path, os.get_exec_path()), *sorted(pyenv.glob(f"{version}.*/bin"), reverse=True)]
    for folder in folders:
        found, path = _ask_which(folder / f"python{version}")
        if found == version:
            return path
    known = subprocess.run(
        [UV, "python", "find", "--quiet", "--no-project", "--managed-python", "--no-python-downloads", version],
        capture_output=True,
        text=True,
        check=False,
    )
    return known.stdout.strip() if known.returncode == 0 else ""


def _ask_which(candidate: Path) -> tuple[str, str]:
    try:
        done = subprocess.run([candidate, "-c", WHICH], capture_output=True, text=True, check=False)
    except OSError:
        return "", ""
    version, _space, path = done.stdout.strip().partition(" ")
    return version, path


def _run(name: str, line: Line) -> str:
    """Run one line. Return what is wrong, or an empty text."""
    print(f"==> {name}: Python {line.python}", flush=True)
    options = ["--quiet", "--resolution", line.resolution]
    if line.pins:
        options += ["--constraint", str(ROOT / "scripts" / "open_edx" / f"{line.pins}.txt")]
    if not line.has_suite:
        extras = [argument for extra in RUNTIME_EXTRAS for argument in ("--extra", extra)]
        version = ["--python-version", line.python, "--output-file", os.devnull]
        resolves = _call([UV, "pip", "compile", *options, *version, *extras, "pyproject.toml"])
        return "" if resolves else "the requirements do not resolve"
    interpreter = find_python(line.python)
    if not interpreter:
        problem = f"not run: needs Python {line.python}, which is not on this machine"
        print(f"    {problem}", flush=True)
        return problem
    environment = ROOT / f".venv-{name}"
    python = str(environment / "bin" / "python")
    package = f".[{','.join(TEST_EXTRAS)}]"
    steps = {
        "the environment could not be made": [
            UV,
            "venv",
            "--quiet",
            "--clear",
            "--python",
            interpreter,
            str(environment),
        ],
        "the packages could not be installed": [
            UV,
            "pip",
            "install",
            "--python",
            python,
            *options,
            "--editable",
            package,
        ],
        "the suite failed": [python, *PYTEST_ARGUMENTS],
    }
    for problem, command in steps.items():
        if not _call(command):
            return problem
    return ""


def _call(command: list[str]) -> bool:
    # Use the interpreters of this machine and download none.
    environment = {"HYPOTHESIS_PROFILE": "brief", **os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    return subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode == 0


def _refuse(problem: str) -> int:
    print(f"test_versions: {problem}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["lowest"]))

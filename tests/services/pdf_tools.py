"""Run the programs for PDF tests. ``make test-services`` installs them. If one is missing, its tests fail."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).resolve().parent
_PROGRAMS = HERE.parent.parent / "build" / "pdf_readers"
PDFJS = _PROGRAMS / "node_modules" / "pdfjs-dist"
CHECKERS = _PROGRAMS / "checkers" / "bin"
_TIMEOUT = 180
_FONT = re.compile(
    r"(\S+) +((?:CID )?(?:Type 1C?|Type 0C|TrueType|Type 3)) +(\S+) +(yes|no) +(yes|no) +(yes|no) +\d+ +\d+"
)


class Answer(NamedTuple):
    """The output of a program."""

    status: int
    output: str
    complaints: str


class EmbeddedFont(NamedTuple):
    """One line of ``pdffonts``."""

    name: str
    kind: str
    encoding: str
    is_embedded: bool
    is_subset: bool
    has_unicode: bool


def require(program: str) -> str:
    """Return the path of a program. If it is missing, the test fails."""
    path = shutil.which(program) or shutil.which(program, path=CHECKERS)
    if path is None:
        pytest.fail(f"needs {program}, which `make test-services` installs", pytrace=False)
    return path


def ask(program: str, *arguments: str | Path, text: str = "") -> Answer:
    """Run a program and return its output."""
    done = subprocess.run(
        [require(program), *map(str, arguments)],
        input=text,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=_TIMEOUT,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def read_info(path: Path) -> dict[str, str]:
    """Return the output of ``pdfinfo`` about a file, by label."""
    answer = ask("pdfinfo", "-enc", "UTF-8", path)
    assert answer.status == 0
    assert answer.complaints == ""
    return {label: value.strip() for label, _, value in (line.partition(":") for line in answer.output.splitlines())}


def list_fonts(path: Path) -> list[EmbeddedFont]:
    """Return the fonts of a file according to ``pdffonts``."""
    answer = ask("pdffonts", path)
    assert answer.status == 0
    assert answer.complaints == ""
    heading, _, *lines = answer.output.splitlines()
    assert heading.split()[:2] == ["name", "type"]
    found = []
    for line in lines:
        # Long names run into the next column.
        matched = _FONT.fullmatch(line)
        assert matched, line
        name, kind, encoding, *flags = matched.groups()
        found.append(EmbeddedFont(name, kind, encoding, *(flag == "yes" for flag in flags)))
    return found


def ask_pdfjs(paths: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return pdf.js's findings about files, by path."""
    if not PDFJS.exists():
        pytest.fail("needs pdf.js, which `make test-services` installs", pytrace=False)
    answer = ask("node", HERE / "read_pdfs.mjs", PDFJS, text="\n".join(paths))
    assert answer.status == 0, answer.complaints
    found: dict[str, dict[str, Any]] = json.loads(answer.output)
    return found

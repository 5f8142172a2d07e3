"""Installs the verifiers of badges that the tests ask: programs for Node.js, as tests/services/badges/package.json lists them.

One of them is also asked in browsers, which come from Debian.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import npm
import servers

ROOT = Path(__file__).resolve().parent.parent
DESCRIPTION = ROOT / "tests" / "services" / "badges" / "package.json"
DIRECTORY = ROOT / "build" / "badge_verifiers"
#: The Debian package that brings each program.
PROGRAMS = {"node": "nodejs", "npm": "npm", "chromium": "chromium", "firefox-esr": "firefox-esr"}


def install() -> None:
    """Install what is missing, or is there in another version.

    Raises:
        ServiceError: something cannot be had.
    """
    packages = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if packages:
        servers.install_packages(*packages)
    # Written when all of it is installed.
    marker = DIRECTORY / ".installed"
    if marker.exists() and marker.read_bytes() == DESCRIPTION.read_bytes():
        return
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    shutil.copy(DESCRIPTION, DIRECTORY)
    # LearnCard's optional packages are for telephones, and some hundreds of megabytes.
    npm.install("verifiers of badges", DIRECTORY, options=("--omit=optional",))
    shutil.copy(DESCRIPTION, marker)

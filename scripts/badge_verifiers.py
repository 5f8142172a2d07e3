"""Install the badge verifiers for the tests: Node.js programs that tests/services/badges/package.json lists.

One of them also runs in browsers, which are installed from Debian.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import npm
import servers

ROOT = Path(__file__).resolve().parent.parent
DESCRIPTION = ROOT / "tests" / "services" / "badges" / "package.json"
DIRECTORY = ROOT / "build" / "badge_verifiers"
#: The Debian package of each program.
PROGRAMS = {"node": "nodejs", "npm": "npm", "chromium": "chromium", "firefox-esr": "firefox-esr"}


def install() -> None:
    """Install what is missing or has another version.

    Raises:
        ServiceError: something cannot be installed.
    """
    packages = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    if packages:
        servers.install_packages(*packages)
    # This file is written when everything is installed.
    marker = DIRECTORY / ".installed"
    if marker.exists() and marker.read_bytes() == DESCRIPTION.read_bytes():
        return
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    DIRECTORY.mkdir(parents=True)
    shutil.copy(DESCRIPTION, DIRECTORY)
    # LearnCard's optional packages are for phones and take some hundreds of megabytes.
    npm.install("verifiers of badges", DIRECTORY, options=("--omit=optional",))
    shutil.copy(DESCRIPTION, marker)

"""Install what the browser tests need: Chromium, and axe-core from npm, which finds barriers for people with disabilities."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import npm
import servers

#: The Debian package of each program.
PROGRAMS = {"chromium": "chromium", "npm": "npm"}
#: The fonts for scripts that the pages show.
FONTS = {Path("/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf"): "fonts-noto-core"}
AXE_VERSION = "4.14.1"
DIRECTORY = Path(__file__).resolve().parent.parent / "build" / "browser"


def install() -> None:
    """Install what is missing.

    Raises:
        ServiceError: something cannot be installed.
    """
    packages = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    packages += [package for file, package in FONTS.items() if not file.exists()]
    if packages:
        servers.install_packages(*packages)
    if _find_axe_version() != AXE_VERSION:
        _install_axe()


def _find_axe_version() -> str:
    description = DIRECTORY / "node_modules" / "axe-core" / "package.json"
    return str(json.loads(description.read_bytes())["version"]) if description.exists() else ""


def _install_axe() -> None:
    npm.install(f"axe-core {AXE_VERSION}", DIRECTORY, f"axe-core@{AXE_VERSION}")


if __name__ == "__main__":
    install()

"""Install the programs for the PDF tests: Debian packages, pdf.js from npm, and checkers of accessibility from PyPI."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import npm
import servers

#: The Debian package of each program.
PROGRAMS = {
    "qpdf": "qpdf",
    "pdfinfo": "poppler-utils",
    "mutool": "mupdf-tools",
    "chromium": "chromium",
    "certutil": "libnss3-tools",
    "node": "nodejs",
    "npm": "npm",
}
#: The Debian package of each file.
FILES = {Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"): "fonts-noto-cjk"}
#: The last version that works with Debian's Node.js 18.
PDFJS_VERSION = "4.10.38"
#: They have an environment of their own, because the app must not come to rely on what they require.
CHECKERS = ("outloud==0.2.1", "pdfua==0.1.3")
DIRECTORY = Path(__file__).resolve().parent.parent / "build" / "pdf_readers"


def install() -> None:
    """Install what is missing.

    Raises:
        ServiceError: something cannot be installed.
    """
    packages = [package for program, package in PROGRAMS.items() if shutil.which(program) is None]
    packages += [package for file, package in FILES.items() if not file.exists()]
    if packages:
        servers.install_packages(*packages)
    if _find_pdfjs_version() != PDFJS_VERSION:
        _install_pdfjs()
    _install_checkers()


def _find_pdfjs_version() -> str:
    description = DIRECTORY / "node_modules" / "pdfjs-dist" / "package.json"
    return str(json.loads(description.read_bytes())["version"]) if description.exists() else ""


def _install_pdfjs() -> None:
    # The optional packages are for drawing, which these tests do not use.
    npm.install(f"pdf.js {PDFJS_VERSION}", DIRECTORY, f"pdfjs-dist@{PDFJS_VERSION}", options=("--omit=optional",))


def _install_checkers() -> None:
    directory = DIRECTORY / "checkers"
    # This file is written when everything is installed.
    marker = directory / ".installed"
    wanted = "\n".join((*CHECKERS, sys.version))
    if marker.exists() and marker.read_text() == wanted:
        return
    print("==> Installing checkers of accessibility", flush=True)
    venv.create(directory, clear=True, with_pip=True)
    command = [
        directory / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        *CHECKERS,
    ]
    done = subprocess.run(command, check=False)
    if done.returncode:
        raise servers.ServiceError("the checkers of accessibility could not be installed")
    marker.write_text(wanted)

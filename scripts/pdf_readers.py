"""Install the programs for the PDF tests: Debian packages, and pdf.js from npm."""

from __future__ import annotations

import json
import shutil
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


def _find_pdfjs_version() -> str:
    description = DIRECTORY / "node_modules" / "pdfjs-dist" / "package.json"
    return str(json.loads(description.read_bytes())["version"]) if description.exists() else ""


def _install_pdfjs() -> None:
    # The optional packages are for drawing, which these tests do not use.
    npm.install(f"pdf.js {PDFJS_VERSION}", DIRECTORY, f"pdfjs-dist@{PDFJS_VERSION}", options=("--omit=optional",))

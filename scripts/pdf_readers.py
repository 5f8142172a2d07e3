"""Installs the programs that the tests of PDFs ask: Debian's packages, and pdf.js from npm."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import servers

#: The Debian package that brings each program.
PROGRAMS = {
    "qpdf": "qpdf",
    "pdfinfo": "poppler-utils",
    "mutool": "mupdf-tools",
    "chromium": "chromium",
    "certutil": "libnss3-tools",
    "node": "nodejs",
    "npm": "npm",
}
#: The Debian package that brings each file.
FILES = {Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"): "fonts-noto-cjk"}
#: The last version that runs on Debian's Node.js 18.
PDFJS_VERSION = "4.10.38"
DIRECTORY = Path(__file__).resolve().parent.parent / "build" / "pdf_readers"
_TIMEOUT = 10 * 60


def install() -> None:
    """Install what is missing.

    Raises:
        ServiceError: something cannot be had.
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
    print(f"==> Installing pdf.js {PDFJS_VERSION}", flush=True)
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    # Its optional packages are for drawing, which the tests leave to others.
    options = ["--no-audit", "--no-fund", "--no-save", "--omit=optional", "--ignore-scripts"]
    done = subprocess.run(
        ["npm", "install", *options, "--prefix", str(DIRECTORY), f"pdfjs-dist@{PDFJS_VERSION}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_TIMEOUT,
        check=False,
    )
    if done.returncode:
        msg = f"npm could not install pdf.js:\n{done.stdout.decode(errors='replace')[-2000:]}"
        raise servers.ServiceError(msg)

"""Make the picture of a transcript in the documentation, with the options that the page on the design of certificates shows."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django  # noqa: E402

django.setup()

import pypdfium2  # noqa: E402
from PIL import Image  # noqa: E402
from reportlab.lib.pagesizes import A4, landscape  # noqa: E402
from reportlab.pdfgen.canvas import Canvas  # noqa: E402

from learning_credentials.data import Asset, AssetKind, CredentialData, IssuerData, StaticAssets  # noqa: E402
from learning_credentials.pdf import prepare_renderer  # noqa: E402

PAGE = ROOT / "docs" / "howtos" / "pdf_options.rst"
PICTURE = ROOT / "docs" / "images" / "transcript.png"
#: The names of course runs, and the grade in each. They are made up.
COURSES = (
    ("Introduction to the sea", 0.91),
    ("Tides, currents and waves", 0.875),
    ("Plankton", 0.78),
    ("Coral reefs: their animals and plants, their history, and what threatens them", 0.94),
    ("Fish and fisheries", 0.835),
    ("Whales and seals", 0.97),
    ("Life in the deep sea", 0.765),
    ("Chemistry of sea water", 0.82),
    ("Statistics for marine biologists", 0.715),
    ("Excursion to the coast", 0.99),
)
_SCALE = 0.72
_GAP, _PAPER = 12, "#8b95a1"


def main() -> None:
    """Write the picture."""
    options = json.loads(_read_options())
    assets = StaticAssets({"diploma": Asset.of("diploma", AssetKind.PDF_TEMPLATE, _make_template())})
    steps = {
        f"course-v1:Demo+Sea{number}+2026": {"name": name, "is_met": True, "current_grades": {"Total": grade}}
        for number, (name, grade) in enumerate(COURSES, start=1)
    }
    credential = CredentialData(
        verify_uuid=UUID("8a6e0804-2bd0-4672-b79d-d97027f9071a"),
        verify_url="https://credentials.example.org/credentials/8a6e0804-2bd0-4672-b79d-d97027f9071a/",
        verify_code="7K3QF-9XW2M",
        user_full_name="Ada Example",
        learning_context_key="path-v1:Demo+Sea+2026",
        learning_context_name="Marine Biology",
        credential_type_name="Diploma",
        issued_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
        issue_date=date(2026, 11, 22),
        assets=assets,
        issuer=IssuerData(name="Example University"),
        evidence={"steps": steps, "grade": 0.861},
        grade_decimals=options["grade_decimals"],
    )
    artifact = prepare_renderer(options, assets)(credential)
    with pypdfium2.PdfDocument(artifact.content) as document:
        pages = [page.render(scale=_SCALE).to_pil().convert("RGB") for page in document]
    width = sum(page.width for page in pages) + _GAP * (len(pages) + 1)
    sheet = Image.new("RGB", (width, max(page.height for page in pages) + 2 * _GAP), _PAPER)
    left = _GAP
    for page in pages:
        sheet.paste(page, (left, _GAP))
        left += page.width + _GAP
    sheet.quantize(128, dither=Image.Dither.NONE).save(PICTURE, optimize=True)
    print(f"wrote {PICTURE.relative_to(ROOT)} ({PICTURE.stat().st_size // 1024} KiB, {len(pages)} pages)")


def _read_options() -> str:
    """Return the JSON of the example on the page."""
    matched = re.search(r"\.\. _transcript-options:.*?code-block:: json\n\n(.*?)\n\n\S", PAGE.read_text(), re.DOTALL)
    if matched is None:
        msg = f"{PAGE.name} has no example of a transcript"
        raise SystemExit(msg)
    return matched[1]


def _make_template() -> bytes:
    """Return a PDF with a page in landscape for the certificate, and one upright for the transcript."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for size in (landscape(A4), A4):
        width, height = size
        canvas.setPageSize(size)
        canvas.setFillColor("#fdfcf8")
        canvas.rect(0, 0, width, height, stroke=0, fill=1)
        canvas.setStrokeColor("#b8994f")
        canvas.setLineWidth(1.5)
        canvas.rect(24, 24, width - 48, height - 48)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


if __name__ == "__main__":
    main()

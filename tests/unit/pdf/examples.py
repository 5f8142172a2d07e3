"""The examples of certificates in the documentation: their options are in ``docs/examples``, and what they certify is here."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from learning_credentials.data import (
    Asset,
    AssetKind,
    CredentialData,
    FieldData,
    FieldKind,
    IssuerData,
    SignatoryData,
    StaticAssets,
)
from learning_credentials.generators.pdf import prepare_certificates

if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECTORY = Path(__file__).resolve().parents[3] / "docs" / "examples"
_VERIFY_UUID = UUID("8a6e0804-2bd0-4672-b79d-d97027f9071a")
_NAVY = "#12395b"

_SIGNATURES = (
    "M6 40c14-34 26-34 20-4s22 8 30-12 10-6 4 10 22 4 34-10 26 12 60 2",
    "M8 30c20-26 34-18 22 2s-16 16 6 2 30-30 34-8-14 24 10 4 30-14 70-4",
    "M6 20c30 30 40 20 44-6s14 10 12 26 24-34 38-22 18 20 70-4",
)


def _draw_signature(line: str) -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 180 56" width="180" height="56">'
        f'<path d="{line}" fill="none" stroke="{_NAVY}" stroke-width="2.5" stroke-linecap="round"/></svg>'
    ).encode()


def _make_form() -> bytes:
    """Make an A4 page with fields for the name, the course, the date, the hours, and one that nothing fills."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    width, height = A4
    canvas.setStrokeColor(_NAVY)
    canvas.setLineWidth(3)
    canvas.rect(36, 36, width - 72, height - 72)
    canvas.setFillColor(_NAVY)
    canvas.setFont("Times-Bold", 34)
    canvas.drawCentredString(width / 2, 690, "Diploma")
    canvas.setFont("Times-Roman", 12)
    for y, label in ((600, "Name"), (500, "Course"), (400, "Date"), (340, "Hours of study")):
        canvas.drawString(90, y, label)
    places = (
        ("name", 550, 40, "multiline"),
        ("context", 430, 60, "multiline"),
        ("issue_date", 392, 24, ""),
        ("hours", 332, 24, ""),
        ("remarks", 250, 60, "multiline"),
    )
    for name, y, field_height, flags in places:
        canvas.acroForm.textfield(
            name=name,
            x=200 if field_height == 24 else 90,
            y=y,
            width=215 if field_height == 24 else 415,
            height=field_height,
            fontName="Times-Roman",
            fontSize=14 if field_height == 24 else 24,
            borderWidth=0,
            fieldFlags=flags,
        )
    canvas.save()
    return buffer.getvalue()


def _make_pages() -> bytes:
    """Make a page in landscape format for a certificate, and one in portrait format for its transcript."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for size in (landscape(A4), A4):
        width, height = size
        canvas.setPageSize(size)
        canvas.setStrokeColor(_NAVY)
        canvas.setLineWidth(3)
        canvas.rect(24, 24, width - 48, height - 48)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


ASSETS = StaticAssets(
    {
        "diploma-with-transcript": Asset.of("diploma-with-transcript", AssetKind.PDF_TEMPLATE, _make_pages()),
        "diploma-form": Asset.of("diploma-form", AssetKind.PDF_TEMPLATE, _make_form()),
        **{
            f"signature-{number}": Asset.of(f"signature-{number}", AssetKind.IMAGE, _draw_signature(line))
            for number, line in enumerate(_SIGNATURES, start=1)
        },
    }
)

_PEOPLE = (
    ("Zoë Adjei-Łukasiewicz", "Dean of the Faculty of Marine Sciences", "Example University"),
    ("Tomáš Öztürk", "Head of the Department of Coastal Ecology", "Example University"),
    ("Nguyễn Thị Ánh Dương", "Professor of Oceanography", "Institute of the Example Sea"),
    ("Kwame Mensah-Oyelaran", "Director of Studies", "Example Academy"),
    ("Σοφία Παπαδοπούλου", "Registrar", "Example University"),
    ("María José Ñandú", "Coordinator of the joint programme", "Institute of the Example Sea"),
)
_DURATION = FieldData(name="hours", label="Hours of study", kind=FieldKind.DURATION, value="PT120H")
_CREDITS = FieldData(name="credits", label="Credits", kind=FieldKind.NUMBER, value=4.5)

_COURSES = {
    "Introduction to the sea": 0.91,
    "Tides, currents and waves": 0.875,
    "Plankton": 0.78,
    "Coral reefs: their animals and plants, their history, what threatens them, and what can be done about it": 0.94,
    "Fish and fisheries": 0.835,
    "Whales and seals": 0.97,
    "Life in the deep sea": 0.765,
    "Chemistry of sea water": 0.82,
    "Statistics for marine biologists": 0.715,
    "Excursion to the coast": 0.99,
}

#: What the examples certify, by the name of their options.
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "long_texts": {
        "user_full_name": "Maximiliana Konstantinopolitanische-Sesquipedalia "
        "von und zu Hinterzartenbach-Oberunterammergau-Weitenfelden",
        "learning_context_name": "Foundations of Marine Biology: Habitats, Food Webs and the Long-Term Monitoring of Coastal and "
        "Estuarine Ecosystems under Changing Conditions",
        "issuer": IssuerData("Example University of Marine, Coastal and Polar Sciences"),
    },
    "six_signatories": {
        "signatories": tuple(
            SignatoryData(*person, signature=f"signature-{number % len(_SIGNATURES) + 1}")
            for number, person in enumerate(_PEOPLE)
        )
    },
    "arabic": {
        "user_full_name": "ليلى بنت سالم الزهراني",
        "learning_context_name": "مدخل إلى الأحياء البحرية",
        "credential_type_name": "شهادة إتمام",
        "issuer": IssuerData("جامعة المثال"),
        "language": "ar",
        "signatories": (SignatoryData("هادي الشمري", "عميد الكلية", "جامعة المثال", "signature-1"),),
    },
    "bilingual": {
        "learning_context_name": "Grundlagen der Meeresbiologie",
        "credential_type_name": "Zertifikat / Certificate",
        "issuer": IssuerData("Beispieluniversität"),
    },
    "hours": {"custom_fields": (_DURATION, _CREDITS)},
    "transcript": {
        "learning_context_name": "Marine Biology",
        "grade_decimals": 1,
        "evidence": {
            "steps": {
                f"course-v1:Example+SEA{number}+2026": {"name": name, "current_grades": {"Total": grade}}
                for number, (name, grade) in enumerate(_COURSES.items(), start=1)
            },
            "grade": 0.861,
        },
    },
    "filled_form": {
        "user_full_name": "சுமதி வெங்கடேஸ்வரன்",
        "custom_fields": (_DURATION,),
    },
}


def read_options(name: str) -> dict[str, Any]:
    """Return the options of an example, as the documentation shows them."""
    options: dict[str, Any] = json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    return options


def draw(name: str) -> bytes:
    """Return the certificate of an example."""
    values = {
        "verify_uuid": _VERIFY_UUID,
        "verify_url": f"https://credentials.example.org/credentials/{_VERIFY_UUID}/",
        "verify_code": "7K3QF-9XW2M",
        "user_full_name": "Zoë Adjei-Łukasiewicz",
        "learning_context_key": "course-v1:Example+BIO101+2026",
        "learning_context_name": "Foundations of Marine Biology",
        "credential_type_name": "Certificate of Achievement",
        "issued_at": datetime(2026, 6, 1, 12, tzinfo=UTC),
        "issue_date": date(2026, 6, 1),
        "assets": ASSETS,
        "issuer": IssuerData("Example University"),
        "signatories": (SignatoryData(*_PEOPLE[0], signature="signature-1"),),
        **EXAMPLES[name],
    }
    artifact = prepare_certificates(read_options(name), ASSETS)(CredentialData(**values))
    assert not artifact.warnings, artifact.warnings
    return bytes(artifact.content)

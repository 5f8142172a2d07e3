"""Make credentials that show everything that the pages can show."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from learning_credentials.data import Asset, AssetKind, CredentialData, IssuerData, SignatoryData, StaticAssets
from learning_credentials.generators import generate_pdf_credential
from tests.factories import (
    CredentialAssetFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    UserFactory,
)

if TYPE_CHECKING:
    from learning_credentials.models import Credential, CredentialType

EMBLEM = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">
<path fill="#12395b" d="M48 2l40 14v32c0 24-18 38-40 46C26 86 8 72 8 48V16z"/>
<path fill="none" stroke="#f2c14e" stroke-width="5" d="M24 58c8-8 16-8 24 0s16 8 24 0M24 44c8-8 16-8 24 0s16 8 24 0"/></svg>"""
LOGO = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 48" width="200" height="48">
<circle cx="24" cy="24" r="20" fill="#12395b"/><path d="M8 28c8-8 24-8 32 0" fill="none" stroke="#fff" stroke-width="4"/>
<path d="M56 16h120M56 30h84" stroke="#12395b" stroke-width="6"/></svg>"""
ISSUED_AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
OPTIONS = {
    "accent": "#0f7b8a",
    "intro": {
        "default": "Certificates of the faculty are awarded after an examination in person.",
        "ar": "تُمنح شهادات الكلية بعد امتحان حضوري.",
    },
}


def make_type(**kwargs: Any) -> CredentialType:
    """Return a type with everything that the page can show. Given values replace the defaults."""
    values = {
        "name": "Certificate of Achievement",
        "description": "Plans and carries out surveys of coastal habitats, and judges reefs by what was counted.",
        "criteria": "Passes the examination with 60% or more.\nCompletes all eight field exercises.",
        "badge_shows_results": True,
        "image": CredentialAssetFactory(content=EMBLEM, filename="emblem.svg"),
        "page_options": OPTIONS,
        **kwargs,
    }
    row: CredentialType = CredentialConfigurationFactory(
        **{f"credential_type__{name}": value for name, value in values.items()}
    ).credential_type
    return row


def make_credential(
    name: str = "Zoë Adjei-Łukasiewicz",
    *,
    context: str = "Foundations of Marine Biology",
    language: str = "",
    **kwargs: Any,
) -> Credential:
    """Return a credential with a real certificate. Arguments with ``type_`` are values of its type."""
    options = {key.removeprefix("type_"): kwargs.pop(key) for key in list(kwargs) if key.startswith("type_")}
    credential_type = make_type(**options)
    logo = CredentialAssetFactory(content=LOGO, filename="logo.svg").slug
    issuer = {
        "name": kwargs.pop("issuer_name", "Example University"),
        "url": "https://university.example.org",
        "email": "",
        "logo": logo,
    }
    state = kwargs.pop("state", "available")
    row: Credential = CredentialFactory(
        **{state: True},
        user=kwargs.pop("user", None) or UserFactory(),
        configuration=credential_type.configurations.get(),
        user_full_name=name,
        learning_context_name=context,
        issuer=issuer,
        evidence={"current_grades": {"Total": 0.92}, "letter_grade": "A", "current_completion": 1.0},
        artifact_media_type="application/pdf",
        content=make_certificate(name, context, credential_type.name, issuer["name"], language),
        **kwargs,
    )
    return row


def make_arabic(**kwargs: Any) -> Credential:
    """Return the same credential in Arabic."""
    return make_credential(
        "ليلى بنت يوسف الأنصاري",
        context="أساسيات علم الأحياء البحرية",
        language="ar",
        issuer_name="جامعة المثال",
        type_name=kwargs.pop("type_name", "شهادة إنجاز"),
        type_description="تخطيط مسوح الموائل الساحلية وتنفيذها، والحكم على حالة الشعاب المرجانية بما أُحصي فيها.",
        type_criteria="اجتياز الامتحان بنسبة 60% على الأقل.\nإكمال التمارين الميدانية الثمانية كلها.",
        **kwargs,
    )


def make_certificate(name: str, context: str, type_name: str, issuer_name: str, language: str) -> bytes:
    """Return the app's PDF with these values."""
    credential = CredentialData(
        verify_uuid="8a6e0804-2bd0-4672-b79d-d97027f9071a",  # type: ignore[arg-type]
        verify_url="https://credentials.example.org/credentials/8a6e0804-2bd0-4672-b79d-d97027f9071a/",
        verify_code="7K3QF-9XW2M",
        user_full_name=name,
        learning_context_key="course-v1:Example+Marine+2026",
        learning_context_name=context,
        credential_type_name=type_name,
        issued_at=ISSUED_AT,
        issue_date=date(2026, 6, 1),
        assets=StaticAssets({"logo": Asset.of("logo", AssetKind.IMAGE, b"")}),
        issuer=IssuerData(name=issuer_name),
        signatories=(
            SignatoryData("Prof. Ada Example", "Dean", issuer_name),
            SignatoryData("Dr. Max Muster", "Registrar", issuer_name),
        ),
        language=language,
    )
    return generate_pdf_credential(credential, {}).content

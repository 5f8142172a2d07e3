"""Draws a sample of a font, so that operators choose it by its look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from learning_credentials.data import CredentialData
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.pdf import lay_out, prepare_renderer
from learning_credentials.services.public import draw_page

#: The height of the letters and of the picture, in points, and pixels per point.
_SIZE, _HEIGHT, _SCALE = 16, 26, 2.0
_LEFT, _BASELINE, _WIDTH = 6, 300, 220
_TEXT = "Zoë Adjei 2026"
_HIDDEN = (
    "issuer",
    "heading",
    "intro",
    "name",
    "completed",
    "context",
    "date",
    "date_label",
    "verification_label",
    "verification",
    "verification_code",
)
#: What some fonts without Latin letters of their own would otherwise show in letters of another font.
_SAMPLES = {
    "Arabic": "السلام عليكم",
    "Armenian": "Հայերեն",
    "Bengali": "বাংলা লিপি",
    "Devanagari": "देवनागरी",
    "Emoji": "★ ✓ ☺",
    "Ethiopic": "ኢትዮጵያ",
    "Georgian": "ქართული",
    "Gujarati": "ગુજરાતી",
    "Gurmukhi": "ਗੁਰਮੁਖੀ",
    "Hebrew": "שלום עליכם",
    "Kannada": "ಕನ್ನಡ",
    "Khmer": "ភាសាខ្មែរ",
    "Lao": "ພາສາລາວ",
    "Malayalam": "മലയാളം",
    "Myanmar": "မြန်မာ",
    "Sinhala": "සිංහල",
    "Tamil": "தமிழ்",
    "Telugu": "తెలుగు",
    "Thai": "ภาษาไทย",
    "Tibetan": "བོད་ཡིག",
}


def draw_font(name: str) -> bytes:
    """Return a PNG with some letters of a font, drawn by the engine.

    Args:
        name: as in the options: a built-in font or the slug of an asset, with a face or weight after a ``#``.

    Raises:
        OptionsError, AssetError: there is no such font, or it cannot be used.
        StorageUnavailableError: it could not be read.
    """
    text = next((sample for script, sample in _SAMPLES.items() if script in name), _TEXT)
    assets = DatabaseAssets()
    options: dict[str, Any] = {
        "print_template": False,
        "protection": "none",
        "signatures": False,
        "qr": False,
        "undrawable_text": "print",
        "text_elements": {
            **dict.fromkeys(_HIDDEN, False),
            "sample": {
                "text": text,
                "x": _LEFT,
                "y": _BASELINE,
                "align": "left",
                "size": _SIZE,
                "font": name,
                "max_width": _WIDTH - 2 * _LEFT,
            },
        },
    }
    moment = datetime(2026, 6, 1, 12, tzinfo=UTC)
    data = CredentialData(
        verify_uuid=UUID(int=0),
        verify_url="",
        user_full_name="",
        learning_context_key="",
        learning_context_name="",
        credential_type_name="",
        issued_at=moment,
        issue_date=moment.date(),
        assets=assets,
    )
    width, height = lay_out(options, assets, data).pages[0]
    bottom = _BASELINE - _HEIGHT * 0.32
    crop = (0, bottom, width - _WIDTH, height - bottom - _HEIGHT)
    return draw_page(prepare_renderer(options, assets)(data).content, 0, _SCALE, crop=crop)

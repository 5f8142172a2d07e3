"""Define the elements that are drawn by default, and their places.

Operators' own templates rely on the places and sizes in `ELEMENTS`, so these must not change. The built-in page is laid out around
them. It adds elements in the same format, so that operators can change or hide each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from learning_credentials.pdf.page.text_style import Room
from learning_credentials.pdf.template.colors import ACCENT, GOLD, INK, MUTED

if TYPE_CHECKING:
    from collections.abc import Mapping

ELEMENTS: Mapping[str, Mapping[str, Any]] = {
    "name": {"text": "{name}", "y": 290, "size": 32},
    "context": {"text": "{context_name}", "y": 220, "size": 28, "role": "title"},
    "date": {"text": "{issue_date}", "y": 120, "size": 12},
}

BUILTIN_ELEMENTS: Mapping[str, Mapping[str, Any]] = {
    "issuer": {
        "text": "{issuer_name}",
        "y": 482,
        "max_width": 700,
        "size": 14,
        "char_space": 2.5,
        "uppercase": True,
        "font": "NotoSans",
        "color": MUTED,
    },
    "heading": {
        "text": "{credential_type}",
        "y": 414,
        "size": 38,
        "font": "NotoSerif-Bold",
        "color": INK,
        "max_width": 600,
        "role": "title",
    },
    "intro": {
        "text": _("This is to certify that"),
        "y": 346,
        "size": 13,
        "font": "NotoSerif",
        "color": MUTED,
        "max_width": 600,
    },
    "name": {**ELEMENTS["name"], "font": "NotoSerif-Bold", "color": ACCENT, "max_width": 580},
    "completed": {
        "text": _("has successfully completed"),
        "y": 257,
        "size": 12,
        "font": "NotoSerif",
        "color": MUTED,
        "max_width": 600,
    },
    "context": {**ELEMENTS["context"], "font": "NotoSerif", "color": INK, "max_width": 580, "role": "heading"},
    "date": {**ELEMENTS["date"], "font": "NotoSerif", "color": INK, "max_width": 150},
    "date_label": {
        "text": _("Date of issue"),
        "y": 101,
        "size": 8.5,
        "font": "NotoSans",
        "color": MUTED,
        "max_width": 150,
    },
    "verification_label": {
        "text": _("Verify this credential at this address, or by its code"),
        "y": 63,
        "size": 7,
        "font": "NotoSans",
        "color": MUTED,
        "max_width": 520,
    },
    "verification": {
        "text": "{verify_url}",
        "y": 53,
        "size": 7.5,
        "font": "NotoSans",
        "color": MUTED,
        "max_width": 520,
    },
    "verification_code": {
        "text": "{verify_code}",
        "x": 746,
        "y": 45,
        "size": 9,
        "char_space": 0.4,
        "font": "NotoSans",
        "color": INK,
        "max_width": 104,
    },
}

#: The texts below the signatories.
BUILTIN_FOOTER = (
    "text_elements.verification_label",
    "text_elements.verification",
    "text_elements.verification_code",
)

BUILTIN_QR: Mapping[str, Any] = {"x": 704, "y": 56, "size": 84, "color": INK}

BUILTIN_LOGO: Mapping[str, Any] = {"x": 320.9, "y": 504, "width": 200, "height": 38}

#: What the lines of each element can cover. Nothing else is drawn there: the frame of the page begins at 36, the ornament below the issuer
#: is between 459 and 471, and the signatories are between 72 and the context.
BUILTIN_ROOMS: Mapping[str, Room] = {
    "issuer": Room(472.5, 502),
    "heading": Room(366, 457.5, prefers_lines=True),
    "intro": Room(337.5, 361),
    "name": Room(278.5, 336.5, prefers_lines=True),
    "completed": Room(250, 275.5),
    "context": Room(156, 249, is_above_signatories=True, prefers_lines=True),
    "date": Room(115.5, 150),
    "date_label": Room(72.5, 112.5),
    "verification_label": Room(61, 71),
    "verification": Room(38, 60.5),
    "verification_code": Room(38, 55.5),
}

#: Rules below elements: left end, height, width and colour.
BUILTIN_RULES: Mapping[str, tuple[float, float, float, str]] = {
    "name": (130.9, 277, 580, GOLD),
    "date": (345.9, 114, 150, MUTED),
}

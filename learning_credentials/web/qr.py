"""QR codes as SVG."""

from __future__ import annotations

import io

import segno

MODULE_SIZE = 4
#: Modules of white around the code, as ISO/IEC 18004 asks for; drawn white also on a dark page, or readers fail.
QUIET_ZONE = 4


def make_qr_code(text: str) -> bytes:
    """Return a QR code as a complete SVG document that also may stand inside HTML: no declaration, no script, no style."""
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        buffer,
        kind="svg",
        scale=MODULE_SIZE,
        border=QUIET_ZONE,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return buffer.getvalue()

"""Make QR codes as SVG."""

from __future__ import annotations

import io

import segno

MODULE_SIZE = 4
#: White modules around the code, as ISO/IEC 18004 requires. They stay white on a dark page, because readers fail otherwise.
QUIET_ZONE = 4


def make_qr_code(text: str) -> bytes:
    """Return a QR code as a complete SVG document. HTML can also contain it: it has no declaration, script or style."""
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

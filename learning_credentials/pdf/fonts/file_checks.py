"""Check whether a font file can be embedded."""

from __future__ import annotations

import io
from typing import Any

from learning_credentials.exceptions import AssetError

_RESTRICTED = 0x0002
_PREVIEW_OR_EDITABLE = 0x000C
_NO_SUBSETTING = 0x0100
_BITMAP_ONLY = 0x0200

#: Bytes. The outlines of larger fonts are not checked here, because that would take seconds.
LARGE = 4 * 1024 * 1024


def check_signature(signature: bytes) -> None:
    """Check that a file begins like a font that can be embedded.

    Raises:
        AssetError: it does not. The message says why.
    """
    reasons = {
        b"wOFF": "the file is a web font (WOFF). Upload the font as .ttf or .otf",
        b"wOF2": "the file is a web font (WOFF2). Upload the font as .ttf or .otf",
    }
    if signature in reasons:
        raise AssetError(reasons[signature])
    if signature not in {b"\x00\x01\x00\x00", b"true", b"OTTO", b"ttcf"}:
        raise AssetError("the file is not a TrueType or OpenType font")


def check_tables(content: bytes, index: int) -> None:
    """Check that a face (from 0) has all tables and that its licence allows embedding.

    Raises:
        AssetError: a table is missing, or embedding is not allowed.
        Exception: any other error means that the font is broken.
    """
    from fontTools.ttLib import TTFont

    # HarfBuzz checks what it reads while it draws. These checks tell operators about mistakes early and clearly.
    is_lazy = len(content) > LARGE
    with TTFont(io.BytesIO(content), lazy=is_lazy, recalcTimestamp=False, fontNumber=index) as font:
        outlines = next(((tag,) for tag in ("CFF ", "CFF2") if tag in font), ("glyf", "loca"))
        required = ("cmap", *outlines, "head", "hhea", "hmtx", "maxp")
        if absent := [tag for tag in sorted(required) if tag not in font]:
            msg = f"the font lacks the tables {', '.join(absent)}"
            raise AssetError(msg)
        if not font.getBestCmap():
            raise AssetError("the font has no Unicode character map")
        _check_permissions(font)
        if not is_lazy:
            for tag in required:
                font[tag]


def _check_permissions(font: Any) -> None:
    usage = font["OS/2"].fsType if "OS/2" in font else 0
    if usage & _RESTRICTED and not usage & _PREVIEW_OR_EDITABLE:
        raise AssetError("the font's licence bits (OS/2 fsType) forbid embedding")
    if usage & _NO_SUBSETTING:
        raise AssetError("the font's licence bits (OS/2 fsType) forbid subsetting, which embedding needs")
    if usage & _BITMAP_ONLY:
        raise AssetError("the font's licence bits (OS/2 fsType) allow embedding of bitmaps only")

"""QR codes, for certificates and pages alike: which modules are dark, and an SVG document that draws them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A QR code needs this many white modules around it (ISO/IEC 18004). They stay white on a dark page, or readers fail.
QUIET_ZONE = 4
#: Translates a grey image of a code with one byte a module: dark modules become ``#``.
_DARKNESS = bytes(ord("#") if level < 128 else ord(".") for level in range(256))  # noqa: PLR2004
_RUN = re.compile(b"#+")
_MODULE_SIZE = 4


class Run(NamedTuple):
    """Dark modules beside each other. Rows count from the top, and modules from the left."""

    row: int
    start: int
    length: int


class QRModules(NamedTuple):
    """A QR code without its quiet zone: how many modules a side has, and the runs of dark modules."""

    width: int
    runs: Sequence[Run]


def find_modules(text: str) -> QRModules:
    """Return the modules of the QR code of a text, with error correction level M."""
    import zxingcpp

    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels: Any = code.to_image(scale=1, add_quiet_zones=False)
    height, width = pixels.shape
    dark = bytes(memoryview(pixels)).translate(_DARKNESS)
    runs = [
        Run(row, run.start() - row * width, run.end() - run.start())
        for row in range(height)
        for run in _RUN.finditer(dark, row * width, (row + 1) * width)
    ]
    return QRModules(width, runs)


def draw_svg(text: str, *, border: int = QUIET_ZONE, has_size: bool = True) -> str:
    """Return a QR code as an SVG document that can also stand inside HTML or SVG: no declaration, no script, no style.

    Args:
        text: what a reader of the code finds.
        border: white modules around the code.
        has_size: whether the document has a size of its own, in pixels. Without it, the document fills the place where it stands.
    """
    width, runs = find_modules(text)
    size = (width + 2 * border) * _MODULE_SIZE
    dimensions = f' width="{size}" height="{size}"' if has_size else ""
    lines = "".join(f"M{run.start + border} {run.row + border}.5h{run.length}" for run in runs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{dimensions} viewBox="0 0 {size} {size}">'
        f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/>'
        f'<path transform="scale({_MODULE_SIZE})" stroke="#000" d="{lines}"/></svg>\n'
    )

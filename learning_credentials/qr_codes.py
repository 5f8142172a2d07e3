"""QR codes, for certificates and pages alike: which modules are dark, and an SVG document that draws them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A QR code needs this many white modules around it (ISO/IEC 18004). They stay white on a dark page, or readers fail.
QUIET_ZONE = 4
#: Translates a grey image of a code with one byte a module: dark modules become ``#``.
_DARKNESS = bytes(ord("#") if level < 128 else ord(".") for level in range(256))  # noqa: PLR2004
_RUN = re.compile(b"#+")
_MODULE_SIZE = 4


#: Dark modules beside each other: the row from the top, the first module from the left, and their number. It is a plain tuple, because to
#: make hundreds of other objects for each code takes as long as to find the modules.
Run = tuple[int, int, int]


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
    rows = (dark[row * width : (row + 1) * width] for row in range(height))
    runs = [(row, run.start(), len(run[0])) for row, modules in enumerate(rows) for run in _RUN.finditer(modules)]
    return QRModules(width, runs)


@lru_cache(maxsize=128)
def draw_svg(text: str, *, border: int = QUIET_ZONE, has_size: bool = True) -> str:
    """Return a QR code as an SVG document that can also stand inside HTML or SVG: no declaration, no script, no style.

    The drawings of a few texts stay in memory. They depend on nothing but the text.

    Args:
        text: what a reader of the code finds.
        border: white modules around the code.
        has_size: whether the document has a size of its own, in pixels. Without it, the document fills the place where it stands.
    """
    width, runs = find_modules(text)
    size = (width + 2 * border) * _MODULE_SIZE
    dimensions = f' width="{size}" height="{size}"' if has_size else ""
    lines = "".join([f"M{start + border} {row + border}.5h{length}" for row, start, length in runs])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{dimensions} viewBox="0 0 {size} {size}">'
        f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/>'
        f'<path transform="scale({_MODULE_SIZE})" stroke="#000" d="{lines}"/></svg>\n'
    )

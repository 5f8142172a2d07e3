"""Draw the pictures of the documentation's page of examples, with the options in ``docs/examples``.

Run this script after a change of what certificates look like.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django  # noqa: E402

django.setup()

import pypdfium2  # noqa: E402
from PIL import Image  # noqa: E402

from tests.unit.pdf.examples import EXAMPLES, draw  # noqa: E402

IMAGES = ROOT / "docs" / "images"
#: Pixels for each point of a page, and colours of a picture.
_SCALE, _COLORS = 1.2, 128


def main() -> None:
    """Draw each page of each example."""
    for old in IMAGES.glob("example_*.png"):
        old.unlink()
    for name in EXAMPLES:
        with pypdfium2.PdfDocument(draw(name)) as document:
            for number, page in enumerate(document, start=1):
                picture = page.render(scale=_SCALE).to_pil().convert("RGB")
                path = IMAGES / f"example_{name}{f'_{number}' if len(document) > 1 else ''}.png"
                picture.quantize(_COLORS, dither=Image.Dither.NONE).save(path, optimize=True)
                print(f"wrote {path.relative_to(ROOT)} ({path.stat().st_size // 1024} KiB)")


if __name__ == "__main__":
    main()

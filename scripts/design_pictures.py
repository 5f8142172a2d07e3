"""Draw the pictures of the designs that operators choose from. Run it after a change to a design, and look at the pictures."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "learning_credentials" / "static" / "learning_credentials" / "admin" / "designs"
LONG_SIDE = 640
QUALITY = 82


def draw(name: str) -> bytes:
    """Return the picture of a design as WebP."""
    import pypdfium2

    from learning_credentials.pdf import DESIGN_COLOUR
    from learning_credentials.services.desk import preview_design

    content = preview_design(name, colour=DESIGN_COLOUR, paper="A4", language="en")
    with pypdfium2.PdfDocument(content) as document:
        page = document[0]
        image = page.render(scale=LONG_SIDE / max(page.get_size())).to_pil().convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, method=6)
    return buffer.getvalue()


def main() -> None:
    """Write all pictures."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from learning_credentials.pdf import DESIGN_NAMES

    PICTURES.mkdir(exist_ok=True)
    for name in DESIGN_NAMES:
        picture = draw(name)
        (PICTURES / f"{name}.webp").write_bytes(picture)
        print(f"{name}: {len(picture):,} bytes")


if __name__ == "__main__":
    main()

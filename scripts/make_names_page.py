"""Make the content of the documentation's page on names: a picture of each name beside a browser's, and a table of what programs read.

Run this script after a change of the engine's text or of the names in ``tests/services/pdf_names.py``. ``make test-services`` installs the
needed programs and checks the same.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django  # noqa: E402

django.setup()

from PIL import Image, ImageDraw, ImageFont, ImageOps  # noqa: E402

from tests.services.pdf_names import CJK, NAMES  # noqa: E402
from tests.services.pdf_pictures import compare, draw_ours, draw_unshaped, draw_with_browser, make_pdf_of  # noqa: E402
from tests.services.pdf_texts import FLAWS, READERS, clean, read_all  # noqa: E402

PICTURE = ROOT / "docs" / "images" / "names.png"
TABLE = ROOT / "docs" / "references" / "names_measured.inc"

#: Sizes in pixels. Each name is drawn at the largest size that fits into its column.
LABELS, COLUMN, ROW, MARGIN = 260, 480, 62, 14
TEXT_SIZE = 20
#: Pictures of names are this many times larger than they are shown.
SHRINK = 0.45
_GREYS = 16


def main() -> None:
    """Write the picture and the table."""
    keys = list(NAMES)
    with tempfile.TemporaryDirectory() as directory:
        theirs = dict(zip(keys, draw_with_browser(list(NAMES.values()), Path(directory)), strict=True))
        ours = {key: draw_ours(name) for key, name in NAMES.items()}
        found = read_all({key: make_pdf_of(name) for key, name in NAMES.items()}, Path(directory))
    unshaped = {
        key: draw_unshaped(name.text, name.fonts[0])
        for key, name in NAMES.items()
        if name.is_shaped and len(name.fonts) == 1
    }
    _write_picture({"in our PDFs": ours, "in a browser": theirs, "letter by letter": unshaped})
    scores = {key: compare(ours[key], theirs[key]) for key in keys}
    TABLE.write_text("\n".join(_list_rows(scores, found)) + "\n")
    print(f"wrote {PICTURE.relative_to(ROOT)} ({PICTURE.stat().st_size // 1024} KiB) and {TABLE.relative_to(ROOT)}")


def _write_picture(columns: dict[str, dict[str, Image.Image]]) -> None:
    sheet = Image.new("L", (LABELS + len(columns) * COLUMN, (len(NAMES) + 1) * ROW), "white")
    draw = ImageDraw.Draw(sheet)
    font = _open_font("NotoSans-Regular.ttf")
    heading = _open_font("NotoSans-Bold.ttf")
    lefts = dict(zip(columns, range(LABELS + MARGIN, sheet.width, COLUMN), strict=True))
    for title, left in lefts.items():
        draw.text((left, ROW // 2), title, fill="black", font=heading, anchor="lm")
    for row, key in enumerate(NAMES, start=1):
        top = row * ROW
        draw.line((0, top, sheet.width, top), fill="#bbbbbb")
        draw.text((MARGIN, top + ROW // 2), key, fill="#444444", font=font, anchor="lm")
        for title, pictures in columns.items():
            if key in pictures:
                picture = _fit(pictures[key])
                sheet.paste(picture, (lefts[title], top + (ROW - picture.height) // 2))
    sheet.quantize(_GREYS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


def _open_font(file: str) -> ImageFont.FreeTypeFont:
    content = (files("learning_credentials.pdf") / "fonts" / file).read_bytes()
    return ImageFont.truetype(io.BytesIO(content), TEXT_SIZE)


def _fit(ink: Image.Image) -> Image.Image:
    factor = min(SHRINK, (COLUMN - 2 * MARGIN) / ink.width, (ROW - 6) / ink.height)
    size = (max(1, round(ink.width * factor)), max(1, round(ink.height * factor)))
    return ImageOps.invert(ink).resize(size, Image.Resampling.LANCZOS)


def _list_rows(scores: dict[str, float], found: dict[str, dict[str, str]]) -> list[str]:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    lines += _list_cells(("Name", "Fonts", "Alike", *READERS))
    for key, name in NAMES.items():
        fonts = ", ".join("Noto Sans CJK" if font == CJK else font for font in name.fonts)
        read = (_say(reader, key, found) for reader in READERS)
        lines += _list_cells((f"| {key}\n       | {name.text}", fonts, f"{scores[key]:.2f}", *read))
    return lines


def _list_cells(cells: tuple[str, ...]) -> list[str]:
    return [f"   {'* -' if index == 0 else '  -'} {cell}".rstrip() for index, cell in enumerate(cells)]


def _say(reader: str, key: str, found: dict[str, dict[str, str]]) -> str:
    if clean(found[reader][key]) == clean(NAMES[key].text):
        return "yes"
    flaw = FLAWS[reader].get(key)
    return flaw.name.lower() if flaw else "no"


if __name__ == "__main__":
    main()

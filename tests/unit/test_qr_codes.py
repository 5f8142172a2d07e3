"""QR codes: readers find the text, and the SVG draws the same modules as the PDF."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from PIL import Image

from learning_credentials.qr_codes import QUIET_ZONE, draw_svg, find_modules

URL = "https://credentials.example.org/credentials/526f546b-26f8-42fb-8e8d-f529ee42264c/"


@pytest.mark.parametrize("text", [URL, "a", "https://example.org/Zürich/証明書/" + "x" * 300])
def test_readers_find_the_text(text):
    width, runs = find_modules(text)
    side = width + 2 * QUIET_ZONE
    picture = Image.new("L", (side, side), 255)
    for row, start, length in runs:
        for column in range(start, start + length):
            picture.putpixel((column + QUIET_ZONE, row + QUIET_ZONE), 0)
    (found,) = zxingcpp.read_barcodes(picture.resize((side * 4, side * 4), Image.Resampling.NEAREST))
    assert (found.text, found.ec_level) == (text, "M")


@pytest.mark.parametrize(("options", "border"), [({}, QUIET_ZONE), ({"border": 1, "has_size": False}, 1)])
def test_the_svg_draws_the_same_modules(options, border):
    svg = draw_svg(URL, **options)
    root = ET.fromstring(svg)  # noqa: S314
    width, runs = find_modules(URL)
    size = str((width + 2 * border) * 4)
    assert root.attrib["viewBox"] == f"0 0 {size} {size}"
    assert root.get("width") == (size if options.get("has_size", True) else None)
    drawn = re.findall(r"M(\d+) (\d+)\.5h(\d+)", svg)
    assert [(int(y) - border, int(x) - border, int(length)) for x, y, length in drawn] == runs

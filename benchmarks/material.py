"""Make the files for certificates: an A4 template and a font for each script."""

from __future__ import annotations

import io
import math
import os
import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont
from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont as ReportlabFont
from reportlab.pdfgen.canvas import Canvas

from benchmarks.names import list_characters

PAGE_SIZE = landscape(A4)
_CJK_FONT_NAME = re.compile(
    r"cjk|notosans(sc|tc|jp|hk)|wqy|droidsansfallback|uming|ukai|sourcehan|simsun", re.IGNORECASE
)
_FONT_DIRECTORIES = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/Library/Fonts")
#: The variable that names the file of a Chinese font with TrueType outlines.
CJK_FONT_VARIABLE = "BENCH_CJK_FONT"


def get_shipped_font(name: str) -> Path:
    """Return the file of a font from the package. The benchmarks use it as an operator's font."""
    return Path(str(files("learning_credentials") / "pdf" / "fonts" / name))


def find_chinese_font() -> tuple[Path | None, str]:
    """Return a font that the simple program can use too, or why there is none."""
    candidates = [Path(os.environ[CJK_FONT_VARIABLE])] if os.environ.get(CJK_FONT_VARIABLE) else _list_cjk_fonts()
    refused = ""
    for path in candidates:
        refused = _find_fault(path)
        if not refused:
            return path, ""
        refused = f"{path.name} {refused}"
    return None, refused or f"no Chinese font is installed; {CJK_FONT_VARIABLE} may name one"


def _list_cjk_fonts() -> list[Path]:
    found = [path for directory in _FONT_DIRECTORIES for path in Path(directory).expanduser().glob("**/*.[to]t[fc]")]
    return sorted(path for path in found if _CJK_FONT_NAME.search(path.name))


def _find_fault(path: Path) -> str:
    try:
        font = TTCollection(path).fonts[0] if path.suffix == ".ttc" else TTFont(path)
    except Exception as error:
        return f"cannot be read: {error}"
    if path.suffix == ".ttc" or "glyf" not in font:
        return "is not a single font with TrueType outlines, which is all that the plain method can draw with"
    missing = set(map(ord, list_characters("chinese"))) - set(font.getBestCmap())
    return f"lacks {len(missing)} characters of the names" if missing else ""


@lru_cache(maxsize=1)
def make_template() -> bytes:
    """Make an A4 page with a vector background, a PNG seal and a heading in an embedded font."""
    pdfmetrics.registerFont(ReportlabFont("BenchHeading", get_shipped_font("NotoSerif-Bold.ttf")))
    width, height = PAGE_SIZE
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=PAGE_SIZE, pageCompression=1)
    _draw_background(canvas)
    canvas.setFillColor("#1e3a5f")
    canvas.setFont("BenchHeading", 40)
    canvas.drawCentredString(width / 2, height - 130, "Certificate of Achievement")
    canvas.drawImage(ImageReader(io.BytesIO(_make_seal())), width - 190, 50, 120, 120, mask="auto")
    canvas.save()
    return buffer.getvalue()


def _draw_background(canvas: Canvas) -> None:
    """Draw a guilloche: closed curves, as they are printed to prevent copying."""
    width, height = PAGE_SIZE
    canvas.setFillColor("#fdfaf2")
    canvas.rect(0, 0, width, height, stroke=0, fill=1)
    canvas.setLineWidth(0.3)
    for ring in range(60):
        canvas.setStrokeColorRGB(0.6 + ring / 200, 0.7, 0.85 - ring / 300)
        path = canvas.beginPath()
        for step in range(73):
            angle = 2 * math.pi * step / 72
            wave = 1 + 0.08 * math.sin(9 * angle + ring / 9)
            x = width / 2 + (60 + ring * 5) * wave * math.cos(angle)
            y = height / 2 + (40 + ring * 3) * wave * math.sin(angle)
            (path.lineTo if step else path.moveTo)(x, y)
        path.close()
        canvas.drawPath(path)


def _make_seal(size: int = 320) -> bytes:
    image = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for ring in range(12):
        inset = ring * size // 28
        colour = (190 - ring * 9, 30 + ring * 12, 40, 235)
        draw.ellipse((inset, inset, size - inset - 1, size - inset - 1), fill=colour)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()

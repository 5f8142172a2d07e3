"""Make certificates for tests with other programs: real output of the generator, with each kind of options and template."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pikepdf
import uharfbuzz as hb
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from learning_credentials.data import IssuerData, SignatoryData
from learning_credentials.generators import generate_pdf_credential
from tests.services.pdf_names import CJK, NAMES
from tests.unit.pdf.drawn_svgs import DRAWN
from tests.unit.pdf.support import edit_pdf, make_assets, make_credential, make_form, make_png
from tests.unit.pdf.tagged_templates import make_tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CJK_FILE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
WIDTH, HEIGHT = A4


class Kind(NamedTuple):
    """A way of using the generator."""

    options: Mapping[str, Any]
    width: float = WIDTH
    height: float = HEIGHT
    rotation: int = 0
    credential: Mapping[str, Any] = {"signatories": ()}
    """What is particular to the credential."""
    pages: int = 1


class Document(NamedTuple):
    """A certificate and its expected properties."""

    content: bytes
    name: str
    kind: Kind
    warnings: tuple[str, ...]


def _draw_page(width: float = WIDTH, height: float = HEIGHT, picture: io.BytesIO | None = None) -> bytes:
    """Return a page with vectors, a transparent picture, and a heading in a standard font."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height), pageCompression=1)
    if picture is not None:
        canvas.drawImage(ImageReader(picture), 0, 0, width, height)
    canvas.setStrokeColor("#336699")
    canvas.roundRect(20, 20, width - 40, height - 40, 12)
    canvas.drawImage(ImageReader(io.BytesIO(make_png())), 40, height - 80, mask="auto")
    canvas.setFont("Times-Roman", 24)
    canvas.drawCentredString(width / 2, height - 70, "Example University")
    canvas.save()
    return buffer.getvalue()


def _make_scan() -> bytes:
    """Return a page that is a picture of more than two megabytes."""
    noise = Image.effect_noise((1240, 1754), 90)
    buffer = io.BytesIO()
    Image.merge("RGB", (noise, noise.rotate(180), noise)).save(buffer, "JPEG", quality=95)
    assert len(buffer.getvalue()) > 2_000_000
    return _draw_page(picture=buffer)


def _turn(degrees: int, content: bytes) -> bytes:
    return edit_pdf(content, lambda _, page: page.obj.update({"/Rotate": degrees}))


def _crop(content: bytes) -> bytes:
    return edit_pdf(content, lambda _, page: page.obj.update({"/CropBox": [50, 100, 50 + 480, 100 + 640]}))


def _pack(content: bytes) -> bytes:
    """Return the PDF with its objects in streams, as in PDF 1.5."""
    return edit_pdf(content, lambda *_: None, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _lock(revision: int, content: bytes) -> bytes:
    encryption = pikepdf.Encryption(owner="secret", user="", R=revision)
    return edit_pdf(content, lambda *_: None, encryption=encryption)


def _draw_pages() -> bytes:
    """Return two pages of different sizes, of which the second is turned."""
    with pikepdf.open(io.BytesIO(_draw_page())) as pdf:
        with pikepdf.open(io.BytesIO(_turn(90, _draw_page(HEIGHT, WIDTH)))) as other:
            pdf.pages.extend(other.pages)
        buffer = io.BytesIO()
        pdf.save(buffer)
    return buffer.getvalue()


def _make_everything() -> bytes:
    """Return a rotated, cropped, compressed and encrypted PDF."""
    return _lock(6, _pack(_crop(_turn(270, _draw_page()))))


_TEMPLATES: dict[str, Callable[[], bytes]] = {
    "template_plain": _draw_page,
    "template_turned": lambda: _turn(90, _draw_page()),
    "template_cropped": lambda: _crop(_draw_page()),
    "template_packed": lambda: _pack(_draw_page()),
    "template_locked": lambda: _lock(4, _draw_page()),
    "template_scanned": _make_scan,
    "template_everything": _make_everything,
    "template_pages": _draw_pages,
    "template_tagged": make_tagged,
    "template_form": lambda: make_form(
        ("name", (60, 300, 480, 50), {"fontSize": 24}),
        ("issue_date", (60, 60, 200, 20), {}),
        ("qr", (450, 40, 90, 90), {}),
    ),
}


def make_latin_cff() -> bytes:
    """Return a small font with PostScript outlines and only Latin letters."""
    face = hb.Face(hb.Blob.from_file_path(str(CJK_FILE)), 0)
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(range(0x20, 0x250))
    return bytes(hb.subset(face, wanted).blob.data)


def _make_print_picture() -> bytes:
    """Return a JPEG in CMYK, as printing uses it."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").convert("CMYK").save(buffer, "JPEG")
    return buffer.getvalue()


@cache
def load_assets() -> Any:
    """Return all assets that the kinds of documents need."""
    return make_assets(
        **{slug: make() for slug, make in _TEMPLATES.items()},
        **{CJK: CJK_FILE.read_bytes()},
        font_cff=make_latin_cff(),
        image_seal=make_png(200, 120),
        image_signature=make_png(300, 80, (20, 20, 120, 128)),
        image_logo=_make_print_picture(),
        image_drawing=DRAWN["masks"],
        image_gradients=DRAWN["gradients of opacity"],
    )


def _list_steps(count: int) -> dict[str, Any]:
    names = [name.text for name in NAMES.values()]
    return {
        f"course-v1:demo+{number}+1": {
            "name": f"{number}. {names[number % len(names)]} and everything that a long title has",
            "current_grades": {"Total": number / count},
        }
        for number in range(1, count + 1)
    }


#: The kind with a table that goes on over pages, and its rows.
SEVERAL_PAGES = "several pages"
TABLE_ROWS = 70
_TRANSCRIPT = {
    "rows": "steps",
    "x": 60,
    "y": 270,
    "width": 475,
    "bottom": 160,
    "continues_on": 2,
    "continued_y": 700,
    "total": "Total",
    "columns": [
        {"heading": "No.", "value": "number", "align": "end"},
        {"heading": "Course run", "value": "name", "share": 5},
        {"heading": "Grade", "value": "grade", "align": "end"},
        {"heading": "Letter", "value": "letter_grade"},
    ],
}
_PLACES = {"name": {"y": 400}, "context": {"y": 330}, "date": {"y": 280}}
_EXTRAS = {
    "qr": {"x": 60, "y": 60, "size": 90},
    "image": {"asset": "image_seal", "x": 300, "y": 60, "width": 80},
}


def _over(template: str, *, font: str = "Helvetica", **more: Any) -> dict[str, Any]:
    defaults = {"font": font, "fonts": ["NotoSans", CJK]}
    return {"template": template, "defaults": defaults, "text_elements": _PLACES, **more}


KINDS = {
    "built-in template": Kind({"defaults": {"fonts": ["NotoSerif", CJK]}}, HEIGHT, WIDTH),
    "signed, in Arabic": Kind(
        {"language": "ar", "defaults": {"fonts": ["NotoSerif", CJK]}},
        HEIGHT,
        WIDTH,
        credential={
            "issuer": IssuerData(name="Example University", logo="image_logo"),
            "signatories": (
                SignatoryData("Prof. Max Muster", "Dean", "Faculty of Examples", signature="image_signature"),
                SignatoryData("د. ليلى مثال", "عميدة"),
            ),
            "expires_at": datetime(2029, 1, 2, tzinfo=UTC),
        },
    ),
    "standard font": Kind(_over("template_plain")),
    "shipped font": Kind(_over("template_plain", font="NotoSerif-Bold")),
    "CFF font": Kind(_over("template_plain", font="font_cff")),
    "CJK font": Kind(_over("template_plain", font=CJK)),
    "turned": Kind(_over("template_turned"), rotation=90),
    "cropped": Kind(_over("template_cropped"), 480, 640),
    "packed": Kind(_over("template_packed")),
    "encrypted": Kind(_over("template_locked")),
    "in lines": Kind(
        {
            **_over("template_plain"),
            "template_multiline": "template_turned",
            "text_elements": {"name": {"y": 400, "max_width": 90, "fit": "wrap", "char_space": 2}, "date": {"y": 280}},
        },
        rotation=90,
        credential={"learning_context_name": "Marine\nBiology"},
    ),
    "two megabytes": Kind(_over("template_scanned")),
    "code and image": Kind(_over("template_plain", **_EXTRAS)),
    SEVERAL_PAGES: Kind(
        {
            **_over("template_pages", font="NotoSans", **_EXTRAS),
            "text_elements": {
                **_PLACES,
                "head": {
                    "text": "Transcript of {name}",
                    "page": 2,
                    "y": 760,
                    "role": "heading",
                    "link": "https://example.org/",
                },
            },
            "tables": {"transcript": _TRANSCRIPT},
        },
        credential={"signatories": (), "evidence": {"steps": _list_steps(TABLE_ROWS), "grade": 0.875}},
        pages=4,
    ),
    "tagged": Kind(_over("template_tagged", text_elements={"name": {"y": 280}, "date": {"y": 100}}), 600, 400),
    "form fields": Kind(_over("template_form", text_elements={}), 600, 400),
    "drawings": Kind(
        {
            "background": {
                "asset": "image_drawing",
                "width": WIDTH,
                "height": HEIGHT,
                "alternative_text": "Two shapes",
            },
            "defaults": {"font": "NotoSans", "fonts": [CJK]},
            "images": {
                "seal": {"asset": "image_gradients", "x": 60, "y": 60, "width": 80, "alternative_text": "A seal"}
            },
        }
    ),
    "everything": Kind(_over("template_everything", **_EXTRAS), 480, 640, rotation=270),
}
#: Kinds that are tested with every name. The others are tested with a few.
THOROUGH = ("built-in template", "everything")
FEW = ("Latin", "Vietnamese", "Hebrew with points", "Arabic and Latin", "Devanagari", "Chinese", "one letter")
CASES = [
    *((kind, name) for kind in THOROUGH for name in NAMES),
    *((kind, name) for kind in KINDS if kind not in THOROUGH for name in (FEW[:1] if kind == "two megabytes" else FEW)),
]


@cache
def _prepare(kind: str) -> Any:
    return generate_pdf_credential.prepare(KINDS[kind].options, load_assets())


@cache
def make_document(kind: str, name: str) -> Document:
    """Return a certificate of a kind for a name."""
    text = NAMES[name].text
    credential = make_credential(user_full_name=text, assets=load_assets(), **KINDS[kind].credential)
    artifact = _prepare(kind)(credential)
    return Document(artifact.content, text, KINDS[kind], artifact.warnings)

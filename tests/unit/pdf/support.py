"""Provide helpers for tests of PDFs: credentials, templates, and reading the output."""

import io
from datetime import UTC, date, datetime
from uuid import UUID

import pikepdf
import pypdf
import pypdfium2
from PIL import Image, ImageChops
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from learning_credentials.data import Asset, AssetKind, CredentialData, IssuerData, SignatoryData, StaticAssets
from learning_credentials.generators import generate_pdf_credential

VERIFY_UUID = UUID("8a6e0804-2bd0-4672-b79d-d97027f9071a")
VERIFY_URL = f"https://credentials.example.org/credentials/{VERIFY_UUID}/"


def make_credential(**values):
    return CredentialData(
        **{
            "verify_uuid": VERIFY_UUID,
            "verify_url": VERIFY_URL,
            "verify_code": "7K3QF-9XW2M",
            "user_full_name": "Ada Example",
            "learning_context_key": "course-v1:demo+bio+1",
            "learning_context_name": "Marine Biology",
            "credential_type_name": "Certificate of Achievement",
            "issued_at": datetime(2026, 11, 22, 12, tzinfo=UTC),
            "issue_date": date(2026, 11, 22),
            "assets": StaticAssets(),
            "issuer": IssuerData(name="Example University"),
            "signatories": (SignatoryData("Prof. Max Muster", "Dean", "Faculty of Examples"),),
            "evidence": {"current_grades": {"Total": 0.92}},
            **values,
        }
    )


def make_assets(**contents):
    """Return assets by slug. The first part of the name is the kind: template, image or font."""
    kinds = {"template": AssetKind.PDF_TEMPLATE, "image": AssetKind.IMAGE, "font": AssetKind.FONT}
    return StaticAssets(
        {slug: Asset.of(slug, kinds[slug.split("_")[0]], content) for slug, content in contents.items()}
    )


def render(options, assets=None, **values):
    assets = assets or StaticAssets()
    return generate_pdf_credential(make_credential(assets=assets, **values), options)


def make_pdf(width=600, height=400, pages=1, text="Template", color="#eeeeee"):
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height))
    for _ in range(pages):
        canvas.setFillColor(color)
        canvas.rect(0, 0, width, height, stroke=0, fill=1)
        canvas.setFillColor("#999999")
        canvas.drawString(10, 10, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def make_form(*fields, width=600, height=400):
    """A PDF with text fields by reportlab: each is a name, a box and options of its own."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height))
    for name, (x, y, across, up), options in fields:
        flags = options.pop("flags", "")
        colour = HexColor(options.pop("color", "#c00000"))
        plain = {"borderWidth": 0, "borderColor": None, "fillColor": None, "textColor": colour, "fieldFlags": flags}
        canvas.acroForm.textfield(name=name, x=x, y=y, width=across, height=up, **plain, **options)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def edit_pdf(content, edit, **save_options):
    """Change the first page of a PDF with pikepdf."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        edit(pdf, pdf.pages[0])
        buffer = io.BytesIO()
        pdf.save(buffer, **save_options)
    return buffer.getvalue()


def make_png(width=60, height=30, color=(200, 30, 30, 255)):
    buffer = io.BytesIO()
    Image.new("RGBA", (width, height), color).save(buffer, "PNG")
    return buffer.getvalue()


def read_with_pypdf(content, page=1):
    return pypdf.PdfReader(io.BytesIO(content)).pages[page - 1].extract_text()


def read_with_pdfium(content, page=1):
    with pypdfium2.PdfDocument(content) as document:
        return document[page - 1].get_textpage().get_text_bounded().replace("\r\n", "\n")


def draw(content, dpi=72, page=1):
    with pypdfium2.PdfDocument(content) as document:
        return document[page - 1].render(scale=dpi / 72).to_pil().convert("RGB")


def list_font_names(content):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return {str(font.BaseFont) for font in pdf.pages[0].Resources.Font.values()}


def assert_sound(content, pages=1):
    """Check the file with `qpdf --check`, and how many pages it has."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages) == pages


def find_ink(content, color, dpi=72, page=1):
    """Return the box (left, top, right, bottom) of the pixels of about this colour, on the page as shown."""
    image = draw(content, dpi, page)
    distances = ImageChops.difference(image, Image.new("RGB", image.size, color)).split()
    near = [distance.point(lambda value: 255 if value < 60 else 0) for distance in distances]
    return ImageChops.darker(ImageChops.darker(near[0], near[1]), near[2]).getbbox()

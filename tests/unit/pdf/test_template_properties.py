"""Any template keeps its look, and texts stand on it where a plain overlay has them, within half a point.

The oracle is reportlab, which draws the same texts on an empty page of the visible size; where they are seen is read with PDFium.
"""

import ctypes
import io
from dataclasses import dataclass
from string import ascii_uppercase

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pypdfium2 import raw
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from learning_credentials.generators import generate_pdf_credential

from .structures import read_structure
from .support import assert_sound, make_assets, make_credential, read_with_pdfium, read_with_pypdf
from .template_cases import BROKEN_CONTAINERS, CONTAINERS, NO_TEXT, Frame, frames, make_template, templates
from .template_features import FEATURES
from .template_scans import SCANS, make_scan

TOLERANCE = 0.5
#: Text keeps clear of the edges by this, in points.
_MARGIN = 24
#: Steps of the viewer's grid in a point.
_FINE = 64
_SHOWN_SIDE = 240
#: Each example makes, renders and reads several files.
FEW = settings(max_examples=settings().max_examples // 5)


@dataclass(frozen=True)
class Text:
    text: str
    y: float
    size: float
    align: str = "center"

    def to_options(self, width):
        x = {"left": _MARGIN, "right": width - _MARGIN}.get(self.align)
        options = {"text": self.text, "y": self.y, "size": self.size, "align": self.align}
        return {**options, "x": x} if x else options


def draw_plainly(width, height, texts):
    """What the texts look like on an empty page."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(width, height))
    for text in texts:
        canvas.setFont("Helvetica", text.size)
        draw, x = {
            "left": (canvas.drawString, _MARGIN),
            "right": (canvas.drawRightString, width - _MARGIN),
            "center": (canvas.drawCentredString, width / 2),
        }[text.align]
        for index, line in enumerate(text.text.split("\n")):
            draw(x, text.y - index * text.size * 1.1, line)
    canvas.save()
    return buffer.getvalue()


def find_texts(content, texts):
    """For each line of the texts the boxes (left, top, right, bottom) of its characters on the page as shown, in points."""
    with pypdfium2.PdfDocument(content) as document:
        page = document[0]
        width, height = page.get_size()
        size = round(width * _FINE), round(height * _FINE)

        def to_shown(x, y):
            across, down = ctypes.c_int(), ctypes.c_int()
            assert raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, ctypes.byref(across), ctypes.byref(down))
            return across.value / _FINE, down.value / _FINE

        text_page = page.get_textpage()
        characters = [
            (index, chr(raw.FPDFText_GetUnicode(text_page, index))) for index in range(text_page.count_chars())
        ]
        characters = [
            (index, character) for index, character in characters if character.isprintable() and character != " "
        ]
        whole = "".join(character for _, character in characters)
        found = []
        # PDFium may tell a line of one text in between those of another that stands beside it.
        for line in (line for text in texts for line in text.text.split("\n")):
            wanted = line.replace(" ", "")
            assert whole.count(wanted) == 1, f"{wanted!r} is in {whole!r}"
            start = whole.index(wanted)
            for index, _ in characters[start : start + len(wanted)]:
                left, bottom, right, top = text_page.get_charbox(index)
                corners = to_shown(left, bottom), to_shown(right, top)
                (left, right), (top, bottom) = (sorted(values) for values in zip(*corners, strict=True))
                found.append((left, top, right, bottom))
        return found


def show(content):
    with pypdfium2.PdfDocument(content) as document:
        document.init_forms()
        page = document[0]
        return page.render(scale=_SHOWN_SIDE / max(page.get_size())).to_pil().convert("RGB")


def measure(content):
    with pypdfium2.PdfDocument(content) as document:
        return document[0].get_size()


def render_over(template, elements):
    render = generate_pdf_credential.prepare(
        {"template": "template", "text_elements": {**NO_TEXT, **elements}}, make_assets(template=template)
    )
    artifact = render(make_credential())
    assert artifact.warnings == ()
    assert_sound(artifact.content)
    return artifact.content


def assert_kept(template):
    """The picture is the template's, and so is the text."""
    bare = render_over(template, {})
    before, after = show(template), show(bare)
    assert after.size == before.size
    assert ImageChops.difference(before, after).getbbox() is None
    assert read_with_pdfium(bare) == read_with_pdfium(template)
    return bare


def assert_placed(template, texts, frame):
    width, height = measure(template)
    assert (width, height) == pytest.approx((frame.width, frame.height), abs=0.01)
    content = render_over(template, {f"text_{index}": text.to_options(width) for index, text in enumerate(texts)})
    assert measure(content) == pytest.approx((width, height), abs=0.01)
    found, expected = find_texts(content, texts), find_texts(draw_plainly(width, height, texts), texts)
    for box, wanted in zip(found, expected, strict=True):
        assert box == pytest.approx(wanted, abs=TOLERANCE)
    words = "".join(read_with_pypdf(content).split())
    assert all(line.replace(" ", "") in words for text in texts for line in text.text.split("\n"))
    return content


def assert_seen(content, bare, texts):
    """What differs from the picture without texts are the texts, all of them."""
    plain = show(draw_plainly(*measure(content), texts))
    wanted = ImageChops.difference(plain, Image.new("RGB", plain.size, "white")).getbbox()
    assert ImageChops.difference(show(content), show(bare)).getbbox() == pytest.approx(wanted, abs=1)


FEW_TEXTS = (
    Text("Ada Example", 200, 32),
    Text("Marine Biology\nand more", 120, 18),
    Text("November 22, 2026", 60, 12, "right"),
)


@pytest.mark.parametrize("feature", FEATURES)
def test_whatever_is_in_the_page(feature):
    frame = Frame(rotation=90, left=30, bottom=-20, margins=(10, 0, 20, 40))
    template = make_template(frame, [feature])
    assert_seen(assert_placed(template, FEW_TEXTS, frame), assert_kept(template), FEW_TEXTS)


@pytest.mark.parametrize("container", [*CONTAINERS, *BROKEN_CONTAINERS])
def test_however_the_file_is_written(container):
    frame = Frame(rotation=270, left=-30)
    template = make_template(frame, ["draws transparently", "has layers"], container)
    assert_placed(template, FEW_TEXTS, frame)
    assert_kept(template)


def list_keys(value):
    """The keys of all dictionaries within an object, references not followed."""
    if isinstance(value, pikepdf.Array):
        return {key for part in value for key in list_keys(part)}
    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        inner = {key for part in value.values() if not getattr(part, "is_indirect", False) for key in list_keys(part)}
        return {*value.keys(), *inner}
    return set()


def test_what_the_file_does_and_carries_stays_behind():
    """A credential runs nothing, and has no files, bookmarks or notes of whoever made the template."""
    features = ["runs scripts", "carries files", "has an outline", "is tagged", "is described"]
    content = render_over(make_template(Frame(), features), {})
    with pikepdf.open(io.BytesIO(content)) as pdf:
        keys = {key for value in pdf.objects for key in list_keys(value)}
        title = pdf.docinfo["/Title"]
        described = pdf.Root.Metadata.read_bytes()
    assert "/OutputIntents" in keys
    assert not keys & {"/JS", "/OpenAction", "/AA", "/Names", "/EF", "/AF", "/Outlines", "/Dests", "/PieceInfo"}
    assert not keys & {"/PageLabels", "/PageMode"}
    assert "tagged" in read_structure(content).said  # what describes the content stays
    assert title == "Certificate of Achievement: Marine Biology"
    # The credential is encrypted, so it is no PDF/A, whatever the template was.
    assert b"pdfaid" not in described
    assert b"design program" not in described


def test_what_printers_go_by_stays():
    template = make_template(Frame(width=300, height=200, unit=2), ["has print boxes"])
    content = render_over(template, {})
    entries = ["/UserUnit", "/MediaBox", "/BleedBox", "/TrimBox", "/ArtBox"]
    before, after = (
        {entry: pdf.pages[0][entry].unparse() if entry != "/UserUnit" else pdf.pages[0][entry] for entry in entries}
        for pdf in (pikepdf.open(io.BytesIO(content)) for content in (template, content))
    )
    assert after == before


@pytest.mark.parametrize("filter_name", SCANS)
def test_a_scan_is_carried_as_it_is(filter_name):
    template = make_scan(filter_name)
    assert len(template) > 1_800_000

    def read_picture(content):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            (picture,) = (
                value
                for value in pdf.objects
                if isinstance(value, pikepdf.Stream) and value.get("/Subtype") == "/Image"
            )
            return picture.read_raw_bytes()

    content = render_over(template, {"name": {}})
    assert_seen(content, template, [Text("Ada Example", 290, 32)])
    assert read_picture(content) == read_picture(template)
    assert len(content) - len(template) < 20_000


def test_one_preparation_serves_many():
    template = make_scan("DCTDecode")
    prepared = generate_pdf_credential.prepare({"template": "template"}, make_assets(template=template))
    contents = [
        prepared(make_credential(user_full_name=f"Ada {letter}xample")).content for letter in ascii_uppercase[:20]
    ]
    sizes = [len(content) for content in contents]
    assert max(sizes) - min(sizes) < 1_000
    for letter, content in zip(ascii_uppercase, contents, strict=False):
        text = read_with_pdfium(content)
        assert f"Ada {letter}xample" in text
        assert text.count("Ada") == 1
    assert_sound(contents[-1])


_words = st.text(st.sampled_from("abcdefgijklmnopqrstuvwxyzABCDEFGHKLMNOPRSTVWÅÉÖÜßçñø"), min_size=2, max_size=12)


@st.composite
def placed_texts(draw, frame):
    """Up to three texts one above the other, each within the page, each line told from the others by how it starts."""
    texts = []
    heights = [frame.height * part for part in (0.1, 0.4, 0.7)]
    for index, bottom in enumerate(draw(st.lists(st.sampled_from(heights), min_size=1, max_size=3, unique=True))):
        lines = draw(st.lists(st.lists(_words, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=2))
        text = "\n".join(f"X{index}{number}Y{line}" for number, line in enumerate(lines))
        room = min(
            (frame.width - 2 * _MARGIN) / max(stringWidth(line, "Helvetica", 1) for line in text.split("\n")),
            frame.height * 0.1,
        )
        size = round(min(draw(st.floats(6, 60)), room), 2)
        y = round(bottom + draw(st.floats(1.1, 1.4)) * size, 3)
        texts.append(Text(text, y, size, draw(st.sampled_from(["center", "center", "left", "right"]))))
    return texts


@FEW
@given(st.data())
def test_any_template(data):
    frame, features, container = data.draw(templates)
    template = make_template(frame, features, container)
    assert_placed(template, data.draw(placed_texts(frame)), frame)
    assert_kept(template)


@FEW
@given(frames, st.data())
def test_any_page(frame, data):
    assert_placed(make_template(frame), data.draw(placed_texts(frame)), frame)

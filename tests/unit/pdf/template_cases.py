"""Templates like those that operators have: every page geometry, what programs leave in a page, and how files are stored.

A template is a `Frame` (the page's boxes and rotation), some `FEATURES` (what is in the page and around it) and one of the `CONTAINERS`
(how the file is written).
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pikepdf
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from pypdf import PdfWriter
from pypdf.generic import NameObject, TextStringObject
from reportlab.lib.pagesizes import A4, A5, landscape, letter, portrait

from .template_features import FEATURES

SEEN = "Printed before"
NO_TEXT = {"name": False, "context": False, "date": False}


@dataclass(frozen=True)
class Frame:
    """A page that a viewer shows as ``width`` x ``height`` points (of ``unit``), with any boxes.

    ``margins`` (left, bottom, right, top) are the parts of the media box outside the crop box. A negative margin means that the crop box is
    larger.
    """

    width: float = 600
    height: float = 400
    rotation: int = 0
    left: float = 0
    bottom: float = 0
    margins: tuple[float, float, float, float] | None = None
    is_upside_down: bool = False
    unit: float | None = None

    @property
    def box(self):
        """Return the visible box in the coordinates of the page's content."""
        width, height = (self.height, self.width) if self.rotation % 180 else (self.width, self.height)
        return self.left, self.bottom, self.left + width, self.bottom + height

    def apply(self, page):
        left, bottom, right, top = self.box
        if self.margins is not None:
            cut = [max(margin, 0) for margin in self.margins]
            passed = [max(-margin, 0) for margin in self.margins]
            page.obj["/CropBox"] = self._order(left - passed[0], bottom - passed[1], right + passed[2], top + passed[3])
            left, bottom, right, top = left - cut[0], bottom - cut[1], right + cut[2], top + cut[3]
        page.obj["/MediaBox"] = self._order(left, bottom, right, top)
        if self.rotation:
            page.obj["/Rotate"] = self.rotation
        if self.unit:
            page.obj["/UserUnit"] = self.unit

    def _order(self, left, bottom, right, top):
        corners = (right, top, left, bottom) if self.is_upside_down else (left, bottom, right, top)
        return Array([round(corner, 3) for corner in corners])


class Draft:
    """A template under construction. ``content`` contains the page's content streams, and ``ending`` the last of them."""

    def __init__(self, frame):
        self.frame = frame
        self.pdf = pikepdf.new()
        self.pdf.add_blank_page()
        self.page = self.pdf.pages[0]
        del self.page.obj["/Contents"]
        frame.apply(self.page)
        self.resources = self.page.obj.Resources = Dictionary(Font=Dictionary(F1=self.make_font("Helvetica")))
        self.content = [self._draw_background()]
        self.ending = b""

    def add(self, category, name, value):
        group = self.resources.get(f"/{category}", Dictionary())
        group[f"/{name}"] = value
        self.resources[f"/{category}"] = group

    def write(self, *streams):
        self.content += [stream.encode() if isinstance(stream, str) else stream for stream in streams]

    def make_font(self, name):
        return self.pdf.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{name}"), Encoding=Name.WinAnsiEncoding)
        )

    def make_form(self, content, box=(0, 0, 40, 40), **entries):
        return self.pdf.make_stream(
            content, Type=Name.XObject, Subtype=Name.Form, BBox=Array(box), **{"Resources": Dictionary(), **entries}
        )

    def add_annotation(self, **entries):
        annotations = self.page.obj.get("/Annots", Array())
        annotations.append(self.pdf.make_indirect(Dictionary(Type=Name.Annot, P=self.page.obj, **entries)))
        self.page.obj["/Annots"] = annotations
        return annotations[-1]

    def place(self, x, y, width=40, height=40):
        """Return a box whose lower left corner is at these fractions of the visible page."""
        left, bottom, right, top = self.frame.box
        start, end = left + x * (right - left), bottom + y * (top - bottom)
        return [round(value, 3) for value in (start, end, start + width, end + height)]

    def finish(self):
        if "/Contents" not in self.page.obj:
            streams = [*self.content, self.ending]
            self.page.obj["/Contents"] = Array(self.pdf.make_stream(stream) for stream in streams)
        return self.pdf

    def _draw_background(self):
        """Draw an asymmetric background, so that a rotated or mirrored page is visible."""
        left, bottom, right, top = self.frame.box
        width, height = right - left, top - bottom
        return (
            f"q 0.93 0.95 0.9 rg {left:.3f} {bottom:.3f} {width:.3f} {height:.3f} re f\n"
            f"0.2 0.4 0.8 rg {left + 5:.3f} {bottom + 5:.3f} m {left + width / 2:.3f} {bottom + 5:.3f} l "
            f"{left + 5:.3f} {bottom + height / 3:.3f} l h f\n"
            f"BT 0.6 g /F1 9 Tf {left + width / 8:.3f} {bottom + height / 8:.3f} Td ({SEEN}) Tj ET Q\n"
        ).encode()


def _saver(**options):
    def save(pdf):
        buffer = io.BytesIO()
        pdf.save(buffer, **options)
        return buffer.getvalue()

    return save


def _encrypted(**options):
    return _saver(encryption=pikepdf.Encryption(owner="secret", user="", **options))


save_plainly = _saver(object_stream_mode=pikepdf.ObjectStreamMode.disable)


def update_in_place(pdf):
    """Change and save the page twice. Each change is added to the end of the file."""
    content = save_plainly(pdf)
    for version in range(2):
        writer = PdfWriter(io.BytesIO(content), incremental=True)
        writer.pages[0][NameObject("/LastModified")] = TextStringObject(f"D:2026010{version + 1}000000Z")
        buffer = io.BytesIO()
        writer.write(buffer)
        assert buffer.getvalue().startswith(content)
        content = buffer.getvalue()
    return content


def lose_the_table(pdf):
    return re.sub(rb"startxref\s+\d+", b"startxref\n0", save_plainly(pdf))


def shift_the_table(pdf):
    """Make every offset wrong, as if a mail program had added something at the front."""
    return b"Content-Type: application/pdf\r\n\r\n" + save_plainly(pdf)


def add_to_the_end(pdf):
    return save_plainly(pdf) + b"\r\n\0\0\0--boundary--\r\n" * 3


def misstate_lengths(pdf):
    return re.sub(rb"/Length (\d+)", lambda found: b"/Length " + b"1" * len(found[1]), save_plainly(pdf))


CONTAINERS = {
    "plain": save_plainly,
    "object streams": _saver(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "linearized": _saver(linearize=True),
    "PDF 1.2": _saver(force_version="1.2", object_stream_mode=pikepdf.ObjectStreamMode.disable),
    "uncompressed": _saver(compress_streams=False, qdf=True),
    "RC4, 40 bits": _encrypted(R=2, metadata=False, aes=False),
    "RC4, 128 bits": _encrypted(R=3, metadata=False, aes=False),
    "AES-128": _encrypted(R=4),
    "AES-256": _encrypted(R=6),
    "AES-256 with object streams": _saver(
        encryption=pikepdf.Encryption(owner="secret", user="", R=6),
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    ),
    "updated in place": update_in_place,
    "with something behind": add_to_the_end,
}
#: Files that PDF readers repair.
BROKEN_CONTAINERS = {
    "without a table": lose_the_table,
    "with something in front": shift_the_table,
    "with wrong lengths": misstate_lengths,
}


def make_template(frame=Frame(), features=(), container="plain"):
    draft = Draft(frame)
    for feature in features:
        FEATURES[feature](draft)
    return {**CONTAINERS, **BROKEN_CONTAINERS}[container](draft.finish())


SIZES = [portrait(A4), landscape(A4), portrait(letter), landscape(letter), landscape(A5), (400, 400), (2384, 1684)]
_sides = st.floats(200, 1500).map(lambda side: round(side, 2))
_offsets = st.sampled_from([0, 0, 36, -250.5, 10000]) | st.floats(-900, 900).map(lambda offset: round(offset, 2))
_margins = st.tuples(*[st.sampled_from([0, 0, 12.5, 150, -80])] * 4)

frames = st.builds(
    lambda size, **rest: Frame(*size, **rest),
    st.sampled_from(SIZES) | st.tuples(_sides, _sides),
    rotation=st.sampled_from([0, 90, 180, 270, -90, -180, 450, 720]),
    left=_offsets,
    bottom=_offsets,
    margins=st.none() | _margins,
    is_upside_down=st.booleans(),
    unit=st.sampled_from([None, None, None, 2, 0.5]),
)
templates = st.tuples(
    frames,
    st.lists(st.sampled_from(sorted(FEATURES)), max_size=5, unique=True),
    st.sampled_from(list(CONTAINERS)),
)

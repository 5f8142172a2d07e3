"""Templates like those that operators have: every page geometry, what programs leave in a page, and how files are stored.

A template is a `Frame` (the page's boxes and rotation), some `FEATURES` (what is in the page and around it) and one of the `CONTAINERS`
(how the file is written).
"""

from __future__ import annotations

import functools
import io
import random
import re
import zlib
from dataclasses import dataclass

import pikepdf
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageCms
from PIL.TiffImagePlugin import ROWSPERSTRIP, STRIPBYTECOUNTS, STRIPOFFSETS
from pypdf import PdfWriter
from pypdf.generic import NameObject, TextStringObject
from reportlab.lib.pagesizes import A4, A5, landscape, letter, portrait

from .support import make_assets, make_pdf, render

SEEN = "Printed before"
NO_TEXT = {"name": False, "context": False, "date": False}


@dataclass(frozen=True)
class Frame:
    """A page that a viewer shows as ``width`` x ``height`` points (of ``unit``), whatever boxes make it so.

    ``margins`` (left, bottom, right, top) are what the crop box cuts off the media box, or where negative how far it passes it by.
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
        """What is visible, in the coordinates of the page's content."""
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
    """A template in the making: ``content`` holds the page's content streams, ``ending`` the last."""

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
        """A box whose lower left corner is at these parts of the visible page."""
        left, bottom, right, top = self.frame.box
        start, end = left + x * (right - left), bottom + y * (top - bottom)
        return [round(value, 3) for value in (start, end, start + width, end + height)]

    def finish(self):
        if "/Contents" not in self.page.obj:
            streams = [*self.content, self.ending]
            self.page.obj["/Contents"] = Array(self.pdf.make_stream(stream) for stream in streams)
        return self.pdf

    def _draw_background(self):
        """Nothing of it is symmetric, so that a page turned or mirrored is seen."""
        left, bottom, right, top = self.frame.box
        width, height = right - left, top - bottom
        return (
            f"q 0.93 0.95 0.9 rg {left:.3f} {bottom:.3f} {width:.3f} {height:.3f} re f\n"
            f"0.2 0.4 0.8 rg {left + 5:.3f} {bottom + 5:.3f} m {left + width / 2:.3f} {bottom + 5:.3f} l "
            f"{left + 5:.3f} {bottom + height / 3:.3f} l h f\n"
            f"BT 0.6 g /F1 9 Tf {left + width / 8:.3f} {bottom + height / 8:.3f} Td ({SEEN}) Tj ET Q\n"
        ).encode()


def leaves_states_open(draft):
    draft.write("q q 0.5 0 0 0.5 10 10 cm q")


def restores_too_often(draft):
    draft.write("q 0.7 0 0 0.7 3 3 cm Q Q Q Q 0.5 g 0.4 0 0 0.4 50 50 cm 0 0 5 5 re W n")


def leaves_a_matrix(draft):
    draft.write("0.4 0.1 -0.1 0.6 37 41 cm")


def leaves_a_clip(draft):
    left, bottom, *_ = draft.frame.box
    draft.write(f"{left} {bottom} 5 5 re W n")


def leaves_an_empty_clip(draft):
    draft.write("0 0 0 0 re W* n")


def leaves_a_text_object(draft):
    draft.write("BT /F1 9 Tf 3 Tr 40 Ts 50 Tz 7 Tc 9 Tw 1 0 1 1 0 0 Tm")


def leaves_a_path(draft):
    draft.write("1 0 0 rg 0 0 m 900 900 l 10 20 40 50 re")


def leaves_marked_content(draft):
    draft.write("/Artifact BMC /Span <</ActualText (hidden)>> BDC")


def leaves_transparency(draft):
    draft.add("ExtGState", "Gone", Dictionary(ca=0, CA=0, BM=Name.Multiply, AIS=True))
    draft.write("/Gone gs")


def leaves_operands(draft):
    draft.write("1 0 0 rg 12 13 14 (left over)")


def is_cut_between_tokens(draft):
    left, bottom, *_ = draft.place(0.3, 0.4)
    draft.write("q 0 0.5 0 rg", f"{left}", f"{bottom} 30", "30", "re f Q", "")


def ends_in_a_comment(draft):
    draft.ending = b"0.5 g % made by an old program"


def uses_carriage_returns(draft):
    left, bottom, *_ = draft.place(0.5, 0.2)
    draft.write(f"q\r1 0 1 rg\r{left} {bottom} 20 30 re\rf\rQ\r")


def holds_an_inline_image(draft):
    left, bottom, *_ = draft.place(0.4, 0.6)
    pixels = bytes(range(0, 256, 16)) + b"EI Q"
    draft.write(
        f"q 40 0 0 30 {left} {bottom} cm BI /W 5 /H 4 /CS /G /BPC 8 ID ".encode() + pixels + b"\nEI Q",
    )


def has_filtered_content(draft):
    """Old programs encode in ways of their own."""
    left, bottom, *_ = draft.place(0.1, 0.5)
    content = b"".join((*draft.content, f"q 0.9 0.3 0 rg {left} {bottom} 30 10 re f Q".encode()))
    stream = pikepdf.Stream(draft.pdf, zlib.compress(content).hex().encode() + b">")
    stream.Filter = Array([Name.ASCIIHexDecode, Name.FlateDecode])
    draft.content = [b""]
    draft.page.obj["/Contents"] = draft.pdf.make_indirect(stream)


def has_resources_in_the_tree(draft):
    """And boxes, and the rotation."""
    tree = draft.pdf.Root.Pages
    for entry in ("/Resources", "/MediaBox", "/Rotate", "/CropBox"):
        if entry in draft.page.obj:
            tree[entry] = draft.page.obj[entry]
            del draft.page.obj[entry]
    draft.resources = tree.get("/Resources", draft.resources)


def has_a_deep_page_tree(draft):
    """With an empty branch, and a count that is wrong."""
    tree, page = draft.pdf.Root.Pages, draft.page.obj
    branch = draft.pdf.make_indirect(Dictionary(Type=Name.Pages, Parent=tree, Kids=[page], Count=1))
    empty = draft.pdf.make_indirect(Dictionary(Type=Name.Pages, Parent=tree, Kids=[], Count=0))
    if "/Rotate" in page:
        branch["/Rotate"] = page["/Rotate"]
        del page["/Rotate"]
    page["/Parent"] = branch
    tree["/Kids"] = Array([empty, branch])


def has_indirect_entries(draft):
    page = draft.page.obj
    for entry in ("/MediaBox", "/Resources", "/Rotate", "/CropBox"):
        if entry in page:
            page[entry] = draft.pdf.make_indirect(page[entry])
    draft.resources = page.get("/Resources", draft.resources)


def has_print_boxes(draft):
    left, bottom, right, top = draft.frame.box
    for entry, margin in (("/BleedBox", 3), ("/TrimBox", 9), ("/ArtBox", 20)):
        draft.page.obj[entry] = Array([left + margin, bottom + margin, right - margin, top - margin])


def uses_our_names(draft):
    """A template made of one of our own credentials, or of a program that happens to name things alike."""
    for category, name in list_names_of_ours():
        if category == "Font":
            draft.add(category, name, draft.make_font("Courier-Bold"))
        elif category == "XObject":
            form = draft.make_form(b"0.8 0.1 0.4 rg 0 0 40 30 re f")
            draft.add(category, name, form)
        else:
            draft.add(category, name, Dictionary())
    left, bottom, *_ = draft.place(0.2, 0.2)
    fonts = "".join(f"/{name} 7 Tf (wide) Tj " for category, name in list_names_of_ours() if category == "Font")
    forms = "".join(f"/{name} Do " for category, name in list_names_of_ours() if category == "XObject")
    draft.write(f"q 1 0 0 1 {left} {bottom} cm BT 0 34 Td {fonts} ET {forms} Q")


def embeds_a_font(draft):
    """Noto Sans, subset by another program under a name that ours could have, too."""
    content = render(
        {"template": "template", "defaults": {"font": "NotoSans"}}, make_assets(template=make_pdf())
    ).content
    with pikepdf.open(io.BytesIO(content)) as other:
        fonts = other.pages[0].Resources.Font
        name = next(name for name, font in fonts.items() if "/DescendantFonts" in font)
        draft.add("Font", name[1:], draft.pdf.copy_foreign(fonts[name]))
    left, bottom, *_ = draft.place(0.2, 0.35)
    draft.write(f"q BT {name} 14 Tf {left} {bottom} Td <000100020003> Tj ET Q")


def draws_with_icc_colours(draft):
    space = Array([Name.ICCBased, draft.pdf.make_stream(make_icc_profile(), N=3, Alternate=Name.DeviceRGB)])
    draft.add("ColorSpace", "CS0", space)
    draft.add("ColorSpace", "DefaultRGB", space)
    left, bottom, *_ = draft.place(0.6, 0.6)
    draft.write(f"q /CS0 cs 0.2 0.7 0.3 sc {left} {bottom} 40 20 re f Q")


def draws_with_spot_colours(draft):
    tint = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0, 0], C1=[0, 0.8, 0.9, 0.1], N=1)
    draft.add("ColorSpace", "Gold", Array([Name.Separation, Name("/Gold Foil"), Name.DeviceCMYK, tint]))
    left, bottom, *_ = draft.place(0.7, 0.3)
    draft.write(f"q /Gold cs 0.75 scn {left} {bottom} 30 20 re f 0.1 0.9 0 0.2 k {left} {bottom} 9 9 re f Q")


def draws_with_patterns(draft):
    """Their matrices count from the page's own coordinates, not from where they are used."""
    tile = draft.pdf.make_stream(
        b"0.9 0 0 rg 0 0 3 5 re f",
        Type=Name.Pattern,
        PatternType=1,
        PaintType=1,
        TilingType=1,
        BBox=[0, 0, 6, 8],
        XStep=6,
        YStep=8,
        Matrix=[1.5, 0.2, 0, 1.5, 11, 7],
        Resources=Dictionary(),
    )
    left, bottom, right, top = draft.place(0.3, 0.1, 80, 60)
    colours = Dictionary(FunctionType=2, Domain=[0, 1], C0=[1, 1, 0], C1=[0, 0, 1], N=1)
    shading = Dictionary(ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=[left, bottom, right, top], Function=colours)
    draft.add("Pattern", "Tiles", tile)
    draft.add("Pattern", "Blend", Dictionary(Type=Name.Pattern, PatternType=2, Shading=shading))
    draft.write(
        f"q /Pattern cs /Blend scn {left} {bottom} 80 60 re f 0.8 0 0 0.8 5 5 cm /Tiles scn {left} {bottom} 30 30 re f Q"
    )


def draws_transparently(draft):
    group = Dictionary(Type=Name.Group, S=Name.Transparency, I=True, K=True, CS=Name.DeviceRGB)
    draft.add("XObject", "Glass", draft.make_form(b"0 0.6 0 rg 0 0 30 30 re f 1 0 0 rg 10 10 30 30 re f", Group=group))
    mask = draft.make_form(b"0.6 g 0 0 9999 9999 re f", box=(-9999, -9999, 9999, 9999), Group=group)
    draft.add("ExtGState", "Thin", Dictionary(ca=0.5, BM=Name.Multiply))
    draft.add("ExtGState", "Masked", Dictionary(SMask=Dictionary(Type=Name.Mask, S=Name.Luminosity, G=mask)))
    left, bottom, *_ = draft.place(0.5, 0.5)
    draft.write(f"q /Thin gs 1 0 0 1 {left} {bottom} cm /Glass Do /Masked gs 0 0 1 rg 20 -20 30 30 re f Q")


def blends_with_the_page(draft):
    """A group of the page itself: what blends sees the page, not the paper."""
    draft.page.obj["/Group"] = Dictionary(Type=Name.Group, S=Name.Transparency, I=True, K=False, CS=Name.DeviceRGB)
    draft.add("ExtGState", "Burn", Dictionary(BM=Name.ColorBurn, ca=0.8))
    draft.add("ExtGState", "Difference", Dictionary(BM=Name.Difference))
    left, bottom, *_ = draft.place(0.05, 0.05)
    draft.write(f"q /Burn gs 0.9 0.7 0.2 rg {left} {bottom} 60 40 re f /Difference gs {left} {bottom} 20 60 re f Q")


def draws_forms_without_resources(draft):
    """Of PDF 1.1, and still met: such a form, or glyph, uses those of the page."""
    form = draft.make_form(b"BT /F1 12 Tf 3 8 Td (stamped) Tj ET /Inner Do")
    inner = draft.make_form(b"0 0.5 0.5 rg 20 20 15 15 re f")
    glyph = draft.pdf.make_stream(b"900 0 d0 /Inner Do")
    for made in (form, inner):
        del made["/Resources"]
    draft.add("XObject", "Stamp", form)
    draft.add("XObject", "Inner", inner)
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=[0, 0, 40, 40],
        FontMatrix=[0.025, 0, 0, 0.025, 0, 0],
        CharProcs=Dictionary(square=glyph),
        Encoding=Dictionary(Type=Name.Encoding, Differences=[97, Name.square]),
        FirstChar=97,
        LastChar=97,
        Widths=[900],
    )
    draft.add("Font", "Drawn", draft.pdf.make_indirect(font))
    left, bottom, *_ = draft.place(0.6, 0.1)
    draft.write(f"q 1 0 0 1 {left} {bottom} cm /Stamp Do BT /Drawn 20 Tf 0 40 Td (a) Tj ET Q")


def has_layers(draft):
    shown, hidden = (
        draft.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=name, Intent=Name.View)) for name in ("Seal", "Draft")
    )
    membership = Dictionary(Type=Name.OCMD, OCGs=[shown, hidden], P=Name.AllOn)
    draft.pdf.Root.OCProperties = Dictionary(
        OCGs=[shown, hidden], D=Dictionary(OFF=[hidden], Order=[shown, hidden], BaseState=Name.ON)
    )
    for name, layer in (("L0", shown), ("L1", hidden), ("L2", membership)):
        draft.add("Properties", name, layer)
    draft.add("XObject", "Watermark", draft.make_form(b"1 0 0 rg 0 0 40 40 re f", OC=hidden))
    left, bottom, *_ = draft.place(0.8, 0.8)
    for name, x in (("L0", 0), ("L1", 12), ("L2", 24)):
        draft.write(f"/OC /{name} BDC 0 g {left - x} {bottom} 10 10 re f EMC")
    draft.write(f"q 1 0 0 1 {left - 80} {bottom - 80} cm /Watermark Do Q")


def leaves_a_hidden_layer_open(draft):
    has_layers(draft)
    draft.write("/OC /L1 BDC")


def has_links(draft):
    draft.add_annotation(
        Subtype=Name.Link,
        Rect=draft.place(0.1, 0.1),
        Border=[0, 0, 3],
        C=[1, 0, 0],
        A=Dictionary(S=Name.URI, URI="https://university.example.org/"),
    )
    draft.add_annotation(Subtype=Name.Link, Rect=draft.place(0.3, 0.1), Dest=[draft.page.obj, Name.Fit])


def has_stamps(draft):
    """Annotations with a look of their own, one with a note that pops up, one hidden."""
    look = Dictionary(N=draft.make_form(b"0.5 0 0.5 rg 0 0 40 20 re f"))
    stamp = draft.add_annotation(Subtype=Name.Stamp, Rect=draft.place(0.6, 0.4), F=4, AP=look, Contents="Seal")
    popup = draft.add_annotation(Subtype=Name.Popup, Rect=draft.place(0.6, 0.6), Parent=stamp, Open=False)
    stamp["/Popup"] = popup
    draft.add_annotation(Subtype=Name.Stamp, Rect=draft.place(0.1, 0.7), F=2, AP=look)


def has_odd_annotations(draft):
    """Entries that point to nothing."""
    draft.page.obj["/Annots"] = draft.pdf.make_indirect(
        Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9]), Dictionary(), None])
    )


def is_tagged(draft):
    tree = draft.pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    element = draft.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, P=tree, Pg=draft.page.obj, K=0))
    tree["/K"] = element
    tree["/ParentTree"] = Dictionary(Nums=[0, Array([element])])
    draft.pdf.Root.StructTreeRoot = tree
    draft.pdf.Root.MarkInfo = Dictionary(Marked=True)
    draft.page.obj["/StructParents"] = 0
    draft.page.obj["/Tabs"] = Name.S
    left, bottom, *_ = draft.place(0.4, 0.9)
    draft.write(f"/P <</MCID 0>> BDC BT /F1 8 Tf {left} {bottom} Td (tagged) Tj ET EMC")


def runs_scripts(draft):
    """Everything that a reader would do by itself."""
    pdf = draft.pdf

    def script():
        return Dictionary(S=Name.JavaScript, JS="app.alert('Hello')")

    pdf.Root.OpenAction = script()
    pdf.Root.AA = Dictionary(WC=script(), DP=Dictionary(S=Name.Launch, F="calc.exe"))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=["start", script()]))
    draft.page.obj["/AA"] = Dictionary(O=script(), C=script())


def carries_files(draft):
    file = draft.pdf.make_stream(b"personal notes" * 100, Type=Name.EmbeddedFile)
    specification = draft.pdf.make_indirect(Dictionary(Type=Name.Filespec, F="notes.txt", EF=Dictionary(F=file)))
    draft.pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=["notes.txt", specification]))
    draft.pdf.Root.AF = Array([specification])
    draft.pdf.Root.PageMode = Name.UseAttachments


def has_an_outline(draft):
    pdf = draft.pdf
    outline = pdf.make_indirect(Dictionary(Type=Name.Outlines, Count=1))
    item = pdf.make_indirect(Dictionary(Title="Start", Parent=outline, Dest=[draft.page.obj, Name.Fit]))
    outline["/First"] = outline["/Last"] = item
    pdf.Root.Outlines = outline
    pdf.Root.Dests = Dictionary(Start=Array([draft.page.obj, Name.Fit]))
    pdf.Root.PageLabels = Dictionary(Nums=[0, Dictionary(S=Name.r)])


def is_described(draft):
    with draft.pdf.open_metadata() as data:
        data["dc:title"] = "Made by a design program"
        data["pdfaid:part"] = "2"
    draft.pdf.docinfo["/Title"] = "Made by a design program"
    draft.pdf.docinfo["/Author"] = "A designer"
    draft.page.obj["/PieceInfo"] = Dictionary(Designer=Dictionary(Private=draft.pdf.make_stream(b"layers" * 1000)))
    draft.pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier="sRGB",
                DestOutputProfile=draft.pdf.make_stream(make_icc_profile(), N=3),
            )
        ]
    )


FEATURES = {
    function.__name__.replace("_", " "): function
    for function in (
        leaves_states_open,
        restores_too_often,
        leaves_a_matrix,
        leaves_a_clip,
        leaves_an_empty_clip,
        leaves_a_text_object,
        leaves_a_path,
        leaves_marked_content,
        leaves_transparency,
        leaves_operands,
        is_cut_between_tokens,
        ends_in_a_comment,
        uses_carriage_returns,
        holds_an_inline_image,
        has_filtered_content,
        has_resources_in_the_tree,
        has_a_deep_page_tree,
        has_indirect_entries,
        has_print_boxes,
        uses_our_names,
        embeds_a_font,
        draws_with_icc_colours,
        draws_with_spot_colours,
        draws_with_patterns,
        draws_transparently,
        blends_with_the_page,
        draws_forms_without_resources,
        has_layers,
        leaves_a_hidden_layer_open,
        has_links,
        has_stamps,
        has_odd_annotations,
        is_tagged,
        runs_scripts,
        carries_files,
        has_an_outline,
        is_described,
    )
}


def _encode_as(filter_name, width, height):
    """Noise, which takes about as many bytes as a scan of 2 MB, and the entries that say how to read it."""
    noise = Image.frombytes("L", (width, height), random.Random(1).randbytes(width * height))
    entries = {"Filter": Name(f"/{filter_name}"), "ColorSpace": Name.DeviceGray, "BitsPerComponent": 8}
    if filter_name == "FlateDecode":
        return zlib.compress(noise.tobytes(), 1), entries
    buffer = io.BytesIO()
    if filter_name == "DCTDecode":
        noise.save(buffer, "JPEG", quality=92)
        return buffer.getvalue(), entries
    noise.point(lambda value: 255 if value > 127 else 0, "1").save(
        buffer, "TIFF", compression="group4", tiffinfo={ROWSPERSTRIP: height}
    )
    with Image.open(buffer) as image:
        (start,), (length,) = image.tag_v2[STRIPOFFSETS], image.tag_v2[STRIPBYTECOUNTS]
    parameters = Dictionary(K=-1, Columns=width, Rows=height)
    return buffer.getvalue()[start : start + length], {**entries, "BitsPerComponent": 1, "DecodeParms": parameters}


#: Filter of a page's picture, and the pixels that take 2 MB with it.
SCANS = {"DCTDecode": (1400, 1800), "FlateDecode": (1240, 1754), "CCITTFaxDecode": (2480, 3508)}


@functools.cache
def make_scan(filter_name):
    """A template that is one picture of 2 MB."""
    width, height = SCANS[filter_name]
    draft = Draft(Frame(*portrait(A4)))
    content, entries = _encode_as(filter_name, width, height)
    image = pikepdf.Stream(
        draft.pdf, content, Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, **entries
    )
    draft.add("XObject", "Im0", draft.pdf.make_indirect(image))
    draft.write("q 595.276 0 0 841.89 0 0 cm /Im0 Do Q")
    return save_plainly(draft.finish())


@functools.cache
def list_names_of_ours():
    """Names of fonts and forms that a credential's own page has."""
    content = render({"template": "template"}, make_assets(template=make_pdf())).content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return tuple(
            (category[1:], name[1:])
            for category, group in pdf.pages[0].Resources.items()
            for name in group.keys()  # noqa: SIM118
        )


@functools.cache
def make_icc_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


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
    """The page changed and saved again, twice, each time added to the end of the file."""
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
    """Every offset is wrong, as after a mail program put something in front."""
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
#: Files that readers repair.
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

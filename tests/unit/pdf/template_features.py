"""Put features of real templates into a `Draft`.

Each function adds one feature to the page or its surroundings. Its name says what the template does.
"""

from __future__ import annotations

import functools
import io
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import ImageCms

from .support import make_assets, make_pdf, render


@functools.cache
def list_names_of_ours():
    """Return the names of fonts and forms on a credential's own page."""
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
    """Encode content with the filters of old programs."""
    left, bottom, *_ = draft.place(0.1, 0.5)
    content = b"".join((*draft.content, f"q 0.9 0.3 0 rg {left} {bottom} 30 10 re f Q".encode()))
    stream = pikepdf.Stream(draft.pdf, zlib.compress(content).hex().encode() + b">")
    stream.Filter = Array([Name.ASCIIHexDecode, Name.FlateDecode])
    draft.content = [b""]
    draft.page.obj["/Contents"] = draft.pdf.make_indirect(stream)


def has_resources_in_the_tree(draft):
    """Put resources, boxes and the rotation into the page tree."""
    tree = draft.pdf.Root.Pages
    for entry in ("/Resources", "/MediaBox", "/Rotate", "/CropBox"):
        if entry in draft.page.obj:
            tree[entry] = draft.page.obj[entry]
            del draft.page.obj[entry]
    draft.resources = tree.get("/Resources", draft.resources)


def has_a_deep_page_tree(draft):
    """Make a page tree with an empty branch and a wrong count."""
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
    """Use the same names as our credentials do, for example because the template is one of them."""
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
    """Embed a subset of Noto Sans by another program, under a name that ours could have too."""
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
    """Draw with patterns. Their matrices use the page's coordinates and not those of the place of use."""
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
    """Make the page a transparency group: content blends with the page and not with the paper."""
    draft.page.obj["/Group"] = Dictionary(Type=Name.Group, S=Name.Transparency, I=True, K=False, CS=Name.DeviceRGB)
    draft.add("ExtGState", "Burn", Dictionary(BM=Name.ColorBurn, ca=0.8))
    draft.add("ExtGState", "Difference", Dictionary(BM=Name.Difference))
    left, bottom, *_ = draft.place(0.05, 0.05)
    draft.write(f"q /Burn gs 0.9 0.7 0.2 rg {left} {bottom} 60 40 re f /Difference gs {left} {bottom} 20 60 re f Q")


def draws_forms_without_resources(draft):
    """Draw forms and glyphs without resources, as in PDF 1.1. They use those of the page."""
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
    """Add annotations with their own appearance, one with a pop-up note and one hidden."""
    look = Dictionary(N=draft.make_form(b"0.5 0 0.5 rg 0 0 40 20 re f"))
    stamp = draft.add_annotation(Subtype=Name.Stamp, Rect=draft.place(0.6, 0.4), F=4, AP=look, Contents="Seal")
    popup = draft.add_annotation(Subtype=Name.Popup, Rect=draft.place(0.6, 0.6), Parent=stamp, Open=False)
    stamp["/Popup"] = popup
    draft.add_annotation(Subtype=Name.Stamp, Rect=draft.place(0.1, 0.7), F=2, AP=look)


def has_odd_annotations(draft):
    """Add annotation entries that point to nothing."""
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
    """Add everything that a reader would run by itself."""
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

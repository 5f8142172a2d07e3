"""Make small fonts, and read how they appear in a PDF."""

import io
from importlib.resources import files

import pikepdf
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.misc.psCharStrings import T2CharString
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont, newTable
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.tables.DefaultTable import DefaultTable
from fontTools.ttLib.tables.TupleVariation import TupleVariation
from fontTools.varLib import builder as variations

from learning_credentials.options import OptionsContext, find_problems
from learning_credentials.pdf import PDFOptions
from learning_credentials.pdf.elements.builtin_page import BUILTIN_ELEMENTS

HIDDEN = dict.fromkeys(BUILTIN_ELEMENTS, False)
#: The widths of the variable font's letters at the lightest and the boldest weight.
THIN_WIDTH, BLACK_WIDTH = 400, 1200


def read_shipped(name):
    return (files("learning_credentials.pdf") / "fonts" / f"{name}.ttf").read_bytes()


def save(font):
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def _start(characters, width, ps_name, family, *, is_truetype=True):
    glyphs = {".notdef": "", **{f"u{ord(character):04X}": character for character in characters}}
    builder = FontBuilder(1000, isTTF=is_truetype)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({ord(character): name for name, character in glyphs.items() if character})
    boxes = {name: 0 if character == " " else width - 100 for name, character in glyphs.items()}
    if is_truetype:
        builder.setupGlyf({name: _draw_box(box) for name, box in boxes.items()})
    else:
        builder.setupCFF2({name: _draw_elastic_box(box) for name, box in boxes.items()})
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (width, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": ps_name})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    return builder, [name for name, character in glyphs.items() if character]


def _draw_box(width):
    pen = TTGlyphPen(None)
    if width:
        pen.moveTo((0, 0))
        for point in ((0, 700), (width, 700), (width, 0)):
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()


def _draw_elastic_box(width):
    """Return the box of a variable font as PostScript. It grows with the weight."""
    grown = [width, BLACK_WIDTH - THIN_WIDTH, 1, "blend"]
    box = [0, 0, "rmoveto", 0, 700, "rlineto", *grown, 0, "rlineto", 0, -700, "rlineto"]
    return T2CharString(program=box if width else [])


def make_variable_postscript_font(characters="ABab "):
    """Return the weights of `make_variable_font` with PostScript outlines (CFF2)."""
    builder, names = _start(characters, THIN_WIDTH, "ElasticPS-Thin", "ElasticPS Thin", is_truetype=False)
    font = builder.font
    builder.setupNameTable({"familyName": "ElasticPS", "styleName": "Thin", "psName": "ElasticPS-Thin"})
    weights = {"Thin": 100, "Regular": 400, "Bold": 700}
    builder.setupFvar(
        [("wght", 100, 100, 900, "Weight")],
        [{"stylename": name, "location": {"wght": weight}} for name, weight in weights.items()],
    )
    builder.setupCFF2Regions([{"wght": (0, 1, 1)}])
    # The growth of the advances by glyph. The first glyph is the one for missing characters.
    regions = variations.buildVarRegionList([{"wght": (0, 1, 1)}], ["wght"])
    grown = variations.buildVarData([0], [[0], *([BLACK_WIDTH - THIN_WIDTH] for _ in names)], optimize=False)
    table = font["HVAR"] = newTable("HVAR")
    table.table = otTables.HVAR()
    table.table.Version = 0x00010000
    table.table.VarStore = variations.buildVarStore(regions, [grown])
    table.table.AdvWidthMap = table.table.LsbMap = table.table.RsbMap = None
    return save(font)


def make_variable_font(characters="ABab ", *, padding=0):
    """Return a font from Thin (the default) to Black, and from narrow to wide."""
    builder, names = _start(characters, THIN_WIDTH, "Elastic-Thin", "Elastic Thin")
    builder.setupNameTable({"familyName": "Elastic", "styleName": "Thin", "psName": "Elastic-Thin"})
    axes = [("wght", 100, 100, 900, "Weight"), ("wdth", 50, 100, 200, "Width")]
    instances = [
        {"stylename": name, "location": {"wght": weight, "wdth": width}}
        for name, weight, width in (
            ("Thin", 100, 100),
            ("Regular", 400, 100),
            ("Bold", 700, 100),
            ("Wide Bold", 700, 200),
        )
    ]
    instances[2]["postscriptfontname"] = "Elastic-FullyBold"
    builder.setupFvar(axes, instances)
    added = BLACK_WIDTH - THIN_WIDTH
    builder.setupGvar(
        {
            name: [
                _widen(builder.font, name, {"wght": (0, 1, 1)}, added),
                _widen(builder.font, name, {"wdth": (0, 1, 1)}, THIN_WIDTH),
                _widen(builder.font, name, {"wdth": (-1, -1, 0)}, -THIN_WIDTH // 2),
            ]
            for name in names
        }
    )
    if padding:
        table = DefaultTable("PAD ")
        table.data = bytes(padding)
        builder.font["PAD "] = table
    return save(builder.font)


def _widen(font, name, axes, by):
    # The corners on the right move, and so does the advance. The advance is the second of the four phantom points.
    corners = [(0, 0), (0, 0), (by, 0), (by, 0)] if font["glyf"][name].numberOfContours else []
    return TupleVariation(axes, [*corners, (0, 0), (by, 0), (0, 0), (0, 0)])


def make_font_of_languages(ps_name="Languages-Regular"):
    """Return a font whose 骨 has a different width in each language.

    It is 1000 wide by default, 600 in Japanese, 700 in Korean and 800 in traditional Chinese. 王 followed by U+E0100 is 900 wide.
    """
    builder, _ = _start("骨王 ", 1000, ps_name, "Languages")
    font = builder.font
    widths = {"jan": 600, "kor": 700, "zht": 800, "variant": 900}
    for tag, width in widths.items():
        font.setGlyphOrder([*font.getGlyphOrder(), tag])
        font["glyf"][tag] = _draw_box(width - 100)
        font["hmtx"][tag] = (width, 0)
    builder.setupCharacterMap(font.getBestCmap(), uvs=[(ord("王"), 0xE0100, "variant")])
    feature = "languagesystem DFLT dflt; languagesystem hani dflt;\nfeature locl { script hani;\n"
    for tag in ("jan", "kor", "zht"):
        feature += f"language {tag.upper()} exclude_dflt; sub u9AA8 by {tag};\n"
    addOpenTypeFeaturesFromString(font, feature + "} locl;")
    return save(font)


def make_collection(*contents):
    collection = TTCollection()
    collection.fonts = [TTFont(io.BytesIO(content)) for content in contents]
    buffer = io.BytesIO()
    collection.save(buffer, shareTables=False)
    return buffer.getvalue()


def one_line(text, **element):
    """Return options for a page with a single text."""
    return only(line={"text": text, "y": 300, **element})


def only(**elements):
    return {"qr": False, "signatures": False, "text_elements": {**HIDDEN, **elements}}


def list_problems(options, assets):
    return [str(problem) for problem in find_problems(options, [PDFOptions], OptionsContext(assets))]


def read_fonts(content):
    """Return the glyph widths of each embedded font, in thousandths of the size.

    The keys are the font names without the subset's tag.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        fonts = [font for font in pdf.pages[0].Resources.Font.values() if "/DescendantFonts" in font]
        return {str(font.BaseFont).partition("+")[2]: _read_widths(font.DescendantFonts[0].W) for font in fonts}


def _read_widths(array):
    found = set()
    items = list(array)
    while items:
        start = items.pop(0)
        if isinstance(items[0], pikepdf.Array):
            found |= {float(width) for width in items.pop(0)}
        else:
            del items[0]
            found.add(float(items.pop(0)))
        assert int(start) >= 0
    return found

"""Drawings as drawing programs write them are taken, and those that take too long to draw are refused with the place and the cure."""

from __future__ import annotations

import base64
import io
import time

import pytest
from PIL import Image

from learning_credentials.badges.baking import SVG, BadgeImage, check_badge_image, get_default_image, unbake
from learning_credentials.exceptions import AssetError

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
SVG_11 = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
SVG_10 = """<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.0//EN'
  'http://www.w3.org/TR/2001/REC-SVG-20010904/DTD/svg10.dtd'>"""
DECLARATION = '<?xml version="1.0" encoding="{}" standalone="no"?>\n'
SHAPE = '<circle cx="5" cy="5" r="4"/>'


def draw(content: str = SHAPE, attributes: str = 'viewBox="0 0 10 10"', before: str = "") -> str:
    return f"{before}<svg {NAMESPACE} {XLINK} {attributes}>{content}</svg>\n"


VECTOR_EDITOR = f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Created with a vector editor -->
{SVG_11}
<svg width="100.00001mm" height="100mm" viewBox="0 0 100.00001 100" version="1.1" id="svg5"
   xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:export-filename="C:\\Users\\x\\badge.png"
   xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" xmlns:svg="http://www.w3.org/2000/svg" {NAMESPACE}
   xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://creativecommons.org/ns#" {XLINK}
   xmlns:dc="http://purl.org/dc/elements/1.1/">
  <sodipodi:namedview id="base" pagecolor="#ffffff"><inkscape:grid type="xygrid" id="grid1"/></sodipodi:namedview>
  <metadata id="m"><rdf:RDF><cc:Work rdf:about=""><dc:format>image/svg+xml</dc:format>
    <dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/></cc:Work></rdf:RDF></metadata>
  <defs><linearGradient id="a"><stop style="stop-color:#fff;stop-opacity:1" offset="0"/></linearGradient>
    <linearGradient xlink:href="#a" id="b"/><inkscape:path-effect effect="spiro" id="e"/></defs>
  <flowRoot xml:space="preserve" id="f"><flowRegion><rect width="1" height="1"/></flowRegion><flowPara>x</flowPara></flowRoot>
  <g inkscape:label="Layer 1" inkscape:groupmode="layer"><path style="fill:url(#b);-inkscape-stroke:none" d="M 0,0 1,1 z"/>
    <text style="font-family:'DejaVu Sans'"><tspan sodipodi:role="line">A</tspan></text></g>
</svg>
"""
LAYOUT_PROGRAM = f"""<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: A layout program 27.0, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<svg version="1.1" id="Ebene_1" {NAMESPACE} {XLINK} x="0px" y="0px"
 viewBox="0 0 64 64" style="enable-background:new 0 0 64 64;" xml:space="preserve" data-name="C:\\badge">
<style type="text/css">
	/* see https://example.org/style */
	.st0{{fill:#FFF;}} .st1{{clip-path:url(#SVGID_2_);fill:url('#SVGID_1_');}}
</style>
<metadata><?xpacket begin="x" id="W5M0"?><x:xmpmeta xmlns:x="adobe:ns:meta/"/><?xpacket end="w"?></metadata>
<switch><g i:extraneous="self" xmlns:i="http://ns.adobe.com/AdobeIllustrator/10.0/"><circle class="st1" r="2"/></g></switch>
<image width="1" height="1" xlink:href="data:image/jpg;base64,/9j/&#xA;4AAQ"/>
</svg>
"""
OTHER_EDITOR = f"""{DECLARATION.format("UTF-8")}{SVG_11}
<!-- Creator: An editor 2020 -->
<svg {NAMESPACE} xml:space="preserve" width="80mm" height="80mm" version="1.1" style="shape-rendering:geometricPrecision"
viewBox="0 0 8000 8000" {XLINK} xmlns:xodm="http://www.corel.com/coreldraw/odm/2003">
 <defs><style type="text/css"><![CDATA[ .fil0 {{fill:#2B2A29}} ]]></style></defs>
 <g id="Layer_x0020_1"><metadata id="CorelCorpID_0Corel-Layer"/><path class="fil0" d="M0 0l9 9z"/></g>
</svg>
"""
SCREEN_DESIGN = f"""<svg width="64" height="64" viewBox="0 0 64 64" fill="none" {NAMESPACE} {XLINK}>
<mask id="m" style="mask-type:luminance" maskUnits="userSpaceOnUse" x="0" y="0" width="64" height="64"><rect width="64" height="64"/></mask>
<g mask="url(#m)" filter="url(#filter0_d_1_2)"><rect width="64" height="64" fill="url(#pattern0)"/></g>
<defs><filter id="filter0_d_1_2" x="0" y="0" width="64" height="64" filterUnits="userSpaceOnUse">
<feFlood flood-opacity="0" result="BackgroundImageFix"/><feColorMatrix in="SourceAlpha" values="0 0 0 127 0"/><feOffset dy="4"/>
<feGaussianBlur stdDeviation="2"/><feBlend in2="BackgroundImageFix"/></filter>
<pattern id="pattern0" patternContentUnits="objectBoundingBox" width="1" height="1">
<use xlink:href="#image0" transform="scale(0.01)"/></pattern>
<image id="image0" width="1" height="1" xlink:href="data:image/png;base64,iVBORw0KGgo="/></defs></svg>
"""
DIAGRAM = draw(
    SHAPE,
    'width="40px" height="40px" content="&lt;mxfile host=&quot;https://x&quot; =&quot;\\\\&quot;/&gt;"',
    "<!DOCTYPE svg>",
)
MASCOT = draw("<title>é, 李</title>" + SHAPE, before=DECLARATION.format("UTF-16") + SVG_10)

GOOD = {
    "a vector editor": VECTOR_EDITOR.encode(),
    "a layout program": LAYOUT_PROGRAM.encode(),
    "another editor": OTHER_EDITOR.encode(),
    "a program for screens": SCREEN_DESIGN.encode(),
    "a program for diagrams": DIAGRAM.encode(),
    "SVG 1.0": draw(before=SVG_10).encode(),
    "SVG 1.1 Tiny": draw(
        before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1 Tiny//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11-tiny.dtd">'
    ).encode(),
    "a document type after comments": draw(before=f"<!-- a --><?foo bar?>\n{SVG_11}\n<!-- <svg> -->").encode(),
    "lines of another system": draw(before=DECLARATION.format("UTF-8") + SVG_11).replace("\n", "\r\n").encode(),
    "UTF-16": MASCOT.encode("utf-16"),
    "UTF-16, the other end first": b"\xfe\xff" + MASCOT.encode("utf-16-be"),
    "UTF-16 without a mark": MASCOT.encode("utf-16-le"),
    "Latin-1": draw("<desc>é</desc>" + SHAPE, before=DECLARATION.format("ISO-8859-1")).encode("latin-1"),
    "ASCII": draw(before=DECLARATION.format("US-ASCII")).encode(),
    "a byte order mark": b"\xef\xbb\xbf" + draw(before=DECLARATION.format("utf-8") + SVG_11).encode(),
    "instructions of its program": draw("<?AdobeAI x?>" + SHAPE, before="<?mso-x y?>").encode(),
    "sides that differ by rounding": draw(attributes='width="63.999" height="64" viewBox="0 0 64 64.01"').encode(),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_ordinary_files_are_taken(content: bytes) -> None:
    image = BadgeImage(content)

    assert image.media_type == SVG
    for served in (image.content, image.bake('{"a":"b"}')):
        text = served.decode()
        assert "<!DOCTYPE" not in text
        assert "encoding=" not in text.replace('encoding="UTF-8"', "").replace('encoding="utf-8"', "")
    assert unbake(image.bake('{"a":"b"}')) == '{"a":"b"}'
    # What is given out would be taken again.
    assert BadgeImage(image.content).content == image.content


def test_letters_of_other_encodings_stay_what_they_are() -> None:
    assert "é, 李" in BadgeImage(GOOD["UTF-16"]).content.decode()
    assert "<desc>é</desc>" in BadgeImage(GOOD["Latin-1"]).content.decode()


def test_a_file_that_needs_no_change_is_kept_byte_for_byte() -> None:
    for content in (get_default_image(SVG).content, draw(before=DECLARATION.format("UTF-8") + "<!-- x -->").encode()):
        assert BadgeImage(content).content == content


BAD = {
    "entities": (
        draw(before=SVG_11.replace(">", ' [ <!ENTITY a "x"> ]>')),
        ["document type", "entities", "plain SVG"],
    ),
    "an empty subset": (draw(before="<!DOCTYPE svg []>"), ["document type", "its own declarations"]),
    "a file from elsewhere": (
        draw(before='<!DOCTYPE svg SYSTEM "file:///etc/passwd">'),
        ["document type", "Remove the line"],
    ),
    "a document type from elsewhere": (
        draw(before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://example.org/Graphics/SVG/svg11.dtd">'),
        ["document type"],
    ),
    "two document types": (draw(before=SVG_11 + SVG_11), ["not an SVG"]),
    "HTML": (draw(before="<!DOCTYPE html>"), ["document type"]),
    "a style sheet": (draw(before="<?xml-stylesheet href='#a'?>"), ["<?xml-stylesheet …?>", "Remove"]),
    "a style sheet in it": (draw("<g><?xml-stylesheet href='#a'?></g>"), ["<?xml-stylesheet …?>"]),
    "a program in it": (draw("<g><?php echo 1?></g>"), ["<?php …?>"]),
    "an unknown encoding": (draw(before=DECLARATION.format("EBCDIC-CP-US")), ["ebcdic", "UTF-8"]),
    "a script": (draw(f"{SHAPE}\n<g>\n<script/></g>", before=f"{SVG_11}\n\n"), ["line 5", "'script'", "Remove"]),
    "a handler": (draw('\n<g onclick="x"/>'), ["line 2", "'g'", "'onclick'"]),
    "a picture elsewhere": (
        draw('\n\n<image xlink:href="https://example.org/a.png"/>'),
        ["line 3", "'image'", "Embed"],
    ),
    "broken": (draw("\n<g></h>"), ["line 2", "column", "mismatched"]),
    "a group in groups": (draw("\n" * 9 + "<g>" * 80 + "</g>" * 80), ["line 10", "64 levels", "64"]),
    "no namespace": ('<svg viewBox="0 0 1 1"><g/></svg>', ["not an SVG", "xmlns="]),
}


@pytest.mark.parametrize(("content", "messages"), BAD.values(), ids=BAD)
def test_a_refusal_says_what_to_change_and_where(content: str, messages: list[str]) -> None:
    with pytest.raises(AssetError) as caught:
        check_badge_image(content.encode())

    for message in messages:
        assert message in str(caught.value)


def nest(number: int, wrap: str, refer: str, inner: str = SHAPE) -> str:
    """Elements of which each refers twice to the one before."""
    found = [wrap.format(0, inner)]
    found += [wrap.format(index, refer.format(index - 1) * 2) for index in range(1, number)]
    return "".join(found)


def embed(width: int, height: int) -> str:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


LINE = "M0 0" + "L1 1" * 20_000
BOMBS = {
    "copies of copies": nest(30, '<g id="a{}">{}</g>', '<use xlink:href="#a{}"/>'),
    "copies by another name": nest(30, '<g id="a{}">{}</g>', '<use href=" #a{} "/>'),
    "copies of symbols": nest(20, '<symbol id="a{}">{}</symbol>', '<use href="#a{}"/>') + '<use href="#a19"/>',
    "patterns of patterns": nest(20, '<pattern id="a{}" width="1" height="1">{}</pattern>', '<path fill="url(#a{})"/>'),
    "masks of masks": nest(20, '<mask id="a{}">{}</mask>', "<path mask=\"url( '#a{}' )\"/>"),
    "clips of clips": nest(20, '<clipPath id="a{}">{}</clipPath>', '<path style="clip-path:url(#a{})"/>'),
    "markers of markers": nest(20, '<marker id="a{}">{}</marker>', '<path marker-start="url(#a{})"/>'),
    "by a style sheet": "<style>"
    + "".join(f".c{index} {{ mask: url(#a{index}) }}" for index in range(20))
    + "</style>"
    + nest(20, '<mask id="a{}">{}</mask>', '<path class="x c{}"/>'),
    "markers on many points": f'<marker id="a">{SHAPE * 1000}</marker><path marker-mid="url(#a)" d="{LINE}"/>',
    "markers by a style sheet": f'<style>path{{marker:url(#a)}}</style><marker id="a">{SHAPE * 1000}</marker><path d="{LINE}"/>',
    "a long line many times": f'<path id="a" d="{LINE}"/>' + '<use href="#a"/>' * 4000,
    "filters without end": '<filter id="a">' + "<feTurbulence/>" * 500 + "</filter>" + '<g filter="url(#a)"/>' * 500,
    "a turbulence without end": '<filter id="a"><feTurbulence numOctaves="1000000000"/></filter>',
    "a huge blur": '<filter id="a"><feGaussianBlur stdDeviation="1 1e9"/></filter>',
    "a huge thickening": '<filter id="a"><feMorphology radius="100000"/></filter>',
    "a huge matrix": '<filter id="a"><feConvolveMatrix order="1000"/></filter>',
    "a huge filter": '<filter id="a" filterRes="100000"/>',
    "tiny tiles": '<pattern id="a" width="0.0001" height="0.0001"/>',
    "tiny tiles in units": '<pattern id="a" patternUnits="userSpaceOnUse" width="1e-9" height="10"/>',
    "a cycle": '<g id="a"><use href="#a"/></g>',
    "a long cycle": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    "a long chain": "".join(f'<g id="a{index}"><use href="#a{index + 1}"/></g>' for index in range(5000)),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_what_takes_too_long_to_draw_is_refused_at_once(content: str) -> None:
    assert_refused_at_once(content)


# Not made until a test needs it: packing the pixels takes seconds.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("side", "element"),
    [
        pytest.param(30_000, '<image href="data:image/png;base64,{}"/>', id="huge"),
        pytest.param(5000, '<image xlink:href="data:image/png;base64, {}"/>', id="large"),
    ],
)
def test_a_picture_with_too_many_pixels_is_refused_at_once(side: int, element: str) -> None:
    assert_refused_at_once(element.format(embed(side, side)))


def assert_refused_at_once(content: str) -> None:
    image = draw(content).encode()
    assert len(image) < 250 * 1024
    started = time.process_time()

    with pytest.raises(AssetError, match=r"shapes|takes too long|itself|too deep|too small|pixels"):
        check_badge_image(image)

    assert time.process_time() - started < 2


MANY = {
    "five thousand shapes": SHAPE * 5000,
    "a hundred copies": f'<g id="a">{SHAPE * 100}</g>' + '<use href="#a"/>' * 100,
    "shadows on all": '<filter id="a"><feGaussianBlur stdDeviation="2"/><feOffset/><feBlend/></filter>'
    + '<g filter="url(#a)"><path/></g>' * 200,
    "a gradient for all": '<linearGradient id="a"><stop/><stop/></linearGradient>' + '<path fill="url(#a)"/>' * 4000,
    "a class for all": '<style>.a{fill:url(#a)}</style><linearGradient id="a"><stop/></linearGradient>'
    + '<path class="a"/>' * 4000,
    "references to nothing": '<use href="#none"/>' * 1000,
    "fine tiles": '<pattern id="a" width="0.01" height="0.01"/>',
}


@pytest.mark.parametrize("content", MANY.values(), ids=MANY)
def test_rich_drawings_are_taken(content: str) -> None:
    assert check_badge_image(draw(content).encode()) == SVG

# ruff: noqa: E501
"""SVG images that are drawn on certificates, each with features of the format that programs use."""

SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def make_svg(body, box="0 0 100 100", attributes=""):
    return f'<svg {SVG} viewBox="{box}" {attributes}>{body}</svg>'.encode()


DRAWN = {
    "shapes": make_svg(
        '<rect x="5" y="5" width="30" height="20" rx="6" fill="#c33"/><circle cx="60" cy="20" r="14" fill="teal"/>'
        '<ellipse cx="25" cy="60" rx="18" ry="9" fill="rgb(20, 120, 220)"/><polygon points="60,50 90,50 75,80" fill="gold"/>'
        '<polyline points="5,90 20,80 35,90 50,80" fill="none" stroke="#222" stroke-width="2"/>'
        '<line x1="60" y1="90" x2="95" y2="95" stroke="purple" stroke-width="3"/><rect width="0" height="9" fill="red"/>'
    ),
    "path commands": make_svg(
        '<path fill="#369" d="M10 10h20v20h-20zm30,0l20 0 0 20-20 0Z M80,10c10-10 10 30 0 20s-10 0-5-5"/>'
        '<path fill="none" stroke="#c60" stroke-width="2" d="M10,60q10-20 20,0t20,0 20 0M10 90a15 10 30 0 1 30 0A10,10 0 1060,90 '
        'a5,5,0,0,0,10,0a20 0 0 0 1 20-5"/><path d="M80 50zl5 5 5-5z" fill="#090" stroke="#090"/>'
    ),
    "numbers run together": make_svg(
        '<path d="M.5.5L90 .5.5 90.5z" fill="#936"/><path d="M50,50l4e1-1.0e1 1e+1,40z"/>'
    ),
    "fill rules": make_svg(
        '<path d="M5 5h40v40h-40zM15 15h20v20h-20z" fill-rule="evenodd"/><path d="M55 5h40v40h-40zM65 15h20v20h-20z"/>'
        '<g fill-rule="evenodd"><path d="M25 55l12 36-32-22h40l-32 22z" fill="#b22"/></g>'
    ),
    "strokes": make_svg(
        '<g fill="none" stroke="#124" stroke-width="6"><path d="M10 30l15-20 15 20" stroke-linejoin="round" stroke-linecap="round"/>'
        '<path d="M55 30l15-20 15 20" stroke-linejoin="bevel" stroke-linecap="square"/><path d="M10 60l20-15 20 15"/>'
        '<path d="M60 60l4-20 4 20" stroke-miterlimit="12" stroke-width="3"/>'
        '<path d="M5 75h90" stroke-dasharray="10 4 2" stroke-width="3"/><path d="M5 85h90" stroke-dasharray="8,4" stroke-dashoffset="-5"'
        ' stroke-width="2"/><circle cx="50" cy="92" r="5" stroke-width="1" stroke-dasharray="3"/><path d="M5 98h90" stroke-width="0"/></g>'
    ),
    "transforms": make_svg(
        '<g transform="translate(50 50) rotate(30)"><rect x="-30" y="-10" width="60" height="20" fill="#284"/>'
        '<g transform="scale(.5,2)"><circle r="8" fill="none" stroke="#fff" stroke-width="3"/></g></g>'
        '<rect width="20" height="10" transform="skewX(30)" fill="#c0c"/><rect width="20" height="10" fill="#0cc" '
        'transform="matrix(0 1 -1 0 95 70)"/><rect width="10" height="10" transform="rotate(45, 20, 80) translate(15,75)"/>'
    ),
    "copies": make_svg(
        '<defs><g id="a"><rect width="10" height="10"/><circle cx="15" cy="5" r="4" fill="red"/></g>'
        '<symbol id="s" viewBox="0 0 10 10"><rect width="10" height="10" fill="#eee"/><path d="M0 10L5 0l15 10z"/></symbol></defs>'
        '<use xlink:href="#a" x="10" y="10"/><use href="#a" transform="translate(50,50) scale(2)" fill="green"/>'
        '<use href="#s" x="5" y="60" width="30" height="20" fill="navy"/><svg x="60" y="5" width="30" height="30" viewBox="0 0 1 1">'
        '<circle cx="1" cy="1" r=".7" fill="#f80"/></svg>'
    ),
    "style sheets": make_svg(
        "<style>/* made by a program */ .a, .b{fill:#123456;stroke:none} #c{fill:orange} rect.b{fill:#0a0} * {stroke-width:3px}"
        "path{stroke:#800}</style>"
        '<rect class="a" width="30" height="30"/><rect class="b x" x="35" width="30" height="30"/>'
        '<rect id="c" class="b" x="70" width="30" height="30"/><path class="a" d="M0 40h30v30h-30z"/>'
        '<path d="M40 40h20v20h-20z" style="fill: none; stroke: rgba(0, 0, 255, .5)" fill="red"/>'
        '<g style="color:#a0a" fill="currentColor"><rect x="70" y="40" width="20" height="20"/></g>'
        '<g fill="red"><rect x="70" y="70" width="20" height="20" fill="inherit" stroke="hsl(120, 100%, 25%)"/></g>'
    ),
    "opacity": make_svg(
        '<rect width="60" height="60" fill="#00f" opacity=".5"/><g opacity="0.5"><rect x="30" y="30" width="40" height="40" fill="red"/>'
        '<rect x="50" y="50" width="40" height="40" fill="lime"/></g>'
        '<circle cx="75" cy="20" r="15" fill="#000" stroke="#f00" stroke-width="8" fill-opacity=".3" stroke-opacity=".5"/>'
        '<circle cx="20" cy="80" r="12" fill="#000" stroke="#f00" stroke-width="8" opacity=".5"/><rect x="40" y="2" width="9" height="9" '
        'fill="#ff000080"/>'
    ),
    "linear gradients": make_svg(
        '<linearGradient id="a"><stop offset="0" stop-color="red"/><stop offset=".5" stop-color="#ff0"/><stop offset="1" stop-color="blue"/>'
        '</linearGradient><linearGradient id="b" xlink:href="#a" gradientUnits="userSpaceOnUse" x1="0" y1="50" x2="0" y2="90"/>'
        '<linearGradient id="c" href="#a" gradientTransform="rotate(45 .5 .5)"/>'
        '<linearGradient id="d"><stop offset="30%" stop-color="#080"/><stop offset="30%" stop-color="#fff"/><stop offset="70%"/></linearGradient>'
        '<rect width="45" height="40" fill="url(#a)"/><rect y="50" width="45" height="40" fill="url(#b)"/>'
        '<circle cx="75" cy="20" r="20" fill="url(#c)"/><path d="M60 60h30v30h-30z" fill="none" stroke="url(#d)" stroke-width="8"/>'
    ),
    "radial gradients": make_svg(
        '<radialGradient id="a"><stop stop-color="#fff"/><stop offset="1" stop-color="#036"/></radialGradient>'
        '<radialGradient id="b" cx=".4" cy=".4" r=".5" fx=".3" fy=".3" xlink:href="#a"/>'
        '<radialGradient id="c" gradientUnits="userSpaceOnUse" cx="25" cy="75" r="20" gradientTransform="translate(0 30) scale(1 .6)" '
        'href="#a"/><circle cx="25" cy="25" r="20" fill="url(#a)"/><circle cx="75" cy="25" r="20" fill="url(#b)"/>'
        '<rect x="5" y="55" width="40" height="40" fill="url(#c)"/><g transform="rotate(20 75 75)"><rect x="55" y="60" width="40" '
        'height="20" fill="url(#a)"/></g>'
    ),
    "gradients of opacity": make_svg(
        '<linearGradient id="a"><stop stop-color="#000"/><stop offset="1" stop-color="#00f" stop-opacity="0"/></linearGradient>'
        '<radialGradient id="b"><stop stop-color="red" stop-opacity=".8"/><stop offset="1" stop-color="red" stop-opacity="0"/></radialGradient>'
        '<rect y="40" width="100" height="20" fill="#fc0"/><rect x="10" y="5" width="60" height="60" fill="url(#a)"/>'
        '<g opacity=".7"><circle cx="60" cy="60" r="35" fill="url(#b)" stroke="url(#a)" stroke-width="6"/></g>'
    ),
    "clip paths": make_svg(
        '<clipPath id="a"><circle cx="25" cy="25" r="20"/></clipPath><clipPath id="b"><circle cx="65" cy="25" r="15"/>'
        '<rect x="65" y="15" width="30" height="20"/></clipPath><clipPath id="c" clipPathUnits="objectBoundingBox">'
        '<path d="M0 1L.5 0 1 1z"/></clipPath><clipPath id="d" clip-path="url(#a)" transform="translate(0 5)"><use xlink:href="#r"/></clipPath>'
        '<rect id="r" x="10" y="10" width="20" height="60" fill="none"/><clipPath id="e"><path clip-rule="evenodd" '
        'd="M55 55h40v40h-40zM65 65h20v20h-20z"/></clipPath><rect width="50" height="50" clip-path="url(#a)" fill="#c33"/>'
        '<g clip-path="url(#b)"><rect x="50" width="50" height="25" fill="#36c"/><rect x="50" y="25" width="50" height="25" fill="#3c6"/></g>'
        '<rect x="5" y="55" width="40" height="40" clip-path="url(#c)" fill="#963"/><rect width="50" height="50" clip-path="url(#d)"/>'
        '<rect x="50" y="50" width="50" height="50" clip-path="url(#e)" fill="#639"/>'
    ),
    "masks": make_svg(
        '<linearGradient id="g"><stop stop-color="#fff"/><stop offset="1" stop-color="#000"/></linearGradient>'
        '<mask id="a" maskUnits="userSpaceOnUse" x="0" y="0" width="100" height="50"><rect width="100" height="50" fill="url(#g)"/></mask>'
        '<mask id="b"><rect x="10" y="60" width="30" height="30" fill="#fff"/><circle cx="25" cy="75" r="8"/></mask>'
        '<mask id="c" style="mask-type:alpha"><circle cx="75" cy="75" r="20" fill="red" fill-opacity=".6"/></mask>'
        '<rect x="5" y="5" width="90" height="60" fill="#06c" mask="url(#a)"/><g mask="url(#b)"><rect y="50" width="50" height="50" '
        'fill="#c06"/></g><rect x="50" y="50" width="50" height="50" fill="#0a4" mask="url(#c)"/>'
    ),
    "clipped copies": make_svg(
        '<clipPath id="c" clipPathUnits="objectBoundingBox"><path d="M0 1L.5 0 1 1z"/></clipPath><g id="a"><rect x="5" y="5" width="30" '
        'height="30" fill="#06c"/><circle cx="35" cy="35" r="9" fill="#0a4"/></g><use href="#a" x="40" y="40" clip-path="url(#c)"/>',
        attributes='opacity="1.0"',
    ),
    "hidden parts": make_svg(
        '<g display="none"><text>never drawn</text></g><g visibility="hidden"><rect width="50" height="50"/>'
        '<rect x="50" width="50" height="50" visibility="visible" fill="#a50"/></g><g opacity="0"><rect width="9" height="99"/></g>'
        '<path d="M0 60h40" stroke="none" fill="none"/><rect x="10" y="60" width="20" height="20" fill="#05a"/>'
    ),
    "a wide image": make_svg(
        '<rect x="-8" y="-4" width="20" height="7" fill="#272"/>', "-10 -5 40 10", 'width="80mm" height="20mm"'
    ),
    "an image of another proportion": make_svg(
        '<rect width="100" height="100" fill="#fd8"/><circle cx="50" cy="50" r="50" fill="#88f"/>',
        attributes='width="200" height="100" preserveAspectRatio="xMaxYMid slice"',
    ),
    "small coordinates": make_svg(
        '<g transform="scale(.001)"><path d="M0 0h500v500z" fill="#d22"/></g><circle cx=".75" cy=".25" r=".2"/>',
        "0 0 1 1",
        'width="1in"',
    ),
    "paint order": make_svg(
        '<circle cx="50" cy="50" r="30" fill="#fff" stroke="#000" stroke-width="20" style="paint-order:stroke"/>'
    ),
}
#: What is refused: the image, and a part of the message.
REFUSED = {
    "text": (
        make_svg("<g>\n<text>Example</text></g>"),
        "line 2, element 'text': this element is not drawn on certificates. Convert texts",
    ),
    "a picture": (make_svg('<image href="data:image/png;base64,AAAA" width="9" height="9"/>'), "element 'image'"),
    "a filter": (make_svg('<filter id="f"/><rect width="9" height="9" filter="url(#f)"/>'), "filter"),
    "a blend": (make_svg('<g style="mix-blend-mode:multiply"><rect width="9" height="9"/></g>'), "mix-blend-mode"),
    "a pattern": (
        make_svg('<pattern id="p"/><rect width="9" height="9" fill="url(#p)"/>'),
        "element 'pattern', which is not drawn",
    ),
    "a marker": (make_svg('<marker id="m"/><path d="M0 0h9" marker-end="url(#m)"/>'), "marker"),
    "a repeated gradient": (
        make_svg(
            '<linearGradient id="g" spreadMethod="reflect"><stop/><stop offset="1"/></linearGradient>'
            '<rect width="9" height="9" fill="url(#g)"/>'
        ),
        "spreadMethod",
    ),
    "a cone": (
        make_svg(
            '<radialGradient id="g" fx="2"><stop/><stop offset="1"/></radialGradient><rect width="9" height="9" fill="url(#g)"/>'
        ),
        "focus outside",
    ),
    "a mask with colours": (
        make_svg(
            '<mask id="m"><rect width="9" height="9" fill="red"/></mask><rect width="9" height="9" mask="url(#m)"/>'
        ),
        "colours",
    ),
    "a broken path": (make_svg('<path d="M0 0L10 10,,20 20"/>'), "the path is broken at ',20 20'"),
    "a path without its start": (make_svg('<path d="L10 10"/>'), "the path is broken"),
    "a path with text": (make_svg('<path d="M0 0L10 10 nonsense"/>'), "the path is broken"),
    "half an arc": (make_svg('<path d="M0 0A5 5 0 2 1 9 9"/>'), "the path is broken"),
    "odd points": (make_svg('<polygon points="1 2 3"/>'), "only one coordinate"),
    "an unknown colour": (make_svg('<rect width="9" height="9" fill="purplish"/>'), "'purplish' is not a colour"),
    "a colour of a profile": (make_svg('<rect width="9" height="9" fill="#000 icc-color(a, 1)"/>'), "is not a colour"),
    "an unknown unit": (make_svg('<rect width="9em" height="9"/>'), "'9em' is not a length"),
    "an unknown transform": (make_svg('<rect width="9" height="9" transform="rotate3d(1)"/>'), "transform"),
    "an unknown property": (make_svg('<rect width="9" height="9" style="d: path(\'M0 0\')"/>'), "property 'd'"),
    "a selector": (
        make_svg('<style>g > .a {fill: red}</style><rect class="a" width="9" height="9"/>'),
        "selector 'g > .a'",
    ),
    "a rule for devices": (make_svg("<style>@media print {rect {fill: red}}</style>"), "not understood"),
    "an important rule": (make_svg('<rect width="9" height="9" style="fill: red !important"/>'), "!important"),
    "a missing gradient": (make_svg('<rect width="9" height="9" fill="url(#gone)"/>'), "refers to nothing"),
    "a missing clip path": (make_svg('<rect width="9" height="9" clip-path="url(#gone)"/>'), "clip path"),
    "a choice of language": (make_svg('<g systemLanguage="de"><rect width="9" height="9"/></g>'), "systemLanguage"),
    "a stroke that keeps its width": (
        make_svg('<path d="M0 0h9" stroke="red" vector-effect="non-scaling-stroke"/>'),
        "vector-effect",
    ),
    "nothing": (make_svg("<g/>"), "shows nothing"),
    "no size": (f"<svg {SVG}><rect width='9' height='9'/></svg>".encode(), "width and height, or a viewBox"),
    "a negative size": (make_svg('<rect width="-1" height="9"/>'), "a size is negative"),
    "far away": (make_svg('<rect x="99999" width="9" height="9"/>'), "far outside"),
    "huge numbers": (make_svg('<rect width="1e300" height="9"/>'), "too large"),
    "infinite numbers": (make_svg('<path d="M0 0L1e999 0"/>'), "too large"),
    "a script": (make_svg("<script>alert(1)</script>"), "element 'script': this element is not accepted"),
    "an event": (make_svg('<rect width="9" height="9" onclick="alert(1)"/>'), "event handler"),
    "another file": (make_svg('<use href="https://example.org/a.svg#b"/>'), "outside the image"),
    "another style": (make_svg("<style>@import url(https://example.org/a.css);</style>"), "does more than draw"),
    "a web page": (
        make_svg('<foreignObject><p xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'),
        "not accepted",
    ),
    "entities": (
        b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><desc>&b;</desc></svg>',
        "entities",
    ),
    "copies of copies": (
        make_svg(
            '<path id="a0" d="M0 0h9"/>'
            + "".join(f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 9))
        ),
        "more than 100000 shapes",
    ),
    "a circle of copies": (make_svg('<g id="a"><use href="#a"/></g>'), "refers to itself"),
    "a circle of clip paths": (
        make_svg(
            '<clipPath id="a" clip-path="url(#a)"><rect width="9" height="9"/></clipPath><rect clip-path="url(#a)" width="9" height="9"/>'
        ),
        "refers to itself",
    ),
    "too many details": (
        make_svg('<g id="a">' + '<rect width="9" height="9"/>' * 300 + "</g>" + '<use href="#a"/>' * 200),
        "too many details",
    ),
    "endless dashes": (
        make_svg('<path d="M0 0h100" stroke="red" stroke-dasharray="0.00001"/>'),
        "too short to be seen",
    ),
    "rules for everything": (
        make_svg(f"<style>{'*{fill:red}' * 4000}</style>{'<g/>' * 2000}"),
        "too many rules for so many elements",
    ),
    "boxes around everything": (
        make_svg(
            '<clipPath id="c" clipPathUnits="objectBoundingBox"><rect width="1" height="1"/></clipPath>'
            + '<g clip-path="url(#c)">' * 50
            + '<rect width="9" height="9"/>' * 1500
            + "</g>" * 50
        ),
        "depend on the size of too many shapes",
    ),
    "deep groups": (make_svg("<g>" * 63 + '<rect width="9" height="9"/>' + "</g>" * 63), "nested"),
    "a heavy file": (make_svg(f"<desc>{'a' * 2**21}</desc>"), "At most 1 are accepted in an SVG"),
    "half a file": (make_svg("<g>")[:-8], "broken in line"),
    "no image": (b"<html><body>Example</body></html>", "not a PNG, JPEG, WebP or SVG"),
}

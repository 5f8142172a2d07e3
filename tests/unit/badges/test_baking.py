"""Badges in images: what goes in comes out, and no image does anything to whoever opens it."""

from __future__ import annotations

import io
import json
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from learning_credentials.badges.baking import PNG, SVG, BadgeImage, check_badge_image, get_default_image, unbake
from learning_credentials.badges.documents import MAX_BYTES, read_document, write_document
from learning_credentials.exceptions import AssetError, MalformedBadgeError
from tests.badge_cases import BADGES, Site
from tests.bounds import computing_within

if TYPE_CHECKING:
    from collections.abc import Iterable

BOTH = pytest.mark.parametrize("media_type", [PNG, SVG])
CIRCLE = '<circle cx="5" cy="5" r="4"/>'


def make_svg(content: str = CIRCLE, attributes: str = 'viewBox="0 0 10 10"', before: str = "") -> bytes:
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{content}</svg>'.encode()


def make_png(width: int = 8, height: int = 8, mode: str = "RGBA") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG")
    return file.getvalue()


def list_chunks(content: bytes) -> Iterable[tuple[bytes, bytes]]:
    position = 8
    while position < len(content):
        length = int.from_bytes(content[position : position + 4])
        end = position + 12 + length
        kind, data = content[position + 4 : position + 8], content[position + 8 : end - 4]
        assert zlib.crc32(kind + data) == int.from_bytes(content[end - 4 : end])
        yield kind, data
        position = end


def add_chunk(content: bytes, kind: bytes, data: bytes) -> bytes:
    chunk = len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
    return content[:-12] + chunk + content[-12:]


def add_many(content: bytes, number: int) -> bytes:
    chunk = add_chunk(content, b"tEXt", b"openbadges\0{}")[len(content) - 12 : -12]
    return content[:-12] + chunk * number + content[-12:]


@BOTH
@pytest.mark.parametrize("name", BADGES)
def test_badges_come_out_as_they_went_in(name: str, media_type: str) -> None:
    badge = Site().issue(BADGES[name])
    text = write_document(badge)

    baked = get_default_image(media_type).bake(text)

    assert unbake(baked) == text
    assert read_document(unbake(baked)) == badge


@settings(max_examples=settings().max_examples // 2, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_document_comes_out_as_it_went_in(text: str) -> None:
    written = write_document({"text": text})

    for media_type in (PNG, SVG):
        assert unbake(get_default_image(media_type).bake(written)) == written


def test_a_png_has_one_plain_text_of_it() -> None:
    baked = get_default_image(PNG).bake('{"name":"é"}')

    texts = [data for kind, data in list_chunks(baked) if kind == b"iTXt"]
    assert texts == [b"openbadgecredential\0\0\0\0\0" + '{"name":"é"}'.encode()]
    with Image.open(io.BytesIO(baked)) as image:
        image.load()
        assert image.size == (512, 512)
        assert image.text == {"openbadgecredential": '{"name":"é"}'}


def test_an_svg_has_it_in_its_own_namespace_and_is_drawn_as_before() -> None:
    plain = get_default_image(SVG).content
    baked = get_default_image(SVG).bake('{"name":"<é & \'x\'>"}')

    root = fromstring(baked)
    (credential,) = root.iter("{https://purl.imsglobal.org/ob/v3p0}credential")
    assert credential.text == '{"name":"<é & \'x\'>"}'
    assert b'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"' in baked
    assert [item.tag for item in list(root)[1:]] == [item.tag for item in fromstring(plain)]


@BOTH
def test_the_shipped_image_is_a_good_one(media_type: str) -> None:
    image = get_default_image(media_type)

    assert check_badge_image(image.content) == image.media_type == media_type
    assert image.extension == media_type.removeprefix("image/").removesuffix("+xml")


GOOD_SVGS = {
    "by width and height": make_svg(attributes='width="10cm" height="10cm"'),
    "by both": make_svg(attributes='width="64px" height="64px" viewBox="0,0,10,10"'),
    "with a declaration": make_svg(before='<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- drawn -->\n'),
    "with a byte order mark": b"\xef\xbb\xbf" + make_svg(),
    "with a gradient": make_svg(
        '<defs><linearGradient id="a"><stop/></linearGradient></defs><path d="M0 0" fill="url(#a)"/>'
    ),
    "with styles": make_svg(
        "<style>.a { fill: url( '#b' ) } @media print { path { fill: red } }</style><path class='a' style='fill:#fff'/>",
    ),
    "with a picture": make_svg('<image href="data:image/png;base64,iVBORw0KGgo="/>'),
    "with a copy": make_svg('<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#a"/>'),
    "by a drawing program": make_svg(
        '<sodipodi:namedview inkscape:pageopacity="0" pagecolor="#ffffff"/>' + CIRCLE,
        'viewBox="0 0 10 10" xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" '
        'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:version="1.3"',
    ),
    "with the namespace of badges": make_svg(
        attributes='viewBox="0 0 1 1" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
    ),
    "with an odd start": make_svg(attributes='viewBox="0 0 1 1"\n aria-label=\'a > b "c"\' '),
    "with a prefix": b'<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><s:circle r="1"/></s:svg>',
}


@pytest.mark.parametrize("content", GOOD_SVGS.values(), ids=GOOD_SVGS)
def test_drawings_are_taken(content: bytes) -> None:
    image = BadgeImage(content)

    assert image.media_type == SVG
    assert unbake(image.bake('{"a":"b"}')) == '{"a":"b"}'


DTD = '<!DOCTYPE svg [<!ENTITY a "x">]>'
BAD_SVGS = {
    "a script": (make_svg("<script>alert(1)</script>"), "'script'"),
    "a handler": (make_svg('<path onload="alert(1)"/>'), "event handler 'onload'"),
    "a handler on the root": (make_svg(attributes='viewBox="0 0 1 1" onLoad="x"'), "event handler"),
    "a page in it": (make_svg("<foreignObject/>"), "'foreignObject'"),
    "HTML": (make_svg('<b xmlns="http://www.w3.org/1999/xhtml">x</b>'), "'b'"),
    "a script in another namespace": (
        make_svg('<x:a xmlns:x="urn:x"><s:script xmlns:s="http://www.w3.org/2000/svg"/></x:a>'),
        "'script'",
    ),
    "an animation": (make_svg('<use href="#a"><set attributeName="href" to="javascript:x"/></use>'), "'set'"),
    "a link": (make_svg('<a href="https://example.org"/>'), "'a'"),
    "a picture elsewhere": (make_svg('<image href="https://example.org/x.png"/>'), "outside"),
    "a drawing in a picture": (make_svg('<image href="data:image/svg+xml;base64,AAAA"/>'), "outside"),
    "a copy from elsewhere": (make_svg('<use href="other.svg#a"/>'), "outside"),
    "a copy by xlink": (make_svg('<use xmlns:x="http://www.w3.org/1999/xlink" x:href="//example.org/#a"/>'), "outside"),
    "a base elsewhere": (make_svg(attributes='viewBox="0 0 1 1" xml:base="https://example.org"'), "outside"),
    "a paint elsewhere": (make_svg('<path fill="url(https://example.org/#a)"/>'), "outside"),
    "a paint in disguise": (make_svg(r'<path fill="u\72l(https://example.org/#a)"/>'), "outside"),
    "a style that imports": (make_svg("<style>@import 'https://example.org/a.css';</style>"), "style"),
    "a style with a font": (make_svg("<style>@font-face { src: local(x) }</style>"), "style"),
    "a style that refers": (make_svg("<path style=\"fill: URL ( 'x.svg#a' )\"/>"), "outside"),
    "a style sheet": (
        make_svg(before='<?xml-stylesheet href="https://example.org/a.css"?>'),
        "an instruction for other programs",
    ),
    "a style sheet later": (make_svg('<?xml-stylesheet href="a.css"?>'), "an instruction for other programs"),
    "an entity": (make_svg("&a;", before=DTD), "document type"),
    "an external entity": (
        make_svg("&a;", before='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        "document type",
    ),
    "a document type": (
        make_svg(before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">'),
        "document type",
    ),
    "another encoding": (make_svg(before='<?xml version="1.0" encoding="UTF-16"?>'), "UTF-8"),
    "no UTF-8": (make_svg("<desc>é</desc>").decode().encode("latin-1"), "UTF-8"),
    "or is empty": (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', "or is empty"),
    "no namespace": (b'<svg viewBox="0 0 1 1"><g/></svg>', "not an SVG"),
    "HTML alone": (b"<html><svg></svg></html>", "not an SVG"),
    "no XML": (b"plain text", "not an SVG"),
    "cut short": (make_svg()[:-8], "broken"),
    "wide": (make_svg(attributes='viewBox="0 0 20 10"'), "square"),
    "wide by size": (make_svg(attributes='width="20" height="10" viewBox="0 0 10 10"'), "square"),
    "of different units": (make_svg(attributes='width="10cm" height="10mm"'), "square"),
    "of unknown size": (make_svg(attributes=""), "square"),
    "of half a size": (make_svg(attributes='width="10" viewBox="0 0 10 10"'), "square"),
    "of no size": (make_svg(attributes='viewBox="0 0 0 0"'), "square"),
    "of no number": (make_svg(attributes='viewBox="0 0 nan nan"'), "square"),
    "too deep": (make_svg("<g>" * 100 + "</g>" * 100), "64 levels"),
    "with a badge": (get_default_image(SVG).bake("{}"), "already"),
}


@pytest.mark.parametrize(("content", "message"), BAD_SVGS.values(), ids=BAD_SVGS)
def test_other_drawings_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(AssetError, match=message):
        check_badge_image(content)


GOOD_PNG = make_png()
BAD_PNGS = {
    "wide": (make_png(9, 8), "9 x 8 pixels. Use a square image"),
    "huge": (make_png(5000, 5000, "1"), "At most 4096"),
    "cut short": (GOOD_PNG[:-5], "missing or was changed"),
    "a changed byte": (GOOD_PNG[:20] + b"\x09" + GOOD_PNG[21:], "missing or was changed"),
    "only a beginning": (GOOD_PNG[:8], "missing or was changed"),
    "no picture": (GOOD_PNG[:33] + GOOD_PNG[-12:], "broken"),
    "more behind": (GOOD_PNG + b"<script>", "more data after its end"),
    "another order": (GOOD_PNG[:8] + GOOD_PNG[33:-12] + GOOD_PNG[8:33] + GOOD_PNG[-12:], "header"),
    "with a badge": (get_default_image(PNG).bake("{}"), "already"),
    "a JPEG": (b"\xff\xd8\xff\xe0" + b"\0" * 100, "UTF-8"),
    "empty": (b"", "empty"),
    "too large": (make_svg("<desc>" + "x" * 250 * 1024 + "</desc>"), "250 are accepted"),
}


@pytest.mark.parametrize(("content", "message"), BAD_PNGS.values(), ids=BAD_PNGS)
def test_other_images_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(AssetError, match=message):
        check_badge_image(content)


BAKED_PNG, BAKED_SVG = (get_default_image(media_type).bake("{}") for media_type in (PNG, SVG))
CREDENTIAL = b'<o:credential xmlns:o="https://purl.imsglobal.org/ob/v3p0">{}</o:credential>'
PACKED_BLANKS = zlib.compress(bytes(50_000_000))
NOT_BAKED = {
    "a plain PNG": (GOOD_PNG, "no badge"),
    "a plain SVG": (make_svg(), "no badge"),
    "a PNG with two": (add_chunk(BAKED_PNG, b"iTXt", b"openbadgecredential\0\0\0\0\0{}"), "more than one"),
    "an SVG with two": (BAKED_SVG.replace(b"</svg>", CREDENTIAL + b"</svg>"), "more than one"),
    "a packed bomb": (
        add_chunk(GOOD_PNG, b"iTXt", b"openbadgecredential\0\1\0\0\0" + PACKED_BLANKS),
        "too large",
    ),
    "an older packed bomb": (
        add_chunk(GOOD_PNG, b"zTXt", b"openbadgecredential\0\0" + PACKED_BLANKS),
        "too large",
    ),
    "a packed one cut short": (
        add_chunk(GOOD_PNG, b"zTXt", b"openbadgecredential\0\0" + zlib.compress(b"{}")[:-4]),
        "incomplete",
    ),
    "a packed one that is none": (add_chunk(GOOD_PNG, b"zTXt", b"openbadgecredential\0\0{}"), "UTF-8"),
    "thousands": (add_many(GOOD_PNG, 5_000), "too many"),
    "no UTF-8": (add_chunk(GOOD_PNG, b"iTXt", b"openbadgecredential\0\0\0\0\0\xff"), "UTF-8"),
    "a broken PNG": (BAKED_PNG[:-3], "broken"),
    "a broken SVG": (BAKED_SVG[:-3], "broken"),
    "an empty one": (make_svg(CREDENTIAL.replace(b"{}", b"").decode()), "does not follow the standard"),
    "one with parts": (make_svg(CREDENTIAL.replace(b"{}", b"{}<b/>").decode()), "does not follow the standard"),
    "an entity": (make_svg("&a;", before=DTD), "document type"),
    "nothing": (b"", "not an SVG"),
    "a huge one": (b" " * 2_000_000, "KiB"),
    "a start without an end": (b"<svg " + b"a" * 1_000_000, "not an SVG"),
    "a start of quotes": (b'<svg "' + b"'\"" * 300_000, "not an SVG"),
    "comments without an end": (b"<!--" * 200_000, "not an SVG"),
}


@pytest.mark.parametrize(("content", "message"), NOT_BAKED.values(), ids=NOT_BAKED)
def test_images_without_a_good_badge_are_refused_at_once(content: bytes, message: str) -> None:
    with computing_within(2), pytest.raises(MalformedBadgeError, match=message):
        unbake(content)


@pytest.mark.slow
@pytest.mark.parametrize("between", [b" ", b"<!---->", b"<!----> "], ids=["spaces", "comments", "both"])
def test_what_stands_before_an_image_takes_no_memory(between: bytes) -> None:
    before = b"<!--<svg-->" + between * (1_200_000 // len(between))
    tracemalloc.start()
    try:
        with pytest.raises(MalformedBadgeError, match="not an SVG"):
            unbake(before + b"x")

        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


SLOW_TO_READ = {
    "a reference": make_svg(f'<image href="data:image/png;base64,{" " * 20_000}!"/>'),
    "a length": make_svg(attributes=f'width="{"1" * 100_000}x" height="1"'),
    "a text of references": make_svg(f'<path fill="{"url( " * 20_000}"/>'),
}


@pytest.mark.parametrize("content", SLOW_TO_READ.values(), ids=SLOW_TO_READ)
def test_no_value_takes_long_to_refuse(content: bytes) -> None:
    with computing_within(1), pytest.raises(AssetError):
        check_badge_image(content)


def test_entities_do_not_grow() -> None:
    entities = "".join(
        f'<!ENTITY a{number} "{f"&a{number - 1};" * 10 if number else "x" * 100}">' for number in range(10)
    )

    with pytest.raises(MalformedBadgeError, match="document type"):
        unbake(make_svg("&a9;", before=f"<!DOCTYPE svg [{entities}]>"))


PACKED = {
    "an international text": (b"iTXt", b"openbadgecredential\0\1\0en\0\0" + zlib.compress(b'{"a":"b"}')),
    "a text": (b"zTXt", b"openbadgecredential\0\0" + zlib.compress(b'{"a":"b"}')),
    "not at all": (b"tEXt", b'openbadgecredential\0{"a":"b"}'),
}


@pytest.mark.parametrize(("kind", "data"), PACKED.values(), ids=PACKED)
def test_a_badge_that_a_program_packed_anew_is_read(kind: bytes, data: bytes) -> None:
    assert unbake(add_chunk(GOOD_PNG, kind, data)) == '{"a":"b"}'


def test_language_and_keyword_in_a_png_are_passed_over() -> None:
    data = b"openbadgecredential\0\0\0en\0" + b"Nachweis" + b'\0{"a":"b"}'

    assert unbake(add_chunk(GOOD_PNG, b"iTXt", data)) == '{"a":"b"}'


@BOTH
def test_what_would_not_come_out_does_not_go_in(media_type: str) -> None:
    image = get_default_image(media_type)

    for text in ('{"a":"]]>"}', '{"a":"\0"}'):
        with pytest.raises(MalformedBadgeError, match="cannot store"):
            image.bake(text)
    with pytest.raises(MalformedBadgeError, match="too long"):
        image.bake(json.dumps({"a": "x" * MAX_BYTES}))

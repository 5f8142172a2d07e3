"""Read SVG files safely: the elements of a drawing that does not move, needs nothing from elsewhere and is drawn in a limited time.

Images of badges and images on certificates have these rules in common, because people who trust the site open them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from learning_credentials.exceptions import AssetError, MalformedBadgeError
from learning_credentials.svg_files import limits
from learning_credentials.svg_files.text import read, refuse_instruction

if TYPE_CHECKING:
    from typing import Any
    from xml.etree.ElementTree import Element

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_NAMES = (
    "svg g defs symbol use title desc metadata style switch view path rect circle ellipse line polyline polygon image "
    "text tspan textPath linearGradient radialGradient stop pattern clipPath mask marker filter "
    "feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap "
    "feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode "
    "feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence "
    # These come from drafts and fonts. Drawing programs write them, and browsers ignore them.
    "flowRoot flowRegion flowPara flowSpan flowDiv hatch hatchpath hatchPath mesh meshgradient meshrow meshpatch "
    "solidcolor solidColor font font-face font-face-src font-face-name glyph missing-glyph hkern vkern"
)
#: Elements that may be in an image. Those of drawing programs, in namespaces of their own, are not drawn and may stay.
_ELEMENTS = frozenset(_NAMES.split())
#: Namespaces whose elements a browser would run.
_FOREIGN = {
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/2001/xml-events",
    "",
}
# Possessive throughout: no value, however made, is read twice.
_LOCAL_REFERENCE = re.compile(r"\s*+(#\S*+|data:image/(png|jpe?g|webp);base64,[A-Za-z0-9+/=\s]*+)\s*+")
_CSS_REFERENCE = re.compile(r"url\s*\(\s*+['\"]?+\s*+(?!#)", re.IGNORECASE)
_CSS_ACTIVE = re.compile(
    r"@(import|charset|namespace|font-face)|(image|image-set|src|expression)\s*\(|behavior|binding", re.IGNORECASE
)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
#: Attributes that are text whatever they look like.
_PLAIN_ATTRIBUTES = re.compile(r"data-.*|aria-.*|id|class|content|lang", re.DOTALL)
_MAX_DEPTH = 64


class Drawing(NamedTuple):
    """An image as elements, with their lines by `id`."""

    root: Element
    lines: dict[int, int]

    def locate(self, element: Element) -> str:
        """Return the line and the name of an element for a message."""
        return f"line {self.lines.get(id(element), '?')}, element '{split_tag(element.tag)[1][:50]}'"


class _Builder(TreeBuilder):
    """Build elements and note their lines."""

    def __init__(self, lines_before: int) -> None:
        super().__init__()
        self.parser: Any = None
        self.lines: dict[int, int] = {}
        self._lines_before = lines_before

    def start(self, tag: Any, attrs: Any, /) -> Element:
        element = super().start(tag, attrs)
        self.lines[id(element)] = self.parser.CurrentLineNumber + self._lines_before
        return element

    def pi(self, target: str, text: str | None = None, /) -> Element:
        refuse_instruction(target)
        return super().pi(target, text)


def parse(content: bytes) -> Drawing:
    """Parse a file without checking what is in it.

    Raises:
        MalformedBadgeError: it is broken, has entities, or is not an SVG.
    """
    found = read(content)
    builder = _Builder(found.lines_before)
    parser = DefusedXMLParser(target=builder, encoding="utf-8", forbid_dtd=True)
    builder.parser = parser.parser
    try:
        parser.feed(found.root.encode())
        root: Element = parser.close()
    except DefusedXmlException:
        raise MalformedBadgeError(
            "the image has a document type or entities, which are not accepted. Save it as plain SVG"
        ) from None
    except ParseError as error:
        line, column = error.position
        msg = f"the image is broken in line {line + found.lines_before}, column {column + 1}: {error}"
        raise MalformedBadgeError(msg) from None
    except (ValueError, RecursionError) as error:
        msg = f"the image is broken: {error}"
        raise MalformedBadgeError(msg) from None
    if root.tag != f"{{{SVG}}}svg":
        msg = f'the file is not an SVG image: its root element must be <svg xmlns="{SVG}">'
        raise MalformedBadgeError(msg)
    return Drawing(root, builder.lines)


def parse_checked(content: bytes) -> Drawing:
    """Parse a file, and check that it runs nothing, loads nothing and is drawn in a limited time.

    Raises:
        AssetError: it does not. The message names the line, the element and what to change.
    """
    try:
        drawing = parse(content)
    except MalformedBadgeError as error:
        raise AssetError(str(error)) from None
    _check_element(drawing.root, 0, drawing.lines)
    limits.check(drawing.root, drawing.lines)
    return drawing


def _check_element(element: Element, depth: int, lines: dict[int, int]) -> None:
    namespace, name = split_tag(element.tag)
    place = f"line {lines[id(element)]}, element '{name[:50]}'"
    if depth > _MAX_DEPTH:
        msg = f"{place}: the elements are nested in more than {_MAX_DEPTH} levels. Ungroup some of them"
        raise AssetError(msg)
    if namespace in _FOREIGN or (namespace == SVG and name not in _ELEMENTS):
        msg = (
            f"{place}: this element is not accepted in an image. Remove it, or export the image as "
            "plain SVG, without links, scripts and live effects"
        )
        raise AssetError(msg)
    try:
        for attribute, value in element.attrib.items():
            _check_attribute(*split_tag(attribute), value)
        if name == "style":
            _check_css("".join(element.itertext()))
    except AssetError as error:
        msg = f"{place}: {error}"
        raise AssetError(msg) from None
    for child in element:
        _check_element(child, depth + 1, lines)


def _check_attribute(namespace: str, name: str, value: str) -> None:
    if name.lower().startswith("on"):
        msg = f"has the event handler '{name[:50]}'. Remove it"
        raise AssetError(msg)
    if name in {"href", "src"} and not _LOCAL_REFERENCE.fullmatch(value):
        msg = f"'{name}' refers to something outside the image. Embed it as PNG, JPEG or WebP, or remove it"
        raise AssetError(msg)
    if namespace == _XML and name == "base":
        raise AssetError("'xml:base' refers to something outside the image. Remove it")
    if namespace not in {"", _XML, XLINK} or (not namespace and _PLAIN_ATTRIBUTES.fullmatch(name)):
        return
    if name == "style":
        _check_css(value)
    else:
        _check_reference(value)


def _check_css(text: str) -> None:
    if _CSS_ACTIVE.search(text) or "//" in _CSS_COMMENT.sub(" ", text):
        raise AssetError(
            "the style does more than draw: it contains @import, @font-face or an address, for example. "
            "Remove that part"
        )
    _check_reference(text)


def _check_reference(text: str) -> None:
    # A backslash in a style can mean any character.
    if _CSS_REFERENCE.search(text) or "javascript:" in text.lower() or "\\" in text:
        raise AssetError(
            "the style refers to something outside the image, or could. Remove addresses and backslashes from the style"
        )


def split_tag(tag: object) -> tuple[str, str]:
    """Return the namespace and the name of an element or attribute."""
    # Comments and instructions have a function for a tag; the parser leaves them out.
    namespace, _, name = str(tag).rpartition("}")
    return namespace.lstrip("{"), name

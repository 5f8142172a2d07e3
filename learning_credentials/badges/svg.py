"""Check SVG images, and write and read the text of a badge in them (Open Badges 3.0, 5.3.2).

Only images that do not move and need nothing from elsewhere are accepted, because people who trust the site open them.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from learning_credentials.badges import polyglots, svg_limits, svg_text
from learning_credentials.exceptions import AssetError, MalformedBadgeError, TooManyBadgesError

if TYPE_CHECKING:
    from typing import Any
    from xml.etree.ElementTree import Element

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_CREDENTIAL = f"{{{NAMESPACE}}}credential"
#: Elements with badges: of Open Badges 3.0, and of 2.0.
_BADGES = {_CREDENTIAL, "{http://openbadges.org}assertion"}
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
#: How much the sides of a square can differ, because programs round.
_TOLERANCE = 0.01
_LENGTH = re.compile(r"\s*+([0-9]++(?:\.[0-9]++)?|\.[0-9]++)\s*+(px|pt|pc|mm|cm|in|em|ex|%)?\s*+")
_DECLARATION = re.compile(r"\sxmlns:openbadges\s*=")
_MAX_DEPTH = 64
#: What a reader of SVG passes over, by how it begins and ends.
_HIDDEN = re.compile(r"<!--|<!\[CDATA\[|<\?")
_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
#: The shortest text that can be a badge. Shorter ones could be parts of what is looked for.
_MIN_TEXT = 64
_MAX_BADGES = 20
#: Where the head of a document of another kind can be, in any encoding.
_HEAD = 1024


def check(content: bytes) -> None:
    """Raise `AssetError` unless the file is a square SVG that runs nothing, loads nothing and is drawn in a limited time.

    The message names the line, the element and what to change.
    """
    drawing = _parse_to_check(content)
    if found := polyglots.find_in_file(content):
        msg = f"the image is also a file of the format {found}. Save it with another program"
        raise AssetError(msg)
    if any(True for _ in drawing.root.iter(_CREDENTIAL)):
        raise AssetError("the image already contains a badge. Use the image from before the badge was added")
    if not _is_square(drawing.root):
        raise AssetError(
            "the image must be square, with a width and height or a viewBox. Make the page or artboard square "
            "and export the image again"
        )


def find_problem(content: bytes) -> str:
    """Return why a file is more than a drawing that does not move, or an empty text. Badges in it and its proportions do not matter."""
    try:
        _parse_to_check(content)
        text = _take_out(svg_text.read(content).text, find_texts(content))
    except (AssetError, MalformedBadgeError) as error:
        return str(error)
    found = (
        polyglots.find_in_file(text.encode())
        or polyglots.find_in_file(content[:_HEAD])
        or polyglots.find_in_text(_read_hidden(text))
    )
    return f"the image is also a file of the format {found}" if found else ""


def tidy(content: bytes) -> bytes:
    """Return a checked image in UTF-8, without a document type or instructions. If it has neither, return the same bytes."""
    found = svg_text.read(content)
    return content if found.is_tidy else found.root.encode()


def bake(content: bytes, text: str) -> bytes:
    """Return a checked, tidy image with the text of a badge in it. The text must not contain ``]]>``."""
    picture, start, end, _ = svg_text.read(content)
    declaration = "" if _DECLARATION.search(picture, start, end) else f' xmlns:openbadges="{NAMESPACE}"'
    badge = f'<openbadges:credential xmlns:openbadges="{NAMESPACE}"><![CDATA[{text}]]></openbadges:credential>'
    return f"{picture[: end - 1]}{declaration}>{badge}{picture[end:]}".encode()


def find_texts(content: bytes) -> list[str]:
    """Return the texts of the badges in an image, including Open Badges 2.0.

    Raises:
        MalformedBadgeError: the image is broken, or a badge in it does not follow the standard.
        TooManyBadgesError: the image contains more than 20 badges.
    """
    found = []
    for element in _parse(content).root.iter():
        if element.tag in _BADGES:
            # A badge that is a token is in an attribute.
            text = (element.get("verify") or element.text or "").strip()
            if len(element) or not text:
                raise MalformedBadgeError("the badge in the image does not follow the standard")
            found.append(text)
            if len(found) > _MAX_BADGES:
                raise TooManyBadgesError("the image contains too many badges")
    return found


def _take_out(text: str, badges: list[str]) -> str:
    """Return the text without its badges. Only whole objects and tokens are removed, so nothing else can be hidden."""
    for badge in badges:
        if len(badge) >= _MIN_TEXT and ((badge[0] == "{" and badge[-1] == "}") or badge.startswith("eyJ")):
            text = text.replace(badge, " ")
    return text


def _read_hidden(text: str) -> str:
    """Return the contents of comments, CDATA and instructions, because another reader can treat them as part of the page."""
    found = []
    place = 0
    while start := _HIDDEN.search(text, place):
        end = text.find(_ENDS[start[0]], start.end())
        place = end if end >= 0 else len(text)
        found.append(text[start.end() : place])
    return " ".join(found)


class _Drawing(NamedTuple):
    """An image as elements, with their lines by `id`."""

    root: Element
    lines: dict[int, int]


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
        svg_text.refuse_instruction(target)
        return super().pi(target, text)


def _parse(content: bytes) -> _Drawing:
    found = svg_text.read(content)
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
    if root.tag != f"{{{_SVG}}}svg":
        msg = f'the file is not an SVG image: its root element must be <svg xmlns="{_SVG}">'
        raise MalformedBadgeError(msg)
    return _Drawing(root, builder.lines)


def _parse_to_check(content: bytes) -> _Drawing:
    try:
        drawing = _parse(content)
    except MalformedBadgeError as error:
        raise AssetError(str(error)) from None
    _check_element(drawing.root, 0, drawing.lines)
    svg_limits.check(drawing.root, drawing.lines)
    return drawing


def _check_element(element: Element, depth: int, lines: dict[int, int]) -> None:
    namespace, name = _split(element.tag)
    place = f"line {lines[id(element)]}, element '{name[:50]}'"
    if depth > _MAX_DEPTH:
        msg = f"{place}: the elements are nested in more than {_MAX_DEPTH} levels. Ungroup some of them"
        raise AssetError(msg)
    if namespace in _FOREIGN or (namespace == _SVG and name not in _ELEMENTS):
        msg = (
            f"{place}: this element is not accepted in the image of a badge. Remove it, or export the image as "
            "plain SVG, without links, scripts and live effects"
        )
        raise AssetError(msg)
    try:
        for attribute, value in element.attrib.items():
            _check_attribute(*_split(attribute), value)
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
    if namespace not in {"", _XML, _XLINK} or (not namespace and _PLAIN_ATTRIBUTES.fullmatch(name)):
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


def _is_square(root: Element) -> bool:
    width, height = (_LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height"))
    numbers = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    try:
        box = [float(number) for number in numbers] if numbers != [""] else []
    except ValueError:
        return False
    if box and (len(box) != 4 or not _are_alike(box[2], box[3])):  # noqa: PLR2004
        return False
    if width and height:
        return _are_alike(float(width[1]), float(height[1])) and width[2] == height[2]
    return bool(box) and "width" not in root.attrib and "height" not in root.attrib


def _are_alike(first: float, second: float) -> bool:
    return 0 < first < math.inf and abs(first - second) <= _TOLERANCE * first


def _split(tag: object) -> tuple[str, str]:
    # Comments and instructions have a function for a tag; the parser leaves them out.
    namespace, _, name = str(tag).rpartition("}")
    return namespace.lstrip("{"), name

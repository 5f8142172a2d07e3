"""SVG images: checked, and with the text of a badge in them (Open Badges 3.0, 5.3.2).

Only what stands still and needs nothing from elsewhere is taken: an image is opened by people who trust the site.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from learning_credentials.exceptions import AssetError, MalformedBadgeError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_CREDENTIAL = f"{{{NAMESPACE}}}credential"
_NAMES = (
    "svg g defs symbol use title desc metadata style switch view path rect circle ellipse line polyline polygon image "
    "text tspan textPath linearGradient radialGradient stop pattern clipPath mask marker filter "
    "feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap "
    "feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode "
    "feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence"
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
_LOCAL_REFERENCE = re.compile(r"\s*+(#\S*+|data:image/(png|jpeg|webp);base64,[A-Za-z0-9+/=\s]*+)\s*+")
_CSS_REFERENCE = re.compile(r"url\s*\(\s*+['\"]?+\s*+(?!#)", re.IGNORECASE)
_CSS_ACTIVE = re.compile(
    r"@(import|charset|namespace|font-face)|(image|image-set|src|expression)\s*\(|behavior|binding|//", re.IGNORECASE
)
_LENGTH = re.compile(r"\s*+([0-9]++(?:\.[0-9]++)?|\.[0-9]++)\s*+(px|pt|pc|mm|cm|in|em|ex|%)?\s*+")
#: What may stand before the root: a byte order mark, a declaration of UTF-8, spaces and comments. Possessive, or each would be remembered.
_PROLOG = re.compile(
    r"\ufeff?(<\?xml\s+version=(['\"])1\.[01]\2(\s+encoding=(['\"])utf-?8\4)?(\s+standalone=(['\"])(yes|no)\6)?\s*\?>)?(?:\s++|<!--.*?-->)*+",
    re.IGNORECASE | re.DOTALL,
)
#: Possessive, so that a text without an end is given up at once.
_START_TAG = re.compile(r"<[A-Za-z_][^\s/>]*+(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_DECLARATION = re.compile(r"\sxmlns:openbadges\s*=")
_MAX_DEPTH = 64


def check(content: bytes) -> None:
    """Raise `AssetError` unless it is a square SVG that does nothing and asks for nothing."""
    try:
        root, text, end = _parse(content)
    except MalformedBadgeError as error:
        raise AssetError(str(error)) from None
    if "<?" in text[end:]:
        raise AssetError("the image has instructions for programs in it")
    _check_element(root, 0)
    if any(True for _ in root.iter(_CREDENTIAL)):
        raise AssetError("the image has a badge in it already")
    if not _is_square(root):
        raise AssetError("the image must be square, with a width and height or a viewBox that say so")


def bake(content: bytes, text: str) -> bytes:
    """Return a checked image with the text of a badge in it, which must not have ``]]>``."""
    picture = content.decode("utf-8-sig")
    start, end = _find_root(picture)
    declaration = "" if _DECLARATION.search(picture, start, end) else f' xmlns:openbadges="{NAMESPACE}"'
    badge = f'<openbadges:credential xmlns:openbadges="{NAMESPACE}"><![CDATA[{text}]]></openbadges:credential>'
    return f"{picture[: end - 1]}{declaration}>{badge}{picture[end:]}".encode()


def unbake(content: bytes) -> str:
    """Return the text of the badge in an image.

    Raises:
        MalformedBadgeError: the image is broken, or has none or more than one.
    """
    root, _, _ = _parse(content)
    found = list(root.iter(_CREDENTIAL))
    if len(found) != 1:
        raise MalformedBadgeError(
            "the image has no badge in it" if not found else "the image has more than one badge in it"
        )
    text = (found[0].text or "").strip()
    if not text or len(found[0]):
        raise MalformedBadgeError("the badge in the image is not written as the standard says")
    return text


def _parse(content: bytes) -> tuple[Element, str, int]:
    try:
        text = content.decode("utf-8-sig")
        _, end = _find_root(text)
        root: Element = fromstring(text.encode(), forbid_dtd=True)
    except UnicodeDecodeError:
        raise MalformedBadgeError("the image is no text in UTF-8") from None
    except DefusedXmlException:
        raise MalformedBadgeError("the image has a document type or entities, which are not accepted") from None
    except (ParseError, ValueError, RecursionError) as error:
        msg = f"the image is broken: {error}"
        raise MalformedBadgeError(msg) from None
    if root.tag != f"{{{_SVG}}}svg":
        raise MalformedBadgeError("it is no SVG image")
    return root, text, end


def _find_root(text: str) -> tuple[int, int]:
    prolog = _PROLOG.match(text)
    tag = _START_TAG.match(text, prolog.end() if prolog else 0)
    if tag is None or tag[0].endswith("/>"):
        raise MalformedBadgeError("it is no SVG image in UTF-8, or has a document type, instructions or nothing in it")
    return tag.span()


def _check_element(element: Element, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise AssetError("the image is nested too deep")
    namespace, name = _split(element.tag)
    if namespace in _FOREIGN or (namespace == _SVG and name not in _ELEMENTS):
        msg = f"the image has the element '{name[:50]}', which badges may not have"
        raise AssetError(msg)
    for attribute, value in element.attrib.items():
        _check_attribute(*_split(attribute), value)
    if name == "style":
        _check_css("".join(element.itertext()))
    for child in element:
        _check_element(child, depth + 1)


def _check_attribute(namespace: str, name: str, value: str) -> None:
    if name.lower().startswith("on"):
        msg = f"the image has the event handler '{name[:50]}'"
        raise AssetError(msg)
    if name in {"href", "src"} and not _LOCAL_REFERENCE.fullmatch(value):
        raise AssetError("the image refers to something outside it")
    if namespace == _XML and name == "base":
        raise AssetError("the image refers to something outside it")
    if namespace not in {"", _XML, _XLINK}:
        return
    if name == "style":
        _check_css(value)
    else:
        _check_reference(value)


def _check_css(text: str) -> None:
    if _CSS_ACTIVE.search(text):
        raise AssetError("the image has a style that asks for more than to draw")
    _check_reference(text)


def _check_reference(text: str) -> None:
    # What a backslash stands for in a style could be anything.
    if _CSS_REFERENCE.search(text) or "javascript:" in text.lower() or "\\" in text:
        raise AssetError("the image refers to something outside it")


def _is_square(root: Element) -> bool:
    width, height = (_LENGTH.fullmatch(root.get(name, "")) for name in ("width", "height"))
    numbers = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    try:
        box = [float(number) for number in numbers] if numbers != [""] else []
    except ValueError:
        return False
    if box and (len(box) != 4 or box[2] != box[3] or not 0 < box[2] < float("inf")):  # noqa: PLR2004
        return False
    if width and height:
        return float(width[1]) == float(height[1]) > 0 and width[2] == height[2]
    return bool(box) and "width" not in root.attrib and "height" not in root.attrib


def _split(tag: object) -> tuple[str, str]:
    # Comments and instructions have a function for a tag; the parser leaves them out.
    namespace, _, name = str(tag).rpartition("}")
    return namespace.lstrip("{"), name

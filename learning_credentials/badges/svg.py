"""Check SVG images, and write and read the text of a badge in them (Open Badges 3.0, 5.3.2).

Only images that do not move and need nothing from elsewhere are accepted, because people who trust the site open them.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from learning_credentials.badges import polyglots
from learning_credentials.exceptions import AssetError, MalformedBadgeError, TooManyBadgesError
from learning_credentials.svg_files import text as svg_text
from learning_credentials.svg_files.reading import parse, parse_checked

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
_CREDENTIAL = f"{{{NAMESPACE}}}credential"
#: Elements with badges: of Open Badges 3.0, and of 2.0.
_BADGES = {_CREDENTIAL, "{http://openbadges.org}assertion"}
#: How much the sides of a square can differ, because programs round.
_TOLERANCE = 0.01
_LENGTH = re.compile(r"\s*+([0-9]++(?:\.[0-9]++)?|\.[0-9]++)\s*+(px|pt|pc|mm|cm|in|em|ex|%)?\s*+")
_DECLARATION = re.compile(r"\sxmlns:openbadges\s*=")
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
    drawing = parse_checked(content)
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
        parse_checked(content)
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
    for element in parse(content).root.iter():
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

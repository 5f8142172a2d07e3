"""Limit how much a program has to draw for an image. A few lines that refer to each other can mean a billion shapes.

The count includes every element with each copy, pattern, mask, marker and filter that it refers to, and everything that these refer to.
The code visits each element once, so the time grows only with the size of the file.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from collections import defaultdict
from typing import TYPE_CHECKING

from learning_credentials.exceptions import AssetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

#: How many shapes a drawing can have. 100 characters of attributes count as one more shape. This takes a browser about a second.
MAX_DRAWN = 100_000
#: What one step of a filter counts for.
FILTER_STEP = 50
#: Tiles of a pattern across the drawing.
MAX_TILES = 1_000_000
#: References within references.
MAX_CHAIN = 200
MAX_PIXELS = 4096 * 4096
_CHARACTERS_A_SHAPE = 100
_SVG = "{http://www.w3.org/2000/svg}"
_REFERENCE = re.compile(r"url\s*\(\s*+['\"]?+\s*+#([^'\")\s]++)", re.IGNORECASE)
_RULE = re.compile(r"([^{}]*+)\{([^{}]*+)\}")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*+)")
_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,5}+)?")
_PICTURE = re.compile(r"\s*+data:image/[a-z]+;base64,(.*+)", re.DOTALL)
#: The largest values of attributes that take longer to draw the larger they are. Other lengths are bounded by the side of the drawing.
_MOST = {"numOctaves": 16, "order": 32, "filterRes": 4096}
_MOST_OF_SIDE = {"stdDeviation", "radius"}


def check(root: Element, lines: Mapping[int, int]) -> None:
    """Raise `AssetError` if drawing an image would take too long. ``lines`` has the lines of the elements by their `id`."""
    side = _get_side(root)
    for element in root.iter():
        _check_values(element, side, lines)
    if _Counter(root, lines).count(root) > MAX_DRAWN:
        msg = (
            f"the image has more than {MAX_DRAWN} shapes once its copies, patterns, masks and filters are "
            "drawn. Simplify it, or convert copies (<use>) to plain paths"
        )
        raise AssetError(msg)


class _Counter:
    """Count the shapes of elements, each once."""

    def __init__(self, root: Element, lines: Mapping[int, int]) -> None:
        self._lines = lines
        self._counted: dict[int, int] = {}
        self._open: set[int] = set()
        self._by_id: dict[str, Element] = {}
        for element in root.iter():
            self._by_id.setdefault(element.get("id", ""), element)
        self._by_class = _read_styles(root)

    def count(self, element: Element, depth: int = 0) -> int:
        key = id(element)
        if key in self._counted:
            return self._counted[key]
        if key in self._open:
            msg = f"{_locate(element, self._lines)}: the element refers to itself. Remove the reference"
            raise AssetError(msg)
        if depth > MAX_CHAIN:
            msg = (
                f"{_locate(element, self._lines)}: the references are nested too deeply. Convert some copies "
                "(<use>) to plain paths"
            )
            raise AssetError(msg)
        self._open.add(key)
        name = element.tag.removeprefix(_SVG)
        found = 1 + sum(map(len, element.attrib.values())) // _CHARACTERS_A_SHAPE
        found += len(element.text or "") // _CHARACTERS_A_SHAPE if name != "style" else 0
        found *= FILTER_STEP if name.startswith("fe") else 1
        # Past the bound the numbers only grow.
        for child in element:
            found = min(found + self.count(child, depth + 1), MAX_DRAWN + 1)
        for target, times in self._list_references(element):
            if target in self._by_id:
                found = min(found + times * self.count(self._by_id[target], depth + 1), MAX_DRAWN + 1)
        self._open.remove(key)
        self._counted[key] = found
        return found

    def _list_references(self, element: Element) -> Iterable[tuple[str, int]]:
        for name, value in element.attrib.items():
            # A marker is drawn at every point of a path.
            for target in _REFERENCE.findall(value):
                yield target, _count_points(element) if "marker" in name or "marker" in value else 1
            if name.rpartition("}")[2] == "href" and value.strip().startswith("#"):
                yield value.strip()[1:], 1
        for name in {"*", *element.get("class", "").split()}:
            for target, is_marker in self._by_class.get(name, ()):
                yield target, _count_points(element) if is_marker else 1


def _read_styles(root: Element) -> dict[str, set[tuple[str, bool]]]:
    """Return what the rules of style sheets refer to, by class. Rules for anything else are under ``*``. True means a marker."""
    found: dict[str, set[tuple[str, bool]]] = defaultdict(set)
    for style in root.iter(f"{_SVG}style"):
        for selector, body in _RULE.findall("".join(style.itertext())):
            targets = {(target, "marker" in body) for target in _REFERENCE.findall(body)}
            if targets:
                for name in _CLASS.findall(selector) or ["*"]:
                    found[name] |= targets
    return found


def _count_points(element: Element) -> int:
    return 1 + sum(len(_NUMBER.findall(element.get(name, ""))) for name in ("d", "points"))


def _check_values(element: Element, side: float, lines: Mapping[int, int]) -> None:
    name = element.tag.removeprefix(_SVG)
    for attribute, value in element.attrib.items():
        most = _MOST.get(attribute) or (side if attribute in _MOST_OF_SIDE and name.startswith("fe") else None)
        if most is not None and any(not float(number) <= most for number in _NUMBER.findall(value)):
            msg = (
                f"{_locate(element, lines)}: {attribute} is more than {most:g}, which takes too long to "
                "draw. Use a smaller value"
            )
            raise AssetError(msg)
        if attribute.rpartition("}")[2] == "href" and (picture := _PICTURE.fullmatch(value)):
            _check_picture(element, picture[1], lines)
    if name == "pattern":
        _check_tiles(element, side, lines)


def _check_tiles(pattern: Element, side: float, lines: Mapping[int, int]) -> None:
    whole = side if pattern.get("patternUnits") == "userSpaceOnUse" else 1.0
    tiles = 1.0
    for name in ("width", "height"):
        value = pattern.get(name, "").strip()
        if number := _NUMBER.match(value):
            size = float(number[0]) * (whole / 100 if value.endswith("%") else 1)
            # Nothing is drawn of a pattern without a size.
            tiles *= whole / size if size > 0 else 0
    if tiles > MAX_TILES:
        msg = (
            f"{_locate(pattern, lines)}: the tiles of the pattern are too small. Make them larger, or draw "
            "the area once"
        )
        raise AssetError(msg)


def _check_picture(element: Element, text: str, lines: Mapping[int, int]) -> None:
    # Only here, so that starting Django stays light.
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(
                io.BytesIO(base64.b64decode("".join(text.split()))), formats=["PNG", "JPEG", "WEBP"]
            ) as image:
                width, height = image.size
    except Image.DecompressionBombError:
        width = height = MAX_PIXELS
    except (OSError, SyntaxError, ValueError, binascii.Error):
        # It is not shown, and takes no time.
        return
    if width * height > MAX_PIXELS:
        msg = f"{_locate(element, lines)}: the embedded image has more than {MAX_PIXELS} pixels. Make it smaller"
        raise AssetError(msg)


def _get_side(root: Element) -> float:
    numbers = _NUMBER.findall(root.get("viewBox", ""))[2:4] or _NUMBER.findall(root.get("width", ""))[:1]
    return max((float(number) for number in numbers), default=100.0)


def _locate(element: Element, lines: Mapping[int, int]) -> str:
    line = lines.get(id(element))
    name = element.tag.rpartition("}")[2][:50]
    return f"line {line}, element '{name}'" if line else f"element '{name}'"

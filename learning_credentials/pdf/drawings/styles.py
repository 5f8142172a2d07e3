"""Find the style of each element: its attributes, the rules of style sheets, its own style, and what it inherits."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.drawings.values import CannotDrawError, quote
from learning_credentials.svg_files.reading import SVG, split_tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

    Style = Mapping[str, str]

_INITIAL = {
    "fill": "black",
    "fill-opacity": "1",
    "fill-rule": "nonzero",
    "stroke": "none",
    "stroke-opacity": "1",
    "stroke-width": "1",
    "stroke-linecap": "butt",
    "stroke-linejoin": "miter",
    "stroke-miterlimit": "4",
    "stroke-dasharray": "none",
    "stroke-dashoffset": "0",
    "clip-rule": "nonzero",
    "color": "black",
    "visibility": "visible",
    "paint-order": "normal",
    "marker": "none",
    "marker-start": "none",
    "marker-mid": "none",
    "marker-end": "none",
    "color-interpolation": "sRGB",
}
_NOT_INHERITED = {
    "opacity": "1",
    "display": "inline",
    "clip-path": "none",
    "mask": "none",
    "mask-type": "luminance",
    "filter": "none",
    "stop-color": "black",
    "stop-opacity": "1",
    "overflow": "hidden",
    "mix-blend-mode": "normal",
    "isolation": "auto",
    "vector-effect": "none",
    "transform": "none",
    "transform-origin": "",
    "clip": "auto",
}
_ALL = {**_INITIAL, **_NOT_INHERITED}
#: Properties of texts, of filters, of programs, and of how exactly something is drawn. Nothing that is drawn here depends on them.
_WITHOUT_EFFECT = re.compile(
    r"-.*|font.*|text-.*|letter-spacing|word-spacing|line-height|white-space.*|writing-mode|direction|unicode-bidi|baseline-shift"
    r"|dominant-baseline|alignment-baseline|glyph-orientation.*|kerning|shape-(rendering|inside|padding|margin|subtract)"
    r"|image-rendering|color-(rendering|interpolation-filters|profile)|solid-.*|flood-.*|lighting-color|enable-background|cursor"
    r"|pointer-events|user-select|block-progression|inline-size|will-change"
)
_DECLARATION = re.compile(r"\s*+([A-Za-z-]++)\s*+:([^;]*+)(?:;|$)")
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_RULE = re.compile(r"\s*+([^{}@]++)\{([^{}]*+)\}")
_SELECTOR = re.compile(r"(\*|[A-Za-z][\w-]*+)?((?:[.#]-?[A-Za-z_][\w-]*+)*+)")
_PART = re.compile(r"[.#][^.#]++")
_MOST_RULES = 5000
#: How often a rule is compared with an element.
_MOST_COMPARED = 1_000_000


class _Rule(NamedTuple):
    """A rule of a style sheet: a selector with its properties. Of two rules, the one that is sorted later wins."""

    weight: tuple[int, int, int]
    order: int
    name: str
    parts: frozenset[str]
    """The classes and the id of the element, as they are written."""
    declarations: dict[str, str]


class Styles:
    """The styles of a drawing."""

    def __init__(self, root: Element) -> None:
        self._rules: dict[str, list[_Rule]] = defaultdict(list)
        self._in_document: dict[Element, Style] = {}
        self._compared = 0
        self._parents = {child: parent for parent in root.iter() for child in parent}
        order = 0
        for sheet in root.iter(f"{{{SVG}}}style"):
            if sheet.get("media", "all").strip() not in {"", "all"} or sheet.get("type", "text/css") != "text/css":
                raise CannotDrawError("a style sheet is for certain devices only. Remove its media")
            for rule in _read_sheet("".join(sheet.itertext()), order):
                order += 1
                key = next(iter(sorted(rule.parts)), rule.name)
                self._rules[key].append(rule)
                if order > _MOST_RULES:
                    raise CannotDrawError("the style sheet has too many rules")

    def get_initial(self) -> Style:
        """Return the style outside of the drawing."""
        return _ALL

    def find(self, element: Element, parent: Style) -> Style:
        """Return the style of an element in a parent with a style."""
        own = self._find_own(element)
        style = {name: parent[name] for name in _INITIAL} | _NOT_INHERITED
        for name, value in own.items():
            if name == "marker":
                style |= {f"marker-{place}": value for place in ("start", "mid", "end")}
            style[name] = parent[name] if value == "inherit" else value
        return style

    def find_in_document(self, element: Element) -> Style:
        """Return the style of an element where it is in the file, such as a part of a gradient."""
        if element not in self._in_document:
            parent = self._parents.get(element)
            around = self.get_initial() if parent is None else self.find_in_document(parent)
            self._in_document[element] = self.find(element, around)
        return self._in_document[element]

    def _find_own(self, element: Element) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in element.attrib.items():
            if name in _ALL and name != "transform":
                found[name] = _check_value(name, value)
        name = split_tag(element.tag)[1]
        parts = {f".{part}" for part in element.get("class", "").split()}
        if "id" in element.attrib:
            parts.add(f"#{element.get('id')}")
        rules = (
            [
                rule
                for key in (name, "*", *sorted(parts))
                for rule in self._rules.get(key, ())
                if rule.name in {name, "*"} and rule.parts <= parts
            ]
            if self._rules
            else []
        )
        self._compared += sum(len(self._rules.get(key, ())) for key in (name, "*", *parts)) if self._rules else 0
        if self._compared > _MOST_COMPARED:
            raise CannotDrawError("the style sheet has too many rules for so many elements")
        for rule in sorted(rules):
            found |= rule.declarations
        if "style" in element.attrib:
            found |= _read_declarations(element.get("style", ""))
        return found


def _read_sheet(text: str, order: int) -> Iterator[_Rule]:
    text = _COMMENT.sub(" ", text).strip()
    place = 0
    while place < len(text):
        found = _RULE.match(text, place)
        if not found:
            msg = f"the style sheet has a part that is not understood: {quote(text[place:])}"
            raise CannotDrawError(msg)
        place = found.end()
        declarations = _read_declarations(found[2])
        for selector in found[1].split(","):
            matched = _SELECTOR.fullmatch(selector.strip())
            if not matched or not selector.strip():
                msg = f"the style sheet has the selector {quote(selector.strip())}. Use only classes, ids and names of elements"
                raise CannotDrawError(msg)
            parts = frozenset(_PART.findall(matched[2]))
            ids = sum(part.startswith("#") for part in parts)
            name = matched[1] or "*"
            weight = ids, len(parts) - ids, int(name != "*")
            yield _Rule(weight, order, name, parts, declarations)
            order += 1


def _read_declarations(text: str) -> dict[str, str]:
    text = _COMMENT.sub(" ", text)
    found: dict[str, str] = {}
    place = 0
    end = len(text.rstrip("; \t\r\n\f"))
    while place < end:
        matched = _DECLARATION.match(text, place)
        if not matched:
            msg = f"the style {quote(text[place:])} is not understood"
            raise CannotDrawError(msg)
        place = matched.end()
        name, value = matched[1].lower(), matched[2].strip()
        if name in _ALL:
            found[name] = _check_value(name, value)
        elif not _WITHOUT_EFFECT.fullmatch(name):
            msg = f"the style has the property {quote(name)}, which is not drawn. Remove it"
            raise CannotDrawError(msg)
    return found


def _check_value(name: str, value: str) -> str:
    value = value.strip()
    lowered = value.lower()
    if "!" in value or "var(" in lowered or "calc(" in lowered or lowered in {"initial", "unset", "revert"}:
        msg = f"the style {quote(f'{name}: {value}')} is not understood. Use a plain value"
        raise CannotDrawError(msg)
    if name in {"transform", "transform-origin", "clip"} and lowered not in {"", "none", "auto"}:
        msg = (
            f"the style has the property {quote(name)}, which is not drawn. Use the attribute transform, or a clip path"
        )
        raise CannotDrawError(msg)
    # References and colours keep their case.
    return value if "#" in value or "(" in value else lowered

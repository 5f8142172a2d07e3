"""Apply Unicode's bidirectional algorithm (UAX 9): the embedding level of each character, and the order in which runs are drawn.

Comments cite its rules by name. The rules for embeddings and isolates are left out, because `cleaning` removes their control characters.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from fontTools.unicodedata import mirrored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RTL_CLASSES = {"R", "AL"}
#: A line to the right without any of ``_TURNING`` stays as it is. A line to the left with nothing but ``_TURNED`` is reversed as a whole.
_TURNING = {"R", "AL", "AN"}
_TURNED = {"R", "AL", "NSM", "WS", "ON", "CS", "ES", "ET", "BN"}
#: Classes without a direction, and the direction of the others for them.
_NEUTRAL = {"ON", "WS", "S", "B"}
_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
#: The rules skip these classes (X9). Their characters get the level of the character before them.
_SKIPPED = {"BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
#: Levels by the base level and the resolved class (I1, I2).
_LEVELS = ({"L": 0, "R": 1, "EN": 2, "AN": 2}, {"L": 2, "R": 1, "EN": 2, "AN": 2})
#: Characters in these blocks run to the left, even those that Python's Unicode database does not know yet.
_RTL_BLOCKS = ((0x0590, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFF), (0x10800, 0x10FFF), (0x1E800, 0x1EFFF))
#: They have no form. They only decide the order of the characters beside them.
DIRECTION_MARKS = frozenset("\u200e\u200f\u061c")
_OPENING, _CLOSING = "Ps", "Pe"

T = TypeVar("T")


def find_base_level(text: str) -> int:
    """Return 1 for a text whose first letter belongs to a right-to-left script, else 0 (P2, P3)."""
    for kind in map(_classify, text):
        if kind in _RTL_CLASSES:
            return 1
        if kind == "L":
            return 0
    return 0


def find_levels(text: str, base: int) -> list[int]:
    """Return the embedding level of each character of a line, whose own level is ``base``."""
    if not base and text.isascii():
        return [0] * len(text)
    kinds = [*map(_classify, text)]
    present = set(kinds)
    if not base and present.isdisjoint(_TURNING):
        return [0] * len(text)
    if base and present <= _TURNED:
        return [1] * len(text)
    places = [place for place, kind in enumerate(kinds) if kind not in _SKIPPED]
    direction = "LR"[base]
    resolved = [kinds[place] for place in places]
    _resolve_weak(resolved, direction)
    _resolve_brackets([text[place] for place in places], [kinds[place] for place in places], resolved, direction)
    _resolve_neutral(resolved, direction)
    levels = [base] * len(text)
    for place, kind in zip(places, resolved, strict=True):
        levels[place] = _LEVELS[base][kind]
    _settle_blanks_and_skipped(kinds, levels, base)
    return levels


def order_runs(runs: Sequence[T], levels: Sequence[int]) -> list[T]:
    """Return runs in drawing order, from left to right (L2)."""
    if len(runs) == 1:
        return list(runs)
    order = list(range(len(runs)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = max(end, start + 1)
    return [runs[index] for index in order]


@lru_cache(maxsize=4096)
def mirror(character: str) -> str:
    """Return the character that a right-to-left line draws for this one, such as ``)`` for ``(``. Most characters do not change."""
    point = mirrored(ord(character))
    return character if point is None else chr(point)


@lru_cache(maxsize=4096)
def _find_partner(character: str) -> tuple[str, str] | None:
    """Return the category of a paired bracket, opening or closing, and its partner. Return None for other characters."""
    category, partner = unicodedata.category(character), mirror(character)
    pair = category, unicodedata.category(partner)
    return (category, partner) if pair in {(_OPENING, _CLOSING), (_CLOSING, _OPENING)} else None


@lru_cache(maxsize=4096)
def _classify(character: str) -> str:
    if kind := unicodedata.bidirectional(character):
        return kind
    return "R" if any(first <= ord(character) <= last for first, last in _RTL_BLOCKS) else "L"


def _resolve_weak(kinds: list[str], direction: str) -> None:
    """Resolve marks and numbers (W1 to W7)."""
    previous = strong = direction
    for index, kind in enumerate(kinds):
        if kind == "NSM":
            kinds[index] = previous
        elif kind in {"L", "R", "AL"}:
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[index] = "AN"
        previous = kinds[index]
    _resolve_within_numbers(kinds)
    strong = direction
    for index, kind in enumerate(kinds):
        if kind in {"L", "R", "AL"}:
            strong = kinds[index] = "L" if kind == "L" else "R"
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"


def _resolve_within_numbers(kinds: list[str]) -> None:
    """Make separators between numbers, and signs beside them, parts of the numbers (W4 to W6)."""
    for index in range(1, len(kinds) - 1):
        before, kind, after = kinds[index - 1 : index + 2]
        if before == after and (kind, before) in {("ES", "EN"), ("CS", "EN"), ("CS", "AN")}:
            kinds[index] = before
    for start, end in _find_stretches(kinds, {"ET"}):
        if "EN" in {*kinds[max(start - 1, 0) : start], *kinds[end : end + 1]}:
            kinds[start:end] = ["EN"] * (end - start)
    for index, kind in enumerate(kinds):
        if kind in {"ES", "CS", "ET"}:
            kinds[index] = "ON"


def _resolve_brackets(characters: list[str], originals: list[str], kinds: list[str], direction: str) -> None:
    """Give brackets the direction of the text that they enclose (N0)."""
    for opening, closing in sorted(_pair_brackets(characters, kinds)):
        inside = {_STRONG.get(kind) for kind in kinds[opening + 1 : closing]} - {None}
        if not inside:
            continue
        resolved = direction
        if direction not in inside:
            before = (_STRONG[kind] for kind in reversed(kinds[:opening]) if kind in _STRONG)
            resolved = next(before, direction)
        for index in (opening, closing):
            kinds[index] = resolved
            while index + 1 < len(kinds) and originals[index + 1] == "NSM":
                index += 1  # noqa: PLW2901
                kinds[index] = resolved


def _pair_brackets(characters: list[str], kinds: list[str]) -> list[tuple[int, int]]:
    pairs = []
    stack: list[tuple[str, int]] = []
    for index, character in enumerate(characters):
        if kinds[index] != "ON" or (found := _find_partner(character)) is None:
            continue
        category, partner = found
        if category == _OPENING:
            stack.append((partner, index))
        else:
            for depth in range(len(stack) - 1, -1, -1):
                if stack[depth][0] == character:
                    pairs.append((stack[depth][1], index))
                    del stack[depth:]
                    break
    return pairs


def _resolve_neutral(kinds: list[str], direction: str) -> None:
    """Give characters without a direction that of their neighbours if these agree, else that of the line (N1, N2)."""
    for start, end in _find_stretches(kinds, _NEUTRAL):
        before = _STRONG[kinds[start - 1]] if start else direction
        after = _STRONG[kinds[end]] if end < len(kinds) else direction
        kinds[start:end] = [before if before == after else direction] * (end - start)


def _find_stretches(kinds: list[str], wanted: set[str]) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] in wanted:
            end += 1
        if end > start:
            yield start, end
        start = end + 1


def _settle_blanks_and_skipped(kinds: list[str], levels: list[int], base: int) -> None:
    """Give spaces before a separator and at the end the line's level (L1), and skipped characters the level of the one before."""
    is_trailing = True
    for index in range(len(kinds) - 1, -1, -1):
        if kinds[index] not in _SKIPPED:
            is_trailing = kinds[index] in {"S", "B"} or (is_trailing and kinds[index] == "WS")
            levels[index] = base if is_trailing else levels[index]
    for index, kind in enumerate(kinds):
        if index and kind in _SKIPPED:
            levels[index] = levels[index - 1]

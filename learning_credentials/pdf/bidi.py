"""Unicode's bidirectional algorithm: the embedding level of each character, and the order in which runs are drawn.

python-bidi resolves the levels; it returns only the text turned around, so its steps are taken here one by one. It knows nothing of
paired brackets (rule N0), which are settled in between.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from bidi import algorithm

if TYPE_CHECKING:
    from collections.abc import Sequence

_RTL_CLASSES = {"R", "AL"}
#: Without any of these a line stays as it is; with none but those, all of it is turned.
_TURNING = {"R", "AL", "AN"}
_TURNED = {"R", "AL", "NSM", "WS", "ON", "CS", "ES", "ET", "BN"}
_STRONG = {"L": "L", "R": "R", "AL": "R", "EN": "R", "AN": "R"}
#: Blocks whose characters run to the left even where Python's Unicode database does not know them yet.
_RTL_BLOCKS = ((0x0590, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFF), (0x10800, 0x10FFF), (0x1E800, 0x1EFFF))
_BRACKETS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "\u2045": "\u2046",
    "\u207d": "\u207e",
    "\u3008": "\u3009",
    "\u300a": "\u300b",
}

T = TypeVar("T")


def find_base_level(text: str) -> int:
    """1 for a text whose first letter runs to the left, else 0."""
    for character in text:
        if (kind := _classify(character)) in _RTL_CLASSES:
            return 1
        if kind == "L":
            return 0
    return 0


def find_levels(text: str, base: int) -> list[int]:
    """The embedding level of each character of a line."""
    if not base and text.isascii():
        return [0] * len(text)
    kinds = [*map(_classify, text)]
    found_kinds = set(kinds)
    if not base and found_kinds.isdisjoint(_TURNING):
        return [0] * len(text)
    if base and found_kinds <= _TURNED:
        return [1] * len(text)
    storage: dict[str, Any] = algorithm.get_empty_storage()
    storage.update(base_level=base, base_dir="LR"[base])
    storage["chars"] = [
        {"ch": character, "level": base, "type": kind, "orig": kind, "index": index}
        for index, (character, kind) in enumerate(zip(text, kinds, strict=True))
    ]
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _resolve_brackets(storage["chars"], "LR"[base])
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    found = {entry["index"]: int(entry["level"]) for entry in storage["chars"]}
    levels: list[int] = []
    # What the algorithm leaves out, such as joiners, goes with what stands before it.
    for index in range(len(text)):
        levels.append(found.get(index, levels[-1] if levels else base))
    for index in range(len(text) - 1, -1, -1):
        if not text[index].isspace():
            break
        levels[index] = base
    return levels


def order_runs(runs: Sequence[T], levels: Sequence[int]) -> list[T]:
    """Put runs into the order in which they are drawn, left to right (rule L2)."""
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
def _classify(character: str) -> str:
    if kind := unicodedata.bidirectional(character):
        return kind
    return "R" if any(first <= ord(character) <= last for first, last in _RTL_BLOCKS) else "L"


def _resolve_brackets(entries: list[dict[str, Any]], direction: str) -> None:
    for opening, closing in sorted(_pair_brackets(entries)):
        inside = {_STRONG.get(entry["type"]) for entry in entries[opening + 1 : closing]} - {None}
        if direction in inside:
            resolved = direction
        elif inside:
            before = (_STRONG.get(entry["type"]) for entry in reversed(entries[:opening]))
            resolved = next((kind for kind in before if kind), direction)
        else:
            continue
        entries[opening]["type"] = entries[closing]["type"] = resolved


def _pair_brackets(entries: list[dict[str, Any]]) -> list[tuple[int, int]]:
    pairs = []
    stack: list[tuple[str, int]] = []
    for index, entry in enumerate(entries):
        character = entry["ch"]
        if character in _BRACKETS:
            stack.append((_BRACKETS[character], index))
        elif character in _BRACKETS.values():
            for depth in range(len(stack) - 1, -1, -1):
                if stack[depth][0] == character:
                    pairs.append((stack[depth][1], index))
                    del stack[depth:]
                    break
    return pairs

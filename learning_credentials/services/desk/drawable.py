"""Takes out of options what cannot be drawn, so that a picture shows everything else."""

from __future__ import annotations

from typing import Any


def remove(options: dict[str, Any], path: str) -> None:
    """Remove the innermost value that a path names. If the path names a missing value, remove the object that should have it.

    Args:
        options: to change.
        path: dotted, as in the message of a mistake. The names of elements can have dots themselves.
    """
    value: Any = options
    place: tuple[dict[str, Any], str] | None = None
    rest = path
    while isinstance(value, dict) and rest:
        key = _find_key(value, rest)
        if key is None:
            break
        place = value, key
        value, rest = value[key], rest[len(key) + 1 :]
    if place:
        del place[0][place[1]]
    else:
        options.clear()


def hide(options: dict[str, Any], path: str) -> bool:
    """Hide the element at a path. Return whether something changed."""
    section, _, name = path.partition(".")
    if name and section in {"text_elements", "tables", "images"}:
        elements = options.get(section)
        elements = options[section] = elements if isinstance(elements, dict) else {}
        was_hidden = elements.get(name) is False
        elements[name] = False
        return not was_hidden
    if section in {"signatures", "signatories", "qr", "image"} and options.get(section) is not False:
        options[section] = False
        return True
    return False


def _find_key(value: dict[str, Any], path: str) -> str | None:
    """Return the longest key of an object with which a path begins."""
    keys = (key for key in value if path == key or path.startswith(f"{key}."))
    return max(keys, key=len, default=None)

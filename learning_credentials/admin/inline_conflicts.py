"""Merge the rows that an operator entered in an inline with those that somebody else saved meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import QueryDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.admin.shown import Values


def reconcile(
    posted: QueryDict, prefix: str, key: str, before: Mapping[str, Values], now: Mapping[str, Values]
) -> QueryDict:
    """Return the data of a formset. Each row is as the operator entered it if they changed it, else as it is stored.

    Rows that somebody else added are included. A row that somebody else deleted is included as a new one if the operator changed it.

    Args:
        posted: the data that the page sent.
        prefix: the prefix of the formset.
        key: name of the rows' primary key.
        before: the rows by key as the page showed them.
        now: the rows by key as they are stored.
    """
    mine: dict[str, dict[str, str]] = {}
    added: list[dict[str, str]] = []
    for number in range(_read_number(posted, f"{prefix}-TOTAL_FORMS")):
        start = f"{prefix}-{number}-"
        values = {name.removeprefix(start): str(posted[name]) for name in posted if name.startswith(start)}
        row_key = values.pop(key, "")
        if row_key:
            mine[row_key] = values
        elif any(values.values()):
            added.append(values)
    existing = {}
    for row_key, stored in now.items():
        entered = mine.get(row_key)
        is_touched = entered is not None and row_key in before and _is_touched(entered, before[row_key])
        existing[row_key] = entered if entered is not None and is_touched else _as_posted(stored)
    for row_key, entered in mine.items():
        is_gone = row_key not in now and row_key in before
        if is_gone and "DELETE" not in entered and _is_touched(entered, before[row_key]):
            added.append(entered)
    data = QueryDict(mutable=True)
    data.update(
        {f"{prefix}-TOTAL_FORMS": str(len(existing) + len(added)), f"{prefix}-INITIAL_FORMS": str(len(existing))}
    )
    rows: list[dict[str, str]] = [{key: row_key, **values} for row_key, values in existing.items()]
    for number, values in enumerate([*rows, *added]):
        data.update({f"{prefix}-{number}-{name}": value for name, value in values.items()})
    return data


def _read_number(posted: QueryDict, name: str) -> int:
    text = posted.get(name, "")
    return min(int(text), 1000) if text.isdecimal() else 0


def _is_touched(entered: Mapping[str, str], shown: Values) -> bool:
    return "DELETE" in entered or any(entered.get(name, "") != text for name, text in _as_posted(shown).items())


def _as_posted(values: Values) -> dict[str, Any]:
    return {name: "" if value is None else str(value) for name, value in values.items()}

"""Make the results in a badge: the grade or completion that earned it, and its scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5


@dataclass(frozen=True, slots=True)
class Result:
    """One result.

    ``kind`` is a result type of the standard. For ``Status`` the value is one of the standard's words, such as ``Completed``.

    Values are text, as they are shown: a percentage without its sign. ``minimum``, ``maximum`` and ``required`` can be empty.
    """

    name: str
    value: str
    kind: Literal["Percent", "LetterGrade", "RawScore", "GradePointAverage", "Result", "Status"] = "Result"
    minimum: str = ""
    maximum: str = ""
    required: str = ""


def make_result(result: Result, achievement_id: str) -> dict[str, Any]:
    """Return what the learner achieved."""
    value = "status" if result.kind == "Status" else "value"
    return {"type": ["Result"], "resultDescription": _make_id(result, achievement_id), value: result.value}


def make_result_description(result: Result, achievement_id: str) -> dict[str, Any]:
    """Return what could be achieved."""
    return {
        "id": _make_id(result, achievement_id),
        "type": ["ResultDescription"],
        "name": result.name,
        "resultType": result.kind,
        "valueMin": result.minimum,
        "valueMax": result.maximum,
        "requiredValue": result.required,
    }


def _make_id(result: Result, achievement_id: str) -> str:
    # The same in every badge of the achievement, so that results can be compared.
    return uuid5(NAMESPACE_URL, f"{achievement_id}#{result.name}").urn

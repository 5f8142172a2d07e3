"""Note what is imperfect on a page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from learning_credentials.pdf.placeholders import LANGUAGE_MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MOST_QUOTED = 60
_PLACES = {
    "name": "the learner's name",
    "context_name": "the name of the course or learning path",
    "issue_date": "the date of issue",
    "expiry_date": "the expiry date",
    "grade": "the grade",
    "credential_type": "the name of the credential type",
    "issuer_name": "the issuer's name",
}
_SIGNATORY = re.compile(r"signatory_(\d)_(name|title|organisation)")


class Missing(NamedTuple):
    """A character with its marks that no font has, and its place in words."""

    place: str
    cluster: str


@dataclass
class Notes:
    """The problems that came up while the items were placed. ``missing`` is in the order of the page."""

    problems: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


def locate(clusters: Iterable[str], path: str, fields: Sequence[str], values: Mapping[str, str]) -> list[Missing]:
    """Find the placeholder that each cluster comes from. A cluster that comes from none belongs to the operator's own text.

    Args:
        clusters: those that no font has.
        path: of the text element in the options.
        fields: the placeholders in its text.
        values: the values of the placeholders.
    """
    return [Missing(_find_place(cluster, path, fields, values), cluster) for cluster in clusters]


def _find_place(cluster: str, path: str, fields: Sequence[str], values: Mapping[str, str]) -> str:
    # Casefolded, because the text may be printed in capitals.
    folded = cluster.casefold()
    field = next((field for field in fields if folded in values[field].casefold()), None)
    if field is None:
        return f"the text of the element '{path.partition('.')[2]}'"
    if matched := _SIGNATORY.fullmatch(field):
        return f"the {matched[2]} of signatory {matched[1]}"
    return _PLACES.get(field.partition(LANGUAGE_MARK)[0], f"the value of {{{field}}}")


def shorten(text: str) -> str:
    """Return a text short enough to be quoted in a message."""
    return text if len(text) <= _MOST_QUOTED else f"{text[:_MOST_QUOTED]}…"

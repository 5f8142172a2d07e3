"""Explain which characters no font can draw, where they are, and what an operator can do about it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from fontTools.unicodedata import script, script_name

from learning_credentials.conf import SETTING_NAME
from learning_credentials.pdf.fonts.installs import Install, find_install
from learning_credentials.pdf.fonts.loading import get_builtin_font
from learning_credentials.pdf.fonts.server import list_font_problems
from learning_credentials.pdf.text.cleaning import clean_line
from learning_credentials.pdf.text.lines import make_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from learning_credentials.pdf.page.notes import Missing

#: The error code of a credential that is refused for it.
UNDRAWABLE = "undrawable_text"
#: A message names at most this many characters for one place, and this many code points for one character.
_MOST_NAMED = 12
_MOST_POINTS = 6
#: Words for the values of Unicode's property Script that are not scripts.
_NO_SCRIPT = {"Zyyy": "symbol", "Zinh": "mark", "Zzzz": "unassigned"}
_GENERAL_ADVICE = (
    f"For any script: name a font file of the server that has the characters in {SETTING_NAME}['FALLBACK_FONTS'], or "
    "upload a font asset that has them and name it in the option `fonts`"
)


def explain(missing: Iterable[Missing]) -> str:
    """Return a message that says which characters no font has, where they are, and what to do about it."""
    by_place: dict[str, dict[str, None]] = {}
    for place, cluster in missing:
        by_place.setdefault(place, {})[cluster] = None
    found = [f"no font can draw these characters of {place}: {_list(clusters)}" for place, clusters in by_place.items()]
    advice = _advise(cluster for clusters in by_place.values() for cluster in clusters)
    return ". ".join(("; ".join(found), advice, *list_font_problems()))


def find_undrawable(text: str) -> str:
    """Return the characters of a name that no font can draw, neither a shipped font nor one of the server. Each has its code point."""
    missing = make_line(clean_line(text), (get_builtin_font("NotoSans"),))[1]
    return _list(dict.fromkeys(missing))


def _advise(clusters: Iterable[str]) -> str:
    """Say what to install for each script, and what else an operator can do."""
    scripts: dict[Install, dict[str, None]] = {}
    for character in (cluster[0] for cluster in clusters):
        if install := find_install(character):
            scripts.setdefault(install, {})[_name_script(character)] = None
    ways = [f"For {', '.join(names)}: {install.describe()}" for install, names in scripts.items()]
    return ". ".join((*ways, _GENERAL_ADVICE))


def _list(clusters: Mapping[str, None]) -> str:
    named = [f"{cluster[:_MOST_POINTS]} ({_name_points(cluster)})" for cluster in list(clusters)[:_MOST_NAMED]]
    rest = len(clusters) - len(named)
    return ", ".join(named) + (f" and {rest} more" if rest else "")


def _name_points(cluster: str) -> str:
    points = " ".join(f"U+{ord(character):04X}" for character in cluster[:_MOST_POINTS])
    return f"{points}{' ...' if len(cluster) > _MOST_POINTS else ''}, {_name_script(cluster[0])}"


def _name_script(character: str) -> str:
    if unicodedata.category(character) == "Co":
        return "private use"
    tag = script(character)
    return _NO_SCRIPT.get(tag) or str(script_name(tag)).replace("_", " ")

"""Draws the small charts of the overview as values for SVG. The page needs no library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.services.desk import Bar

#: The width of a chart, its height, and the gap between bars, in the units of the picture.
_WIDTH, _HEIGHT, _GAP = 280, 56, 1
#: The smallest scale of a chart, so that a single credential does not fill it.
_LEAST_TOP = 4
#: The height of the smallest bar that is not empty.
_LEAST_HEIGHT = 1.5
LABELS = {
    "issued": gettext_lazy("Issued"),
    "verified": gettext_lazy("Verified"),
    "downloaded": gettext_lazy("Downloaded"),
    "shared": gettext_lazy("Shared"),
    "revoked": gettext_lazy("Revoked"),
}


class DrawnBar(NamedTuple):
    """One bar: its place in the picture, and its text."""

    x: float
    y: float
    height: float
    text: str


def draw_charts(bars: Sequence[Bar]) -> dict[str, Any]:
    """Return one chart for each number, and the same numbers as a table."""
    step = _WIDTH / len(bars)
    return {
        "charts": [_draw(bars, name, str(label), step) for name, label in LABELS.items()],
        "width": _WIDTH,
        "height": _HEIGHT,
        "bar_width": round(step - _GAP, 2),
        "is_weekly": bars[0].first != bars[0].last,
        "rows": [
            {"days": _name_days(bar), "numbers": [getattr(bar, name) for name in LABELS]} for bar in reversed(bars)
        ],
    }


def _draw(bars: Sequence[Bar], name: str, label: str, step: float) -> dict[str, Any]:
    numbers = [getattr(bar, name) for bar in bars]
    top = max(_LEAST_TOP, *numbers)
    drawn = []
    for index, (bar, number) in enumerate(zip(bars, numbers, strict=True)):
        height = round(max(number / top * _HEIGHT, _LEAST_HEIGHT if number else 0), 2)
        text = _("%(days)s: %(number)d") % {"days": _name_days(bar), "number": number}
        drawn.append(DrawnBar(round(index * step, 2), round(_HEIGHT - height, 2), height, text))
    total, most = sum(numbers), max(numbers)
    told = {"label": label, "total": total, "most": most}
    return {
        "name": name,
        "label": label,
        "total": total,
        "bars": drawn,
        "text": _("%(label)s: %(total)d in all, at most %(most)d at a time. The table below has each number.") % told,
    }


def _name_days(bar: Bar) -> str:
    first = formats.date_format(bar.first)
    return first if bar.first == bar.last else f"{first} – {formats.date_format(bar.last)}"

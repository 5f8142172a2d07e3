"""Show how often a credential was viewed, as numbers and as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.template.loader import render_to_string
from django.utils import formats
from django.utils.translation import gettext as _

from learning_credentials.services.public import get_credential_counts, list_daily_counts

if TYPE_CHECKING:
    from uuid import UUID

    from django.utils.safestring import SafeString

_BAR, _GAP, _HEIGHT = 8, 2, 48
#: The smallest scale of the chart, so that a single visit does not fill it.
_LEAST_TOP = 4


class Bar(NamedTuple):
    """The bar of one day: its place in the chart, and its text."""

    x: int
    verifications: float
    downloads: float
    text: str


def render_visits(verify_uuid: UUID) -> SafeString:
    """Return HTML with the sums of all days and a chart of the last ones."""
    days = list_daily_counts(verify_uuid)
    top = max(_LEAST_TOP, *(day.verifications + day.downloads for day in days))
    bars = [
        Bar(
            index * (_BAR + _GAP),
            round(day.verifications / top * _HEIGHT, 1),
            round(day.downloads / top * _HEIGHT, 1),
            _("%(day)s: %(verifications)d verifications, %(downloads)d downloads")
            % {
                "day": formats.date_format(day.day),
                "verifications": day.verifications,
                "downloads": day.downloads,
            },
        )
        for index, day in enumerate(days)
    ]
    context = {
        "counts": get_credential_counts([verify_uuid])[verify_uuid],
        "bars": bars,
        "bar_width": _BAR,
        "width": len(bars) * (_BAR + _GAP) - _GAP,
        "height": _HEIGHT,
        "recent": sum(day.verifications for day in days),
        "recent_downloads": sum(day.downloads for day in days),
        "first": days[0].day,
        "last": days[-1].day,
    }
    return render_to_string("admin/learning_credentials/visits.html", context)

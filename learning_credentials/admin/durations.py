"""Say in words how long something takes."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTES_OF_HOUR, HOURS_OF_DAY = 60, 24


def describe_duration(seconds: float) -> str:
    """Return a duration in words, such as "about 5 minutes"."""
    minutes = round(seconds / 60)
    if not minutes:
        return _("less than a minute")
    if minutes < 2 * MINUTES_OF_HOUR:
        return ngettext("about %d minute", "about %d minutes", minutes) % minutes
    hours = round(minutes / MINUTES_OF_HOUR)
    if hours < 2 * HOURS_OF_DAY:
        return ngettext("about %d hour", "about %d hours", hours) % hours
    days = round(hours / HOURS_OF_DAY)
    return ngettext("about %d day", "about %d days", days) % days

"""Decide which requests count as visits by people. Nothing about a request is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

# User agents of programs that follow links. The list need not be complete, because the counts are only a hint. (A Cubot is a phone.)
_ROBOT = re.compile(
    r"(?<!cu)bot(?![a-z])|crawl|spider|slurp|preview|facebookexternalhit|embedly|archiver|monitor|uptime|lighthouse",
    re.IGNORECASE,
)


def is_visit(request: HttpRequest, method: str = "GET") -> bool:
    """Return whether a person really requested the page.

    Requests for the headers only, prefetches by a browser and robots that name themselves do not count.
    """
    if request.method != method:
        return False
    purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    return "prefetch" not in purpose.lower() and not _ROBOT.search(request.headers.get("User-Agent", ""))

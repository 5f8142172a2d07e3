"""Which requests count as visits of people. Nothing of a request is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest

# What says of itself that it is a program that follows links. It need not be complete: the numbers are a hint. (A Cubot is a telephone.)
_ROBOT = re.compile(
    r"(?<!cu)bot(?![a-z])|crawl|spider|slurp|preview|facebookexternalhit|embedly|archiver|monitor|uptime|lighthouse",
    re.IGNORECASE,
)


def is_visit(request: HttpRequest) -> bool:
    """Whether somebody really asked: not for the headers only, not in advance by a browser, and no robot that says so."""
    if request.method != "GET":
        return False
    purpose = request.headers.get("Sec-Purpose", "") or request.headers.get("Purpose", "")
    return "prefetch" not in purpose.lower() and not _ROBOT.search(request.headers.get("User-Agent", ""))

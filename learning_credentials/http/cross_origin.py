"""Answers that the pages of other sites may read (the Fetch standard, "CORS protocol"). Only for what is the same for every caller."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.cache import patch_vary_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponseBase

#: Seconds that a browser remembers the answer to a pre-flight request; browsers cap it themselves.
PREFLIGHT_SECONDS = 24 * 60 * 60
#: Response headers that scripts may read beyond those that the standard lets through.
_EXPOSED = "ETag, Retry-After"
#: Headers that are allowed where a pre-flight request names none.
_USUAL_HEADERS = "Accept, Content-Type, If-None-Match, User-Agent"
_MAX_HEADERS = 64
#: Names of headers (RFC 9110, token). Anything else is never echoed.
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")


def allow_any_origin(request: HttpRequest, response: HttpResponseBase, methods: Iterable[str]) -> None:
    """Let any site's page read this response; answer a pre-flight request (``OPTIONS``) in full.

    A pre-flight request is allowed every header that it names, since programs that verify badges send their own. Credentials are
    never allowed: browsers send no cookies, and nothing here depends on them.

    Args:
        request: what is answered.
        response: gets the headers.
        methods: the methods that the address takes, such as ``GET``.
    """
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = _EXPOSED
    if request.method != "OPTIONS":
        return
    response["Access-Control-Allow-Methods"] = ", ".join(methods)
    response["Access-Control-Allow-Headers"] = _list_allowed(request.headers.get("Access-Control-Request-Headers", ""))
    response["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    patch_vary_headers(response, ["Access-Control-Request-Headers"])


def _list_allowed(requested: str) -> str:
    names = [name for part in requested.split(",")[:_MAX_HEADERS] if _NAME.fullmatch(name := part.strip())]
    return ", ".join(dict.fromkeys(names)) or _USUAL_HEADERS

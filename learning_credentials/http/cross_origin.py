"""Let pages of other sites read responses (the "CORS protocol" of the Fetch standard).

Use it only for responses that are the same for every caller.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.cache import patch_vary_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest, HttpResponseBase

#: How many seconds a browser caches the answer to a pre-flight request. Browsers have their own upper limits.
PREFLIGHT_SECONDS = 24 * 60 * 60
#: Response headers that scripts may read besides those that the standard always allows.
_EXPOSED = "ETag, Retry-After"
#: Request headers that are allowed if a pre-flight request names none.
_USUAL_HEADERS = "Accept, Content-Type, If-None-Match, User-Agent"
_MAX_HEADERS = 64
#: Names of headers (RFC 9110, token). Other texts are never repeated in the answer.
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")


def allow_any_origin(request: HttpRequest, response: HttpResponseBase, methods: Iterable[str]) -> None:
    """Let pages of every site read this response. Answer a pre-flight request (``OPTIONS``) completely.

    A pre-flight request may use every header that it names, because programs that verify badges send their own headers. Cross-origin
    credentials are never allowed: browsers send no cookies, and the response does not depend on them.

    Args:
        request: the request.
        response: the response. It gets the headers.
        methods: the methods that the address accepts, such as ``GET``.
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

"""Define the response headers of pages and downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from learning_credentials.filenames import MAX_NAME_BYTES, clean_file_name, get_attachment_disposition
from learning_credentials.web.static_addresses import get_static_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponseBase

__all__ = (
    "INERT_CONTENT_POLICY",
    "MAX_NAME_BYTES",
    "NO_CACHING",
    "PAGE_HEADERS",
    "PRIVATE_CACHING",
    "clean_file_name",
    "get_attachment_disposition",
    "get_page_policy",
    "set_default_headers",
)

STYLESHEET = "learning_credentials/credentials.css"

#: Headers of public pages: anyone can see them, but search engines should not list them.
PAGE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
PRIVATE_CACHING = "private, no-cache"
NO_CACHING = "private, no-store"
#: For files that are not pages: if a browser displays such a file, its content cannot run anything.
INERT_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def get_page_policy(*, has_form: bool = False) -> str:
    """Return the content security policy of pages: only the site's own style sheets, images and scripts, and nothing inline.

    If the host serves its static files from another origin, that origin is allowed too.
    """
    parts = urlsplit(get_static_address(STYLESHEET))
    own = f"'self' {parts.scheme}://{parts.netloc}".replace(" ://", " ") if parts.netloc else "'self'"
    forms = "'self'" if has_form else "'none'"
    return (
        f"default-src 'none'; style-src {own}; img-src {own}; font-src {own}; script-src {own}; connect-src 'self'; "
        f"base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )


def set_default_headers(response: HttpResponseBase, headers: Mapping[str, str]) -> None:
    """Add the headers that the response does not have yet."""
    for name, value in headers.items():
        response.headers.setdefault(name, value)

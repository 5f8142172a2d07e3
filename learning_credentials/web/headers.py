"""Response headers of the pages and downloads."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.templatetags.static import static
from django.utils.http import content_disposition_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponseBase

STYLESHEET = "learning_credentials/credentials.css"
#: Bytes of a file's name in UTF-8; file systems take 255, and browsers add to it.
MAX_NAME_BYTES = 180
MAX_EXTENSION = 10

#: Of pages: what anyone may see, but no search engine should collect.
PAGE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
PRIVATE_CACHING = "private, no-cache"
NO_CACHING = "private, no-store"
#: Of files that are no pages: should a browser ever show one in place, nothing in it can act.
INERT_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

_FORBIDDEN_IN_FILE_NAMES = frozenset('\\/:*?"<>|%')
_JOINERS = frozenset("\u200c\u200d")


def get_page_policy(*, has_form: bool = False) -> str:
    """Return the content security policy of pages: own style sheets, images and script files, nothing inline or from third parties.

    Where the host serves its static files from another origin, that origin counts as its own.
    """
    parts = urlsplit(static(STYLESHEET))
    own = f"'self' {parts.scheme}://{parts.netloc}".replace(" ://", " ") if parts.netloc else "'self'"
    forms = "'self'" if has_form else "'none'"
    return (
        f"default-src 'none'; style-src {own}; img-src {own}; font-src {own}; script-src {own}; "
        f"base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )


def set_default_headers(response: HttpResponseBase, headers: Mapping[str, str]) -> None:
    """Add headers that the response does not have yet."""
    for name, value in headers.items():
        response.headers.setdefault(name, value)


def get_attachment_disposition(filename: str) -> str:
    """Return a Content-Disposition under which any script survives (RFC 5987) and old clients get a name in ASCII."""
    name = clean_file_name(filename)
    header = content_disposition_header(as_attachment=True, filename=name)
    if header is None or name.isascii():
        return header or "attachment"
    stem, dot, extension = name.rpartition(".")
    ascii_stem = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().strip(" -_.") or "credential"
    ascii_extension = extension.encode("ascii", "ignore").decode()
    return header.replace("attachment;", f'attachment; filename="{ascii_stem}{dot}{ascii_extension}";', 1)


def clean_file_name(filename: str) -> str:
    """Return the name without what a file system or a header could misread, or that shows it in another order than it has."""
    kept = (
        char
        for char in filename
        if char not in _FORBIDDEN_IN_FILE_NAMES and (unicodedata.category(char)[0] != "C" or char in _JOINERS)
    )
    return _shorten("".join(kept).strip(" .")) or "credential"


def _shorten(name: str) -> str:
    """Cut what is too long for a file system from the end of the name, but not its extension."""
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, _dot, extension = name.rpartition(".")
    suffix = f".{extension}".encode() if stem and len(extension) <= MAX_EXTENSION else b""
    room = MAX_NAME_BYTES - len(suffix)
    kept = name.encode()[: len(name.encode()) - len(suffix)][:room].decode(errors="ignore")
    return kept.rstrip(" .") + suffix.decode()

"""Finds the credential that a typed or pasted text names: a code, an id, or an address with an id in any spelling.

Addresses are only read. The app never requests them.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from learning_credentials.conf import get_settings
from learning_credentials.data import FileKind, Finding, Inspection, Verdict
from learning_credentials.exceptions import CredentialNotFoundError
from learning_credentials.services.public import verification
from learning_credentials.services.public.inspected_files import ID_IN_TEXT, judge
from learning_credentials.services.public.inspection_texts import describe, describe_mistyped
from learning_credentials.verify_codes import clean_typed, read_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from learning_credentials.data import Verification

#: Longer texts are no addresses of credentials.
MAX_TEXT = 4_000
#: An id whose groups are divided in other ways, or not at all.
_LOOSE_ID = re.compile(r"(?<![0-9a-f])[0-9a-f](?:[-\s_.:]{0,3}[0-9a-f]){31}(?![0-9a-f])", re.IGNORECASE)
#: Addresses inside others are encoded again, by mail scanners and redirects.
_MOST_ENCODINGS = 3
_HAS_SCHEME = re.compile(r"[\s\"'<(\[{«“‘]*[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def inspect_text(text: str) -> Inspection:
    """Return the answer about the credential whose code, id or address somebody typed. It never takes more than two queries.

    The answer has the form of that about a file. The credential is compared with nothing.
    """
    typed = read_code(text)
    if typed is not None:
        if typed.problem is not None:
            message = describe_mistyped(typed.problem, len(typed.code))
            return Inspection(FileKind.CODE, Verdict.UNKNOWN, Finding.MISTYPED_CODE, message)
        return _inspect(FileKind.CODE, lambda: verification.verify_code(typed.code))
    found = find_id(text)
    if found is None:
        message = describe(Verdict.UNKNOWN, Finding.NO_CODE, FileKind.ID)
        return Inspection(FileKind.ID, Verdict.UNKNOWN, Finding.NO_CODE, message)
    return _inspect(FileKind.ID, lambda: verification.verify_credential(found))


def find_id(text: str) -> str | None:
    """Return the id in a text, without hyphens, or None.

    In an address, an id in the path comes before one in the query, where campaigns and redirects write ids of their own.
    """
    cleaned = clean_typed(text[:MAX_TEXT])
    for _ in range(_MOST_ENCODINGS):
        cleaned = clean_typed(unquote(cleaned))
    path = re.split(r"[?#]", cleaned, maxsplit=1)[0]
    # In a path, the id of a credential comes last. In a query, other ids follow the address of the credential.
    for part, place in ((path, -1), (cleaned, 0)):
        if ids := ID_IN_TEXT.findall(part) or _LOOSE_ID.findall(part):
            return re.sub(r"[^0-9a-f]", "", ids[place].lower())
    return None


def leads_elsewhere(text: str) -> bool:
    """Return whether a text is the address of another site: neither ``BASE_URL`` nor one of ``FORMER_BASE_URLS``."""
    if not _HAS_SCHEME.match(text):
        return False
    settings = get_settings()
    own = {_get_host(url) for url in (settings.BASE_URL, *settings.FORMER_BASE_URLS) if url}
    return _get_host(text.strip("\"'<>()[]{}«»“”‘’ \t\r\n")) not in own


def _get_host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return ""
    return host if parts.scheme.lower() in {"http", "https"} else ""


def _inspect(kind: FileKind, find: Callable[[], Verification]) -> Inspection:
    found = None
    verdict, finding = Verdict.UNKNOWN, Finding.UNKNOWN_CREDENTIAL
    with suppress(CredentialNotFoundError):
        found = find()
        verdict, finding = judge(found), Finding.KNOWN_CREDENTIAL
    return Inspection(kind, verdict, finding, describe(verdict, finding, kind), verification=found)

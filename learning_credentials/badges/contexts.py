"""Provide the JSON-LD contexts that a document can name. They are part of the package, and nothing is ever fetched."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from typing import Any

from learning_credentials.exceptions import MalformedBadgeError

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES_V3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

#: File and SHA-256 of each. A context that differs by a letter would sign something else, so a damaged copy is refused.
_FILES = {
    CREDENTIALS_V2: ("credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    OPEN_BADGES_V3: ("open-badges-3.0.3.json", "ef2fa9c7846dce233cc166b43639027278be4ee44f00bb1d45c75de2dd0cd761"),
}


@cache
def _read(url: str) -> dict[str, Any]:
    name, sha256 = _FILES[url]
    content = resources.files(__package__).joinpath("contexts", name).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        msg = f"the context file {name} of this package was changed. Install the package again"
        raise RuntimeError(msg)
    document: dict[str, Any] = json.loads(content)
    return document


def load_context(url: str) -> dict[str, Any]:
    """Return the document at a context's address. The caller must not change it.

    Raises:
        MalformedBadgeError: the context is not part of the package. No other context is ever fetched.
    """
    if url not in _FILES:
        msg = f"@context: badges cannot use the context '{url[:200]}'"
        raise MalformedBadgeError(msg)
    return _read(url)


def list_contexts() -> tuple[str, ...]:
    """Return the addresses of the contexts in the package."""
    return tuple(_FILES)

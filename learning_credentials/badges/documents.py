"""Read badges as JSON text without trusting them, and write them so that an image can contain the text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from learning_credentials.exceptions import MalformedBadgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Media types of a credential with an embedded proof. The first, the default, is that of Open Badges 3.0; the second is the registered one.
MEDIA_TYPES = ("application/vc+ld+json", "application/vc", "application/ld+json", "application/json")
MEDIA_TYPE = MEDIA_TYPES[0]
#: Bytes of a badge as text; one with its image inside has at most some 400 KB.
MAX_BYTES = 1024 * 1024
#: Largest text that wallets write around badges, in bytes, including the badges.
MAX_WRAPPED_BYTES = 4 * MAX_BYTES
#: XML readers refuse these everywhere, and ``]]>`` ends a CDATA section; inside JSON both can only be parts of strings.
_ESCAPED = {"]]>": "]]\\u003e", "\ufffe": "\\ufffe", "\uffff": "\\uffff"}
#: A string of JSON, its quotes included. Possessive: each character is read once.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"')


def read_document(content: bytes | str) -> dict[str, Any]:
    """Parse a badge, a status list or a similar document from JSON text in UTF-8.

    Raises:
        MalformedBadgeError: the text is not a JSON object, contains a key twice, or is too large or too deep.
    """
    document = read_json(content, MAX_BYTES)
    if not isinstance(document, dict):
        raise MalformedBadgeError("the text is not a JSON object")
    return document


def read_json(content: bytes | str, limit: int = MAX_WRAPPED_BYTES) -> Any:
    """Parse JSON text in UTF-8 that can contain badges. Raises like `read_document`, but accepts any value and longer texts."""
    if len(content) > limit:
        msg = f"the text is larger than {limit // 1024} KiB"
        raise MalformedBadgeError(msg)
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        return json.loads(text, object_pairs_hook=_refuse_twins, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedBadgeError("the text is not JSON") from error


def write_document(document: Mapping[str, Any]) -> str:
    """Return a document as compact JSON, to be encoded in UTF-8. A CDATA section can contain it unchanged."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for plain, escaped in _ESCAPED.items():
        text = text.replace(plain, escaped)
    return _STRING.sub(_escape_braces, text)


def _escape_braces(string: re.Match[str]) -> str:
    # Some wallets find the end of a badge in a picture by counting braces, those within texts too.
    return string[0].replace("{", "\\u007b").replace("}", "\\u007d")


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Readers differ in which of two equal keys they believe.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedBadgeError("an object contains the same key twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    msg = f"the value {name} is not JSON"
    raise MalformedBadgeError(msg)

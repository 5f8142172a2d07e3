"""Find the badges in a text: alone, in a presentation or list of a wallet, in a token, or inside a badge of another issuer.

Nothing is trusted here. The caller must check the badges that are found. What is around them is returned too.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from learning_credentials.badges import jose
from learning_credentials.badges.documents import MAX_WRAPPED_BYTES, read_json
from learning_credentials.exceptions import TooManyBadgesError

if TYPE_CHECKING:
    from collections.abc import Callable

#: How many badges in one file are checked.
MAX_BADGES = 20
#: Tokens and ``data:`` addresses within one another that are opened.
MAX_WRAPPINGS = 4
_BADGES = {"VerifiableCredential", "OpenBadgeCredential", "AchievementCredential", "SignedBadge"}
_ENVELOPES = {"EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation"}
_ADDRESS = re.compile(r"https?://[^\s\"'<>]{1,2000}")


class FoundBadge(NamedTuple):
    """A badge, and the token that contained it, if there was one."""

    document: dict[str, Any]
    token: jose.Token | None


class Contents(NamedTuple):
    """The contents of a text.

    ``is_alone`` is True if the text is one badge and nothing else. ``rest`` has all texts around the badges.
    """

    badges: list[FoundBadge]
    is_alone: bool
    rest: str


def list_items(value: Any) -> list[Any]:
    """Return a value of JSON-LD as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def list_types(document: dict[str, Any]) -> list[str]:
    """Return the types of an object, in any spelling."""
    types = [*list_items(document.get("type")), *list_items(document.get("@type"))]
    return [kind for kind in types if isinstance(kind, str)]


def read(text: str, is_own: Callable[[dict[str, Any]], bool]) -> Contents:
    """Find the badges in the text of a file or an image.

    Args:
        text: JSON, a token or, as in images of Open Badges 2.0, the address of a badge.
        is_own: returns whether an object claims to be a badge of this site. Those are found everywhere. Others are found only outside
            other badges.

    Raises:
        MalformedBadgeError: the text is none of these.
        TooManyBadgesError: the text contains more than `MAX_BADGES` badges, or is too large to be searched.
    """
    if len(text) > MAX_WRAPPED_BYTES:
        msg = f"the text is larger than {MAX_WRAPPED_BYTES // 1024} KiB"
        raise TooManyBadgesError(msg)
    if _ADDRESS.fullmatch(text.strip()):
        return Contents([FoundBadge({"type": "Assertion", "id": text.strip(), "badge": ""}, None)], False, "")
    token = jose.find_token(text)
    value = token.payload if token else read_json(text)
    finder = _Finder(is_own)
    finder.look(value, token, 0)
    badges = finder.badges
    is_alone = len(badges) == 1 and badges[0].document is value
    return Contents(badges, is_alone, "" if is_alone else " ".join(finder.rest))


class _Finder:
    def __init__(self, is_own: Callable[[dict[str, Any]], bool]) -> None:
        self.badges: list[FoundBadge] = []
        self.rest: list[str] = []
        self._is_own = is_own
        self._seen: set[str] = set()

    def look(self, value: Any, token: jose.Token | None, wrappings: int) -> None:
        """Search a value and everything in it. Lists replace recursion, so no nesting is too deep."""
        # The second part says whether the value is inside a badge of another issuer.
        pending: list[tuple[Any, jose.Token | None, bool]] = [(value, token, False)]
        while pending:
            item, item_token, is_within = pending.pop()
            if isinstance(item, str):
                self.rest.append(item)
                self._open(item, wrappings, is_within=is_within)
            elif isinstance(item, list):
                pending.extend((part, None, is_within) for part in reversed(item))
            elif isinstance(item, dict):
                if self._is_own(item):
                    self._add(item, item_token)
                    continue
                if not is_within and _is_badge(item):
                    self._add(item, item_token)
                    is_within = True
                self.rest.extend(item)
                # The claim of an older token: the badge is in it, and the token's own.
                pending.extend(
                    (part, item_token if name in {"vc", "vp"} else None, is_within)
                    for name, part in reversed(item.items())
                )

    def _open(self, text: str, wrappings: int, *, is_within: bool) -> None:
        if is_within or wrappings >= MAX_WRAPPINGS:
            return
        if token := jose.find_token(text):
            self.look(token.payload, token, wrappings + 1)
        elif text.startswith("data:application/"):
            content = _read_data(text)
            if token := jose.find_token(content):
                self.look(token.payload, token, wrappings + 1)
            elif content.lstrip().startswith(("{", "[")):
                self.look(read_json(content), None, wrappings + 1)

    def _add(self, document: dict[str, Any], token: jose.Token | None) -> None:
        key = json.dumps(document, sort_keys=True)
        if key in self._seen:
            return
        self._seen.add(key)
        self.badges.append(FoundBadge(document, token))
        if len(self.badges) > MAX_BADGES:
            msg = f"the file contains more than {MAX_BADGES} badges"
            raise TooManyBadgesError(msg)


def _is_badge(item: dict[str, Any]) -> bool:
    types = set(list_types(item))
    if types & _ENVELOPES:
        return False
    if types & _BADGES or ("issuer" in item and "credentialSubject" in item):
        return True
    return "badge" in item and ("Assertion" in types or "recipient" in item or "verify" in item)


def _read_data(address: str) -> str:
    head, _, data = address.partition(",")
    try:
        content = base64.b64decode(data, validate=True) if head.endswith(";base64") else unquote_to_bytes(data)
        return content.decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""

"""Recognises the kind of an inspected file, finds the credentials that it names, and builds the answers about it."""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from learning_credentials.badges.png import SIGNATURE as PNG_SIGNATURE
from learning_credentials.data import FileKind, Finding, Inspection, Verdict, VerificationStatus
from learning_credentials.models import CredentialEvent
from learning_credentials.services.public import verification
from learning_credentials.services.public.inspection_texts import describe
from learning_credentials.services.public.lookup import list_public

if TYPE_CHECKING:
    from collections.abc import Iterable

    from learning_credentials.data import Claims, Verification

#: The head of a PDF is within so many bytes (ISO 32000-1, Annex H). For other files, so many bytes are read to find their kind.
_HEAD = 1024
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
#: The beginnings of the formats of phones that no library here reads (ISO/IEC 23008-12).
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_SVG = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,50}:)?svg[\s/>]")
#: How many ids are looked up for one badge or file.
MAX_IDS = 10
ID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
ID_IN_TEXT = re.compile(rf"(?<![0-9a-f-]){ID}(?![0-9a-f-])", re.IGNORECASE)


class InspectedFile:
    """A file with its kind and its hash."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.kind = find_kind(content)
        self.sha256 = hashlib.sha256(content).hexdigest()

    def answer(
        self,
        verdict: Verdict,
        finding: Finding,
        found: Verification | None = None,
        *,
        claims: Claims | None = None,
        message: str = "",
    ) -> Inspection:
        """Return the answer about the file, with the usual text unless there is a ``message``."""
        message = message or describe(verdict, finding, self.kind, claims)
        return Inspection(self.kind, verdict, finding, message, self.sha256, found, claims)

    def answer_unknown(self, finding: Finding = Finding.UNKNOWN_FILE, *, message: str = "") -> Inspection:
        """Return the answer that nothing is known about the file."""
        return self.answer(Verdict.UNKNOWN, finding, message=message)


def find_kind(content: bytes) -> FileKind:
    """Return the kind of a file, from its beginning."""
    head = content[:_HEAD]
    if (pixels := _find_kind_of_pixels(head)) is not None:
        return pixels
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return FileKind.JSON
    if start.startswith(b"<") and _SVG.search(content, 0, 64 * _HEAD):
        return FileKind.SVG
    if (encoding := _UTF_16.get(content[:2])) and _SVG.search(
        content[2 : 64 * _HEAD].decode(encoding, "replace").encode()
    ):
        return FileKind.SVG
    # Last, because the text of a badge can contain these characters too.
    if b"%PDF-" in head:
        return FileKind.PDF
    return FileKind.TEXT if _is_text(content) else FileKind.OTHER


def _find_kind_of_pixels(head: bytes) -> FileKind | None:
    if head.startswith(PNG_SIGNATURE):
        return FileKind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileKind.WEBP
    return FileKind.HEIC if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS else None


def find_named(ids: Iterable[str], most: int = MAX_IDS) -> dict[UUID, Verification]:
    """Return the visible credentials among those named, in the same order. It takes at most two queries."""
    wanted = list(dict.fromkeys(UUID(text) for text in islice(ids, most)))
    if not wanted:
        return {}
    rows = list_public().filter(verify_uuid__in=wanted).order_by()
    found = {item.verify_uuid: item for item in verification.describe_many(rows)}
    return {key: found[key] for key in wanted if key in found}


def was_file_of(verify_uuid: UUID, sha256: str) -> bool:
    """Return whether the credential had a file with this hash before it was rendered again."""
    action = CredentialEvent.Action.RENDERED_AGAIN
    events = CredentialEvent.objects.filter(credential__verify_uuid=verify_uuid, action=action)
    return any(detail.get("former_sha256") == sha256 for detail in events.values_list("detail", flat=True))


def judge(found: Verification) -> Verdict:
    """Return the verdict about a genuine file or badge, from the state of its credential."""
    if found.is_valid:
        return Verdict.UNCHANGED
    if found.status is VerificationStatus.AVAILABLE:
        return Verdict.EXPIRED
    return Verdict.REPLACED if found.replaced_by else Verdict.REVOKED


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content

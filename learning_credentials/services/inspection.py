"""Tells of a file that somebody was shown whether it is as it was issued, and whether the credential still holds.

Files are known by their SHA-256, which is kept with each credential; badges also by their signature, whatever they are wrapped in. What is
shown is never stored, and of credentials that may not be seen nothing is told: they are unknown.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from learning_credentials.badges.baking import unbake
from learning_credentials.badges.documents import read_document
from learning_credentials.badges.keys import load_keys
from learning_credentials.badges.png import SIGNATURE as PNG_SIGNATURE
from learning_credentials.badges.signing import verify_proof
from learning_credentials.conf import get_settings
from learning_credentials.data import FileKind, Finding, Inspection, Verdict, VerificationStatus
from learning_credentials.exceptions import (
    ChangedBadgeError,
    CredentialNotFoundError,
    MalformedBadgeError,
    UnknownKeyError,
    UploadTooLargeError,
)
from learning_credentials.pdf.keywords import read_keywords
from learning_credentials.services import issuer_ids, verification
from learning_credentials.services.inspection_texts import describe
from learning_credentials.services.public_rows import list_public

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from learning_credentials.badges.keys import VerifyingKey
    from learning_credentials.data import Verification

#: Where the head of a PDF may stand (ISO 32000-1, Annex H), and as far as other files are looked at to tell what they are.
_HEAD = 1024
_BADGES = {FileKind.PNG, FileKind.SVG, FileKind.JSON}
#: Ends of a PDF within it, behind which something may have been added.
_MAX_ENDS = 8
_END_OF_FILE = re.compile(rb"%%EOF(\r\n|\r|\n)?")
#: Ids that a file is looked through for, and credentials that may share one file.
_MAX_IDS = 10
_MAX_TWINS = 50
_ID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_ID_IN_TEXT = re.compile(rf"(?<![0-9a-f-]){_ID}(?![0-9a-f-])", re.IGNORECASE)
_ID_IN_BADGE = re.compile(rf"urn:uuid:({_ID})".encode())
_BEST_FIRST = (Verdict.UNCHANGED, Verdict.EXPIRED, Verdict.REPLACED, Verdict.REVOKED)


def inspect(content: bytes) -> Inspection:
    """Return what a file is: as it was issued and holding, or what is wrong with it. A constant number of queries.

    Raises:
        UploadTooLargeError: it has more than ``UPLOAD_MAX_BYTES``.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
        TransientError: too many files are being looked at just now.
    """
    if len(content) > get_settings().UPLOAD_MAX_BYTES:
        raise UploadTooLargeError("the file is too large")
    file = _File(content)
    if (found := _find_by_content(file)) is not None:
        return found
    if file.kind is FileKind.PDF:
        named = _find_named(_ID_IN_TEXT.findall(" ".join(read_keywords(content))))
        return file.answer(Verdict.CHANGED, Finding.OTHER_CONTENT, named) if named else file.answer_unknown()
    return _inspect_badge(file) if file.kind in _BADGES else file.answer_unknown()


def inspect_id(text: str) -> Inspection:
    """Return the same answer for a credential's public id, or an address with the id in it."""
    ids = _ID_IN_TEXT.findall(text)
    found = None
    verdict, finding = Verdict.UNKNOWN, Finding.UNKNOWN_CREDENTIAL
    with suppress(CredentialNotFoundError):
        found = verification.verify(ids[-1] if ids else "")
        verdict, finding = _judge(found), Finding.KNOWN_CREDENTIAL
    return Inspection(FileKind.ID, verdict, finding, describe(verdict, finding, FileKind.ID), verification=found)


def find_kind(content: bytes) -> FileKind:
    """Tell what a file is by how it begins."""
    head = content[:_HEAD]
    if content.startswith(PNG_SIGNATURE):
        return FileKind.PNG
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return FileKind.JSON
    if start.startswith(b"<") and b"<svg" in content[: 64 * _HEAD]:
        return FileKind.SVG
    # Last, since what a badge says may have these characters too.
    if b"%PDF-" in head:
        return FileKind.PDF
    return FileKind.TEXT if _is_text(content) else FileKind.OTHER


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


class _File:
    """A file with what is true of it whatever it turns out to be."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.kind = find_kind(content)
        self.sha256 = hashlib.sha256(content).hexdigest()

    def answer(self, verdict: Verdict, finding: Finding, found: Verification | None = None) -> Inspection:
        return Inspection(self.kind, verdict, finding, describe(verdict, finding, self.kind), self.sha256, found)

    def answer_unknown(self, finding: Finding = Finding.UNKNOWN_FILE) -> Inspection:
        return self.answer(Verdict.UNKNOWN, finding)


def _find_by_content(file: _File) -> Inspection | None:
    """The answer about a file that was issued as it is, or begins with one that was; None: about any other."""
    beginnings = set(_hash_beginnings(file.content)) if file.kind is FileKind.PDF else set()
    known = list_public().filter(artifact_sha256__in=[file.sha256, *beginnings])
    # Those that hold come first.
    rows = list(known.order_by("status", "-issued_at")[:_MAX_TWINS])
    whole = [row for row in rows if row.artifact_sha256 == file.sha256]
    found = verification.describe_many(whole or rows)
    if not found:
        return None
    best = min(found, key=lambda item: _BEST_FIRST.index(_judge(item)))
    if whole:
        return file.answer(_judge(best), Finding.SAME_FILE, best)
    return file.answer(Verdict.CHANGED, Finding.ADDED_TO, best)


def _hash_beginnings(content: bytes) -> Iterable[str]:
    """The hashes of what a PDF may have been before something was added: later signatures and remarks change no byte before them."""
    digest = hashlib.sha256()
    at = 0
    for match in islice(_END_OF_FILE.finditer(content), _MAX_ENDS):
        # With and without the end of the line.
        for end in sorted({match.start() + len("%%EOF"), match.end()}):
            digest.update(content[at:end])
            at = end
            if end < len(content):
                yield digest.copy().hexdigest()


def _inspect_badge(file: _File) -> Inspection:
    if not get_settings().SIGNING_KEYS:
        return file.answer_unknown()
    try:
        return _inspect_signature(file)
    except ChangedBadgeError:
        return file.answer(Verdict.CHANGED, Finding.BAD_SIGNATURE, _find_named_in_badge(file.content))
    except UnknownKeyError:
        return file.answer_unknown(Finding.UNKNOWN_KEY)
    except MalformedBadgeError:
        # A badge of ours that is broken still says whose it was.
        is_ours = any(issuer.encode() in file.content for issuer in _list_issuers())
        named = _find_named_in_badge(file.content) if is_ours else None
        return file.answer(Verdict.CHANGED, Finding.OTHER_CONTENT, named) if named else file.answer_unknown()


def _inspect_signature(file: _File) -> Inspection:
    text = file.content.decode("utf-8-sig", "replace") if file.kind is FileKind.JSON else unbake(file.content)
    document = read_document(text)
    issuers, keys = _list_issuers(), load_keys(get_settings())

    def resolve(method: str) -> VerifyingKey | None:
        issuer, _, name = method.partition("#")
        return keys.find(name) if issuer in issuers else None

    said = _get_issuer(document)
    if isinstance(said, str) and said not in issuers and not any(issuer in text for issuer in issuers):
        return file.answer_unknown(Finding.OTHER_ISSUER)
    verify_proof(document, resolve)
    found = _find_named(_ID_IN_TEXT.findall(str(document.get("id"))))
    if found is None:
        return file.answer_unknown(Finding.UNKNOWN_CREDENTIAL)
    return file.answer(_judge(found), Finding.GOOD_SIGNATURE, found)


def _list_issuers() -> list[str]:
    """The DIDs of the site: that of today, and those from before the site moved."""
    return [site.did for site in issuer_ids.list_all()]


def _get_issuer(document: dict[str, Any]) -> Any:
    issuer = document.get("issuer")
    return issuer.get("id") if isinstance(issuer, dict) else issuer


def _find_named_in_badge(content: bytes) -> Verification | None:
    return _find_named(match[1].decode() for match in _ID_IN_BADGE.finditer(content))


def _find_named(ids: Iterable[str]) -> Verification | None:
    """The first of the credentials named that may be seen."""
    wanted = list(dict.fromkeys(UUID(text) for text in islice(ids, _MAX_IDS)))
    if not wanted:
        return None
    rows = list_public().filter(verify_uuid__in=wanted).order_by()
    found = {item.verify_uuid: item for item in verification.describe_many(rows)}
    return next((found[key] for key in wanted if key in found), None)


def _judge(found: Verification) -> Verdict:
    if found.is_valid:
        return Verdict.UNCHANGED
    if found.status is VerificationStatus.AVAILABLE:
        return Verdict.EXPIRED
    return Verdict.REPLACED if found.replaced_by else Verdict.REVOKED

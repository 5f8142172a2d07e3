"""Checks whether a file is exactly as we issued it, and whether its credential is valid.

Files are recognised by their SHA-256, which is stored with each credential. Badges are also recognised by their signature, whatever file
they are in. Files are never stored. Hidden credentials are answered like unknown ones.
"""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from typing import TYPE_CHECKING

from learning_credentials.badges import jose
from learning_credentials.conf import get_settings
from learning_credentials.data import ClaimFormat, Claims, FileKind, Finding, Inspection, Verdict
from learning_credentials.exceptions import UploadTooLargeError
from learning_credentials.pdf import list_signers, read_stranger
from learning_credentials.services.public import verification
from learning_credentials.services.public.badge_inspection import inspect_attached, inspect_badges
from learning_credentials.services.public.inspected_files import (
    ID_IN_TEXT,
    InspectedFile,
    find_named,
    judge,
    was_file_of,
)
from learning_credentials.services.public.lookup import list_public
from learning_credentials.services.public.scanned import PICTURES, inspect_scan

if TYPE_CHECKING:
    from collections.abc import Iterable

_BADGES = {FileKind.PNG, FileKind.SVG, FileKind.JSON}
#: How many end marks of a PDF are checked. After each, something may have been added.
_MAX_ENDS = 8
_END_OF_FILE = re.compile(rb"%%EOF(\r\n|\r|\n)?")
#: How many credentials with the same file are read.
_MAX_TWINS = 50
_BEST_FIRST = (Verdict.UNCHANGED, Verdict.EXPIRED, Verdict.REPLACED, Verdict.REVOKED)


def inspect_file(content: bytes) -> Inspection:
    """Return whether a file is as it was issued and its credential is valid, or what is wrong. The number of queries is constant.

    Raises:
        UploadTooLargeError: it has more than ``UPLOAD_MAX_BYTES``.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
        TransientError: too many files are being inspected now, or the server is too busy to read this one.
    """
    if len(content) > get_settings().UPLOAD_MAX_BYTES:
        raise UploadTooLargeError("the file is too large")
    file = InspectedFile(content)
    if (found := _find_by_content(file)) is not None:
        return found
    if file.kind is FileKind.PDF:
        return _inspect_pdf(file)
    is_token = file.kind is FileKind.TEXT and jose.find_token(content.decode()) is not None
    found = inspect_badges(file) if file.kind in _BADGES or is_token else file.answer_unknown()
    if file.kind not in PICTURES or found.finding is not Finding.UNKNOWN_FILE:
        return found
    scanned = inspect_scan(file)
    # A picture of this kind may be a badge that cannot be read here.
    return found if file.kind is FileKind.PNG and scanned.finding is Finding.NO_CODE else scanned


def _inspect_pdf(file: InspectedFile) -> Inspection:
    """Return the answer about a PDF that is not exactly as it was issued, or was not issued here."""
    stranger = read_stranger(file.content)
    if (attached := inspect_attached(file, stranger.attached)) is not None:
        return attached
    ids = ID_IN_TEXT.findall(" ".join(stranger.keywords))
    if named := next(iter(find_named(ids).values()), None):
        if was_file_of(named.verify_uuid, file.sha256):
            return file.answer(judge(named), Finding.SAME_FILE, named)
        return file.answer(Verdict.CHANGED, Finding.OTHER_CONTENT, named)
    scanned = inspect_scan(file)
    if scanned.verification is None and (signers := list_signers(file.content)):
        claims = Claims(ClaimFormat.SIGNED_PDF, issuer_name="; ".join(signers))
        return file.answer(Verdict.UNKNOWN, Finding.OTHER_ISSUER, claims=claims)
    return scanned


def _find_by_content(file: InspectedFile) -> Inspection | None:
    """Return the answer about a file that is as it was issued, or that begins with an issued file, or None for any other file."""
    beginnings = set(_hash_beginnings(file.content)) if file.kind is FileKind.PDF else set()
    known = list_public().filter(artifact_sha256__in=[file.sha256, *beginnings])
    # Available credentials come first.
    rows = list(known.order_by("status", "-issued_at")[:_MAX_TWINS])
    whole = [row for row in rows if row.artifact_sha256 == file.sha256]
    found = verification.describe_many(whole or rows)
    if not found:
        return None
    best = min(found, key=lambda item: _BEST_FIRST.index(judge(item)))
    if whole:
        return file.answer(judge(best), Finding.SAME_FILE, best)
    return file.answer(Verdict.CHANGED, Finding.ADDED_TO, best)


def _hash_beginnings(content: bytes) -> Iterable[str]:
    """Yield the hashes of earlier states of a PDF. Later signatures and remarks are appended and change no byte before them."""
    digest = hashlib.sha256()
    at = 0
    for match in islice(_END_OF_FILE.finditer(content), _MAX_ENDS):
        # With and without the line break after the mark.
        for end in sorted({match.start() + len("%%EOF"), match.end()}):
            digest.update(content[at:end])
            at = end
            if end < len(content):
                yield digest.copy().hexdigest()

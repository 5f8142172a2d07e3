"""Finds the credential that the QR code in a photo or a scan leads to.

Only addresses and ids are read from QR codes. The codes that people type are not: photos of them would avoid the limit of guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials import scans
from learning_credentials.data import FileKind, Finding, Verdict
from learning_credentials.scans import Obstacle
from learning_credentials.services.public.inspected_files import find_named, judge
from learning_credentials.services.public.inspection_texts import describe_obstacle
from learning_credentials.services.public.typed import find_id, leads_elsewhere

if TYPE_CHECKING:
    from learning_credentials.data import Inspection
    from learning_credentials.services.public.inspected_files import InspectedFile

#: Pictures that are read.
PICTURES = {FileKind.JPEG, FileKind.PNG, FileKind.WEBP}
#: If a picture has codes of several credentials, the answer is about the one that looks worst.
_WORST_FIRST = (Verdict.REVOKED, Verdict.REPLACED, Verdict.EXPIRED, Verdict.UNCHANGED)


def inspect_scan(file: InspectedFile) -> Inspection:
    """Return the answer about the QR codes in a picture or a PDF. It takes at most two queries.

    A PDF with text is no scan: a program wrote it, and could have written another name. It is not as it was issued.

    Raises:
        TransientError: too many files are being read now, or the server is too busy to read this one.
    """
    scan = scans.read_codes(file.content, scans.Medium.PDF if file.kind is FileKind.PDF else scans.Medium.PICTURE)
    foreign = [text for text in scan.texts if leads_elsewhere(text)]
    ids = [found for text in scan.texts if text not in foreign and (found := find_id(text))]
    if named := find_named(ids):
        worst = min(named.values(), key=lambda item: _WORST_FIRST.index(judge(item)))
        if scan.is_typeset:
            return file.answer(Verdict.CHANGED, Finding.OTHER_CONTENT, worst)
        return file.answer(judge(worst), Finding.KNOWN_CREDENTIAL, worst)
    if foreign and not ids:
        return file.answer_unknown(Finding.LEADS_ELSEWHERE)
    return _explain(file, scan, has_id=bool(ids))


def _explain(file: InspectedFile, scan: scans.Scan, *, has_id: bool) -> Inspection:
    """Return the answer about a file whose codes lead to no visible credential."""
    if scan.obstacle is Obstacle.NO_PDF:
        return file.answer_unknown(message=describe_obstacle(scan.obstacle))
    if file.kind is FileKind.PDF:
        # All other PDFs are answered alike, so that nobody learns which of them names a hidden credential.
        return file.answer_unknown()
    if has_id:
        return file.answer_unknown(Finding.UNKNOWN_CREDENTIAL)
    if scan.obstacle is not None:
        return file.answer_unknown(message=describe_obstacle(scan.obstacle))
    return file.answer_unknown(Finding.NO_CODE)

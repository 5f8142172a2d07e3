"""Has the texts that answer an inspection, by verdict and finding. The most specific text is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from learning_credentials.data import FileKind, Finding, SignatureCheck, Verdict
from learning_credentials.scans import Obstacle
from learning_credentials.verify_codes import LENGTH, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from learning_credentials.data import Claims, Inspection

PICTURES = {FileKind.PNG, FileKind.SVG}
_UNSIGNED_PICTURE = _(
    "The badge in this picture is as it was issued, and the credential is valid. What the picture shows is not signed."
)
_PARTICULAR: Mapping[tuple[Verdict, Finding], Any] = {
    (Verdict.UNCHANGED, Finding.KNOWN_CREDENTIAL): _("The credential is valid."),
    (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE): _("The badge is as it was issued, and the credential is valid."),
    (Verdict.CHANGED, Finding.ADDED_TO): _(
        "Something was added to this file after it was issued, such as a signature or a comment. What the "
        "file shows can differ from what was issued. Compare it with the details of the credential."
    ),
    (Verdict.CHANGED, Finding.BAD_SIGNATURE): _("The badge was changed after it was signed. Do not rely on it."),
    (Verdict.UNKNOWN, Finding.UNKNOWN_CREDENTIAL): _("No such credential is known here."),
    (Verdict.UNKNOWN, Finding.LEADS_ELSEWHERE): _(
        "The QR code leads to another site. This site did not visit it and cannot vouch for what it shows."
    ),
    (Verdict.UNKNOWN, Finding.NO_CODE): _("This is neither a code nor an id nor the address of a credential."),
    (Verdict.UNKNOWN, Finding.UNKNOWN_KEY): _("The badge is signed with a key that is not one of this site's."),
    (Verdict.UNKNOWN, Finding.OTHER_ISSUER): _(
        "This site does not know the file and cannot vouch for it. This page shows what the file says about itself. Check it with the "
        "issuer that it names."
    ),
    (Verdict.UNKNOWN, Finding.TOO_MANY_BADGES): _(
        "The file is too large or contains too many badges to be checked. Send the badges in smaller files."
    ),
    (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE_WITHIN): _(
        "The file contains a badge that is as it was issued, and the credential is valid. The rest of the "
        "file was not checked."
    ),
    (Verdict.CHANGED, Finding.MORE_THAN_A_BADGE): _(
        "The badge in this file is genuine, but the file contains more than the badge: another program could "
        "show something that was never issued. Rely on the details of the credential, not on what the file "
        "shows."
    ),
}
_SIGNATURES: Mapping[SignatureCheck, Any] = {
    SignatureCheck.GOOD: _(
        "Its signature matches the key that it names, so only the owner of that key can have written it. This site does not know whose "
        "key it is."
    ),
    SignatureCheck.BAD: _(
        "Its signature does not match: it was changed after it was signed, or it was never signed with the key that it names."
    ),
}
_OF_PICTURES: Mapping[Finding, Any] = {
    Finding.NO_CODE: _(
        "No QR code could be read in the picture. Take it again, closer, sharper and in good light, or type the code that is "
        "printed beside the QR code."
    ),
    Finding.UNKNOWN_CREDENTIAL: _("The QR code leads to no credential that is known here."),
}
_HEIC = _(
    "Pictures in the format HEIC cannot be read. Send a JPEG, such as a screenshot of the picture, or type the code."
)
_OBSTACLES: Mapping[Obstacle, Any] = {
    Obstacle.TOO_LARGE: _("The picture is too large to be read. Send a smaller one, or type the code."),
    Obstacle.UNREADABLE: _("The file cannot be read. It may be damaged. Send it in another format, or type the code."),
    Obstacle.NO_PDF: _(
        "This file is not known here, and this site reads no QR codes in PDFs. Send a picture of the page, or type the code."
    ),
}
_UNKNOWN_CODE = _("No credential has this code. Compare each character with the paper.")
_MISTYPED: Mapping[Problem, Any] = {
    Problem.LENGTH: _("A code has %(expected)s characters, but this one has %(count)s. Compare it with the paper."),
    Problem.CHARACTER: _("A code never contains the letter U. It may be a V. Compare the code with the paper."),
    Problem.CHECK: _(
        "One character of the code is wrong, or two are in the wrong order. Compare each character with the paper."
    ),
}
_SEVERAL_GOOD = _("All %(count)s badges in this file are as they were issued, and their credentials are valid.")
_SEVERAL = _(
    "The file contains %(count)s badges. Each has its own answer. %(valid)s of them are as they were issued "
    "here and valid."
)
_GENERAL: Mapping[Verdict, Any] = {
    Verdict.UNCHANGED: _("The file is exactly as it was issued, and the credential is valid."),
    Verdict.EXPIRED: _("It was issued here, but the credential has expired."),
    Verdict.REPLACED: _("It was issued here, but the credential is no longer valid: another one replaced it."),
    Verdict.REVOKED: _("It was issued here, but the credential is no longer valid: it was revoked."),
    Verdict.CHANGED: _(
        "The file names a credential, but is not as it was issued. It was changed, or a program saved it "
        "again. Rely on the details of the credential, not on the file."
    ),
    Verdict.UNKNOWN: _(
        "This file is not known here. Ask the holder for the file as it was downloaded, or for the address of the credential."
    ),
}


_WITHIN_PDF = _(
    "The badge in this PDF is as it was issued, and the credential is valid. The PDF itself was saved again, printed to a file, or "
    "changed. Compare the name, the course and the date on it with the details of the credential. The details say what holds now, and "
    "can be later than the badge."
)


def describe(verdict: Verdict, finding: Finding, kind: FileKind, claims: Claims | None = None) -> str:
    """Return the text for a verdict and a finding, in the active language."""
    if (verdict, finding) == (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE) and kind in PICTURES:
        return str(_UNSIGNED_PICTURE)
    if (verdict, finding, kind) == (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE_WITHIN, FileKind.PDF):
        return str(_WITHIN_PDF)
    if kind is FileKind.CODE and finding is Finding.UNKNOWN_CREDENTIAL:
        return str(_UNKNOWN_CODE)
    if kind is FileKind.HEIC and finding is Finding.UNKNOWN_FILE:
        return str(_HEIC)
    if kind not in {FileKind.CODE, FileKind.ID} and finding in _OF_PICTURES:
        return str(_OF_PICTURES[finding])
    said = str(_PARTICULAR.get((verdict, finding)) or _GENERAL[verdict])
    return f"{said} {_SIGNATURES[claims.signature]}" if claims and claims.signature in _SIGNATURES else said


def describe_mistyped(problem: Problem, count: int) -> str:
    """Return the text about a code that was typed wrongly, with so many characters."""
    return str(_MISTYPED[problem]) % {"expected": LENGTH, "count": count}


def describe_obstacle(obstacle: Obstacle) -> str:
    """Return the text that says why no QR code in a file could be read."""
    return str(_OBSTACLES[obstacle])


def describe_several(answers: Sequence[Inspection]) -> str:
    """Return the text about a file with several badges, in the active language."""
    valid = sum(answer.is_valid for answer in answers)
    text = _SEVERAL_GOOD if valid == len(answers) else _SEVERAL
    return str(text) % {"count": len(answers), "valid": valid}

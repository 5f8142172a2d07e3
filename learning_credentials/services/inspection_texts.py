"""What people are told of a file or id that was looked at: by verdict and what it rests on, most particular first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from learning_credentials.data import FileKind, Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

PICTURES = {FileKind.PNG, FileKind.SVG}
_UNSIGNED_PICTURE = _(
    "The badge in this picture is as it was issued, and the credential is valid. What the picture shows is not signed."
)
_PARTICULAR: Mapping[tuple[Verdict, Finding], Any] = {
    (Verdict.UNCHANGED, Finding.KNOWN_CREDENTIAL): _("The credential is valid."),
    (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE): _("The badge is as it was issued, and the credential is valid."),
    (Verdict.CHANGED, Finding.ADDED_TO): _(
        "Something was added to this file after it was issued, such as a signature or a remark. What it shows can differ from what was "
        "issued: compare it with the details of the credential."
    ),
    (Verdict.CHANGED, Finding.BAD_SIGNATURE): _("The badge was changed after it was signed. Do not rely on it."),
    (Verdict.UNKNOWN, Finding.UNKNOWN_CREDENTIAL): _("No such credential is known here."),
    (Verdict.UNKNOWN, Finding.UNKNOWN_KEY): _("The badge is signed with a key that is not one of this site's."),
    (Verdict.UNKNOWN, Finding.OTHER_ISSUER): _("The badge was issued by another site; verify it there."),
}
_GENERAL: Mapping[Verdict, Any] = {
    Verdict.UNCHANGED: _("The file is exactly as it was issued, and the credential is valid."),
    Verdict.EXPIRED: _("It was issued here, but the credential has expired."),
    Verdict.REPLACED: _("It was issued here, but the credential is no longer valid: another replaced it."),
    Verdict.REVOKED: _("It was issued here, but the credential is no longer valid: it was revoked."),
    Verdict.CHANGED: _(
        "The file names a credential, but is not as it was issued: it was changed, or a program saved it anew. Rely on the details of the "
        "credential, not on the file."
    ),
    Verdict.UNKNOWN: _(
        "This file is not known here. Ask the holder for the file as it was downloaded, or for the address of the credential."
    ),
}


def describe(verdict: Verdict, finding: Finding, kind: FileKind) -> str:
    """Return it in the language in force."""
    if (verdict, finding) == (Verdict.UNCHANGED, Finding.GOOD_SIGNATURE) and kind in PICTURES:
        return str(_UNSIGNED_PICTURE)
    return str(_PARTICULAR.get((verdict, finding)) or _GENERAL[verdict])

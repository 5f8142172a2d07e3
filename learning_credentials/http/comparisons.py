"""Say what a verification compared with what was issued, and what it did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from learning_credentials.data import Compared, FileKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.data import Inspection

_TEXTS: Mapping[Compared, Any] = {
    Compared.FILE: _("The whole file was compared with the files that were issued here."),
    Compared.SIGNATURE: _("The signature was checked. It does not cover what a picture or a PDF shows."),
    Compared.CODE: _("Only the code was looked up."),
    Compared.NOTHING: _("Nothing was compared."),
}
_ID = _("Only the id was looked up.")
_QR_CODE = _("Only the QR code was looked up.")
_CODE_LEADS = _("The code leads to this credential. Compare the name and the date with the paper.")
_ID_LEADS = _("The id leads to this credential. Compare the name and the date with the paper.")
_QR_CODE_LEADS = _(
    "The QR code leads to this credential. Compare the name and the date with the paper. Nothing else on it was checked."
)


def describe_compared(inspection: Inspection) -> str:
    """Return a text for people, in the active language."""
    if inspection.compared is not Compared.CODE:
        return str(_TEXTS[inspection.compared])
    is_found = inspection.verification is not None
    match inspection.kind:
        case FileKind.CODE:
            return str(_CODE_LEADS if is_found else _TEXTS[Compared.CODE])
        case FileKind.ID:
            return str(_ID_LEADS if is_found else _ID)
        case _:
            return str(_QR_CODE_LEADS if is_found else _QR_CODE)

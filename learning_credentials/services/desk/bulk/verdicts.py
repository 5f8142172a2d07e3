"""Says before an act whether a credential is in a state for it. The act itself checks the same again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from learning_credentials.dates import require_in_range
from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import Credential
from learning_credentials.models.types import MAXIMUM_VALIDITY
from learning_credentials.services.common import is_printable
from learning_credentials.services.desk.bulk.acts import BulkAct
from learning_credentials.services.desk.bulk.given import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping

Status = Credential.Status
#: The longest name that a credential can show.
MAX_NAME = 255


def find_obstacle(act: BulkAct, credential: Any, values: Mapping[str, Any]) -> tuple[str, str]:
    """Return the code and the words for why an act cannot be done to a credential, or two empty texts.

    Args:
        act: the act.
        credential: a `ShortCredential` or a `Credential`.
        values: of the row: ``reason``, ``name`` and ``expires_at`` as the act needs them.
    """
    if obstacle := _find_obstacle_of_state(act, credential):
        return "wrong_state", obstacle
    if not act.makes_file and not values.get("reason"):
        return "reason_required", "there is no reason. Enter one for all rows, or one in the row"
    if act is BulkAct.CHANGE_NAME:
        return _check_name(credential, str(values.get("name") or ""))
    if act is BulkAct.CHANGE_EXPIRY:
        return _check_expiry(credential, values.get("expires_at"))
    return "", ""


def _find_obstacle_of_state(act: BulkAct, credential: Any) -> str:
    status = Status(credential.status)
    if act is BulkAct.INVALIDATE:
        return "the credential is invalidated already" if status == Status.INVALIDATED else ""
    if status != Status.AVAILABLE:
        return f"only an available credential can be used here. The status of this one is “{status.label}”"
    if act in {BulkAct.REISSUE, BulkAct.CHANGE_EXPIRY, BulkAct.CHANGE_NAME} and credential.is_current is None:
        return "the credential has expired and was renewed. Use its renewal"
    if act is BulkAct.PRINT and credential.artifact_media_type != "application/pdf":
        return "the file is not a PDF"
    return ""


def _check_name(credential: Any, name: str) -> tuple[str, str]:
    if not name:
        return "no_value", "there is no new name in the row"
    if len(name) > MAX_NAME or not is_printable(name):
        return "malformed", f"a name needs a visible character, no e-mail address, and at most {MAX_NAME} characters"
    if name == credential.user_full_name:
        return "unchanged", "the credential shows this name already"
    return "", ""


def _check_expiry(credential: Any, expiry: Any) -> tuple[str, str]:
    if not expiry:
        return "no_value", "there is no expiry. Enter one for all rows, or one in the row"
    moment = None if expiry == NEVER else datetime.fromisoformat(expiry)
    if moment is not None:
        try:
            require_in_range(moment)
        except CredentialsError as error:
            return error.code, str(error)
        if credential.issued_at and not credential.issued_at < moment <= MAXIMUM_VALIDITY.add_to(credential.issued_at):
            return (
                "malformed",
                f"the expiry must be after the award, and at most {MAXIMUM_VALIDITY.describe()} after it",
            )
    if moment == credential.expires_at:
        return "unchanged", "the credential has this expiry already"
    return "", ""

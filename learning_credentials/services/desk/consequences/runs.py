"""Says what the next run of a configuration would do, also with values that are not saved."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from learning_credentials.services.credentials import get_mail_delay
from learning_credentials.services.desk.consequences.values import Consequences
from learning_credentials.services.issuing import RunForecast, foresee_run

if TYPE_CHECKING:
    from learning_credentials.models import CredentialConfiguration, CredentialType

#: For so many learners the answer is given at once. For more, a dry run in the background finds it.
SMALL = 500

#: The attributes that decide who receives a credential.
_OF_CONFIGURATION = ("learning_context_key", "credential_type_id", "custom_options")
_OF_TYPE = ("retrieval_func", "custom_options")


def foresee_configuration(configuration: CredentialConfiguration, *, is_by_staff: bool = False) -> Consequences | None:
    """Return what the next run of a configuration would do. Return None if it has too many learners for an answer at once.

    Args:
        configuration: also one with values that are not saved.
        is_by_staff: whether staff start the run, so that its e-mails wait.

    Raises:
        As `iter_batches`.
    """
    found = foresee_run(configuration, limit=SMALL)
    return None if found is None else read_forecast(found, is_by_staff=is_by_staff)


def read_forecast(found: RunForecast, *, is_by_staff: bool) -> Consequences:
    """Return what a forecast of a run says."""
    forecast, skipped = found.forecast, found.skipped
    opens_at = forecast["mails_from"]
    others = {key: skipped[key] for key in ("already_held", "not_eligible")}
    return Consequences(
        counts=forecast["counts"],
        learners=forecast["learners"],
        left_out_counts={**skipped["counts"], **others},
        left_out=skipped["learners"],
        checked=found.checked,
        mails=forecast["mails"],
        mails_from=datetime.fromisoformat(opens_at) if opens_at else None,
        mail_delay=(get_mail_delay() or None) if is_by_staff else None,
        unreachable=forecast["unreachable"],
    )


def list_changes(configuration: CredentialConfiguration, used: CredentialType | None = None) -> dict[str, Any]:
    """Return the values of a configuration, and of its type if that is changed too, for a dry run. See `with_changes`."""
    changes: dict[str, Any] = {name: getattr(configuration, name) for name in _OF_CONFIGURATION}
    if used is not None:
        changes["type"] = {name: getattr(used, name) for name in _OF_TYPE}
    return changes

"""What may happen to an issued credential."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import issuing, notices, staff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from types import EllipsisType
    from uuid import UUID

    from learning_credentials.models import Credential
    from learning_credentials.services.common import Actor


def invalidate_credential(
    credential_uuid: UUID | str, *, reason: str, actor: Actor = None, blocks_reissue: bool = True
) -> Credential:
    """Invalidate an available credential, or cancel an unfinished one; by default nothing is issued in its place until the block is lifted.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
    """
    return staff.invalidate_credential(credential_uuid, reason=reason, actor=actor, blocks_reissue=blocks_reissue)


def lift_reissue_block(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Let the learner of an invalidated credential be issued another.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
    """
    return staff.lift_reissue_block(credential_uuid, reason=reason, actor=actor)


def reissue_credential(
    credential_uuid: UUID | str, *, reason: str, actor: Actor = None, notify: bool = True
) -> Credential:
    """Make a successor and swap it in; return it. The award's date and the expiry stay.

    With ``notify`` the learner is e-mailed that the credential was replaced, and why. A learner who was not yet told of the old
    credential is told of the successor as of a new one in any case.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError, TransientError.
        GenerationError: the successor could not be made; the old credential holds.
    """
    return issuing.reissue_credential(credential_uuid, reason=reason, actor=actor, notify=notify)


def override_issue_date(
    credential_uuid: UUID | str,
    date_override: date | None,
    *,
    reason: str,
    actor: Actor = None,
    expected: date | EllipsisType | None = ...,
) -> Credential:
    """Show another date than that of the issue, or with None the date of the issue again. The artifact is not made anew: reissue for that.

    Args:
        credential_uuid: the credential.
        date_override: the date to show.
        reason: why, for the history.
        actor: who asks.
        expected: the override that the caller read; left out, whatever it is is replaced.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        ChangedMeanwhileError: the override is not the ``expected`` one.
    """
    return staff.override_issue_date(credential_uuid, date_override, reason=reason, actor=actor, expected=expected)


def renew_credential(credential_uuid: UUID | str, *, reason: str = "", actor: Actor = None) -> Credential:
    """Make a successor of an expired credential with a period of its own; return it. The expired one stays and links to it.

    The criteria are not asked for: staff decide.

    Raises:
        CredentialNotFoundError, InvalidTransitionError, NotEligibleError, ContextNotFoundError, TransientError.
        GenerationError: the successor could not be made.
    """
    return issuing.renew_credential(credential_uuid, reason=reason, actor=actor)


def change_expiry(
    credential_uuid: UUID | str,
    expires_at: datetime | None,
    *,
    reason: str,
    actor: Actor = None,
    expected: datetime | EllipsisType | None = ...,
) -> Credential:
    """Let a credential expire at another time, or with None never. The artifact is not made anew: reissue for that.

    ``expected`` is the expiry that the caller read; left out, whatever it is is replaced.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
        ChangedMeanwhileError: the expiry is not the ``expected`` one.
        ValidityError: the time is not after the award, or more than 100 years after it.
    """
    return issuing.change_expiry(credential_uuid, expires_at, reason=reason, actor=actor, expected=expected)


def count_failed_announcements() -> tuple[int, int]:
    """Return how many e-mails to learners failed and are tried again later, and how many failed so often that they are not."""
    return notices.count_failed_announcements()


def retry_announcements(credential_uuids: Sequence[UUID] | None = None) -> int:
    """Have e-mails that failed sent with the next announcing; return how many.

    Those that are tried again soon in any case are left alone: one of them may be on its way.

    Args:
        credential_uuids: the credentials; None: all whose e-mail failed.
    """
    return notices.retry_announcements(credential_uuids)

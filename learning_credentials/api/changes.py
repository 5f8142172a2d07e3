"""Changes issued credentials: invalidates, reissues and renews them, and changes their dates."""

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
    """Invalidate an available credential, or cancel an unfinished one; return it.

    Args:
        credential_uuid: the internal id of the credential.
        reason: why. The public can see it.
        actor: who asks.
        blocks_reissue: whether to block the learner from a new credential until staff lift the block.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
    """
    return staff.invalidate_credential(credential_uuid, reason=reason, actor=actor, blocks_reissue=blocks_reissue)


def lift_reissue_block(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Lift the block of an invalidated credential, so that its learner can receive a new one; return the credential.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
    """
    return staff.lift_reissue_block(credential_uuid, reason=reason, actor=actor)


def reissue_credential(
    credential_uuid: UUID | str, *, reason: str, actor: Actor = None, notify: bool = True
) -> Credential:
    """Replace a credential with a successor; return the successor. The award date and the expiry stay the same.

    With ``notify`` the learner is e-mailed that the credential was replaced, and why. If the learner was never e-mailed about the old
    credential, the successor is announced as a new one in any case.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError, TransientError.
        GenerationError: the successor could not be made; the old credential stays valid.
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
    """Set another date for a credential to show, or with None restore the issue date; return the credential.

    The artifact is not rendered again. Reissue the credential for that.

    Args:
        credential_uuid: the internal id of the credential.
        date_override: the date to show. None: the issue date.
        reason: why, for the history.
        actor: who asks.
        expected: the override that the caller read. If it is left out, any present override is replaced.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
        ChangedMeanwhileError: the override is not the ``expected`` one.
        DateOutOfRangeError: the date is before 1900 or after 2200.
    """
    return staff.override_issue_date(credential_uuid, date_override, reason=reason, actor=actor, expected=expected)


def renew_credential(credential_uuid: UUID | str, *, reason: str = "", actor: Actor = None) -> Credential:
    """Renew an expired credential; return the renewal, which has its own period. The expired credential stays and links to it.

    The criteria are not checked, because staff decide.

    Raises:
        CredentialNotFoundError, InvalidTransitionError, NotEligibleError, ContextNotFoundError, TransientError.
        GenerationError: the renewal could not be made.
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
    """Set when a credential expires, or with None that it never expires; return the credential.

    The artifact is not rendered again. Reissue the credential for that.

    Args:
        credential_uuid: the internal id of the credential.
        expires_at: the new expiry, an aware datetime. None: the credential never expires.
        reason: why, for the history.
        actor: who asks.
        expected: the expiry that the caller read. If it is left out, any present expiry is replaced.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
        ChangedMeanwhileError: the expiry is not the ``expected`` one.
        ValidityError: the time is not after the award, or more than 100 years after it.
        DateOutOfRangeError: the time is before 1900 or after 2200.
    """
    return issuing.change_expiry(credential_uuid, expires_at, reason=reason, actor=actor, expected=expected)


def count_failed_announcements() -> tuple[int, int]:
    """Return how many failed e-mails to learners will be tried again, and how many were given up."""
    return notices.count_failed_announcements()


def retry_announcements(credential_uuids: Sequence[UUID] | None = None) -> int:
    """Have failed e-mails sent again with the next announcement; return how many.

    E-mails that will be tried again soon are left alone, because one of them may be on its way.

    Args:
        credential_uuids: the credentials. None: all credentials whose e-mail failed.
    """
    return notices.retry_announcements(credential_uuids)

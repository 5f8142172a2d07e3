"""Names the acts that can be done to many rows in the background, and who may do them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import NotPermittedError
from learning_credentials.lms import Act
from learning_credentials.models import Credential, CredentialConfiguration, JobRow
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import find_scope, iter_rows, limit_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet

    from learning_credentials.models import Job


class BulkAct(StrEnum):
    """An act on many rows. The value is the kind of its jobs."""

    INVALIDATE = "invalidate"
    REISSUE = "reissue"
    RENDER_AGAIN = "render_again"
    CHANGE_EXPIRY = "change_expiry"
    CHANGE_NAME = "change_name"
    ISSUE = "issue"
    ZIP = "zip"
    PRINT = "print"

    @property
    def needed(self) -> Act:
        """Return the act that needs permission."""
        return _NEEDED[self]

    @property
    def makes_file(self) -> bool:
        """Return whether the act makes a file and changes nothing."""
        return self in {BulkAct.ZIP, BulkAct.PRINT}


_NEEDED: Mapping[BulkAct, Act] = {
    BulkAct.INVALIDATE: Act.INVALIDATE_CREDENTIAL,
    BulkAct.REISSUE: Act.REISSUE_CREDENTIAL,
    BulkAct.RENDER_AGAIN: Act.REISSUE_CREDENTIAL,
    BulkAct.CHANGE_EXPIRY: Act.CHANGE_DATES,
    BulkAct.CHANGE_NAME: Act.REISSUE_CREDENTIAL,
    BulkAct.ISSUE: Act.ISSUE_CREDENTIAL,
    BulkAct.ZIP: Act.EXPORT_CREDENTIALS,
    BulkAct.PRINT: Act.EXPORT_CREDENTIALS,
}


def is_permitted(user: Any, act: BulkAct, *, everywhere: bool = False) -> bool:
    """Return whether a user may do an act in any learning context, or in all of them."""
    scope = find_scope(user, act.needed)
    return scope.is_everything if everywhere else bool(scope)


def limit_credentials(rows: QuerySet[Credential], user: Any, act: BulkAct) -> QuerySet[Credential]:
    """Return those of the credentials in whose contexts a user may do an act. A command has no user and may do everything."""
    return rows if user is None else limit_rows(rows, user, act.needed)


def require_permission_in(user: Any, act: BulkAct, context_keys: Collection[str]) -> None:
    """Raise an error if a user may not do an act in one of the contexts. A command has no user and may do everything.

    Raises:
        NotPermittedError: the account was closed, or has no permission there.
    """
    if user is None:
        return
    scope = find_scope(user, act.needed)
    if not scope or not (scope.is_everything or all(scope.covers(key) for key in context_keys)):
        msg = f"{user.get_username()} has no permission for this"
        raise NotPermittedError(msg)


def require_permission(job: Job) -> None:
    """Raise an error if the person who asked for a job may not do it any more.

    Raises:
        NotPermittedError: the account was closed, or has lost the permission in a context of the job.
    """
    person, act = job.requested_by, BulkAct(job.kind)
    if person is not None:
        everywhere = is_permitted(person, act, everywhere=True)
        require_permission_in(person, act, () if everywhere else _list_contexts(job))


def _list_contexts(job: Job) -> set[str]:
    configuration_id = int((job.parameters or {}).get("configuration_id") or 0)
    keys = set(
        CredentialConfiguration.objects.filter(pk=configuration_id).values_list("learning_context_key", flat=True)
    )
    for rows in iter_rows(job, state=JobRow.State.WAITING):
        for batch in in_batches([row.credential for row in rows if row.credential]):
            found = Credential.objects.filter(pk__in=batch).order_by()
            keys.update(found.values_list("learning_context_key", flat=True).distinct())
    return keys


def needs_second_person(act: BulkAct, number: int) -> bool:
    """Return whether another person must confirm an act on so many credentials, as ``CONFIRM_REVOCATIONS_ABOVE`` says."""
    most = get_settings().CONFIRM_REVOCATIONS_ABOVE
    return act is BulkAct.INVALIDATE and most is not None and number > most

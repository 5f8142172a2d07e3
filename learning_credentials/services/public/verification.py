"""Answers third parties: is this credential real, whose is it, does it still hold?

Page and REST ask here, so they can never disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import CredentialNotFoundError
from learning_credentials.models import Credential
from learning_credentials.services.common import get_url_maker
from learning_credentials.services.course_runs import drop_hidden
from learning_credentials.services.public import answers
from learning_credentials.services.public.lookup import get_public, list_public

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from learning_credentials.data import Verification


def verify_credential(verify_uuid: UUID | str) -> Verification:
    """Return the public answer for one credential, in one query (two more for a program, two or three more for one that was replaced).

    Raises:
        CredentialNotFoundError: as `public_rows.get_public`.
    """
    return answers.make_verifications([get_public(verify_uuid)], get_url_maker())[0]


def list_credentials(user_id: int) -> list[Verification]:
    """A learner's own credentials, newest first: those that may be seen, revoked ones included. A constant number of queries."""
    return describe_many(list_public().filter(user_id=user_id))


def describe_many(rows: Iterable[Credential]) -> list[Verification]:
    """Return the public answers for rows of `public_rows.list_public`, in their order, without those that may not be seen yet."""
    return answers.make_verifications(drop_hidden(rows), get_url_maker())


def set_credential_indexable(verify_uuid: UUID | str, user_id: int, *, is_indexable: bool) -> None:
    """Let search engines list the public page of a learner's own credential, or stop it.

    Raises:
        CredentialNotFoundError: as `verify`, or the credential is another's.
    """
    credential = get_public(verify_uuid)
    if credential.user_id != user_id:
        msg = "no credential of this learner has this id"
        raise CredentialNotFoundError(msg)
    Credential.objects.filter(pk=credential.pk, user_id=user_id).update(is_indexable=is_indexable)

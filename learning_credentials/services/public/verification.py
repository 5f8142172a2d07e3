"""Answers third parties whether a credential is real, whose it is, and whether it is valid.

The page and REST both use this module, so they always agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.exceptions import CredentialNotFoundError
from learning_credentials.models import Credential
from learning_credentials.services.common import get_url_maker
from learning_credentials.services.course_runs import drop_hidden
from learning_credentials.services.public import answers
from learning_credentials.services.public.lookup import get_public, get_public_by_code, list_public

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from learning_credentials.data import Verification


def verify_credential(verify_uuid: UUID | str) -> Verification:
    """Return the public answer about one credential.

    Raises:
        CredentialNotFoundError: the id is unknown or malformed, or the credential is hidden or unfinished. The error does not say which.
    """
    return answers.make_verifications([get_public(verify_uuid)], get_url_maker())[0]


def verify_code(code: str) -> Verification:
    """Return the public answer about the credential with a code in its stored form.

    Raises:
        CredentialNotFoundError: the code is unknown, or the credential is hidden or unfinished. The error does not say which.
    """
    return answers.make_verifications([get_public_by_code(code)], get_url_maker())[0]


def get_page_address(verify_uuid: UUID | str) -> str:
    """Return the verification URL of a credential that is visible, in one query. A program needs two more.

    Raises:
        CredentialNotFoundError: as in `get_public`.
    """
    return get_url_maker()(get_public(verify_uuid).verify_uuid)


def list_credentials(user_id: int) -> list[Verification]:
    """Return a learner's own credentials, newest first: the visible ones, revoked ones included. The number of queries is constant."""
    return describe_many(list_public().filter(user_id=user_id))


def describe_many(rows: Iterable[Credential]) -> list[Verification]:
    """Return the public answers about rows of `list_public`, in their order, without hidden credentials."""
    return answers.make_verifications(drop_hidden(rows), get_url_maker())


def set_credential_indexable(verify_uuid: UUID | str, user_id: int, *, is_indexable: bool) -> None:
    """Set whether search engines can list the public page of a learner's own credential.

    Raises:
        CredentialNotFoundError: as in `get_public`, or the credential is another learner's.
    """
    credential = get_public(verify_uuid)
    if credential.user_id != user_id:
        msg = "no credential of this learner has this id"
        raise CredentialNotFoundError(msg)
    Credential.objects.filter(pk=credential.pk, user_id=user_id).update(is_indexable=is_indexable)

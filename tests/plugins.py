"""Provide a host's own processors and generators for ``PROCESSOR_MODULES`` and ``GENERATOR_MODULES``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.mail.backends.base import BaseEmailBackend

from learning_credentials.data import Artifact
from learning_credentials.exceptions import GenerationError, TransientError
from learning_credentials.lms import get_lms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from django.core.mail import EmailMessage

    from learning_credentials.data import AssetReader, CredentialData

#: The options of each call of ``generate_flaky.prepare``. Tests clear it.
PREPARE_CALLS: list[dict[str, Any]] = []
#: The user ids of each call of a processor here, in order. None means all learners. Tests clear it.
PROCESSOR_CALLS: list[list[int] | None] = []

#: The values of custom fields that `retrieve_with_fields` returns, by user id. Tests clear it.
FIELDS: dict[int, Any] = {}

BATCH_SIZE = 500


def retrieve_everyone(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Everyone who is enrolled."""
    asked = user_ids if user_ids is not None else None if user_id is None else [user_id]
    PROCESSOR_CALLS.append(None if asked is None else list(asked))
    if asked is not None:
        enrolled = {learner for learner, _key in get_lms().get_enrolments([learning_context_key], asked)}
        return {learner: {"is_eligible": learner in enrolled, "is_enrolled": learner in enrolled} for learner in asked}
    return {
        enrolment.user_id: {"is_eligible": True, "is_enrolled": True}
        for batch in get_lms().iter_enrolments(learning_context_key, batch_size=BATCH_SIZE)
        for enrolment in batch
    }


def retrieve_with_fields(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Everyone who is enrolled, with the values of custom fields in `FIELDS`."""
    found = retrieve_everyone(learning_context_key, options, user_id, user_ids)
    return {
        learner: {**progress, **({"fields": FIELDS[learner]} if learner in FIELDS else {})}
        for learner, progress in found.items()
    }


def retrieve_nobody_with_fields(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Nobody, with the values of custom fields in `FIELDS`."""
    found = retrieve_with_fields(learning_context_key, options, user_id, user_ids)
    return {learner: {**progress, "is_eligible": False} for learner, progress in found.items()}


def retrieve_one_by_one(
    learning_context_key: str, options: Mapping[str, Any], user_id: int | None = None
) -> dict[int, dict[str, Any]]:
    """Everyone who is enrolled, by a function that knows no batches."""
    PROCESSOR_CALLS.append(None if user_id is None else [user_id])
    return {
        enrolment.user_id: {"is_eligible": True, "knows_batches": False}
        for batch in get_lms().iter_enrolments(learning_context_key, batch_size=BATCH_SIZE)
        for enrolment in batch
        if user_id in (None, enrolment.user_id)
    }


def generate_text_credential(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """A credential of plain text."""
    lines = (
        credential.user_full_name,
        credential.learning_context_name,
        credential.issue_date.isoformat(),
        credential.verify_url,
    )
    return Artifact("\n".join(lines).encode(), "text/plain", "txt")


def generate_field_list(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Plain text with the custom fields."""
    lines = [f"{field.name}={field.value} {field.choice}".strip() for field in credential.custom_fields]
    return Artifact("\n".join(lines).encode(), "text/plain", "txt")


def generate_flaky(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Make plain text, but fail for learners whose name says how."""
    name = credential.user_full_name
    if "Faulty" in name:
        msg = f"{name} cannot be printed"
        raise GenerationError(msg, code="name_unprintable")
    if "Later" in name:
        raise TransientError("the printer is busy")
    if "Bug" in name:
        raise ValueError("an accident in a plug-in")
    return generate_text_credential(credential, options)


def _prepare_flaky(options: Mapping[str, Any], assets: AssetReader) -> Callable[[CredentialData], Artifact]:
    PREPARE_CALLS.append(dict(options))

    def render(credential: CredentialData) -> Artifact:
        return generate_flaky(credential, options)

    return render


generate_flaky.prepare = _prepare_flaky


class BrokenMail(BaseEmailBackend):
    """A mail server that is down."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Refuse."""
        raise ConnectionRefusedError("the mail server is down")

"""Processes the messages of the host project: evaluates learners with the present facts, for the cause that the message names.

A message can be processed twice or out of order, because the facts are read again. Each cause is evaluated separately: a failing grade can
end a standing, and a later passing grade must not hide that.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from learning_credentials.folding import compose
from learning_credentials.models import AllowlistEntry, HostMessage, LearnerCertificate
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import WorkResult, find_known_accounts, put_message, work_off
from learning_credentials.services.standings import evaluation
from learning_credentials.services.standings.rules import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from learning_credentials.services.common import Actor

logger = logging.getLogger(__name__)

_CONTEXT_KEY_LENGTH: int = HostMessage._meta.get_field("context_key").max_length or 0  # noqa: SLF001


def take_host_message(cause: Cause, user_id: object, course_key: object = "") -> bool:
    """Store what a host project says about a learner, in its transaction. Return whether the arguments were accepted.

    Arguments that cannot be right are logged and do not reach the database, so that the host's transaction stays usable.

    Args:
        cause: what happened.
        user_id: the learner, a primary key of the host's user model.
        course_key: the course run. Empty only if the message concerns every course run of the learner.
    """
    try:
        learner = _read_user_id(user_id)
        if cause is not Cause.IDENTITY_VERIFIED or course_key != "":
            _check_key(course_key)
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        reason = "; ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        logger.error(  # noqa: TRY400  the host's mistake; where it was made is not in our traceback
            "The signal %s for learner %.80r in run %.300r was ignored: %s", cause.value, user_id, course_key, reason
        )
        return False
    put_message(cause.value, compose(str(course_key)), [learner])
    return True


def _read_user_id(user_id: object) -> int:
    key = get_user_model()._meta.pk  # noqa: SLF001
    if user_id is None or isinstance(user_id, bool | float):
        msg = "the learner must be given as a primary key of the user model"
        raise TypeError(msg)
    value = key.to_python(user_id)
    key.run_validators(value)
    read: int = value
    return read


def _check_key(course_key: object) -> None:
    if not isinstance(course_key, str):
        msg = "the key of the run must be text"
        raise TypeError(msg)
    course_key.encode()  # half a character cannot be stored
    if not course_key or "\0" in course_key or len(course_key) > _CONTEXT_KEY_LENGTH:
        msg = f"the key of the run must have 1 to {_CONTEXT_KEY_LENGTH} characters, without NUL"
        raise ValueError(msg)


def work_off_inbox(kind: str, context_key: str) -> WorkResult:
    """Process the messages of one kind about one course run, or with an empty key about every course run of their learners.

    It is safe to call at any time, also twice at once.
    """
    return work_off(kind, context_key, _evaluate)


def _evaluate(kind: str, context_key: str, user_ids: Sequence[int], *, actor: Actor = None, reason: str = "") -> None:
    """Evaluate the learners of several messages of one kind.

    Raises:
        ContextNotFoundError, TransientError.
        ValueError: this version of the app does not know the kind.
    """
    cause = Cause(kind)
    if not context_key:
        _spread(cause, user_ids, actor, reason)
        return
    known = find_known_accounts(user_ids)
    if missing := sorted(set(user_ids) - known):
        logger.warning(
            "%s in run %s named %d learners who have no account. They were ignored: %s",
            kind,
            context_key,
            len(missing),
            missing[:20],
        )
    if known:
        evaluation.evaluate_course_certificates(context_key, sorted(known), cause=cause, actor=actor, reason=reason)


def _spread(cause: Cause, user_ids: Sequence[int], actor: Actor, reason: str) -> None:
    """Write a message for each course run in which one of the learners has a standing or an active allowlist entry."""
    found: dict[str, set[int]] = {}
    for batch in in_batches(list(user_ids)):
        recorded = LearnerCertificate.objects.filter(user_id__in=batch).order_by()
        allowed = AllowlistEntry.objects.filter(user_id__in=batch, is_active=True, scope="").order_by()
        for pairs in (
            recorded.values_list("course_certificate__course_key", "user_id"),
            allowed.values_list("learning_context_key", "user_id"),
        ):
            for course_key, user_id in pairs:
                found.setdefault(course_key, set()).add(user_id)
    for course_key in sorted(found):
        put_message(cause.value, course_key, sorted(found[course_key]), actor=actor, reason=reason)

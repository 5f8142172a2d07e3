"""Permissions: who may do what to things that are not theirs. The other functions of the facade trust their callers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.services import common

if TYPE_CHECKING:
    from django.db.models import Model

    from learning_credentials.lms import Act
    from learning_credentials.services.common import Viewer


def has_permission(
    viewer: Viewer | None, act: Act, context_key: str | None = None, subject: Model | None = None
) -> bool:
    """Return whether somebody may do something: the answer of the LMS backend for an account that is signed in and active, else False.

    Args:
        viewer: who asks, such as ``request.user``.
        act: what they want to do.
        context_key: of which course run or learning path; None means all of them.
        subject: the row that it is about, if there is one, for authentication backends with permissions for single objects.

    Raises:
        LMSUnavailableError: the backend has to ask the LMS, which does not answer.
    """
    return common.has_permission(viewer, act, None if context_key is None else compose(context_key), subject)

"""Checks permissions. The other functions of the facade check none: they trust their callers."""

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
    """Return whether a user is permitted to do something.

    The LMS backend decides for accounts that are signed in and active. The answer for anyone else is False.

    Args:
        viewer: who asks, such as ``request.user``.
        act: what they want to do.
        context_key: the course run or learning path. None: all of them.
        subject: the row to act on, if there is one, for authentication backends with permissions for single objects.

    Raises:
        LMSUnavailableError: the backend has to ask the LMS, which does not answer.
    """
    return common.has_permission(viewer, act, None if context_key is None else compose(context_key), subject)

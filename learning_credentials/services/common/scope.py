"""Checks permissions: the only module that calls the LMS backend's `has_permission`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from learning_credentials.folding import compose
from learning_credentials.lms import get_lms

if TYPE_CHECKING:
    from django.db.models import Model

    from learning_credentials.lms import Act


class Viewer(Protocol):
    """A user of the project who asks, or Django's anonymous user."""

    pk: Any

    @property
    def is_authenticated(self) -> bool:
        """Return whether the user is signed in."""
        ...

    @property
    def is_active(self) -> bool:
        """Return whether the account is active."""
        ...


def is_in_use(viewer: Viewer | None) -> bool:
    """Return whether the viewer is signed in with an active account."""
    return viewer is not None and viewer.is_authenticated and viewer.is_active


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
    context_key = None if context_key is None else compose(context_key)
    if not is_in_use(viewer):
        return False
    if context_key and "\x00" in context_key:  # no key contains NUL, and PostgreSQL refuses queries with it
        context_key = ""
    return bool(get_lms().has_permission(viewer, act, context_key, subject))

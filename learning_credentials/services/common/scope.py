"""Decides who may do what to things that are not theirs: the one place that asks the LMS backend's `has_permission`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from learning_credentials.lms import get_lms

if TYPE_CHECKING:
    from django.db.models import Model

    from learning_credentials.lms import Act


class Viewer(Protocol):
    """Who asks: a user of the project, or Django's anonymous one."""

    pk: Any

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody is signed in."""
        ...

    @property
    def is_active(self) -> bool:
        """Whether the account is in use."""
        ...


def is_in_use(viewer: Viewer | None) -> bool:
    """Return whether somebody is signed in with an account that is active."""
    return viewer is not None and viewer.is_authenticated and viewer.is_active


def has_permission(
    viewer: Viewer | None, act: Act, context_key: str | None = None, subject: Model | None = None
) -> bool:
    """Return whether somebody may do something. Nobody may without signing in, nor with an account that is not active.

    Args:
        viewer: who asks.
        act: what they want to do.
        context_key: of which course run or learning path; None means all of them.
        subject: the row that it is about, if there is one, for authentication backends with permissions for single objects.

    Raises:
        LMSUnavailableError: the backend has to ask the LMS, which does not answer.
    """
    if not is_in_use(viewer):
        return False
    if context_key and "\x00" in context_key:  # no key holds one, and PostgreSQL refuses to be asked for it
        context_key = ""
    return bool(get_lms().has_permission(viewer, act, context_key, subject))

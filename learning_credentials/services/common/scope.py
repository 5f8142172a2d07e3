"""Checks permissions: the only module that calls the LMS backend's `has_permission`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.folding import compose
from learning_credentials.lms import Act, get_lms
from learning_credentials.services.common.rights import Viewer, get_rights, is_in_use

if TYPE_CHECKING:
    from django.db.models import Model


def has_permission(
    viewer: Viewer | None, act: Act, context_key: str | None = None, subject: Model | None = None
) -> bool:
    """Return whether a user is permitted to do something.

    The LMS backend decides for accounts that are signed in and active. The answer for anyone else is False. If grants or the backend limit
    the account to some contexts, the answer for other contexts is False, and roles of grants count too.

    Args:
        viewer: who asks, such as ``request.user``.
        act: what they want to do.
        context_key: the course run or learning path. None: all of them.
        subject: the row to act on, if there is one, for authentication backends with permissions for single objects.

    Raises:
        LMSUnavailableError: the backend has to ask the LMS, which does not answer.
    """
    context_key = None if context_key is None else compose(context_key)
    if viewer is None or not is_in_use(viewer):
        return False
    if context_key and "\x00" in context_key:  # no key contains NUL, and PostgreSQL refuses queries with it
        context_key = ""
    rights = get_rights(viewer)
    if rights.is_limited:
        granted = rights.find_role_scope(act.permissions)
        if granted.is_everything if context_key is None else granted.covers(context_key):
            return True
        if context_key is None or not rights.reach.covers(context_key):
            if rights.problem:
                raise rights.problem
            return False
    return bool(get_lms().has_permission(viewer, act, context_key, subject))

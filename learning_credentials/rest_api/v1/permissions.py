"""Decide who can ask for what.

Learners can ask about themselves. For everything else `has_permission` of the LMS backend decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import BasePermission

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ContextNotFoundError
from learning_credentials.folding import compose
from learning_credentials.lms import Act, get_lms
from learning_credentials.services import common

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import Model
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from learning_credentials.data import LearnerQuery
    from learning_credentials.lms import LearningContext


class IsActive(BasePermission):
    """Allow people who are signed in with an active account."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Return whether the caller is signed in with an active account."""
        return is_in_use(request)


def is_in_use(request: Request) -> bool:
    """Return whether the caller is signed in with an active account."""
    return request.user is not None and request.user.is_authenticated and request.user.is_active


def require_any(request: Request, *acts: Act, context_key: str, subject: Model | None = None) -> set[Act]:
    """Return the acts that the caller may do.

    Raises:
        PermissionDenied: the caller may do none of them.
    """
    allowed = {act for act in acts if common.has_permission(request.user, act, context_key, subject)}
    if not allowed:
        raise PermissionDenied
    return allowed


def get_accessible_context(request: Request, context_key: str) -> LearningContext:
    """Return the context if the caller can see it.

    Raises:
        ContextNotFoundError: the LMS does not know the context.
        PermissionDenied: the caller has neither access to the context nor the permission to view it.
        LMSUnavailableError: the LMS could not answer.
    """
    lms = get_lms()
    # No key contains NUL, and PostgreSQL refuses such a query.
    context = None if "\x00" in context_key else lms.find_contexts([context_key]).get(context_key)
    if context is None:
        msg = f"there is no learning context '{context_key}'"
        raise ContextNotFoundError(msg)
    if not (
        lms.has_access(_user_id(request), context_key)
        or common.has_permission(request.user, Act.VIEW_CONTEXT, context_key)
    ):
        raise PermissionDenied(_("You have no access to this learning context."), code="no_context_access")
    return context


def get_learner(request: Request, username: str, act: Act, context_key: str) -> Any:
    """Return the learner that the request is about: the caller, or the account with the user name.

    Callers who may do the act can ask about anyone.

    Raises:
        PermissionDenied: the learner is somebody else and the caller lacks the permission. The answer does not reveal whether the name
            exists.
        NotFound: nobody has that user name.
    """
    username = compose(username)
    if username in {"", request.user.get_username()}:
        return request.user
    if not common.has_permission(request.user, act, context_key):
        raise PermissionDenied(_("You may ask only about yourself."), code="not_yourself")
    user_model = get_user_model()
    learner = None
    if "\x00" not in username:
        learner = user_model._default_manager.filter(**{user_model.USERNAME_FIELD: username}).first()  # noqa: SLF001
    if learner is None:
        raise NotFound(_("There is no learner with that user name."), code="learner_not_found")
    return learner


def is_worker(request: Request) -> bool:
    """Return whether the caller is one of ``LEARNER_STATUS_WORKERS``."""
    return is_in_use(request) and request.user.get_username() in get_settings().LEARNER_STATUS_WORKERS


def may_ask_about_anyone(request: Request) -> bool:
    """Return whether the caller can ask for any learner's certificate status.

    Workers can, and accounts with the permission.
    """
    return is_worker(request) or common.has_permission(request.user, Act.VIEW_LEARNER_STATUS)


def _may_ask_about_runs(request: Request, queries: Collection[LearnerQuery]) -> bool:
    """Return whether all queries name course runs only, and the caller may ask about everybody's status in each of them."""
    if not queries or any(query.courses or not query.course_runs for query in queries):
        return False
    keys = {compose(key) for query in queries for key in query.course_runs}
    return all(common.has_permission(request.user, Act.VIEW_LEARNER_STATUS, key) for key in sorted(keys))


def check_may_ask(request: Request, queries: Collection[LearnerQuery]) -> bool:
    """Return whether a query is about somebody else. Refuse learners who ask about others.

    Raises:
        PermissionDenied: a query is about somebody else. The answer does not reveal whether the learner exists.
    """
    own = {("username", request.user.get_username()), ("lms_user_id", _user_id(request))}
    asks_about_others = any(
        own.isdisjoint({("username", compose(query.username or "")), ("lms_user_id", query.lms_user_id)})
        for query in queries
    )
    if asks_about_others and not (may_ask_about_anyone(request) or _may_ask_about_runs(request, queries)):
        raise PermissionDenied(_("You may ask only about yourself."), code="not_yourself")
    return asks_about_others


def _user_id(request: Request) -> int:
    user_id: int = cast("AbstractBaseUser", request.user).pk
    return user_id

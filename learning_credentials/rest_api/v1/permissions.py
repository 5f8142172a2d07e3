"""Who may ask for what: learners about themselves, staff and workers about anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import BasePermission

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ContextNotFoundError
from learning_credentials.lms import get_lms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.base_user import AbstractBaseUser
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from learning_credentials.data import LearnerQuery
    from learning_credentials.lms import LearningContext


def get_accessible_context(request: Request, context_key: str) -> LearningContext:
    """Return the context if the caller may see it.

    Raises:
        ContextNotFoundError: the LMS does not know it.
        PermissionDenied: the caller is neither staff nor has access to it.
        LMSUnavailableError: the LMS could not answer.
    """
    lms = get_lms()
    # No key holds a NUL, and PostgreSQL refuses to be asked for one.
    context = None if "\x00" in context_key else lms.find_contexts([context_key]).get(context_key)
    if context is None:
        msg = f"there is no learning context '{context_key}'"
        raise ContextNotFoundError(msg)
    if not (_is_staff(request) or lms.has_access(_user_id(request), context_key)):
        raise PermissionDenied(_("You have no access to this learning context."), code="no_context_access")
    return context


def get_learner(request: Request, username: str) -> Any:
    """Return the learner that is asked about: the caller, or for staff anyone by user name.

    Raises:
        PermissionDenied: somebody else, and the caller is not staff. It is the same answer whether or not the name exists.
        NotFound: nobody has that user name.
    """
    if username in {"", request.user.get_username()}:
        return request.user
    if not _is_staff(request):
        raise PermissionDenied(_("Only staff may ask about other learners."), code="not_staff")
    user_model = get_user_model()
    learner = None
    if "\x00" not in username:
        learner = user_model._default_manager.filter(**{user_model.USERNAME_FIELD: username}).first()  # noqa: SLF001
    if learner is None:
        raise NotFound(_("There is no learner with that user name."), code="learner_not_found")
    return learner


def may_ask_about_anyone(request: Request) -> bool:
    """Whether the caller may ask for any learner's certificate status: staff, and users named in ``LEARNER_STATUS_WORKERS``."""
    return _is_staff(request) or request.user.get_username() in get_settings().LEARNER_STATUS_WORKERS


def check_may_ask(request: Request, queries: Iterable[LearnerQuery]) -> None:
    """Let learners ask about nobody but themselves.

    Raises:
        PermissionDenied: one of the questions is about somebody else. It is the same answer whether or not the learner exists.
    """
    if may_ask_about_anyone(request):
        return
    own = {("username", request.user.get_username()), ("lms_user_id", _user_id(request))}
    for query in queries:
        if ("username", query.username) not in own and ("lms_user_id", query.lms_user_id) not in own:
            raise PermissionDenied(_("You may ask only about yourself."), code="not_yourself")


class IsStaff(BasePermission):
    """For staff, signed in."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002
        """Refuse everyone else."""
        return bool(request.user and request.user.is_authenticated and _is_staff(request))


def _user_id(request: Request) -> int:
    user_id: int = cast("AbstractBaseUser", request.user).pk
    return user_id


def _is_staff(request: Request) -> bool:
    return bool(getattr(request.user, "is_staff", False))

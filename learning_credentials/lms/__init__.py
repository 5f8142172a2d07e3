"""Provide the LMS contract, the backend in use and the types of its answers."""

from __future__ import annotations

from functools import lru_cache

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from learning_credentials.conf import SETTING_NAME, get_settings
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.lms.acts import Act
from learning_credentials.lms.base import (
    Capability,
    CategoryGrade,
    ContextKind,
    Enrolment,
    Grade,
    LearnerProfile,
    LearningContext,
    LMSBackend,
    Pacing,
    Step,
)
from learning_credentials.lms.scopes import Scope

__all__ = [
    "Act",
    "Capability",
    "CategoryGrade",
    "ContextKind",
    "Enrolment",
    "Grade",
    "LMSBackend",
    "LearnerProfile",
    "LearningContext",
    "Pacing",
    "Scope",
    "Step",
    "get_lms",
]


@lru_cache(maxsize=1)
def get_lms() -> LMSBackend:
    """Return the backend that ``LMS_BACKEND`` names. Each process makes it once.

    Raises:
        ConfigurationError: the path cannot be imported or is not a subclass of `LMSBackend`.
    """
    settings = get_settings()
    if not settings.LMS_BACKEND:
        raise ConfigurationError("LMS_BACKEND is not set. Set it to the dotted path of your LMSBackend subclass")
    try:
        backend_class = import_string(settings.LMS_BACKEND)
    except ImportError as error:
        msg = f"LMS_BACKEND '{settings.LMS_BACKEND}' cannot be imported: {error}"
        raise ConfigurationError(msg) from error
    if not (isinstance(backend_class, type) and issubclass(backend_class, LMSBackend)):
        msg = f"LMS_BACKEND '{settings.LMS_BACKEND}' is not a subclass of learning_credentials.lms.base.LMSBackend"
        raise ConfigurationError(msg)
    return backend_class(**settings.LMS_OPTIONS)


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting == SETTING_NAME:
        get_lms.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.lms")

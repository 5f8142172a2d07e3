"""Ask the LMS about learning contexts for the forms. If the LMS does not answer, operators must still be able to save."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.urls import path

from learning_credentials.admin.base import get_url, require
from learning_credentials.exceptions import CredentialsError
from learning_credentials.folding import compose
from learning_credentials.lms import get_lms

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from learning_credentials.lms import LearningContext

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ContextLookup:
    """The LMS's answer about one key. If the LMS could not answer, ``problem`` says why, and nothing is known about the key."""

    key: str
    is_unknown: bool = False
    problem: str = ""


def look_up(key: str) -> ContextLookup | None:
    """Ask the LMS whether it knows a context. Return None for an empty key."""
    if not key:
        return None
    try:
        return ContextLookup(key, is_unknown=key not in get_lms().find_contexts([key]))
    except CredentialsError as error:
        return ContextLookup(key, problem=str(error) or error.code)
    except Exception as error:
        # The backend is the host's code. For an operator who wants to save, any error of it is an outage.
        logger.exception("The LMS backend failed to look up a learning context")
        return ContextLookup(key, problem=f"{type(error).__name__}: {error}")


def list_suggestions(text: str = "") -> list[LearningContext]:
    """Return contexts to choose from. Return none if the LMS does not answer."""
    try:
        return get_lms().search_contexts(text)
    except CredentialsError:
        return []
    except Exception:
        logger.exception("The LMS backend failed to search learning contexts")
        return []


def make_suggestions_url(model_admin: admin.ModelAdmin[Any]) -> URLPattern:
    """Return the URL of a page that lists, as JSON, the contexts whose key or name contains ``q``. See `get_suggestions_url`."""

    def suggest(request: HttpRequest) -> HttpResponse:
        require(model_admin.has_view_permission(request) or model_admin.has_add_permission(request))
        found = list_suggestions(compose(request.GET.get("q", "")[:255]))
        return JsonResponse({"contexts": [{"key": context.key, "name": context.name} for context in found]})

    name = f"learning_credentials_{model_admin.opts.model_name}_contexts"
    return path("contexts/", model_admin.admin_site.admin_view(suggest), name=name)


def get_suggestions_url(model_admin: admin.ModelAdmin[Any]) -> str:
    """Return the address from which the context picker of a model's forms loads suggestions."""
    return get_url(f"{model_admin.opts.model_name}_contexts")

"""What the forms ask of the LMS about learning contexts. An LMS that is down must not keep an operator from saving."""

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
    """The answer about one key. ``problem`` says why the LMS could not answer; then nothing is known."""

    key: str
    is_unknown: bool = False
    problem: str = ""


def look_up(key: str) -> ContextLookup | None:
    """Ask the LMS whether it knows a context; None for no key."""
    if not key:
        return None
    try:
        return ContextLookup(key, is_unknown=key not in get_lms().find_contexts([key]))
    except CredentialsError as error:
        return ContextLookup(key, problem=str(error) or error.code)
    except Exception as error:
        # The backend is the host's code; whatever it raises is an outage to whoever wants to save.
        logger.exception("The LMS backend failed to look up a learning context")
        return ContextLookup(key, problem=f"{type(error).__name__}: {error}")


def list_suggestions(text: str = "") -> list[LearningContext]:
    """Contexts to choose from; none while the LMS cannot answer."""
    try:
        return get_lms().search_contexts(text)
    except CredentialsError:
        return []
    except Exception:
        logger.exception("The LMS backend failed to search learning contexts")
        return []


def make_suggestions_url(model_admin: admin.ModelAdmin[Any]) -> URLPattern:
    """A page of a model's admin with the contexts that hold the text ``q``, as JSON; see `get_suggestions_url`."""

    def suggest(request: HttpRequest) -> HttpResponse:
        require(model_admin.has_view_permission(request) or model_admin.has_add_permission(request))
        found = list_suggestions(compose(request.GET.get("q", "")[:255]))
        return JsonResponse({"contexts": [{"key": context.key, "name": context.name} for context in found]})

    name = f"learning_credentials_{model_admin.opts.model_name}_contexts"
    return path("contexts/", model_admin.admin_site.admin_view(suggest), name=name)


def get_suggestions_url(model_admin: admin.ModelAdmin[Any]) -> str:
    """Where the context picker of a model's forms asks for suggestions."""
    return get_url(f"{model_admin.opts.model_name}_contexts")

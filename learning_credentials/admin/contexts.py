"""Ask the LMS about learning contexts for the forms. If the LMS does not answer, operators must still be able to save."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.urls import path

from learning_credentials.admin.base import get_url, require
from learning_credentials.admin.scoping import get_scope_of, name_permissions
from learning_credentials.exceptions import CredentialsError
from learning_credentials.folding import compose
from learning_credentials.lms import Scope, get_lms

if TYPE_CHECKING:
    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from learning_credentials.lms import LearningContext
    from learning_credentials.services.common import Needed

logger = logging.getLogger(__name__)

EVERYTHING = Scope.everything()
#: How many contexts a list of suggestions has, how many results of a search are looked through for it, and how many keys of a scope.
MAX_SUGGESTED, MAX_SEARCHED, MAX_OWN = 50, 500, 500


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


class SuggestionsUrl(str):
    """The address of suggestions, with the contexts that the user may enter."""

    __slots__ = ("scope",)
    scope: Scope


def list_suggestions(text: str = "", scope: Scope = EVERYTHING) -> list[LearningContext]:
    """Return contexts of a scope to choose from. Return none if the LMS does not answer."""
    try:
        if scope.is_everything:
            return get_lms().search_contexts(text)
        return _search_within(scope, text)
    except CredentialsError:
        return []
    except Exception:
        logger.exception("The LMS backend failed to search learning contexts")
        return []


def _search_within(scope: Scope, text: str) -> list[LearningContext]:
    """Search the contexts of a scope. Its keys are looked up, because a search returns only the first contexts of the LMS."""
    if not scope:
        return []
    found = {context.key: context for context in get_lms().search_contexts(text, MAX_SEARCHED)}
    needle = text.casefold()
    own = get_lms().find_contexts(sorted(scope.keys)[:MAX_OWN]) if scope.keys else {}
    found |= {
        key: context for key, context in own.items() if needle in key.casefold() or needle in context.name.casefold()
    }
    inside = [context for context in found.values() if scope.covers(context.key)]
    return sorted(inside, key=lambda context: (context.name, context.key))[:MAX_SUGGESTED]


def make_suggestions_url(model_admin: admin.ModelAdmin[Any]) -> URLPattern:
    """Return the URL of a page that lists, as JSON, the contexts whose key or name contains ``q``. See `get_suggestions_url`."""

    def suggest(request: HttpRequest) -> HttpResponse:
        require(model_admin.has_view_permission(request) or model_admin.has_add_permission(request))
        scope = get_scope_of(request, name_permissions(model_admin.model, "view", "add", "change"))
        found = list_suggestions(compose(request.GET.get("q", "")[:255]), scope)
        return JsonResponse({"contexts": [{"key": context.key, "name": context.name} for context in found]})

    name = f"learning_credentials_{model_admin.opts.model_name}_contexts"
    return path("contexts/", model_admin.admin_site.admin_view(suggest), name=name)


def get_suggestions_url(
    model_admin: admin.ModelAdmin[Any], request: HttpRequest, needed: Needed | None = None
) -> SuggestionsUrl:
    """Return the address from which the context picker of a model's forms loads suggestions.

    ``point_picker_at`` also takes the contexts from it that the form accepts: those in which the user has what is needed. By default that
    is the permission to add or change rows of the model.
    """
    address = SuggestionsUrl(get_url(f"{model_admin.opts.model_name}_contexts"))
    address.scope = get_scope_of(request, needed or name_permissions(model_admin.model, "add", "change"))
    return address

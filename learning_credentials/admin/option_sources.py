"""Answer what the fields of options suggest: courses, their titles and assignment categories, languages and assets.

The LMS may not answer. Then ``trouble`` says so, and operators type the values.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q
from django.http import JsonResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import override

from learning_credentials.admin.base import get_url, require
from learning_credentials.admin.contexts import list_suggestions
from learning_credentials.admin.fields import NOT_YOURS
from learning_credentials.admin.scoping import get_scope_of, name_permissions
from learning_credentials.data import AssetKind, normalise_tag
from learning_credentials.exceptions import CredentialsError
from learning_credentials.folding import compose
from learning_credentials.grades import format_fraction
from learning_credentials.lms import ContextKind, get_lms
from learning_credentials.models import CredentialAsset
from learning_credentials.pdf import choose_locale
from learning_credentials.processors import TOTAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.contrib import admin
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from learning_credentials.lms import LearningContext, Scope

logger = logging.getLogger(__name__)

Items = list[tuple[str, str]]

_MOST_TITLES = 1_000
#: How many steps of a learning path are asked for their grading policy. Each is a question to the LMS.
_MOST_STEPS = 20
#: How many courses are asked together for their grading policies.
_MOST_POLICIES = 50
_MOST_ASSETS = 50
_LONGEST = 255


@dataclass(frozen=True)
class _Question:
    """Who asks on which page, and the learning contexts that they may know."""

    model_admin: admin.ModelAdmin[Any]
    request: HttpRequest
    scope: Scope

    def get(self, name: str) -> str:
        return self.request.GET.get(name, "")[:_LONGEST].strip()


def make_sources_url(model_admin: admin.ModelAdmin[Any]) -> URLPattern:
    """Return the URL of a page that lists suggestions as JSON: ``items`` are pairs of value and text. See `get_sources_url`."""

    def answer(request: HttpRequest) -> HttpResponse:
        require(model_admin.has_view_permission(request) or model_admin.has_add_permission(request))
        find = _SOURCES.get(request.GET.get("kind", ""))
        if find is None:
            return JsonResponse({"items": [], "trouble": _("Nothing is known about this.")}, status=400)
        scope = get_scope_of(request, name_permissions(model_admin.model, "view", "add", "change"))
        items, trouble = find(_Question(model_admin, request, scope))
        return JsonResponse({"items": items, **({"trouble": trouble} if trouble else {})})

    name = f"learning_credentials_{model_admin.opts.model_name}_option_sources"
    return path("option-sources/", model_admin.admin_site.admin_view(answer), name=name)


def get_sources_url(model_name: str) -> str:
    """Return the address from which the fields of a model's forms load suggestions."""
    return get_url(f"{model_name}_option_sources")


def _find_contexts(question: _Question) -> tuple[Items, str]:
    found = list_suggestions(compose(question.get("q")), question.scope)
    return [(context.key, context.name) for context in found], ""


def _find_titles(question: _Question) -> tuple[Items, str]:
    asked = question.request.GET.getlist("key")[:_MOST_TITLES]
    keys = [compose(key) for key in asked if key and len(key) <= _LONGEST and question.scope.covers(compose(key))]
    found, trouble = _ask(lambda: get_lms().find_contexts(keys) if keys else {})
    return [(key, context.name) for key, context in (found or {}).items()], trouble


def _find_categories(question: _Question) -> tuple[Items, str]:
    """Return the categories of one course."""
    key = compose(question.get("key"))
    if not key:
        return _make_whole(), ""
    ((_key, items, trouble),) = _list_policies(question.scope, [key])
    return items, trouble


def _find_policies(question: _Question) -> tuple[list[tuple[str, Items, str]], str]:
    """Return the categories of several courses, each with its key and with what is wrong there."""
    asked = question.request.GET.getlist("key")[:_MOST_POLICIES]
    return _list_policies(question.scope, [compose(key) for key in asked if key and len(key) <= _LONGEST]), ""


def _list_policies(scope: Scope, keys: Sequence[str]) -> list[tuple[str, Items, str]]:
    # The LMS is not asked about other keys: nobody learns here what there is elsewhere.
    own = [key for key in keys if scope.covers(key)]
    contexts, outage = _ask(lambda: get_lms().find_contexts(own) if own else {})
    found: list[tuple[str, Items, str]] = []
    for key in keys:
        policy: Mapping[str, float] = {}
        trouble = outage if scope.covers(key) else str(NOT_YOURS)
        if not trouble:
            policy, trouble = _ask(partial(_read_policy, key, contexts.get(key)))
            outage = trouble  # an LMS that does not answer is not asked again
            if not policy and not trouble:
                trouble = _("The LMS knows no assignment categories of “%s”. Type their names.") % key
        found.append((key, [*_describe_weights(policy or {}), *_make_whole()], trouble))
    return found


def _read_policy(key: str, context: LearningContext | None) -> Mapping[str, float]:
    """Return the weights of the categories of a course run, or of the course runs of a learning path. Different weights are 0."""
    is_path = context is not None and context.kind is ContextKind.LEARNING_PATH
    runs = context.required_step_keys[:_MOST_STEPS] if context is not None and is_path else (key,)
    found: dict[str, float] = {}
    for run in runs:
        for name, weight in get_lms().get_grading_policy(run).items():
            found[name] = weight if found.get(name, weight) == weight else 0.0
    return found


def _describe_weights(policy: Mapping[str, float]) -> Items:
    locale = choose_locale("en")
    return [
        (name, _("counts %s") % format_fraction(weight, locale, 0) if weight else "") for name, weight in policy.items()
    ]


def _make_whole() -> Items:
    return [(TOTAL, _("the weighted grade over all categories"))]


def _list_languages(_question: _Question) -> tuple[Items, str]:
    with override(None):
        names = {normalise_tag(tag): str(name) for tag, name in settings.LANGUAGES}
    return sorted(names.items(), key=lambda item: item[1]), ""


def _find_assets(question: _Question) -> tuple[Items, str]:
    """Return assets that this person sees, by slug or description."""
    text, kind = question.get("q"), question.get("asset_kind")
    site = question.model_admin.admin_site
    assets = site.get_model_admin(CredentialAsset).get_queryset(question.request).order_by("slug")
    if kind in set(AssetKind):
        assets = assets.filter(kind=kind)
    if text:
        assets = assets.filter(Q(slug__icontains=text) | Q(description__icontains=text))
    return list(assets.values_list("slug", "description")[:_MOST_ASSETS]), ""


def _ask(question: Callable[[], Any]) -> tuple[Any, str]:
    try:
        return question(), ""
    except CredentialsError as error:
        return None, _("The LMS does not answer (%s). Type the value.") % (str(error) or error.code)
    except Exception:
        # The backend is the host's code. The form must work without it.
        logger.exception("The LMS backend failed to answer a form of options")
        return None, _("The LMS does not answer. Type the value.")


_SOURCES: Mapping[str, Callable[[_Question], tuple[Sequence[Any], str]]] = {
    "contexts": _find_contexts,
    "titles": _find_titles,
    "categories": _find_categories,
    "policies": _find_policies,
    "languages": _list_languages,
    "assets": _find_assets,
}

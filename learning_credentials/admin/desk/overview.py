"""Provide the overview: the app's first page in the admin. Each section is only for users who may see its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.http import StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from learning_credentials.admin.base import can_look_at, get_actor, get_url, require
from learning_credentials.admin.desk.grouping import group_models
from learning_credentials.admin.desk.overview_acts import iter_acts_csv, show_acts
from learning_credentials.admin.desk.overview_charts import draw_charts
from learning_credentials.admin.desk.overview_filters import read_filters
from learning_credentials.admin.desk.overview_needs import list_needs
from learning_credentials.admin.scoping import get_scope_of, is_viewer_limited, may_everywhere, name_permissions
from learning_credentials.filenames import get_attachment_disposition, make_file_name
from learning_credentials.models import Credential, CredentialConfiguration
from learning_credentials.services.common import make_condition
from learning_credentials.services.desk import count_numbers, find_check_results, run_app_checks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.contrib.admin import AdminSite, ModelAdmin
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern

APP = "learning_credentials"
#: The start of the names of the overview's other pages.
_NAME = "learning_credentials_overview"


def describe_overview(request: HttpRequest, app_list: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the values for the page. The number of queries does not depend on the number of rows."""
    models = _list_visible_models(request)
    limits = _make_limits(request)
    may_see_contexts = can_look_at(request, CredentialConfiguration)
    chosen = read_filters(request, search_url=get_url("credentialconfiguration_contexts") if may_see_contexts else "")
    overview: dict[str, Any] = {
        "groups": group_models(app_list),
        "find_url": _find_search_url(app_list),
        "form": chosen.form,
        "chosen": chosen,
        "periods": chosen.list_periods(),
        "needs": list_needs(_get_rows(request, models)),
        "may_see_checks": _may_see_checks(request),
        "checks": find_check_results() if _may_see_checks(request) else None,
        "may_see_numbers": Credential in models,
    }
    if Credential in models:
        overview["numbers"] = draw_charts(
            count_numbers(
                chosen.first,
                chosen.last,
                scope=get_scope_of(request, name_permissions(Credential, "view", "change")),
                context_key=chosen.course,
            )
        )
    overview["acts"], before = show_acts(chosen.make_act_filter(request), models=models, **limits)
    overview["older_query"] = chosen.make_query(before=before) if before else ""
    overview["csv_query"] = chosen.make_query()
    return overview


def make_overview_urls(model_admin: ModelAdmin[Any]) -> list[URLPattern]:
    """Return the addresses of the overview's other pages. Django has a place for them among those of a model."""
    wrap = model_admin.admin_site.admin_view

    def export(request: HttpRequest) -> HttpResponseBase:
        """Send all acts of the chosen period as CSV."""
        chosen = read_filters(request)
        models = _list_visible_models(request)
        require(bool(models))
        lines = iter_acts_csv(chosen.make_act_filter(request), models=models, **_make_limits(request))
        filename = make_file_name("Acts", chosen.first.isoformat(), chosen.last.isoformat(), extension="csv")
        headers = {"Content-Disposition": get_attachment_disposition(filename), "X-Content-Type-Options": "nosniff"}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

    @transaction.non_atomic_requests
    def check(request: HttpRequest) -> HttpResponse:
        """Run the app's checks and show what they say. The overview loads the part between its tags."""
        require(_may_see_checks(request))
        context = {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "title": _("System checks"),
            "checks": run_app_checks(),
        }
        return TemplateResponse(request, "admin/learning_credentials/overview/checks.html", context)

    return [
        path("overview/acts.csv", wrap(export), name=f"{_NAME}_acts"),
        path("overview/checks/", wrap(check), name=f"{_NAME}_checks"),
    ]


def _make_limits(request: HttpRequest) -> dict[str, Any]:
    """Return what leaves out the rows of contexts that a limited account may not see.

    The admin's log does not say to which context an entry belongs. So limited accounts see only their own entries.
    """

    def limit(rows: QuerySet[Any], model: type[Model]) -> QuerySet[Any]:
        scope = get_scope_of(request, name_permissions(model, "view", "change"))
        return rows.filter(make_condition(rows.model, scope)) if scope else rows.none()

    return {"limit": limit, "log_of": get_actor(request).pk if is_viewer_limited(request) else None}


def _list_visible_models(request: HttpRequest) -> list[type[Model]]:
    registered = _get_site(request)._registry  # noqa: SLF001  the admin has no other list
    models = apps.get_app_config(APP).get_models()
    return [model for model in models if model in registered and can_look_at(request, model)]


def _get_rows(request: HttpRequest, models: Sequence[type[Model]]) -> dict[type[Model], QuerySet[Any]]:
    """Return the rows that the lists show, so that a number is what its list shows."""
    registered = _get_site(request)._registry  # noqa: SLF001
    return {model: registered[model].get_queryset(request) for model in models}


def _may_see_checks(request: HttpRequest) -> bool:
    """Return whether the user may see configurations everywhere. Checks are about the whole site, and some name a configuration."""
    return may_everywhere(request, name_permissions(CredentialConfiguration, "view", "change"))


def _find_search_url(app_list: Sequence[dict[str, Any]]) -> str:
    """Return the address of the search for learners if Django lists it for the user."""
    models = [model for app in app_list for model in app["models"]]
    return next((model["admin_url"] for model in models if model["object_name"] == "Learner"), None) or ""


def _get_site(request: HttpRequest) -> AdminSite:
    """Return the admin site that answers the request."""
    view = getattr(request.resolver_match, "func", None)
    site: AdminSite = getattr(view, "admin_site", None) or admin.site
    return site

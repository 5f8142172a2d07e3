"""Provide the tag that puts the overview into the app's first page in the admin.

Django renders that page itself, for any admin site. So the template asks for the overview, and no host has to replace its admin site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

if TYPE_CHECKING:
    from django.template import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def get_overview(context: Context) -> dict[str, Any]:
    """Return the values of the overview for the request's user."""
    # Django loads all libraries of tags, also in projects that do not install the admin.
    from learning_credentials.admin.desk.overview import describe_overview

    return describe_overview(context["request"], context.get("app_list") or [])

"""Version 1 of the REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.urls import URLPattern

app_name = "v1"

urlpatterns: list[URLPattern] = []

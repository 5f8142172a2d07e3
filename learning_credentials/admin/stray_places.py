"""Places in the storage that the sweep watches for files that no row refers to."""

from __future__ import annotations

from django.contrib import admin

from learning_credentials.admin.base import ReadOnlyAdmin
from learning_credentials.models import StrayPlace


@admin.register(StrayPlace)
class StrayPlaceAdmin(ReadOnlyAdmin[StrayPlace]):
    """To look at: those at which the storage failed come first."""

    list_display = ("name", "is_directory", "begun_at", "deleted", "attempts", "next_attempt_at", "last_error")
    list_filter = ("is_directory",)
    search_fields = ("name",)

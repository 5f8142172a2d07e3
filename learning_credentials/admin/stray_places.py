"""Provide the read-only admin of places in the storage that the sweep watches for stray files."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import ReadOnlyAdmin
from learning_credentials.models import StrayPlace


@admin.register(StrayPlace)
class StrayPlaceAdmin(ReadOnlyAdmin[StrayPlace]):
    """Show the places. Places with failed attempts come first."""

    list_display = ("name", "kind", "begun_at", "deleted", "attempts", "next_attempt_at", "last_error")
    list_filter = ("is_directory",)
    search_fields = ("name",)

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    @admin.display(description=gettext_lazy("kind"), ordering="is_directory")
    def kind(self, obj: StrayPlace) -> str:
        """Return whether the place is one file or a directory."""
        return _("directory") if obj.is_directory else _("file")

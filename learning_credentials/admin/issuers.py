"""Provide the admin of issuers and signatories."""

from __future__ import annotations

from django.contrib import admin
from django.db import models

from learning_credentials.admin.editing import EditingAdmin
from learning_credentials.models import Issuer, Signatory


@admin.register(Issuer)
class IssuerAdmin(EditingAdmin[Issuer]):
    """Manage the organisations that issue credentials."""

    list_display = ("name", "url", "email", "logo")
    list_select_related = ("logo",)
    search_fields = ("name", "url", "email")
    autocomplete_fields = ("logo",)
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}  # noqa: RUF012


@admin.register(Signatory)
class SignatoryAdmin(EditingAdmin[Signatory]):
    """Manage the people who sign."""

    list_display = ("name", "title", "organisation", "signature_image")
    list_select_related = ("signature_image",)
    search_fields = ("name", "title", "organisation")
    autocomplete_fields = ("signature_image",)

"""Provide the admin of the allowlist: learners for whom staff waive the grade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.active_notes import ActiveNotesAdmin
from learning_credentials.admin.allowlist_upload import upload
from learning_credentials.admin.base import NOTHING, require
from learning_credentials.admin.learners import LearnerField
from learning_credentials.admin.operations import NotesForm, Operation
from learning_credentials.admin.targets import TargetForm
from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import AllowlistEntry
from learning_credentials.services.staff import (
    add_allowlist_entry,
    describe_allowlist_obstacles,
    find_allowlist_obstacles,
    remove_allowlist_entry,
)

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString


class EntryForm(TargetForm):
    """Ask for the learner, the place and the reason."""

    learner = LearnerField()
    notes = forms.CharField(
        label=gettext_lazy("Notes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80, "class": "vLargeTextField"}),
        help_text=gettext_lazy("Why the requirement is waived."),
    )

    field_order = ("learner", "context_key", "configuration", "notes")


def _remove(entry: AllowlistEntry, values: dict[str, Any], actor: AbstractBaseUser) -> object:
    return remove_allowlist_entry(entry.pk, notes=values["notes"], actor=actor)


def _describe_obstacles(entry: AllowlistEntry) -> str:
    if not entry.is_active:
        return ""
    try:
        found = find_allowlist_obstacles(
            entry.learning_context_key, [entry.user_id], configuration_id=entry.configuration_id
        )
    except CredentialsError as error:
        return str(error)
    return describe_allowlist_obstacles(found.get(entry.user_id, []))


@admin.register(AllowlistEntry)
class AllowlistEntryAdmin(ActiveNotesAdmin[AllowlistEntry]):
    """Show active and removed entries."""

    change_list_template = "admin/learning_credentials/allowlistentry/change_list.html"
    list_display = ("learner", "state", "target", "notes", "recorded")
    fields = (
        ("learner", "state"),
        "learning_context_key",
        "configuration",
        "notes",
        "obstacles",
        ("created_by", "created"),
    )
    readonly_fields = ("learner", "state", "obstacles", "created")
    actions = ("remove_selected",)
    ended_label = gettext_lazy("removed")
    end_operation = Operation[AllowlistEntry](
        name="remove",
        title=gettext_lazy("Remove"),
        explanation=lambda number: (
            ngettext(
                "The learner is evaluated again, and keeps the course certificate only with a passing grade. "
                "The entry stays in the history.",
                "The learners of these %(number)d entries are evaluated again. They keep the course certificate only with a passing "
                "grade. The entries stay in the history.",
                number,
            )
            % {"number": number}
        ),
        button=gettext_lazy("Remove"),
        form_class=NotesForm,
        apply=_remove,
        compared=("is_active",),
        report=lambda number: ngettext("%d entry was removed.", "%d entries were removed.", number) % number,
        is_dangerous=True,
    )
    add_form_class = EntryForm
    add_title = gettext_lazy("Add allowlist entry")
    added_message = gettext_lazy("%s was added to the allowlist.")
    add_explanation = gettext_lazy(
        "The entry waives the grade, or the criteria of the configuration that you choose. "
        "Enrolment, mode, identity verification and bars still count."
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the upload."""
        view = self.admin_site.admin_view(self.upload_view)
        return [path("upload/", view, name="learning_credentials_allowlistentry_upload"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AllowlistEntry]:
        """Return the entries with the configuration, which the list names."""
        return super().get_queryset(request).select_related("configuration__credential_type")

    def get_form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        """Return the arguments of the form. The configuration is chosen as elsewhere in this admin."""
        return {**super().get_form_arguments(request), "admin_site": self.admin_site}

    def add_row(self, values: dict[str, Any], actor: AbstractBaseUser) -> AllowlistEntry:
        """Add the entry. If there is an active one already, return it unchanged."""
        begun = timezone.now()
        row = add_allowlist_entry(
            values["learner"].pk,
            values["context_key"],
            configuration_id=values["configuration"].pk if values["configuration"] else None,
            notes=values["notes"],
            actor=actor,
        )
        row.was_there = row.created < begun  # type: ignore[attr-defined]
        return row

    def report_added(self, request: HttpRequest, row: AllowlistEntry) -> None:
        """Say if the entry existed before. Warn if something else still prevents the certificate."""
        if getattr(row, "was_there", False):
            messages.info(
                request, _("The learner was already on the allowlist. The entry and its notes did not change.")
            )
        if blocked := _describe_obstacles(row):
            messages.warning(request, blocked)

    @admin.display(description=gettext_lazy("still missing"), empty_value=NOTHING)
    def obstacles(self, obj: AllowlistEntry) -> str | None:
        """Return what still prevents the learner from receiving the credential."""
        return _describe_obstacles(obj) or None

    @admin.action(permissions=["act"], description=gettext_lazy("Remove selected entries"))
    def remove_selected(self, request: HttpRequest, queryset: QuerySet[AllowlistEntry]) -> HttpResponse | None:
        """Ask for notes. Then remove each entry."""
        return self.end_selected(request, queryset)

    @admin.display(description=gettext_lazy("learning context"), ordering="learning_context_key")
    def target(self, obj: AllowlistEntry) -> SafeString:
        """Return the context and the credential in it."""
        credential = obj.configuration.credential_type if obj.configuration else _("course certificate")
        return format_html('{}<br><span class="quiet">{}</span>', obj.learning_context_key, credential)

    @transaction.non_atomic_requests
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Import a file and show the result of each row."""
        require(self.has_add_permission(request))
        return upload(self, request)

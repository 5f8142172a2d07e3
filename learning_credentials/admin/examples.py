"""Provide the admin of example credentials, and the switch for self-generation that needs successful examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.base import (
    NOTHING,
    ReadOnlyAdmin,
    can_look_at,
    get_actor,
    get_url,
    report_error,
    require,
)
from learning_credentials.admin.counting import count_related
from learning_credentials.admin.fields import dump
from learning_credentials.admin.files import serve
from learning_credentials.admin.filters import ContextKeyFilter
from learning_credentials.admin.recent_actions import log_act
from learning_credentials.admin.scoping import is_viewer_limited
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import CredentialNotFoundError, CredentialsError
from learning_credentials.models import ExampleCredential, ExampleCredentialSet
from learning_credentials.services.issuing import (
    can_offer_self_generation,
    create_examples,
    get_latest_example_status,
    open_example_artifact,
)

if TYPE_CHECKING:
    from uuid import UUID

    from django import forms
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

ExampleStatus = ExampleCredential.Status


def make_examples(request: HttpRequest, context_key: str) -> HttpResponse | None:
    """Make a set of examples for the context, report the result, and redirect to the set.

    Return None if the user may not view the set, or there is none.
    """
    try:
        made = create_examples(context_key, actor=get_actor(request))
    except CredentialsError as error:
        report_error(request, error)
        return None
    log_act(request, made, _("Made"), flag=ADDITION)
    statuses = list(made.examples.values_list("status", flat=True))
    failed = sum(status != ExampleStatus.SUCCESS for status in statuses)
    if failed:
        text = ngettext(
            "%(failed)d of %(total)d example failed.", "%(failed)d of %(total)d examples failed.", len(statuses)
        )
        messages.error(request, text % {"failed": failed, "total": len(statuses)})
    else:
        text = ngettext("%d example was made.", "%d examples were made.", len(statuses))
        messages.success(request, text % len(statuses))
    if not can_look_at(request, ExampleCredentialSet):
        return None
    return HttpResponseRedirect(get_url("examplecredentialset_change", made.pk))


def explain_switch(field: forms.Field | None, context_key: str, *, is_on: bool) -> None:
    """Enable a switch for self-generation only if the context's examples succeeded. Otherwise say why it is disabled.

    A switch that is on can always be switched off. Only the form enforces this.
    """
    if field is None:
        return
    notes = (
        []
        if get_settings().ALLOW_SELF_GENERATION
        else [_("The setting ALLOW_SELF_GENERATION is off for the whole site.")]
    )
    if not is_on and not (context_key and can_offer_self_generation(context_key)):
        field.disabled = True
        notes.append(describe_latest(context_key))
    field.help_text = " ".join([str(field.help_text), *notes])


def describe_latest(context_key: str) -> str:
    """Return why the switch is disabled."""
    status = get_latest_example_status(context_key) if context_key else None
    if status == ExampleStatus.ERROR:
        return _(
            "Learners cannot request it, because one of the newest examples failed. Fix the error and "
            "make examples again."
        )
    if status == ExampleStatus.STARTED:
        return _("Learners cannot request it yet: the newest examples are still being made.")
    return _("Learners cannot request it yet: make examples first, to see that a credential can be made.")


def show_latest(context_key: str) -> SafeString | str:
    """Return the status of the context's newest set, in its colour."""
    status = get_latest_example_status(context_key)
    return show_status(ExampleStatus(status)) if status else NOTHING


def show_status(status: ExampleStatus) -> SafeString:
    """Return a status in its colour."""
    return format_html('<span class="lcred-badge lcred-{}">{}</span>', status.value, status.label)


@admin.register(ExampleCredentialSet)
class ExampleCredentialSetAdmin(ReadOnlyAdmin[ExampleCredentialSet]):
    """Show the sets of examples. Each set contains all examples of one attempt in one context."""

    change_form_template = "admin/learning_credentials/examplecredentialset/change_form.html"
    list_display = ("number", "learning_context_key", "status", "total", "requester", "created")
    list_select_related = ("requested_by",)
    list_filter = (ContextKeyFilter, "created")
    search_fields = ("learning_context_key",)
    list_per_page = 50
    fields = ("learning_context_key", "status", "requester", "created")
    readonly_fields = fields

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    def get_urls(self) -> list[URLPattern]:
        """Add the address of an example's file."""
        view = self.admin_site.admin_view(self.artifact_view)
        return [
            path("artifact/<uuid:example_uuid>/", view, name="learning_credentials_examplecredentialset_artifact"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExampleCredentialSet]:
        """Count examples in the same query."""
        examples = ExampleCredential.objects.all()
        return (
            super()
            .get_queryset(request)
            .annotate(
                example_total=count_related(examples, "example_set"),
                error_total=count_related(examples.filter(status=ExampleStatus.ERROR), "example_set"),
                started_total=count_related(examples.filter(status=ExampleStatus.STARTED), "example_set"),
            )
        )

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: ExampleCredentialSet | None = None,
    ) -> HttpResponse:
        """List the examples with their inputs and results."""
        if obj is not None:
            examples = obj.examples.select_related("configuration__credential_type").order_by("pk")
            context["examples"] = [(example, dump(example.inputs)) for example in examples]
        return super().render_change_form(request, context, add, change, form_url, obj)

    @transaction.non_atomic_requests
    def artifact_view(self, request: HttpRequest, example_uuid: UUID) -> HttpResponseBase:
        """Send an example's artifact to staff."""
        require(self.has_view_permission(request))
        if is_viewer_limited(request) and not self.get_queryset(request).filter(examples__uuid=example_uuid).exists():
            raise Http404
        try:
            file, media_type, filename = open_example_artifact(example_uuid)
        except CredentialNotFoundError:
            raise Http404 from None
        except CredentialsError as error:
            report_error(request, error)
            return HttpResponseRedirect(get_url("examplecredentialset_changelist"))
        return serve(file, media_type, filename)

    @admin.display(description=gettext_lazy("set"), ordering="pk")
    def number(self, obj: ExampleCredentialSet) -> str:
        """Return the number of the set."""
        return f"#{obj.pk}"

    @admin.display(description=gettext_lazy("status"))
    def status(self, obj: ExampleCredentialSet) -> SafeString:
        """Return the status of the whole set."""
        if getattr(obj, "started_total", 0):
            return show_status(ExampleStatus.STARTED)
        failed = getattr(obj, "error_total", 0) or not getattr(obj, "example_total", 0)
        return show_status(ExampleStatus.ERROR if failed else ExampleStatus.SUCCESS)

    @admin.display(description=gettext_lazy("examples"), ordering="example_total")
    def total(self, obj: ExampleCredentialSet) -> int:
        """Return how many examples the set has."""
        return int(getattr(obj, "example_total", 0))

    @admin.display(description=gettext_lazy("requested by"), ordering="requested_by__username")
    def requester(self, obj: ExampleCredentialSet) -> str:
        """Return who requested the set."""
        return obj.requested_by.get_username() if obj.requested_by else NOTHING

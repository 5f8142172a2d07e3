"""Provide the admin of configurations."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from learning_credentials.admin.advice import report_advice
from learning_credentials.admin.base import (
    NOTHING,
    ActingAdmin,
    can_look_at,
    get_actor,
    get_object_or_404,
    get_url,
    link,
    report_error,
    report_refusals,
    require,
    show_switch,
)
from learning_credentials.admin.configuration_consequences import (
    ask_about_run,
    ask_about_save,
    find_dry_run,
    require_confirmation,
)
from learning_credentials.admin.configuration_forms import CredentialConfigurationForm
from learning_credentials.admin.configuration_warnings import report_criteria, report_moved
from learning_credentials.admin.confirmations import confirm_all
from learning_credentials.admin.consequences import INPUT, AskFirstError
from learning_credentials.admin.contexts import ContextLookup, get_suggestions_url, look_up, make_suggestions_url
from learning_credentials.admin.copying import CONFIGURATION_IS_FROZEN, copy_configuration
from learning_credentials.admin.counting import count_related
from learning_credentials.admin.criteria_preview import get_preview_url, make_preview_url, render_preview
from learning_credentials.admin.desk.designer import DESIGNER_CSS, DESIGNER_SCRIPT, make_design_urls, offer_designer
from learning_credentials.admin.editing import EditingAdmin
from learning_credentials.admin.examples import make_examples, show_latest
from learning_credentials.admin.fields import dump
from learning_credentials.admin.files import serve
from learning_credentials.admin.filters import RelatedFilter
from learning_credentials.admin.option_sources import make_sources_url
from learning_credentials.admin.option_widgets import get_type_url, make_type_url
from learning_credentials.admin.options_help import render_help
from learning_credentials.admin.proof_sheets import show_proof_sheet
from learning_credentials.admin.recent_actions import log_act, log_act_on_many
from learning_credentials.admin.reports import EXPORTED_ISSUED, serve_issued
from learning_credentials.admin.scoping import permit
from learning_credentials.admin.types import report_discovery
from learning_credentials.exceptions import CredentialsError
from learning_credentials.filenames import make_file_name
from learning_credentials.folding import compose
from learning_credentials.lms import Act
from learning_credentials.models import (
    Credential,
    CredentialConfiguration,
    ExampleCredentialSet,
    GenerationRun,
)
from learning_credentials.services.issuing import preview_credential, start_run

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.db.models.functions import Coalesce
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase
    from django.urls import URLPattern
    from django.utils.safestring import SafeString

logger = logging.getLogger(__name__)

#: The attribute of a request that contains the LMS's answer for the form, see `CredentialConfigurationAdmin.changeform_view`.
LOOKUP_ATTRIBUTE = "_learning_credentials_lookup"
#: The attribute of a request that contains the saved configuration until the transaction has ended.
SAVED_ATTRIBUTE = "_learning_credentials_saved"


@admin.register(CredentialConfiguration)
class CredentialConfigurationAdmin(ActingAdmin[CredentialConfiguration], EditingAdmin[CredentialConfiguration]):
    """Manage where credentials are issued, with which schedule and options."""

    form = CredentialConfigurationForm
    change_form_template = "admin/learning_credentials/credentialconfiguration/change_form.html"
    list_display = (
        "learning_context_key",
        "credential_type",
        "schedule",
        "available_count",
        "error_count",
        "self_generation",
    )
    list_select_related = ("credential_type",)
    list_filter = ("is_enabled", ("credential_type", RelatedFilter), "allow_self_generation", "next_run_at")
    search_fields = ("learning_context_key", "credential_type__name", "credential_type__slug")
    autocomplete_fields = ("credential_type",)
    readonly_fields = ("latest_examples", "effective_options", "options_help", "criteria_preview")
    actions = ("generate_now",)
    moving_fields = ("next_run_at",)
    acts = {"generate": Act.START_RUN, "export": Act.EXPORT_CREDENTIALS}  # noqa: RUF012

    class Media:
        css = DESIGNER_CSS
        js = ("learning_credentials/admin/criteria.js", DESIGNER_SCRIPT)

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the buttons and the suggestions of contexts."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_credentialconfiguration"
        return [
            make_suggestions_url(self),
            make_preview_url(self),
            make_type_url(self),
            make_sources_url(self),
            *make_design_urls(self),
            path("<int:object_id>/generate/", wrap(self.generate_view), name=f"{name}_generate"),
            path("<int:object_id>/dry-run/", wrap(require_POST(self.dry_run_view)), name=f"{name}_dry_run"),
            path("<int:object_id>/preview/", wrap(self.preview_view), name=f"{name}_preview"),
            path("<int:object_id>/proof/", wrap(self.proof_sheet_view), name=f"{name}_proof"),
            path("<int:object_id>/examples/", wrap(require_POST(self.examples_view)), name=f"{name}_examples"),
            path("<int:object_id>/issued.csv", wrap(self.issued_view), name=f"{name}_issued"),
            path("<int:object_id>/copy/", wrap(self.copy_view), name=f"{name}_copy"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CredentialConfiguration]:
        """Count credentials in the same query, only for the rows of the page."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                available_total=_count(Credential.Status.AVAILABLE),
                error_total=_count(Credential.Status.ERROR),
            )
        )

    def get_fieldsets(
        self,
        request: HttpRequest,  # noqa: ARG002
        obj: CredentialConfiguration | None = None,
    ) -> list[tuple[Any, Any]]:
        """Explain why the context and the type can no longer change, if so."""
        frozen = {"description": CONFIGURATION_IS_FROZEN} if obj is not None and obj.is_frozen else {}
        return [
            (None, {"fields": ("learning_context_key", "credential_type"), **frozen}),
            (_("Schedule"), {"fields": ("is_enabled", "interval", "next_run_at")}),
            (_("Self-generation"), {"fields": ("latest_examples", "allow_self_generation")}),
            (_("Custom fields"), {"fields": ("field_values",)}),
            (_("Options"), {"fields": ("custom_options", "effective_options", "options_help")}),
            (_("Achievement"), {"fields": ("description", "criteria", "criteria_preview", "translations")}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: CredentialConfiguration | None = None) -> Any:
        """Add the fields that can no longer change."""
        frozen = obj.FIXED if obj is not None and obj.is_frozen else ()
        return (*super().get_readonly_fields(request, obj), *frozen)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Ask the LMS before Django opens the transaction that saves the form."""
        if request.method == "POST":
            setattr(request, LOOKUP_ATTRIBUTE, look_up(compose(request.POST.get("learning_context_key", "").strip())))
        try:
            response = super().changeform_view(request, object_id, form_url, extra_context)
        except AskFirstError:
            page = ask_about_save(self, request)
            if page is not None:
                return page
            response = super().changeform_view(request, object_id, form_url, extra_context)
        # This asks the LMS, so it must come after the transaction.
        report_criteria(request, getattr(request, SAVED_ATTRIBUTE, None))
        return response

    def get_form(
        self, request: HttpRequest, obj: CredentialConfiguration | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form class with the LMS's answer."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.context_lookup = getattr(request, LOOKUP_ATTRIBUTE, None)
        form.search_url = get_suggestions_url(self, request, self.get_needed("change" if obj else "add"))
        form.type_url = get_type_url(self)
        return form

    def save_model(self, request: HttpRequest, obj: CredentialConfiguration, form: Any, change: bool) -> None:
        """Save, and warn if the LMS does not know the key or does not answer. First ask if learners would receive or lose credentials."""
        require_confirmation(request, obj, form)
        super().save_model(request, obj, form, change)
        setattr(request, SAVED_ATTRIBUTE, obj)
        report_advice(request, obj.credential_type, obj.custom_options)
        lookup: ContextLookup | None = getattr(request, LOOKUP_ATTRIBUTE, None)
        if lookup is None:
            return
        if lookup.problem:
            messages.warning(
                request,
                _("Saved. The LMS could not say whether it knows the learning context “%(key)s”: %(problem)s")
                % {"key": lookup.key, "problem": lookup.problem},
            )
        elif lookup.is_unknown:
            messages.warning(
                request, _("Saved, but the LMS does not know the learning context “%(key)s”.") % {"key": lookup.key}
            )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Tell the template which buttons the user can use."""
        report_discovery(request)
        report_moved(request, context.get("original"))
        report_criteria(request, context.get("original"))
        offer_designer(self, request, context["adminform"].form, context.get("original"))
        context["can_copy"] = self.has_add_permission(request)
        original = context.get("original")
        context["can_generate"] = self.may(request, "generate", original)
        context["can_see_examples"] = can_look_at(request, ExampleCredentialSet)
        context["can_export"] = self.may(request, "export", original)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Refuse to delete configurations with credentials, without loading thousands of them.

        Past runs are deleted with their configuration.
        """
        keys = [obj.pk for obj in objs]
        issued = Credential.objects.filter(configuration=OuterRef("pk"))
        used = CredentialConfiguration.objects.filter(Exists(issued), pk__in=keys)
        protected = [
            _("%(configuration)s has credentials, so it cannot be deleted. Disable it instead.")
            % {"configuration": configuration}
            for configuration in used.select_related("credential_type")
        ]
        if protected:
            return [], {}, set(), protected
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, lacking - {GenerationRun._meta.verbose_name}, protected  # noqa: SLF001

    # Columns and fields

    @admin.display(description=gettext_lazy("issued"), ordering="available_total")
    def available_count(self, obj: CredentialConfiguration) -> SafeString:
        """Return the number of issued credentials that were not revoked, with a link to them."""
        return _link_to_credentials(obj, Credential.Status.AVAILABLE, getattr(obj, "available_total", 0))

    @admin.display(description=gettext_lazy("failed"), ordering="error_total")
    def error_count(self, obj: CredentialConfiguration) -> SafeString:
        """Return the number of failed credentials, with a link to them."""
        return _link_to_credentials(obj, Credential.Status.ERROR, getattr(obj, "error_total", 0))

    @admin.display(description=gettext_lazy("self-generation"), ordering="allow_self_generation")
    def self_generation(self, obj: CredentialConfiguration) -> SafeString:
        """Return whether learners can request the credential."""
        return show_switch(is_on=obj.allow_self_generation)

    @admin.display(description=gettext_lazy("newest examples"))
    def latest_examples(self, obj: CredentialConfiguration | None) -> SafeString | str:
        """Return the status of the context's newest set of examples."""
        return show_latest(obj.learning_context_key) if obj and obj.pk else NOTHING

    @admin.display(description=gettext_lazy("effective options"))
    def effective_options(self, obj: CredentialConfiguration | None) -> SafeString | str:
        """Return the type's options with the saved options merged over them."""
        if obj is None or obj.credential_type_id is None or obj.pk is None:
            return NOTHING
        saved = CredentialConfiguration.objects.select_related("credential_type").get(pk=obj.pk)
        return format_html(
            '<pre class="lcred-pre">{}</pre><span class="quiet">{}</span>',
            dump(saved.options),
            _("A run uses these saved options."),
        )

    @admin.display(description=gettext_lazy("criteria in credentials"))
    def criteria_preview(self, obj: CredentialConfiguration | None) -> SafeString | str:
        """Return the criteria that credentials of the configuration will say."""
        url = get_preview_url(self, obj.pk if obj else None)
        if obj is None or obj.credential_type_id is None:
            return format_html('<div class="lcred-criteria" data-url="{}">{}</div>', url, NOTHING)
        return render_preview(obj, url)

    @admin.display(description=gettext_lazy("documented options"))
    def options_help(self, obj: CredentialConfiguration | None) -> SafeString:
        """Return help on the options of the type's functions."""
        if obj is None or obj.credential_type_id is None:
            return render_help()
        used = obj.credential_type
        functions = (used.retrieval_func, used.generation_func)
        return render_help(functions, only_chosen=True, custom_fields=used.custom_fields)

    @admin.display(description=gettext_lazy("schedule"), ordering="next_run_at")
    def schedule(self, obj: CredentialConfiguration) -> SafeString:
        """Return the interval and the next run, or that the configuration is not enabled."""
        if not obj.is_enabled:
            return format_html('<span class="quiet">{}</span>', _("not enabled"))
        often = _("every %s") % obj.interval.describe()
        following = formats.localize(timezone.localtime(obj.next_run_at)) if obj.next_run_at else _("at once")
        return format_html('{}<br><span class="quiet">{}</span>', often, _("next: %s") % following)

    # Buttons and actions

    has_generate_permission = permit("generate")

    @admin.action(permissions=["generate"], description=gettext_lazy("Generate now for selected configurations"))
    def generate_now(self, request: HttpRequest, queryset: QuerySet[CredentialConfiguration]) -> HttpResponse | None:
        """Start a run for each configuration. If one is refused, continue with the others."""
        rows = confirm_all(
            self, request, queryset, title=_("Generate now"), compared=("learning_context_key", "credential_type")
        )
        return self._start(request, rows) if isinstance(rows, list) else rows

    @transaction.non_atomic_requests
    def generate_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Say what a run would do. When that is confirmed, start a run for one configuration.

        For many learners, a dry run in the background finds the answer. A POST from the page of a dry run names it.
        """
        self.require_act(request, "generate")
        configuration = get_object_or_404(self, request, object_id)
        fallback = get_url("credentialconfiguration_change", object_id)
        if request.method != "POST" or INPUT in request.POST:
            page = ask_about_run(self, request, configuration)
            if page is not None:
                return page
        dry_run = find_dry_run(request, configuration)
        said = {"said": dry_run.forecast["counts"], "dry_run": dry_run.pk} if dry_run else None
        return self._start(request, [configuration], said=said) or HttpResponseRedirect(fallback)

    @transaction.non_atomic_requests
    def dry_run_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Start a run that only finds out what would be issued."""
        self.require_act(request, "generate")
        configuration = get_object_or_404(self, request, object_id)
        fallback = get_url("credentialconfiguration_change", object_id)
        return self._start(request, [configuration], is_dry_run=True) or HttpResponseRedirect(fallback)

    def _start(
        self,
        request: HttpRequest,
        configurations: list[CredentialConfiguration],
        *,
        is_dry_run: bool = False,
        said: dict[str, Any] | None = None,
    ) -> HttpResponse | None:
        """Start the runs and redirect to the page that shows their progress."""
        runs: list[GenerationRun] = []
        refusals: list[tuple[object, Exception]] = []
        for configuration in configurations:
            try:
                runs.append(start_run(configuration.pk, actor=get_actor(request), is_dry_run=is_dry_run, said=said))
            except CredentialsError as error:
                refusals.append((configuration, error))
        report_refusals(request, refusals)
        if not runs:
            return None
        if len(runs) == 1:
            log_act(request, runs[0], _("Started as a dry run") if is_dry_run else _("Started"), flag=ADDITION)
        else:
            log_act_on_many(request, GenerationRun, len(runs), _("Started"))
        if is_dry_run:
            messages.success(request, _("A dry run was started. It issues nothing."))
        else:
            messages.success(request, ngettext("%d run was started.", "%d runs were started.", len(runs)) % len(runs))
        if not can_look_at(request, GenerationRun):
            return None
        target = get_url("generationrun_change", runs[0].pk) if len(runs) == 1 else get_url("generationrun_changelist")
        return HttpResponseRedirect(target)

    @transaction.non_atomic_requests
    def preview_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Show the credential of a made-up learner. Nothing is stored."""
        require(self.has_view_permission(request))
        configuration = get_object_or_404(self, request, object_id)
        try:
            artifact = preview_credential(object_id)
        except Exception as error:
            # A plug-in can raise any error, and the operator who configures it must see it.
            if not isinstance(error, CredentialsError):
                logger.exception("The preview of configuration %s failed", object_id)
            report_error(request, error)
            return HttpResponseRedirect(get_url("credentialconfiguration_change", object_id))
        filename = make_file_name("Preview", configuration.credential_type.name, extension=artifact.extension)
        return serve(io.BytesIO(artifact.content), artifact.media_type, filename)

    @transaction.non_atomic_requests
    def proof_sheet_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Show the hardest names of the learners, as certificates print them. Nothing is stored."""
        self.require_act(request, "generate")
        return show_proof_sheet(self, request, get_object_or_404(self, request, object_id))

    @transaction.non_atomic_requests
    def examples_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Make examples for the configuration's context."""
        self.require_act(request, "generate")
        configuration = get_object_or_404(self, request, object_id)
        own_page = get_url("credentialconfiguration_change", object_id)
        return make_examples(request, configuration.learning_context_key) or HttpResponseRedirect(own_page)

    @transaction.non_atomic_requests
    def copy_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for another context. Then copy the configuration to it."""
        require(self.has_add_permission(request) and self.has_view_permission(request))
        return copy_configuration(self, request, get_object_or_404(self, request, object_id))

    def issued_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the credentials of the configuration as CSV."""
        require(self.has_view_permission(request))
        self.require_act(request, "export")
        configuration = get_object_or_404(self, request, object_id)
        log_act(request, configuration, EXPORTED_ISSUED)
        return serve_issued(configuration.learning_context_key, configuration)


def _count(status: Credential.Status) -> Coalesce:
    return count_related(Credential.objects.filter(status=status), "configuration")


def _link_to_credentials(obj: Model, status: Credential.Status, number: int) -> SafeString:
    url = f"{get_url('credential_changelist')}?configuration__id__exact={obj.pk}&status__exact={status.value}"
    return link(url, number)

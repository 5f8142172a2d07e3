"""Provide the base of the admin of allowlist entries and invalidations: rows that are active until staff end them with notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from learning_credentials.admin.base import NOTHING, ModelT, get_url, require
from learning_credentials.admin.certificate_histories import list_entries
from learning_credentials.admin.contexts import get_suggestions_url, make_suggestions_url
from learning_credentials.admin.filters import ContextKeyFilter
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.admin.learners import get_learner_url, show_learner
from learning_credentials.admin.operations import OperatingAdmin, Operation
from learning_credentials.admin.recent_actions import log_act
from learning_credentials.admin.searching import LearnerSearchAdmin, find_user_ids

if TYPE_CHECKING:
    from django import forms
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.functional import _StrPromise
    from django.utils.safestring import SafeString


class ActiveFilter(admin.SimpleListFilter):
    """Filter by whether the row is active."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrPromise | str]]:  # noqa: ARG002
        """Return active and ended, with the model's own word for ended."""
        return [("active", gettext_lazy("active")), ("ended", getattr(model_admin, "ended_label", ""))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Return the rows in that state."""
        conditions = {"active": {"is_active": True}, "ended": {"is_active": None}}
        value = self.value()
        if value is None or value not in conditions:
            return queryset
        return queryset.filter(is_active__isnull=value == "ended")


class ActiveNotesAdmin(LearnerSearchAdmin[ModelT], OperatingAdmin[ModelT]):
    """Show a list, a page with the history, a form to add a row, and an operation that ends a row. Nothing is deleted."""

    change_form_template = "admin/learning_credentials/active_notes_change_form.html"
    list_filter = (ActiveFilter, ContextKeyFilter, "created")
    search_fields = ("learning_context_key",)  # The base class adds the learner's fields.
    search_help_text = gettext_lazy(
        "Learner’s name, user name, e-mail address, or learning context. In lists of over 10,000 rows, enter "
        "the beginning of the name."
    )
    list_per_page = 50

    #: The word for a row that is no longer active.
    ended_label: ClassVar[_StrPromise]
    end_operation: ClassVar[Operation[Any]]
    add_form_class: ClassVar[type[forms.Form]]
    add_title: ClassVar[_StrPromise]
    add_explanation: ClassVar[_StrPromise]
    #: The message after a row was added, with a placeholder for the row.
    added_message: ClassVar[_StrPromise]
    is_adding_dangerous: ClassVar[bool] = False

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    def add_row(self, values: dict[str, Any], actor: AbstractBaseUser) -> ModelT:
        """Add a row with the form's values through the services."""
        raise NotImplementedError

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the button and the suggestions of contexts."""
        return [
            make_suggestions_url(self),
            path(
                "<int:object_id>/end/",
                self.admin_site.admin_view(self.end_view),
                name=f"learning_credentials_{self.opts.model_name}_end",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelT]:
        """Return the rows with the learner and the author, whom every page names."""
        return super().get_queryset(request).select_related("user", "created_by")

    def match_in_large(self, request: HttpRequest, text: str) -> Q:
        """Match learners and contexts. Learners are found in their own table first."""
        return Q(user_id__in=find_user_ids(request, text)) | Q(learning_context_key__icontains=text)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Return whether the user has Django's ``add`` permission. The form acts through the services."""
        return self.may(request, "add")

    @transaction.non_atomic_requests
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Ask for a learner, a context and notes. Then add the row."""
        require(self.has_add_permission(request))
        data = request.POST if request.method == "POST" else None
        known = {name: request.GET[name] for name in ("learner", "context_key") if name in request.GET}
        form = self.add_form_class(data, initial=known, **self.get_form_arguments(request))
        if data is not None and (row := submit(form, lambda values: self.add_row(values, request.user))):  # type: ignore[arg-type]
            log_act(request, row, self.add_title, form.cleaned_data.get("notes", ""), flag=ADDITION)
            messages.success(request, self.added_message % row)
            self.report_added(request, row)
            page = ("change", row.pk) if self.has_view_permission(request) else ("add",)
            return HttpResponseRedirect(get_url(f"{self.opts.model_name}_{page[0]}", *page[1:]))
        return render_form(
            self,
            request,
            form,
            title=self.add_title,
            explanation=self.add_explanation,
            button=self.add_title,
            is_dangerous=self.is_adding_dangerous,
            cancel_url=get_url(f"{self.opts.model_name}_changelist"),
        )

    def report_added(self, request: HttpRequest, row: ModelT) -> None:
        """Add more messages about a row that was added."""

    def get_form_arguments(self, request: HttpRequest) -> dict[str, Any]:
        """Return the arguments of the add page's form."""
        return {"search_url": get_suggestions_url(self, request, self.get_needed("add"))}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: ModelT | None = None,
    ) -> HttpResponse:
        """Show the history, and the button while the row is active."""
        if obj is not None:
            context |= {
                "learner_url": self._find_learner_url(request, obj),
                "entries": list_entries(obj),
                "can_end": self.may(request, "act", obj) and getattr(obj, "is_active", None),
                "end_url": get_url(f"{self.opts.model_name}_end", obj.pk),
                "end_title": self.end_operation.title,
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _find_learner_url(self, request: HttpRequest, obj: Any) -> str:
        return get_learner_url(request, obj.user_id, obj.learning_context_key)

    # Buttons and actions

    @transaction.non_atomic_requests
    def end_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for notes. Then end the row."""
        self.require_act(request, "act")
        return self.ask_about_one(request, self.end_operation, object_id)

    def end_selected(self, request: HttpRequest, queryset: QuerySet[ModelT]) -> HttpResponse | None:
        """Ask for notes. Then end each row. The model's action calls this."""
        return self.ask_about_many(request, self.end_operation, queryset)

    # Columns and fields

    @admin.display(description=gettext_lazy("learner"), ordering="user__username")
    def learner(self, obj: Any) -> SafeString:
        """Return the user name and the e-mail address."""
        return show_learner(obj.user)

    @admin.display(description=gettext_lazy("recorded"), ordering="created")
    def recorded(self, obj: Any) -> SafeString:
        """Return when and by whom the row was added."""
        actor = obj.created_by.get_username() if obj.created_by else NOTHING
        moment = formats.localize(timezone.localtime(obj.created))
        return format_html('{}<br><span class="quiet">{}</span>', moment, actor)

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, obj: Any) -> SafeString:
        """Return whether the row is active."""
        kind, label = ("active", _("active")) if obj.is_active else ("ended", self.ended_label)
        return format_html('<span class="lcred-badge lcred-{}">{}</span>', kind, label)

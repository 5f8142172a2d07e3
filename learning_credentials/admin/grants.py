"""Provide the admin of grants: who administers which learning contexts, and what one person may do where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from learning_credentials.admin.active_notes import ActiveFilter
from learning_credentials.admin.base import NOTHING, get_actor, get_url, require
from learning_credentials.admin.contexts import make_suggestions_url
from learning_credentials.admin.filters import ContextKeyFilter
from learning_credentials.admin.form_pages import render_form, submit
from learning_credentials.admin.grant_forms import GrantForm, PersonForm, list_people
from learning_credentials.admin.grant_texts import describe_rights, find_titles
from learning_credentials.admin.large_lists import LargeChangeList
from learning_credentials.admin.learners import show_learner
from learning_credentials.admin.operations import NotesForm, OperatingAdmin, Operation
from learning_credentials.admin.recent_actions import log_act
from learning_credentials.admin.scoping import is_viewer_limited
from learning_credentials.folding import compose
from learning_credentials.models import ContextGrant
from learning_credentials.services.staff import end_grant, explain_rights, give_grant

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.safestring import SafeString


def _end(row: ContextGrant, values: dict[str, Any], actor: AbstractBaseUser) -> object:
    return end_grant(row.pk, notes=values["notes"], actor=actor)


END = Operation[ContextGrant](
    name="end",
    title=gettext_lazy("End"),
    explanation=lambda number: (
        ngettext(
            "The rights of this grant end at once. The holder stays limited: without another grant, to nothing.",
            "The rights of these %(number)d grants end at once. The holders stay limited: without another grant, to nothing.",
            number,
        )
        % {"number": number}
    ),
    button=gettext_lazy("End"),
    form_class=NotesForm,
    apply=_end,
    compared=("is_active",),
    report=lambda number: ngettext("%d grant was ended.", "%d grants were ended.", number) % number,
    is_dangerous=True,
)


class GrantChangeList(LargeChangeList):
    """Ask the LMS for the titles of all contexts of a page together."""

    def get_results(self, request: HttpRequest) -> None:
        """Set the title on each grant."""
        super().get_results(request)
        self.result_list = list(self.result_list)
        titles = find_titles(sorted({row.context_key for row in self.result_list if not row.is_prefix}))
        for row in self.result_list:
            row.title = titles.get(row.context_key, "")


@admin.register(ContextGrant)
class ContextGrantAdmin(OperatingAdmin[ContextGrant]):
    """Show grants, give and end them, and explain what one person may do. Only accounts without limits give and end grants."""

    change_form_template = "admin/learning_credentials/contextgrant/change_form.html"
    change_list_template = "admin/learning_credentials/contextgrant/change_list.html"
    list_display = ("who", "where", "what", "state", "recorded")
    list_filter = (ActiveFilter, ContextKeyFilter, "role", "created")
    list_select_related = ("user", "group", "role", "created_by")
    search_fields = ("context_key", "group__name", "role__name")  # and the user's
    fields = (("who", "state"), "where", "what", "notes", "recorded", "ended")
    readonly_fields = ("who", "where", "what", "state", "recorded", "ended")
    list_per_page = 50
    actions = ("end_selected",)
    ended_label = gettext_lazy("ended")

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css",)}  # noqa: RUF012

    # Pages

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        """Return the list class that asks for all titles of a page together."""
        return GrantChangeList

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the button, the suggestions of contexts and people, and the page that explains rights."""
        wrap, name = self.admin_site.admin_view, "learning_credentials_contextgrant"
        return [
            make_suggestions_url(self),
            path("people/", wrap(self.people_view), name=f"{name}_people"),
            path("rights/", wrap(self.rights_view), name=f"{name}_rights"),
            path("<int:object_id>/end/", wrap(self.end_view), name=f"{name}_end"),
            *super().get_urls(),
        ]

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:  # noqa: ARG002
        """Add the fields of the host's user model."""
        users = get_user_model()
        fields = dict.fromkeys((users.USERNAME_FIELD, users.get_email_field_name()))
        return (*self.search_fields, *(f"user__{field}" for field in fields))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Return whether the user can give grants."""
        return self.may(request, "add") and not is_viewer_limited(request)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Return whether the user can end grants."""
        return self.may(request, "act") and not is_viewer_limited(request)

    @transaction.non_atomic_requests
    def add_view(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Ask who administers what. Then give the grant. The service asks the LMS about the context, so no transaction is open."""
        require(self.has_add_permission(request))
        data = request.POST if request.method == "POST" else None
        known = {name: request.GET[name] for name in ("user", "context_key") if name in request.GET}
        form = GrantForm(data, initial=known, model_admin=self, request=request)

        def give(values: dict[str, Any]) -> ContextGrant:
            return give_grant(
                values["context_key"],
                user_id=values["user"].pk if values["user"] else None,
                group_id=values["group"].pk if values["group"] else None,
                role_id=values["role"].pk if values["role"] else None,
                is_prefix=values["extent"] != GrantForm.ONE,
                notes=values["notes"],
                actor=get_actor(request),
            )

        if data is not None and (grant := submit(form, give)):
            log_act(request, grant, _("Given"), grant.notes, flag=ADDITION)
            messages.success(request, _("%s was given.") % grant)
            self._report_effects(request, grant)
            return HttpResponseRedirect(get_url("contextgrant_change", grant.pk))
        return render_form(
            self,
            request,
            form,
            title=_("Give a grant"),
            explanation=_(
                "The user, or every member of the group, administers the learning contexts. From then on they reach nothing "
                "outside their grants, neither here nor over REST. Superusers are never limited."
            ),
            button=_("Give"),
            cancel_url=get_url("contextgrant_changelist"),
        )

    def _report_effects(self, request: HttpRequest, grant: ContextGrant) -> None:
        user = grant.user
        if user is None:
            return
        if getattr(user, "is_superuser", False):
            messages.warning(request, _("The user is a superuser, and so not limited."))
        elif not getattr(user, "is_staff", False):
            messages.warning(request, _("The user cannot sign in to the admin yet: set “Staff status” on the account."))
        elif not grant.role_id and not explain_rights(user).has_any:
            messages.warning(
                request, _("The user has no permission of this app. Choose a role, or add the user to a group.")
            )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the buttons."""
        grant: ContextGrant | None = context.get("original")
        if grant is not None:
            context["can_end"] = bool(grant.is_active) and self.has_act_permission(request)
            if grant.user is not None and not is_viewer_limited(request):
                context["rights_query"] = grant.user.get_username()
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the button of the page that explains rights."""
        shown = {"can_explain": not is_viewer_limited(request), **(extra_context or {})}
        return super().changelist_view(request, shown)

    @transaction.non_atomic_requests
    def end_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask for notes. Then end the grant."""
        require(self.has_act_permission(request))
        return self.ask_about_one(request, END, object_id)

    @admin.action(permissions=["act"], description=gettext_lazy("End selected grants"))
    def end_selected(self, request: HttpRequest, queryset: QuerySet[ContextGrant]) -> HttpResponse | None:
        """Ask for notes. Then end each grant."""
        return self.ask_about_many(request, END, queryset)

    def people_view(self, request: HttpRequest) -> HttpResponse:
        """Return, as JSON, the accounts whose name begins with ``q``, in the form of the suggestions of contexts."""
        require(self.has_add_permission(request) or self._may_explain(request))
        return JsonResponse({"contexts": list_people(compose(request.GET.get("q", "")[:255]).strip())})

    def _may_explain(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and not is_viewer_limited(request)

    @transaction.non_atomic_requests
    def rights_view(self, request: HttpRequest) -> HttpResponse:
        """Explain what one person may do where, and why."""
        require(self._may_explain(request))
        form = PersonForm(request.GET if request.GET.get("person") else None, model_admin=self, request=request)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media + form.media,
            "title": _("Who may do what"),
            "form": form,
        }
        if form.is_bound and form.is_valid():
            context |= describe_rights(form.cleaned_data["person"], form.cleaned_data["context_key"])
            context["can_give"] = self.has_add_permission(request)
        return TemplateResponse(request, "admin/learning_credentials/contextgrant/rights.html", context)

    # Columns and fields

    @admin.display(description=gettext_lazy("who"), ordering="user")
    def who(self, obj: ContextGrant) -> SafeString | str:
        """Return the user with the e-mail address, or the group."""
        return show_learner(obj.user) if obj.user else obj.holder

    @admin.display(description=gettext_lazy("learning contexts"), ordering="context_key")
    def where(self, obj: ContextGrant) -> SafeString | str:
        """Return the contexts, with the title of a single one."""
        title = getattr(obj, "title", None)
        if title is None:
            title = "" if obj.is_prefix else find_titles([obj.context_key]).get(obj.context_key, "")
        return format_html('{}<br><span class="quiet">{}</span>', obj.describe_contexts(), title)

    @admin.display(description=gettext_lazy("role"), ordering="role__name")
    def what(self, obj: ContextGrant) -> str:
        """Return the role."""
        return str(obj.role) if obj.role else _("the holder’s own permissions")

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, obj: ContextGrant) -> SafeString:
        """Return whether the grant is active."""
        kind, label = ("active", _("active")) if obj.is_active else ("ended", self.ended_label)
        return format_html('<span class="lcred-badge lcred-{}">{}</span>', kind, label)

    @admin.display(description=gettext_lazy("given"), ordering="created")
    def recorded(self, obj: ContextGrant) -> SafeString:
        """Return when and by whom the grant was given."""
        return _show_act(obj.created, obj.created_by)

    @admin.display(description=gettext_lazy("ended"), ordering="ended_at")
    def ended(self, obj: ContextGrant) -> SafeString | str:
        """Return when, by whom and why the grant was ended."""
        if obj.ended_at is None:
            return NOTHING
        return format_html("{}<br>{}", _show_act(obj.ended_at, obj.ended_by), obj.end_notes)


def _show_act(moment: Any, actor: Any) -> SafeString:
    name = actor.get_username() if actor else NOTHING
    return format_html('{}<br><span class="quiet">{}</span>', formats.localize(timezone.localtime(moment)), name)

"""Provide the pages of learners: a search, and everything about one learner with the acts beside their causes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from learning_credentials.admin.base import ReadOnlyAdmin, get_url, require
from learning_credentials.admin.desk import learner_acts
from learning_credentials.admin.desk.finding import (
    describe_learners,
    find_learners,
    get_email,
    get_full_name,
    get_scope,
)
from learning_credentials.admin.desk.story_pages import describe_award, describe_timeline
from learning_credentials.admin.scoping import may_anywhere
from learning_credentials.folding import compose
from learning_credentials.lms import Act
from learning_credentials.models import Learner
from learning_credentials.services.desk import PAGE_SIZE, read_timeline, tell_story

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

#: How many learners a page of results has.
LEARNERS_A_PAGE = 25
MAX_TEXT = 200


@admin.register(Learner)
class LearnerAdmin(ReadOnlyAdmin[Learner]):
    """Search for learners, and show one. Who may see personal data in a context sees the learners there."""

    class Media:
        css = {"all": ("learning_credentials/admin/admin.css", "learning_credentials/admin/learner.css")}  # noqa: RUF012

    def get_urls(self) -> list[URLPattern]:
        """Return the search, the page of a learner, and the pages of the acts."""
        wrap, name = self.admin_site.admin_view, "learning_credentials_learner"
        one = "<str:object_id>/"
        return [
            path("", wrap(self.changelist_view), name=f"{name}_changelist"),
            path(f"{one}change/", wrap(self.change_view), name=f"{name}_change"),
            path(f"{one}issue/<int:configuration_id>/", wrap(self.issue_view), name=f"{name}_issue"),
            path(f"{one}allow/<int:configuration_id>/", wrap(self.allow_view), name=f"{name}_allow"),
            path(f"{one}bar/<int:configuration_id>/", wrap(self.bar_view), name=f"{name}_bar"),
            path(f"{one}lift/<int:row_id>/", wrap(self.lift_view), name=f"{name}_lift"),
            path(f"{one}name/<uuid:credential_uuid>/", wrap(self.name_view), name=f"{name}_name"),
            path(f"{one}mail/<uuid:credential_uuid>/", wrap(require_POST(self.mail_view)), name=f"{name}_mail"),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Return whether the user may see all about learners in any context."""
        return may_anywhere(request, Act.VIEW_PERSONAL_DATA)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the app's index shows the page."""
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Return whether the row may be deleted with its account. It is only a copy for searching."""
        return self._is_about_another_model(request)

    # Pages

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the search and the learners that it found."""
        require(self.has_view_permission(request))
        text = compose(request.GET.get("q", "")[:MAX_TEXT]).strip()
        found = find_learners(request, text)
        if found.credential is not None:
            if found.credential.user_id is not None:
                return HttpResponseRedirect(get_url("learner_change", found.credential.user_id))
            messages.warning(request, _("The account of the learner was deleted. This is the credential."))
            return HttpResponseRedirect(get_url("credential_change", found.credential.pk))
        page = Paginator(found.user_ids, LEARNERS_A_PAGE).get_page(request.GET.get("p"))
        context = {
            "title": _("Find a learner"),
            "text": text,
            "found": found,
            "page": page,
            "lines": describe_learners(request, list(page.object_list)),
        }
        return self._render(request, "change_list.html", {**context, **(extra_context or {})})

    @transaction.non_atomic_requests
    def change_view(self, request: HttpRequest, object_id: str, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """Show one learner. No transaction is open while the LMS is asked."""
        require(self.has_view_permission(request))
        user = learner_acts.get_learner_or_404(request, object_id)
        number = _read_number(request.GET.get("p"))
        text = compose(request.GET.get("context", "")[:MAX_TEXT]).strip()
        story = tell_story(user.pk, scope=get_scope(request), page=number, text=text)
        if story is None:
            raise Http404
        context = {
            "title": story.names[0] if story.names else get_full_name(user) or user.get_username(),
            "subtitle": None,
            "learner": user,
            "full_name": get_full_name(user),
            "email": get_email(user),
            "story": story,
            "awards": [describe_award(request, user, award) for award in story.awards],
            "text": text,
            "number": number,
            "last": max(1, -(-story.number // PAGE_SIZE)),
            "timeline": describe_timeline(request, read_timeline(user.pk, scope=get_scope(request))),
            "credentials_url": f"{get_url('credential_changelist')}?user__{user._meta.pk.name}__exact={user.pk}",  # noqa: SLF001
        }
        return self._render(request, "story.html", context)

    def _render(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        page = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media, **context}
        return TemplateResponse(request, f"admin/learning_credentials/learner/{template}", page)

    # Acts

    @transaction.non_atomic_requests
    def issue_view(self, request: HttpRequest, object_id: str, configuration_id: int) -> HttpResponse:
        """Ask, and then issue a credential now."""
        return learner_acts.issue(self, request, object_id, configuration_id)

    @transaction.non_atomic_requests
    def allow_view(self, request: HttpRequest, object_id: str, configuration_id: int) -> HttpResponse:
        """Ask for notes, and then add the learner to the allowlist."""
        return learner_acts.allow(self, request, object_id, configuration_id)

    @transaction.non_atomic_requests
    def bar_view(self, request: HttpRequest, object_id: str, configuration_id: int) -> HttpResponse:
        """Ask for notes, and then bar the learner from the course certificate."""
        return learner_acts.bar(self, request, object_id, configuration_id)

    @transaction.non_atomic_requests
    def lift_view(self, request: HttpRequest, object_id: str, row_id: int) -> HttpResponse:
        """Ask for notes, and then lift a bar."""
        return learner_acts.lift(self, request, object_id, row_id)

    @transaction.non_atomic_requests
    def name_view(self, request: HttpRequest, object_id: str, credential_uuid: UUID) -> HttpResponse:
        """Ask for the name and a reason, and then reissue the credential with it."""
        return learner_acts.correct_name(self, request, object_id, credential_uuid)

    @transaction.non_atomic_requests
    def mail_view(self, request: HttpRequest, object_id: str, credential_uuid: UUID) -> HttpResponse:
        """Let the next announcing send a failed e-mail again."""
        return learner_acts.send_mail_again(request, object_id, credential_uuid)


def _read_number(text: str | None) -> int:
    try:
        return min(max(1, int(text or 1)), 1000)
    except ValueError:
        return 1

"""Undo awards and revocations, and decide about waiting e-mails, on the page of a credential and in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db import transaction
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from learning_credentials.admin.base import get_object_or_404, get_url
from learning_credentials.admin.confirmations import confirm_all
from learning_credentials.admin.operations import OperatingAdmin
from learning_credentials.admin.undoing import UNDO, UNDO_REVOCATION, call_back, release
from learning_credentials.models import Credential
from learning_credentials.services.credentials import (
    find_undo_obstacles,
    is_called_back,
    list_unsent,
    list_waiting,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

Status = Credential.Status


class UndoButtons(OperatingAdmin[Credential]):
    """Add the buttons and actions. The class that uses them names the acts ``invalidate``, ``lift_block``, ``reissue``, ``send_mail``."""

    own_actions: ClassVar[tuple[str, ...]] = (
        "undo_selected",
        "undo_revocation_selected",
        "call_back_selected",
        "release_selected",
    )

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the buttons."""
        wrap = self.admin_site.admin_view
        name = "learning_credentials_credential"
        return [
            path("<uuid:object_id>/undo/", wrap(self.undo_view), name=f"{name}_undo"),
            path("<uuid:object_id>/undo-revocation/", wrap(self.undo_revocation_view), name=f"{name}_undo_revocation"),
            path("<uuid:object_id>/call-back/", wrap(require_POST(self.call_back_view)), name=f"{name}_call_back"),
            path("<uuid:object_id>/send/", wrap(require_POST(self.release_view)), name=f"{name}_release"),
            *super().get_urls(),
        ]

    def list_undo_buttons(self, request: HttpRequest, credential: Credential) -> dict[str, bool]:
        """Return for the template which of these buttons the credential and the user's permissions allow."""
        is_available = credential.status == Status.AVAILABLE
        is_revoked = credential.status == Status.INVALIDATED and bool(credential.artifact_name)
        is_waiting = is_available and list_waiting().filter(pk=credential.pk).exists()
        called_back = is_available and list_unsent().filter(is_called_back(), pk=credential.pk).exists()
        may_mail = self.may(request, "send_mail", credential)
        may_restore = self.may(request, "lift_block", credential) and self.may(request, "reissue", credential)
        return {
            "can_undo": is_available
            and self.may(request, "invalidate", credential)
            and find_undo_obstacles([credential.pk])[credential.pk] is None,
            "can_undo_revocation": is_revoked
            and may_restore
            and not Credential.objects.filter(replaces=credential).exists(),
            "can_call_back": may_mail and is_waiting,
            "can_release": may_mail and (is_waiting or called_back),
        }

    def _require_restoring(self, request: HttpRequest) -> None:
        """Refuse users who may not both lift blocks and reissue."""
        self.require_act(request, "lift_block")
        self.require_act(request, "reissue")

    @transaction.non_atomic_requests
    def undo_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Say what undoing does, and ask for a reason. Then undo the award."""
        self.require_act(request, "invalidate")
        return self.ask_about_one(request, UNDO, object_id)

    @transaction.non_atomic_requests
    def undo_revocation_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Say what undoing does, and ask for a reason. Then undo the revocation."""
        self._require_restoring(request)
        return self.ask_about_one(request, UNDO_REVOCATION, object_id)

    @transaction.non_atomic_requests
    def call_back_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Call back the e-mail about a credential."""
        return self._decide_mail(request, object_id, call_back)

    @transaction.non_atomic_requests
    def release_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Have the e-mail about a credential sent soon."""
        return self._decide_mail(request, object_id, release)

    def _decide_mail(
        self, request: HttpRequest, object_id: UUID, decide: Callable[[HttpRequest, list[UUID]], None]
    ) -> HttpResponse:
        self.require_act(request, "send_mail")
        credential = get_object_or_404(self, request, object_id)
        decide(request, [credential.pk])
        return HttpResponseRedirect(get_url("credential_change", object_id))

    @admin.action(permissions=["invalidate"], description=gettext_lazy("Undo the awards of selected credentials"))
    def undo_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a reason. Then undo each award."""
        return self.ask_about_many(request, UNDO, queryset)

    @admin.action(
        permissions=["lift_block", "reissue"], description=gettext_lazy("Undo the revocations of selected credentials")
    )
    def undo_revocation_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Ask for a reason. Then undo each revocation."""
        self._require_restoring(request)
        return self.ask_about_many(request, UNDO_REVOCATION, queryset)

    @admin.action(
        permissions=["send_mail"], description=gettext_lazy("Call back waiting e-mails of selected credentials")
    )
    def call_back_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Call back e-mails that wait. Leave others unchanged."""
        rows = confirm_all(self, request, queryset, title=_("Call back e-mails"))
        if not isinstance(rows, list):
            return rows
        call_back(request, [row.pk for row in rows])
        return None

    @admin.action(
        permissions=["send_mail"], description=gettext_lazy("Send waiting e-mails of selected credentials now")
    )
    def release_selected(self, request: HttpRequest, queryset: QuerySet[Credential]) -> HttpResponse | None:
        """Have e-mails that wait or were called back sent soon. Leave others unchanged."""
        rows = confirm_all(self, request, queryset, title=_("Send e-mails now"))
        if not isinstance(rows, list):
            return rows
        release(request, [row.pk for row in rows])
        return None

"""Serve a learner's own list of credentials and the learner's choices there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.mixins import UserPassesTestMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.generic import TemplateView, View

from learning_credentials.catalogues import speak_to
from learning_credentials.exceptions import CredentialNotFoundError
from learning_credentials.http.paths import get_path_maker
from learning_credentials.services.public import get_credential_counts, list_credentials, set_credential_indexable
from learning_credentials.web import headers
from learning_credentials.web.describing import describe
from learning_credentials.web.views import render_page

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

#: The filters of the list, in the order of their links.
STATES = ("valid", "expired", "revoked")


class OwnMixin(UserPassesTestMixin):
    """Allow only people who are signed in with an active account. Some hosts let inactive accounts sign in too."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in a language that the texts exist in."""
        with speak_to(request) as language:
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, TemplateResponse):
                response.render()
        response.headers.setdefault("Content-Language", language)
        return response

    def test_func(self) -> bool:
        """Return whether the account is signed in and active."""
        return self.request.user.is_authenticated and self.request.user.is_active


@method_decorator(csrf_protect, name="dispatch")
class CredentialListView(OwnMixin, TemplateView):
    """Show a learner's own credentials."""

    template_name = "learning_credentials/credential_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """List the learner's credentials, current and former.

        With ``?state=`` list only those that are valid, have expired or were revoked.
        """
        user_id: int = cast("AbstractBaseUser", self.request.user).pk
        held = list_credentials(user_id)
        counts = get_credential_counts([verification.verify_uuid for verification in held])
        make = get_path_maker()
        credentials = [
            {
                **describe(verification, make),
                "indexing_url": make("credential_indexing", verification.verify_uuid),
                "counts": counts[verification.verify_uuid],
            }
            for verification in held
        ]
        found = {item["state"] for item in credentials}
        states = [state for state in STATES if state in found]
        state = self.request.GET.get("state", "")
        if state in found:
            credentials = [item for item in credentials if item["state"] == state]
        return super().get_context_data(
            credentials=credentials,
            states=states if len(states) > 1 else [],
            state=state if state in found else "",
            **kwargs,
        )

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        """Render the page. Only this learner may see it, so it is not cached."""
        response: HttpResponse = super().render_to_response(context, **response_kwargs)
        response["Cache-Control"] = headers.NO_CACHING
        response["Content-Security-Policy"] = headers.get_page_policy(has_form=True)
        headers.set_default_headers(response, headers.PAGE_HEADERS)
        return response


@method_decorator((transaction.non_atomic_requests, csrf_protect), name="dispatch")
class IndexingView(OwnMixin, View):
    """Let learners choose whether search engines may list the public page of their own credential."""

    http_method_names = ["post", "options"]  # noqa: RUF012

    def post(self, request: HttpRequest, verify_uuid: str) -> HttpResponseBase:
        """Store the choice and go back to the list."""
        user = cast("AbstractBaseUser", request.user)
        back = reverse("learning_credentials:credential_list")
        response: HttpResponseBase
        try:
            set_credential_indexable(verify_uuid, user.pk, is_indexable=request.POST.get("is_indexable") == "yes")
        except CredentialNotFoundError:
            response = render_page(request, "not_found", status=404)
        else:
            response = HttpResponseRedirect(f"{back}#credential-{verify_uuid}")
        response["Cache-Control"] = headers.NO_CACHING
        headers.set_default_headers(response, headers.PAGE_HEADERS)
        return response

    def handle_no_permission(self) -> HttpResponseRedirect:
        """Redirect to the sign-in page and then to the list. The choice is lost."""
        if self.request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(reverse("learning_credentials:credential_list"))

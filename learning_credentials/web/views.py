"""The public page of a credential, its file and QR code, and a learner's own list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView, View

from learning_credentials import api
from learning_credentials.data import VerificationStatus
from learning_credentials.exceptions import (
    CredentialNotFoundError,
    CredentialRevokedError,
    StorageUnavailableError,
    TransientError,
)
from learning_credentials.web import headers
from learning_credentials.web.qr import make_qr_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest, HttpResponseBase

    from learning_credentials.data import Verification

PAGE_TYPES = ["text/html", "application/json"]
#: Seconds after which a reader may try again when the storage was down.
RETRY_AFTER = 30


# No transaction may span what the facade asks of the storage.
@method_decorator(transaction.non_atomic_requests, name="dispatch")
class PublicView(View):
    """Base of what anyone may see: errors as pages, and the same page for every id that has nothing to show."""

    http_method_names = ["get", "head", "options"]  # noqa: RUF012
    #: Request headers on which the answer depends, for caches: the same whether or not there was something to show.
    varies_on: tuple[str, ...] = ("Accept-Language",)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and give good and bad answers the headers that they share."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except CredentialNotFoundError:
            response = render_page(request, "not_found", status=404)
        except CredentialRevokedError:
            page = reverse("learning_credentials:credential", args=[kwargs["verify_uuid"]])
            response = render_page(request, "gone", {"page_url": page}, status=410)
        except TransientError:
            response = render_page(request, "unavailable", status=503)
            response["Retry-After"] = str(RETRY_AFTER)
        headers.set_default_headers(response, headers.PAGE_HEADERS)
        patch_vary_headers(response, self.varies_on)
        return response


class CredentialView(PublicView):
    """The public page of a credential; programs that ask for JSON get the metadata at the same address."""

    #: The REST view of the metadata, given where the URLs are put together.
    metadata_view: Callable[..., HttpResponseBase] | None = None
    varies_on = ("Accept", "Accept-Language")

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponseBase:
        """Show whose credential it is, what for, and whether it still holds."""
        if self.metadata_view and request.get_preferred_type(PAGE_TYPES) == "application/json":
            return self.metadata_view(request, verify_uuid=verify_uuid)
        verification = api.verify_credential(verify_uuid)
        return render_page(request, "credential", _describe(verification))


class DownloadView(PublicView):
    """The file of an available credential."""

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponseBase:  # noqa: ARG002
        """Stream the file from the private storage."""
        file, media_type, filename = api.open_artifact(verify_uuid)
        try:
            response = FileResponse(file, content_type=media_type)
        except Exception as error:
            # Remote storages first touch the file here, and each has errors of its own.
            file.close()
            msg = f"the file could not be read: {type(error).__name__}: {error}"
            raise StorageUnavailableError(msg) from error
        response["Content-Disposition"] = headers.get_attachment_disposition(filename)
        response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        response["Cache-Control"] = headers.PRIVATE_CACHING
        return response


class QRCodeView(PublicView):
    """A QR code that leads to the public page."""

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:  # noqa: ARG002
        """Draw the code of the page's absolute address."""
        verification = api.verify_credential(verify_uuid)
        response = HttpResponse(make_qr_code(verification.verify_url), content_type="image/svg+xml")
        response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        return response


class CredentialListView(LoginRequiredMixin, TemplateView):
    """A learner's own credentials."""

    template_name = "learning_credentials/credential_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """List what the signed-in person holds and held."""
        user_id: int = cast("AbstractBaseUser", self.request.user).pk
        verifications = api.list_credentials(user_id)
        return super().get_context_data(
            credentials=[_describe(verification) for verification in verifications], **kwargs
        )

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        """Render, for this person's eyes only."""
        response: HttpResponse = super().render_to_response(context, **response_kwargs)
        response["Cache-Control"] = "private, no-store"
        response["Content-Security-Policy"] = headers.get_page_policy()
        headers.set_default_headers(response, headers.PAGE_HEADERS)
        return response


def render_page(
    request: HttpRequest, name: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render one of the public pages under the strict content security policy."""
    response = render(request, f"learning_credentials/{name}.html", context, status=status)
    response["Content-Security-Policy"] = headers.get_page_policy()
    return response


def _describe(verification: Verification) -> dict[str, Any]:
    """Return what the templates show of one credential."""
    url_args = [verification.verify_uuid]
    is_revoked = verification.status is VerificationStatus.INVALIDATED
    return {
        "credential": verification,
        "state": "valid" if verification.is_valid else "revoked" if is_revoked else "expired",
        "page_url": reverse("learning_credentials:credential", args=url_args),
        "qr_url": reverse("learning_credentials:credential_qr", args=url_args),
        "download_url": reverse("learning_credentials:credential_download", args=url_args)
        if verification.has_download
        else "",
        "successor_url": (
            reverse("learning_credentials:credential", args=[verification.replaced_by])
            if verification.replaced_by
            else ""
        ),
        # The issuer's address is data: only a web address may become a link.
        "issuer_url": verification.issuer.url if verification.issuer.url.startswith(("https://", "http://")) else "",
    }

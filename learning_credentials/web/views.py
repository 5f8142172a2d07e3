"""The public page of a credential, its file, and the images on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from learning_credentials import api
from learning_credentials.badges.documents import MEDIA_TYPES
from learning_credentials.catalogues import speak_to
from learning_credentials.exceptions import (
    CredentialNotFoundError,
    CredentialRevokedError,
    DownloadRefusedError,
    StorageUnavailableError,
    TransientError,
)
from learning_credentials.http.cross_origin import allow_any_origin
from learning_credentials.http.visits import is_visit
from learning_credentials.web import headers
from learning_credentials.web.colours import make_theme
from learning_credentials.web.describing import describe_page
from learning_credentials.web.qr import make_qr_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

    from learning_credentials.data import Picture

METADATA_TYPE = "application/json"
#: What the public page answers with, the default first. JSON alone means the metadata here; the address of the badge has more names for it.
PAGE_TYPES = ["text/html", *(name for name in MEDIA_TYPES if name != METADATA_TYPE), METADATA_TYPE]
#: Seconds after which a reader may try again when the storage was down.
RETRY_AFTER = 30
#: Seconds for which a style sheet may be kept; its address names all that is in it.
THEME_SECONDS = 7 * 24 * 60 * 60


# No transaction may span what the facade asks of the storage. Nothing here takes a POST: without a token it gets 405 like with one.
@method_decorator((transaction.non_atomic_requests, csrf_exempt), name="dispatch")
class PublicView(View):
    """Base of what anyone may see: errors as pages, and the same page for every id that has nothing to show."""

    http_method_names = ["get", "head", "options"]  # noqa: RUF012
    #: Request headers on which the answer depends, for caches: the same whether or not there was something to show.
    varies_on: tuple[str, ...] = ("Accept-Language",)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and give good and bad answers the headers that they share."""
        with speak_to(request) as language:
            try:
                response = super().dispatch(request, *args, **kwargs)
            except (CredentialNotFoundError, CredentialRevokedError, TransientError) as error:
                response = self.handle_error(request, error, kwargs)
        response.headers.setdefault("Content-Language", language)
        headers.set_default_headers(response, headers.PAGE_HEADERS)
        if self.varies_on:
            patch_vary_headers(response, self.varies_on)
        return response

    def list_methods(self) -> list[str]:
        """The methods that this address takes."""
        return [name.upper() for name in self.http_method_names if hasattr(self, name)]

    def handle_error(self, request: HttpRequest, error: Exception, kwargs: dict[str, Any]) -> HttpResponseBase:
        """Answer an error that is no fault of this site with a page; raise any other."""
        match error:
            case CredentialNotFoundError():
                return render_page(request, "not_found", status=404)
            case CredentialRevokedError():
                page = reverse("learning_credentials:credential", args=[kwargs["verify_uuid"]])
                return render_page(request, "gone", {"page_url": page}, status=410)
            case TransientError():
                response = render_page(request, "unavailable", status=503)
                response["Retry-After"] = str(RETRY_AFTER)
                return response
        raise error


class CredentialView(PublicView):
    """The public page of a credential; programs that ask for JSON get the metadata at the same address, or the badge."""

    #: The views of the metadata and of the badge, given where the URLs are put together.
    metadata_view: Callable[..., HttpResponseBase] | None = None
    badge_view: Callable[..., HttpResponseBase] | None = None
    varies_on = ("Accept", "Accept-Language")

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponseBase:
        """Show whose credential it is, what for, and whether it still holds."""
        wanted = request.get_preferred_type(PAGE_TYPES)
        if self.metadata_view and wanted == METADATA_TYPE:
            return self.metadata_view(request, verify_uuid=verify_uuid)
        if self.badge_view and wanted in MEDIA_TYPES:
            return self.badge_view(request, verify_uuid=verify_uuid)
        context = describe_page(api.verify_credential(verify_uuid))
        if is_visit(request):
            api.note_verification(verify_uuid)
        response = render_page(request, "credential", context)
        if context["is_indexable"]:
            response["X-Robots-Tag"] = "all"
        return response

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let the pages of other sites ask for the metadata and the badge."""
        response = super().options(request, *args, **kwargs)
        allow_any_origin(request, response, self.list_methods())
        return response


class DownloadView(PublicView):
    """The file of an available credential, for whom the type's policy says. Who asks is looked at only where it matters."""

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponseBase:
        """Send the reader to an address that the storage signs, or stream the file from the private storage."""
        try:
            download = api.get_download(verify_uuid, getattr(request, "user", None))
        except DownloadRefusedError:
            return self._refuse(request, verify_uuid)
        disposition = headers.get_attachment_disposition(download.filename)
        if url := download.find_signed_url(disposition):
            _note_download(request, verify_uuid)
            redirect = HttpResponseRedirect(url)
            redirect["Cache-Control"] = headers.NO_CACHING
            redirect["Referrer-Policy"] = "no-referrer"
            return redirect
        file = download.open()
        try:
            response = FileResponse(file, content_type=download.media_type)
        except Exception as error:
            # Remote storages first touch the file here, and each has errors of its own.
            file.close()
            msg = f"the file could not be read: {type(error).__name__}: {error}"
            raise StorageUnavailableError(msg) from error
        _note_download(request, verify_uuid)
        response["Content-Disposition"] = disposition
        response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        response["Cache-Control"] = headers.NO_CACHING if download.is_private else headers.PRIVATE_CACHING
        return response

    def _refuse(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:
        is_signed_in = getattr(getattr(request, "user", None), "is_authenticated", False)
        context = {
            "page_url": reverse("learning_credentials:credential", args=[verify_uuid]),
            "login_url": "" if is_signed_in else redirect_to_login(request.path).url,
        }
        response = render_page(request, "download_refused", context, status=403)
        response["Cache-Control"] = headers.NO_CACHING
        return response


class ImageView(PublicView):
    """Base of images within the pages."""

    def find(self, verify_uuid: str) -> Picture:
        """Return the image."""
        raise NotImplementedError

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponseBase:
        """Answer with the image, or that the reader's copy is still good."""
        picture = self.find(verify_uuid)
        response = get_conditional_response(request, etag=f'"{picture.sha256[:32]}"') or HttpResponse(
            picture.content, content_type=picture.media_type
        )
        response["ETag"] = f'"{picture.sha256[:32]}"'
        response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        return response


class PictureView(ImageView):
    """What the page shows of the certificate or of the achievement."""

    def find(self, verify_uuid: str) -> Picture:
        """Return the picture."""
        return api.get_page_picture(verify_uuid)


class LogoView(ImageView):
    """The logo of the issuer."""

    def find(self, verify_uuid: str) -> Picture:
        """Return the logo."""
        return api.get_issuer_logo(verify_uuid)


class QRCodeView(PublicView):
    """A QR code that leads to the public page."""

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:  # noqa: ARG002
        """Draw the code of the page's absolute address."""
        verification = api.verify_credential(verify_uuid)
        response = HttpResponse(make_qr_code(verification.verify_url), content_type="image/svg+xml")
        response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        return response


class ThemeView(PublicView):
    """The style sheet of an accent colour: pages have no inline styles, so that their content security policy can forbid them."""

    def get(self, request: HttpRequest, accent: str) -> HttpResponse:  # noqa: ARG002
        """Answer with the few lines that set the colour."""
        try:
            sheet = make_theme(accent)
        except ValueError as error:
            raise CredentialNotFoundError(str(error)) from error
        response = HttpResponse(sheet, content_type="text/css; charset=utf-8")
        response["Cache-Control"] = f"public, max-age={THEME_SECONDS}"
        response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        return response


def render_page(
    request: HttpRequest, name: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render one of the public pages under the strict content security policy."""
    response = render(request, f"learning_credentials/{name}.html", context, status=status)
    response["Content-Security-Policy"] = headers.get_page_policy()
    return response


def _note_download(request: HttpRequest, verify_uuid: str) -> None:
    if is_visit(request):
        api.note_download(verify_uuid)

"""Serve the public page of a credential, its file, and the images on it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

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
from learning_credentials.qr_codes import draw_svg
from learning_credentials.services.public import (
    get_download,
    get_issuer_logo,
    get_page_address,
    get_page_picture,
    note_download,
    note_share,
    note_verification,
    verify_credential,
)
from learning_credentials.web import headers
from learning_credentials.web.colours import make_theme
from learning_credentials.web.describing import describe_page
from learning_credentials.web.prepared_templates import get_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponseBase

    from learning_credentials.data import ImageFile

METADATA_TYPE = "application/json"
#: Media types of the public page, the default first. JSON alone means the metadata here. The badge has more names at its own address.
PAGE_TYPES = ["text/html", *(name for name in MEDIA_TYPES if name != METADATA_TYPE), METADATA_TYPE]
#: Seconds after which a client can retry when the storage does not answer.
RETRY_AFTER = 30
#: Seconds for which browsers may cache a style sheet. Its address contains the whole content, so it never changes.
THEME_SECONDS = 7 * 24 * 60 * 60


class PublicView(View):
    """Base of public views. Errors are pages, and every id without anything to show gets the same page."""

    http_method_names = ["get", "head", "options"]  # noqa: RUF012
    #: Request headers that the answer depends on, for caches. They are the same whether or not there is something to show.
    varies_on: tuple[str, ...] = ("Accept-Language",)

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Return the view outside of transactions, because none may span the calls to the storage, and without Django's CSRF check.

        Views that accept POST check the token themselves. The others answer 405 with or without a token. A decorator of ``dispatch`` would
        be applied again for each request.
        """
        return transaction.non_atomic_requests(csrf_exempt(super().as_view(**initkwargs)))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request. Add the headers that good and bad answers share."""
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
        """Return the methods that this address accepts."""
        return [name.upper() for name in self.http_method_names if hasattr(self, name)]

    def handle_error(self, request: HttpRequest, error: Exception, kwargs: dict[str, Any]) -> HttpResponseBase:
        """Answer an error that is not a fault of this site with a page. Raise any other error."""
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


@lru_cache(maxsize=64)
def _choose_type(accept: str) -> str | None:
    """Return the type of `PAGE_TYPES` that an ``Accept`` header prefers. There are few headers, and Django parses them each time."""
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = accept
    return request.get_preferred_type(PAGE_TYPES)


class CredentialView(PublicView):
    """Serve the public page of a credential. Programs that ask for JSON get the metadata or the badge at the same address."""

    #: The views of the metadata and of the badge. The URL configuration sets them.
    metadata_view: Callable[..., HttpResponseBase] | None = None
    badge_view: Callable[..., HttpResponseBase] | None = None
    varies_on = ("Accept", "Accept-Language")

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponseBase:
        """Show who received the credential, what for, and whether it is valid."""
        wanted = _choose_type(request.headers.get("Accept", "*/*"))
        if self.metadata_view and wanted == METADATA_TYPE:
            return self.metadata_view(request, verify_uuid=verify_uuid)
        if self.badge_view and wanted in MEDIA_TYPES:
            return self.badge_view(request, verify_uuid=verify_uuid)
        context = describe_page(verify_credential(verify_uuid))
        if is_visit(request):
            note_verification(verify_uuid)
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
    """Serve the file of an available credential to those whom the type's policy allows.

    The account is looked at only if the policy needs it.
    """

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponseBase:
        """Redirect to an address signed by the storage, or stream the file from the private storage."""
        try:
            download = get_download(verify_uuid, getattr(request, "user", None))
        except DownloadRefusedError:
            return self._refuse(request, verify_uuid)
        disposition = headers.get_attachment_disposition(download.filename)
        if url := download.find_signed_url(disposition):
            _note_download(request, verify_uuid)
            redirect = HttpResponseRedirect(url)
            redirect["Cache-Control"] = headers.NO_CACHING
            redirect["Referrer-Policy"] = "no-referrer"
            return redirect
        # Browsers store no file that only some people may have, so it needs no tag.
        etag = f'"{download.sha256[:32]}"' if download.sha256 and not download.is_private else ""
        if etag and (unchanged := get_conditional_response(request, etag=etag)):
            unchanged["ETag"] = etag
            unchanged["Cache-Control"] = headers.PRIVATE_CACHING
            return unchanged
        file = download.open()
        try:
            response = FileResponse(file, content_type=download.media_type)
        except Exception as error:
            # Remote storages open the file only here, and each raises its own errors.
            file.close()
            msg = f"the file could not be read: {type(error).__name__}: {error}"
            raise StorageUnavailableError(msg) from error
        _note_download(request, verify_uuid)
        response["Content-Disposition"] = disposition
        response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        response["Cache-Control"] = headers.NO_CACHING if download.is_private else headers.PRIVATE_CACHING
        if etag:
            response["ETag"] = etag
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
    """Base of views that serve images for pages."""

    def find(self, verify_uuid: str) -> ImageFile:
        """Return the image."""
        raise NotImplementedError

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponseBase:
        """Return the image, or 304 if the reader's copy is current."""
        picture = self.find(verify_uuid)
        response = get_conditional_response(request, etag=f'"{picture.sha256[:32]}"') or HttpResponse(
            picture.content, content_type=picture.media_type
        )
        response["ETag"] = f'"{picture.sha256[:32]}"'
        response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        return response


class PictureView(ImageView):
    """Serve the picture on the page: the certificate or the achievement."""

    def find(self, verify_uuid: str) -> ImageFile:
        """Return the picture."""
        return get_page_picture(verify_uuid)


class ShareView(PublicView):
    """Count that a reader shared the page. The links lead straight to other sites, so the script of the page tells."""

    http_method_names = ["post", "options"]  # noqa: RUF012

    def post(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:
        """Count it. The answer is empty, also for an unknown id, which is never counted."""
        if is_visit(request, "POST"):
            note_share(verify_uuid)
        return HttpResponse(status=204)


class LogoView(ImageView):
    """Serve the issuer's logo."""

    def find(self, verify_uuid: str) -> ImageFile:
        """Return the logo."""
        return get_issuer_logo(verify_uuid)


class QRCodeView(PublicView):
    """Serve a QR code that leads to the public page."""

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:  # noqa: ARG002
        """Return a QR code of the page's absolute address."""
        response = HttpResponse(draw_svg(get_page_address(verify_uuid)), content_type="image/svg+xml")
        response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        return response


class ThemeView(PublicView):
    """Serve the style sheet of an accent colour.

    Pages have no inline styles, so their content security policy can forbid them.
    """

    def get(self, request: HttpRequest, accent: str) -> HttpResponse:  # noqa: ARG002
        """Return the few lines that set the colour."""
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
    """Render a public page with the strict content security policy."""
    template = get_template(f"learning_credentials/{name}.html")
    response = HttpResponse(template.render(context, request), status=status)
    response["Content-Security-Policy"] = headers.get_page_policy()
    return response


def _note_download(request: HttpRequest, verify_uuid: str) -> None:
    if is_visit(request):
        note_download(verify_uuid)

"""Serve documents for programs: badges, status lists and the keys to verify them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response

from learning_credentials.badges.did import MEDIA_TYPES as DID_MEDIA_TYPES
from learning_credentials.badges.documents import MEDIA_TYPES as BADGE_MEDIA_TYPES
from learning_credentials.exceptions import CredentialNotFoundError, CredentialRevokedError, TransientError
from learning_credentials.http.cross_origin import allow_any_origin
from learning_credentials.services.public import (
    bake_badge,
    get_achievement_image,
    get_badge,
    get_badge_image,
    get_did_document,
    get_status_list,
)
from learning_credentials.web import headers
from learning_credentials.web.views import RETRY_AFTER, PublicView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from django.http import HttpRequest, HttpResponseBase


class DocumentView(PublicView):
    """Base of views that verifiers request, also from browsers on other sites. The answer does not depend on the caller.

    Errors are JSON, ``{"code", "detail"}`` as in the REST API. A browser that asks for HTML gets a page.
    """

    varies_on = ("Accept",)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request and let the pages of other sites read the answer."""
        response = super().dispatch(request, *args, **kwargs)
        allow_any_origin(request, response, self.list_methods())
        if response.status_code == HttpResponse.status_code:
            response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        return response

    def handle_error(self, request: HttpRequest, error: Exception, kwargs: dict[str, Any]) -> HttpResponseBase:
        """Answer with a JSON document, or with a page for browsers."""
        if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
            return super().handle_error(request, error, kwargs)
        match error:
            case CredentialNotFoundError():
                return _refuse(404, error.code, "There is nothing public at this address.")
            case CredentialRevokedError():
                return _refuse(410, error.code, "The credential was invalidated. Its public page says why.")
            case TransientError():
                response = _refuse(503, error.code, "The server cannot answer at the moment. Please try again later.")
                response["Retry-After"] = str(RETRY_AFTER)
                return response
        raise error

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the allowed methods as JSON."""
        refusal = super().http_method_not_allowed(request, *args, **kwargs)
        response = _refuse(405, "method_not_allowed", f"This address only answers {refusal['Allow']}.")
        response["Allow"] = refusal["Allow"]
        return response

    @staticmethod
    def answer(request: HttpRequest, content: str | bytes, media_types: Sequence[str], tag: str = "") -> HttpResponse:
        """Return a document, or 304 if the caller's copy is current.

        Args:
            request: its ``Accept`` header chooses among the media types.
            content: the document.
            media_types: the media types of the document. The first is the default, also for a caller who accepts none of them.
            tag: a text that changes whenever the document changes. By default it is a hash of the document.
        """
        media_type = request.get_preferred_type(list(media_types)) or media_types[0]
        data = content.encode() if isinstance(content, str) else content
        tag = tag or hashlib.sha256(data).hexdigest()[:32]
        # Documents of two media types are two representations and must not have the same tag (RFC 9110, 8.8.3).
        suffix = "" if media_type == media_types[0] else f"-{media_types.index(media_type)}"
        etag = f'"{tag}{suffix}"'
        response = HttpResponse(data, content_type=media_type)
        response["ETag"] = etag
        return get_conditional_response(request, etag=etag, response=response) or response


class BadgeView(DocumentView):
    """Serve the signed badge of a credential."""

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:
        """Return the badge."""
        response = self.answer(request, get_badge(verify_uuid), BADGE_MEDIA_TYPES)
        response["Content-Disposition"] = headers.get_attachment_disposition("badge.json")
        return response


class BakedBadgeView(DocumentView):
    """Serve the badge image with the badge inside it."""

    media_type = "image/png"

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:
        """Return the image."""
        content, media_type = bake_badge(verify_uuid, self.media_type)
        response = self.answer(request, content, [media_type])
        extension = "svg" if media_type == "image/svg+xml" else "png"
        response["Content-Disposition"] = headers.get_attachment_disposition(f"badge.{extension}")
        return response


class BadgeImageView(DocumentView):
    """Serve a badge image. Its address is the same for all learners."""

    def get(self, request: HttpRequest, slug: str = "") -> HttpResponse:
        """Return the image."""
        content, media_type = get_badge_image(slug)
        return self.answer(request, content, [media_type])


class AchievementImageView(DocumentView):
    """Serve the achievement's image at the address in badges that are older than `BadgeImageView`."""

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:
        """Return the image."""
        content, media_type = get_achievement_image(verify_uuid)
        return self.answer(request, content, [media_type])


class StatusListView(DocumentView):
    """Serve a status list. Caches must revalidate it each time, so that the next request sees a revocation."""

    def get(self, request: HttpRequest, list_id: int) -> HttpResponse:
        """Return the list, or 304 if the caller's copy is current."""
        text, tag = get_status_list(list_id, request.get_host())
        return self.answer(request, text, BADGE_MEDIA_TYPES, tag)


class DidDocumentView(DocumentView):
    """Serve the site's keys, including those that no longer sign."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the document."""
        return self.answer(request, json.dumps(get_did_document(request.get_host())), DID_MEDIA_TYPES)


def _refuse(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse({"code": code, "detail": detail}, status=status)

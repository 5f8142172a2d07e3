"""Badges, the lists that tell which were revoked, and the keys to check them with: documents for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response

from learning_credentials import api
from learning_credentials.badges.did import MEDIA_TYPE as DID_MEDIA_TYPE
from learning_credentials.badges.documents import MEDIA_TYPE as BADGE_MEDIA_TYPE
from learning_credentials.web import headers
from learning_credentials.web.views import PublicView

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponseBase


class DocumentView(PublicView):
    """Base of what verifiers fetch, from browsers of other sites too: nothing here depends on who asks."""

    varies_on = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, and let the pages of other sites read the answer."""
        response = super().dispatch(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        if response.status_code == HttpResponse.status_code:
            response["Content-Security-Policy"] = headers.INERT_CONTENT_POLICY
        return response


class BadgeView(DocumentView):
    """The signed badge of a credential."""

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:  # noqa: ARG002
        """Give the document."""
        response = HttpResponse(api.get_badge(verify_uuid), content_type=BADGE_MEDIA_TYPE)
        response["Content-Disposition"] = headers.get_attachment_disposition("badge.json")
        return response


class BakedBadgeView(DocumentView):
    """The picture of the achievement with the badge in it."""

    media_type = "image/png"

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:  # noqa: ARG002
        """Give the picture."""
        content, media_type = api.bake_badge(verify_uuid, self.media_type)
        response = HttpResponse(content, content_type=media_type)
        extension = "svg" if media_type == "image/svg+xml" else "png"
        response["Content-Disposition"] = headers.get_attachment_disposition(f"badge.{extension}")
        return response


class AchievementImageView(DocumentView):
    """The picture of what was achieved."""

    def get(self, request: HttpRequest, verify_uuid: str) -> HttpResponse:  # noqa: ARG002
        """Give the picture."""
        content, media_type = api.get_achievement_image(verify_uuid)
        return HttpResponse(content, content_type=media_type)


class StatusListView(DocumentView):
    """A status list. Copies must be asked about each time, so that a revocation is seen by the next request."""

    def get(self, request: HttpRequest, list_id: int) -> HttpResponseBase:
        """Give the list, or say that the caller's copy still holds."""
        text, tag = api.get_status_list(list_id)
        response = HttpResponse(text, content_type=BADGE_MEDIA_TYPE)
        response["ETag"] = f'"{tag}"'
        return get_conditional_response(request, etag=f'"{tag}"', response=response) or response


class DidDocumentView(DocumentView):
    """The keys of the site, those included that no longer sign."""

    def get(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002
        """Give the document."""
        return JsonResponse(api.get_did_document(), content_type=DID_MEDIA_TYPE)

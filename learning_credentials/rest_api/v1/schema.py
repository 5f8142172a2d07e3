"""Serve the OpenAPI description of this API, for programs and as a page for people.

It describes only this API and works wherever the host mounts it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from learning_credentials.rest_api.v1.base import CredentialsAPIView, PublicAPIView
from learning_credentials.rest_api.v1.documentation import describe_operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

INFO = {
    "title": "Learning credentials",
    "version": "1",
    "description": "Verify credentials, read the status of learners, and request credentials. Every error has "
    "a `code` for programs, which never changes, and a `detail` for people.",
}


class _OwnEndpoints(EndpointEnumerator):
    """Leave out the host's endpoints."""

    def should_include_endpoint(self, path: str, callback: Any) -> bool:
        view_class = getattr(callback, "cls", None)
        is_own = isinstance(view_class, type) and issubclass(view_class, CredentialsAPIView)
        return is_own and bool(super().should_include_endpoint(path, callback))


class _OwnSchemaGenerator(SchemaGenerator):
    endpoint_inspector_cls = _OwnEndpoints


class _PageRenderer(BaseRenderer):
    """Render the description as a page without scripts, for browsers."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        """Return the page. If there is an error, the page shows the error instead."""
        renderer_context = renderer_context or {}
        response = renderer_context.get("response")
        if response is not None and response.exception:
            return escape(str(data.get("detail", "")))
        return render_to_string("learning_credentials/openapi.html", {"description": _mark_up(data)})


#: Keys of the texts that people read.
_TEXTS = {"description", "summary"}
_CODE = re.compile("`([^`]+)`")
_WRAPPED = re.compile(r"(?<!\n)\n(?!\n)")


def _mark_up(data: Any) -> Any:
    """Return a copy of the description with its texts as HTML.

    Names in backticks become code, and lines that were only wrapped are joined.
    """
    if isinstance(data, dict):
        return {
            key: _make_html(value) if key in _TEXTS and isinstance(value, str) else _mark_up(value)
            for key, value in data.items()
        }
    return [_mark_up(each) for each in data] if isinstance(data, list) else data


def _make_html(text: str) -> SafeString:
    return mark_safe(_CODE.sub(r"<code>\1</code>", escape(_WRAPPED.sub(" ", text))))  # noqa: S308  (escaped before)


class SchemaView(PublicAPIView):
    """Serve the OpenAPI description of this API as JSON, as YAML or as a page."""

    renderer_classes = (
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer2,
        OpenApiYamlRenderer,
        _PageRenderer,
    )

    @describe_operation(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the description."""
        description = _OwnSchemaGenerator().get_schema(request=request, public=True)  # type: ignore[no-untyped-call]
        return Response({**description, "info": INFO})

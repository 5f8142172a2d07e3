"""Read request bodies so that no body, however odd or large, is more than a bad request."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import FormParser, JSONParser

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO


class StrictJSONParser(JSONParser):
    """JSON in UTF-8, as RFC 8259 has it, whatever character set the request claims."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Parse the body.

        Raises:
            ParseError: the body is not JSON, or is nested deeper than Python reads.
            RequestDataTooBig: the body is larger than ``DATA_UPLOAD_MAX_MEMORY_SIZE``.
        """
        try:
            return super().parse(_read_bounded(stream), media_type, {**(parser_context or {}), "encoding": "utf-8"})
        except RecursionError as error:
            raise ParseError(_("JSON parse error: nested too deeply")) from error


class BoundedFormParser(FormParser):
    """A form that is not larger than the host allows."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Parse the body.

        Raises:
            RequestDataTooBig: the body is larger than ``DATA_UPLOAD_MAX_MEMORY_SIZE``.
        """
        return super().parse(_read_bounded(stream), media_type, parser_context)


def _read_bounded(stream: IO[Any]) -> IO[Any]:
    """Read a body up to the host's limit in bytes: before Django REST framework 3.18 a parser reads past it."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is None:
        return stream
    content = stream.read(limit + 1)
    if len(content) > limit:
        msg = f"the body has more than {limit} bytes"
        raise RequestDataTooBig(msg)
    return io.BytesIO(content)

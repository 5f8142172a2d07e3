"""Parse request bodies. A strange or large body causes only a 4xx answer."""

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
    """A parser for JSON in UTF-8, as RFC 8259 requires. It ignores the charset of the request."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the parsed body.

        Raises:
            ParseError: the body is not JSON, or is nested too deeply for Python.
            RequestDataTooBig: the body is larger than ``DATA_UPLOAD_MAX_MEMORY_SIZE``.
        """
        try:
            return super().parse(_read_bounded(stream), media_type, {**(parser_context or {}), "encoding": "utf-8"})
        except RecursionError as error:
            raise ParseError(_("JSON parse error: the data is nested too deeply")) from error


class BoundedFormParser(FormParser):
    """A parser for forms up to the host's size limit."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body.

        Raises:
            RequestDataTooBig: the body is larger than ``DATA_UPLOAD_MAX_MEMORY_SIZE``.
        """
        return super().parse(_read_bounded(stream), media_type, parser_context)


def _read_bounded(stream: IO[Any]) -> IO[Any]:
    """Return the body up to the host's limit in bytes.

    The parsers of Django REST framework before 3.18 ignore the limit.
    """
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is None:
        return stream
    content = stream.read(limit + 1)
    if len(content) > limit:
        msg = f"the body is larger than {limit} bytes"
        raise RequestDataTooBig(msg)
    return io.BytesIO(content)

"""Receive files that people upload for verification: one file of limited size, kept only in memory."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http.multipartparser import MultiPartParserError

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import UploadTooLargeError

if TYPE_CHECKING:
    from django.http import HttpRequest

FIELD = "file"
#: Bytes of a request besides the file: the headers of its parts, and the token of a form.
_OVERHEAD = 64 * 1024


class CappedUploadHandler(FileUploadHandler):
    """Keep the first file of the field in memory. Stop reading the request when the file is too large."""

    def __init__(self, request: HttpRequest | None = None, *, limit: int) -> None:
        super().__init__(request)
        self.is_too_large = False
        self._limit = limit
        self._buffer: io.BytesIO | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Start a file. Skip all files except the first one of the field."""
        super().new_file(*args, **kwargs)
        if self.field_name != FIELD or self._buffer is not None:
            raise SkipFile
        self._buffer = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Store a piece of the file."""
        if self._buffer is None or start + len(raw_data) > self._limit:
            self.is_too_large = True
            self._buffer = None
            # Close the connection without reading the rest: reading 200 MB to the end would help only the sender.
            raise StopUpload(connection_reset=True)
        self._buffer.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile | None:
        """Return the file, or None for a skipped file."""
        if self._buffer is None:
            return None
        self._buffer.seek(0)
        return InMemoryUploadedFile(
            self._buffer, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )


def prepare(request: HttpRequest) -> CappedUploadHandler:
    """Keep the files of a request in memory, up to the limit. Call this before anything reads the request's body.

    Raises:
        UploadTooLargeError: the request says that it is too large.
    """
    limit = get_settings().UPLOAD_MAX_BYTES
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > limit + _OVERHEAD:
        raise _make_error(limit)
    handler = CappedUploadHandler(request, limit=limit)
    if not hasattr(request, "_files"):  # otherwise a host's middleware has read the body, and the size is checked later
        request.upload_handlers = [handler]
    return handler


def check(handler: CappedUploadHandler) -> None:
    """Raise `UploadTooLargeError` if reading was stopped. Call this after the request was read."""
    if handler.is_too_large:
        raise _make_error(get_settings().UPLOAD_MAX_BYTES)


def receive(request: HttpRequest) -> bytes | None:
    """Read a form and return its file. Return None if there is no file or the form cannot be read.

    Raises:
        UploadTooLargeError: the file, or the form without it, is too large.
    """
    handler = prepare(request)
    try:
        file = request.FILES.get(FIELD)
    except RequestDataTooBig:
        raise _make_error(get_settings().UPLOAD_MAX_BYTES) from None
    except (MultiPartParserError, SuspiciousOperation):
        file = None
    check(handler)
    return read(file) if file is not None else None


def read(file: Any) -> bytes:
    """Return the content of an uploaded file, even if a host's middleware stored it on disk.

    Raises:
        UploadTooLargeError: the file is too large.
    """
    limit = get_settings().UPLOAD_MAX_BYTES
    if file.size > limit:
        raise _make_error(limit)
    content: bytes = file.read()
    return content


def _make_error(limit: int) -> UploadTooLargeError:
    msg = f"the file is larger than {limit / 1024 / 1024:.4g} MB"
    return UploadTooLargeError(msg)

"""Ask a timestamp authority (RFC 3161) for a timestamp of a signature. This needs pyHanko."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING

from asn1crypto import tsp
from pyhanko.sign.timestamps import TimeStamper

from learning_credentials.exceptions import TimestampUnavailableError

if TYPE_CHECKING:
    from asn1crypto import cms

_QUERY = "application/timestamp-query"
_REPLY = "application/timestamp-reply"
_TIMEOUT = 10
_MOST_BYTES = 64 * 1024


class TimestampClient(TimeStamper):  # type: ignore[misc]
    """Asks over HTTP with the standard library, because pyHanko's own clients differ between its versions."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a timestamp of a digest.

        Raises:
            TimestampUnavailableError: there was no answer in time, or the answer is not a timestamp.
        """
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except Exception as error:
            msg = f"the timestamp authority sent no timestamp: {type(error).__name__}: {error}"
            raise TimestampUnavailableError(msg) from error

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Send a query and wait for the answer. It can block, because each document is signed in an event loop of its own."""
        request = urllib.request.Request(self._url, req.dump(), {"Content-Type": _QUERY})  # noqa: S310  (the setting is checked)
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            if answer.headers.get_content_type() != _REPLY:
                msg = f"the answer has the media type {answer.headers.get_content_type()}"
                raise ValueError(msg)
            return tsp.TimeStampResp.load(answer.read(_MOST_BYTES))

"""Signs requests as Standard Webhooks 1.0 describes: HMAC-SHA256 over the id, the time and the body."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


def make_headers(message_id: UUID, seconds: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """Return the headers that identify and sign a request.

    Args:
        message_id: the id of the delivery, the same in each attempt.
        seconds: the time of this attempt, in seconds since 1970.
        body: the request's body.
        keys: the keys that sign. The header has one signature for each.
    """
    name = f"msg_{message_id.hex}"
    signed = f"{name}.{seconds}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(key, signed, sha256)).decode() for key in keys]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }

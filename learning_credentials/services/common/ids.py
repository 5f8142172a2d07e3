"""Reads ids as callers give them: from addresses, forms and command lines."""

from __future__ import annotations

from uuid import UUID


def parse_uuid(value: UUID | str) -> UUID | None:
    """Return an id as a UUID, or None if it is malformed."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        return None

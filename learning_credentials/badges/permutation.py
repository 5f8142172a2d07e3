"""Spread consecutive numbers over a list, so that an index does not show when it was allocated."""

from __future__ import annotations

from hashlib import blake2b

_ROUNDS = 8
_MIN_KEY = 16


def permute(key: bytes, position: int, size: int) -> int:
    """Return the place of a position. Different positions have different places. Nobody can predict a place without the key.

    The function is a Feistel network over the next power of four, repeated until the result is inside the list: about one and a half
    steps for a status list.

    Args:
        key: 16 to 64 secret bytes. Each list has its own key.
        position: from 0 to below ``size``.
        size: the number of places.

    Raises:
        ValueError: the position is outside the list, or the key is too short or too long.
    """
    if not 0 <= position < size:
        msg = f"position {position} is outside a list of {size} places"
        raise ValueError(msg)
    if not _MIN_KEY <= len(key) <= blake2b.MAX_KEY_SIZE:
        raise ValueError("the key must have 16 to 64 bytes")
    half = max(1, ((size - 1).bit_length() + 1) // 2)
    place = _scramble(key, position, half)
    while place >= size:
        place = _scramble(key, place, half)
    return place


def _scramble(key: bytes, number: int, half: int) -> int:
    mask = (1 << half) - 1
    left, right = number >> half, number & mask
    for turn in range(_ROUNDS):
        digest = blake2b(bytes([turn]) + right.to_bytes(16), key=key, digest_size=16).digest()
        left, right = right, left ^ (int.from_bytes(digest) & mask)
    return left << half | right

"""Spreads numbers handed out one after the other over a list, so that an index says nothing of when it was given."""

from __future__ import annotations

from hashlib import blake2b

_ROUNDS = 8
_MIN_KEY = 16


def permute(key: bytes, position: int, size: int) -> int:
    """Return the place of a position: another for each, the same for the same key, and unforeseeable without it.

    A Feistel network over the next power of four, walked until it lands inside: about one and a half steps for a status list.

    Args:
        key: 16 to 64 secret bytes, one key a list.
        position: from 0 to below ``size``.
        size: how many places there are.

    Raises:
        ValueError: the position lies outside, or the key is too short or too long.
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

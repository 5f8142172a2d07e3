"""Read and write multibase text in base 58 (the Bitcoin alphabet, prefix ``z``): the form of keys and signatures."""

from __future__ import annotations

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}
#: Decoding takes quadratic time; a signature has 89 characters.
_MAX_CHARACTERS = 128


def encode(content: bytes) -> str:
    """Return bytes as multibase text."""
    number = int.from_bytes(content)
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_ALPHABET[digit])
    zeros = len(content) - len(content.lstrip(b"\0"))
    return "z" + _ALPHABET[0] * zeros + "".join(reversed(digits))


def decode(text: str) -> bytes:
    """Return the bytes of multibase text.

    Raises:
        ValueError: the text is not multibase text or too long. The message never contains the text, which can be a secret.
    """
    if not text.startswith("z") or len(text) > _MAX_CHARACTERS:
        raise ValueError("is not multibase text in base 58")
    number = 0
    for character in text[1:]:
        if character not in _DIGITS:
            raise ValueError("contains a character that base 58 does not have")
        number = number * 58 + _DIGITS[character]
    digits = text[1:].lstrip(_ALPHABET[0])
    return b"\0" * (len(text) - 1 - len(digits)) + number.to_bytes((number.bit_length() + 7) // 8)

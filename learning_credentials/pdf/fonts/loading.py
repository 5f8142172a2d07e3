"""Open fonts: the 12 text fonts that every PDF reader has, the shipped ones, and font files of operators and of the server.

A process opens each content once. An edited font asset has another content, so nothing old is used.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from threading import RLock
from typing import Any, TypeVar

import uharfbuzz as hb
from cachetools import LRUCache

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.fonts import caches
from learning_credentials.pdf.fonts.classes import Font, OpenTypeFont, StandardFont
from learning_credentials.pdf.fonts.faces import choose_face
from learning_credentials.pdf.fonts.file_checks import check_signature, check_tables
from learning_credentials.pdf.fonts.names import EMOJI, SHIPPED_FONTS, STANDARD_FONTS

_BOLD_WEIGHT = 600
_SPACE = 0x20
#: A process keeps at most this many font files of operators and of the server open, with so many faces each, and so many bytes in all.
_MOST_FILES = 64
_MOST_FACES = 8
_MOST_BYTES = 128 * 1024 * 1024

_LOCK = RLock()

K = TypeVar("K")
V = TypeVar("V")


def get_font(content: bytes, sha256: str, fragment: str | None = None) -> OpenTypeFont:
    """Return a face of a font file.

    Args:
        content: of the file.
        sha256: of the content.
        fragment: the face and weight. See `learning_credentials.pdf.fonts.faces`.

    Raises:
        AssetError: it cannot be used, or there is no such face or weight.
    """
    with _LOCK:
        file = _files.get(sha256)
        if file is not None:
            return file.get_font(fragment)
        file = FontFile(content, sha256)
        font = file.get_font(fragment)
        _files[sha256] = file
        return font


@cache
def get_builtin_font(name: str) -> Font:
    """Return a font by its built-in name. Raise KeyError for an unknown name."""
    if name in STANDARD_FONTS:
        return StandardFont(name)
    content = (files("learning_credentials.pdf") / "fonts" / f"{SHIPPED_FONTS[name]}.ttf").read_bytes()
    font = _open(hb.Blob(content), hashlib.sha256(content).hexdigest(), is_serif="Serif" in name)
    # Its space is as wide as its pictures, so the space between words is taken from another font.
    return replace(font, characters=font.characters - {_SPACE}) if name == EMOJI else font


class _Cache(LRUCache[K, V]):
    """A cache of fonts. When it drops a font, all caches that refer to fonts are cleared: they would keep it in memory."""

    def popitem(self) -> tuple[K, V]:
        found = super().popitem()
        caches.forget()
        return found


class FontFile:
    """An open font file with its faces. Use it in one thread at a time."""

    def __init__(self, content: bytes, sha256: str) -> None:
        self._content = content
        self._sha256 = sha256
        self._blob = hb.Blob(content)
        self._checked: set[int] = set()
        self._fonts: _Cache[str | None, OpenTypeFont] = _Cache(_MOST_FACES)

    @property
    def weight(self) -> int:
        """Return how much of the cache the file takes: its bytes, but at least so much that the cache keeps at most `_MOST_FILES`."""
        return min(max(len(self._content), _MOST_BYTES // _MOST_FILES), _MOST_BYTES)

    def get_font(self, fragment: str | None) -> OpenTypeFont:
        """Return a face.

        Raises:
            AssetError: it cannot be used, or there is no such face or weight.
        """
        font = self._fonts.get(fragment)
        if font is None:
            font = self._fonts[fragment] = self._open_font(fragment)
        return font

    def _open_font(self, fragment: str | None) -> OpenTypeFont:
        check_signature(self._content[:4])
        try:
            index = choose_face(self._blob, fragment).index
            if index not in self._checked:
                check_tables(self._content, index)
                self._checked.add(index)
            return _open(self._blob, self._sha256, fragment)
        except AssetError:
            raise
        except Exception as error:
            msg = f"the font is broken: {error or type(error).__name__}"
            raise AssetError(msg) from error


_files: _Cache[str, FontFile] = _Cache(_MOST_BYTES, getsizeof=lambda file: file.weight)


def _open(blob: Any, sha256: str, fragment: str | None = None, *, is_serif: bool = False) -> OpenTypeFont:
    chosen = choose_face(blob, fragment)
    face = chosen.face
    if not face.glyph_count or not face.unicodes:
        raise AssetError("the font has no glyphs for any character")
    shaper = hb.Font(face)
    if chosen.variations:
        shaper.set_variations(dict(chosen.variations))
    return OpenTypeFont(
        chosen.name,
        chosen.derive_hash(sha256),
        face,
        shaper,
        # Variation selectors, as in Japanese names, are no characters of the font, but must not be dropped from a text.
        frozenset(face.unicodes).union(face.variation_selectors),
        is_bold=shaper.get_style_value(hb.StyleTag.WEIGHT) >= _BOLD_WEIGHT,
        is_serif=is_serif,
        variations=chosen.variations,
    )

"""Fonts: the 12 text fonts that every PDF reader has, those that ship with the app, and operators' own.

Each is opened once per process and content: an edited font asset is never served stale.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import uharfbuzz as hb
from cachetools import LRUCache
from reportlab.pdfbase import pdfmetrics

from learning_credentials.exceptions import AssetError
from learning_credentials.pdf import font_caches
from learning_credentials.pdf.faces import choose_face
from learning_credentials.pdf.font_checks import check_signature, check_tables
from learning_credentials.pdf.font_names import SHIPPED_FONTS, STANDARD_FONTS, find_script_font

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOLD_WEIGHT = 600
_NON_JOINER, _JOINER, _SPACE = 0x200C, 0x200D, 0x20
_EMOJI = "NotoEmoji"
#: PostScript outlines: those of one design, and those that vary along axes.
_POSTSCRIPT_TABLES = ("CFF ", "CFF2")
#: What a subset of PostScript outlines is made from.
_OUTLINE_TABLES = (*_POSTSCRIPT_TABLES, "head", "hhea", "hmtx", "maxp", "fvar", "avar", "HVAR")
#: How many files of operators' and of the server's fonts a process keeps open, their bytes, and how many faces of each.
_MOST_FILES = 64
_MOST_FACES = 8
_MOST_BYTES = 128 * 1024 * 1024

#: reportlab, which draws the built-in template, keeps state while a document is written, so one is written at a time.
REPORTLAB_LOCK = RLock()
_LOCK = RLock()

K = TypeVar("K")
V = TypeVar("V")


class Font(Protocol):
    """A font that can be drawn with."""

    @property
    def name(self) -> str:
        """Its PostScript name."""
        ...

    @property
    def is_bold(self) -> bool:
        """Whether its strokes are heavy."""
        ...

    @property
    def is_serif(self) -> bool:
        """Whether its strokes end in serifs."""
        ...

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for every character."""
        ...

    def measure(self, text: str) -> float:
        """Width of the characters one by one, in thousandths of the size."""
        ...


#: Capitals with accents are the highest letters of the standard fonts, and brackets reach lowest.
_STANDARD_INK = (-250.0, 950.0)


@dataclass(frozen=True, slots=True)
class StandardFont:
    """One of the fonts that readers bring along, limited to Windows Latin 1."""

    name: str

    @property
    def is_bold(self) -> bool:
        """Whether its strokes are heavy."""
        return "Bold" in self.name

    @property
    def is_serif(self) -> bool:
        """Whether its strokes end in serifs."""
        return self.name.startswith("Times")

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for every character."""
        try:
            text.encode("cp1252")
        except UnicodeEncodeError:
            return False
        return True

    def measure(self, text: str) -> float:
        """Width of the characters one by one, in thousandths of the size."""
        return float(pdfmetrics.stringWidth(text, self.name, 1000))

    @property
    def ink(self) -> tuple[float, float]:
        """How far below and above the baseline its letters reach at most, in thousandths of the size."""
        return _STANDARD_INK


@dataclass(frozen=True, eq=False)
class OpenTypeFont:
    """An embedded font: one face of a file, at one place on its axes.

    ``name`` and ``sha256`` are its own: another face or weight of the same file has others.
    """

    name: str
    sha256: str
    face: Any = field(repr=False)
    shaper: Any = field(repr=False)
    characters: frozenset[int] = field(repr=False)
    is_bold: bool
    is_serif: bool
    variations: tuple[tuple[str, float], ...] = ()

    @property
    def units(self) -> int:
        """Units of the em."""
        return int(self.face.upem)

    @cached_property
    def is_cff(self) -> bool:
        """Whether its outlines are PostScript's."""
        return not set(_POSTSCRIPT_TABLES).isdisjoint(self.face.table_tags)

    @cached_property
    def nothing(self) -> int:
        """A glyph that shows nothing: some fonts draw even their non-joiner."""
        found = (self.shaper.get_nominal_glyph(point) for point in (_NON_JOINER, _JOINER, _SPACE))
        return next((glyph for glyph in found if glyph and not self.has_ink(glyph)), 0)

    @cached_property
    def prepared(self) -> Any:
        """The face, made ready to be subset many times.

        HarfBuzz's own way takes seconds and 100 to 200 MB for the PostScript outlines of East Asia. What it saves is mostly the look at
        the table of characters, which a face without that table does not have to take.
        """
        if not self.is_cff:
            return hb.subset_preprocess(self.face)
        tags = self.face.table_tags
        tables = {tag: bytes(self.face.reference_table(tag).data) for tag in _OUTLINE_TABLES if tag in tags}
        return hb.Face.create_for_tables(lambda _face, tag, _data: tables.get(tag), None)

    def has_ink(self, glyph: int) -> bool:
        """Whether a glyph shows anything."""
        extents = self.shaper.get_glyph_extents(glyph)
        return bool(extents and extents.width and extents.height)

    def measure_ink(self, glyph: int) -> tuple[float, float]:
        """How far a glyph reaches below and above the baseline, in thousandths of the size; two zeros if it shows nothing."""
        extents = self.shaper.get_glyph_extents(glyph)
        if not extents or not extents.height:
            return 0.0, 0.0
        scale = 1000 / self.units
        return (extents.y_bearing + extents.height) * scale, extents.y_bearing * scale

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for every character."""
        return self.characters.issuperset(map(ord, text))

    def measure(self, text: str) -> float:
        """Width of the characters one by one, in thousandths of the size."""
        glyphs = (self.shaper.get_nominal_glyph(ord(character)) or 0 for character in text)
        return float(sum(self.shaper.get_glyph_h_advance(glyph) for glyph in glyphs)) * 1000 / self.units


class BrokenFontError(AssetError):
    """A font that was accepted cannot be drawn with. ``font`` is that font."""

    def __init__(self, font: OpenTypeFont, error: Exception, name: str = "") -> None:
        self.font = font
        self.error = error
        super().__init__(
            f"the font '{name or font.name}' is broken: it cannot be drawn with ({error or type(error).__name__})"
        )


def check_font(content: bytes) -> None:
    """Check that a font can be embedded and drawn with; of a collection, that its first face can.

    Raises:
        AssetError: not TrueType or OpenType, embedding not allowed by its OS/2 ``fsType``, broken.
    """
    from learning_credentials.pdf.font_trials import try_font

    try:
        try_font(_FontFile(content, "").get_font(None))
    finally:
        font_caches.forget()  # the file may never be used


def get_font(content: bytes, sha256: str, fragment: str | None = None) -> OpenTypeFont:
    """Return a font from a file, ready to draw with.

    Args:
        content: of the file.
        sha256: of the content.
        fragment: which face and weight of it; see `learning_credentials.pdf.faces`.

    Raises:
        AssetError: it cannot be used, or there is no such face or weight.
    """
    with _LOCK:
        file = _files.get(sha256)
        if file is not None:
            return file.get_font(fragment)
        file = _FontFile(content, sha256)
        font = file.get_font(fragment)
        _files[sha256] = file
        return font


@cache
def get_builtin_font(name: str) -> Font:
    """Return a font by its built-in name; KeyError for an unknown one."""
    if name in STANDARD_FONTS:
        return StandardFont(name)
    content = (files("learning_credentials.pdf") / "fonts" / f"{SHIPPED_FONTS[name]}.ttf").read_bytes()
    font = _open(hb.Blob(content), hashlib.sha256(content).hexdigest(), is_serif="Serif" in name)
    # Its space is as wide as its pictures: between words, that of the text is meant.
    return replace(font, characters=font.characters - {_SPACE}) if name == _EMOJI else font


def list_fallbacks(character: str, first: Font) -> Iterator[Font]:
    """Fonts that may have the character, the one most like ``first`` first: the shipped ones, then those of the server."""
    if name := find_script_font(character):
        yield get_builtin_font(name)
    weight = "-Bold" if first.is_bold else ""
    family, other = ("NotoSerif", "NotoSans") if first.is_serif else ("NotoSans", "NotoSerif")
    yield get_builtin_font(family + weight)
    yield get_builtin_font(other + weight)
    yield get_builtin_font(_EMOJI)
    from learning_credentials.pdf.server_fonts import list_server_fonts

    yield from list_server_fonts()


class _Cache(LRUCache[K, V]):
    """A cache of fonts. What texts in a font looked like is forgotten with it, because that would keep it in memory."""

    def popitem(self) -> tuple[K, V]:
        found = super().popitem()
        font_caches.forget()
        return found


class _FontFile:
    """A font file with its faces that are open."""

    def __init__(self, content: bytes, sha256: str) -> None:
        self._content = content
        self._sha256 = sha256
        self._blob = hb.Blob(content)
        self._checked: set[int] = set()
        self._fonts: _Cache[str | None, OpenTypeFont] = _Cache(_MOST_FACES)

    @property
    def weight(self) -> int:
        """How much of the cache it takes: its bytes, and at least a share that bounds the number of files."""
        return min(max(len(self._content), _MOST_BYTES // _MOST_FILES), _MOST_BYTES)

    def get_font(self, fragment: str | None) -> OpenTypeFont:
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


_files: _Cache[str, _FontFile] = _Cache(_MOST_BYTES, getsizeof=lambda file: file.weight)


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
        # Selectors of variants, such as those of Japanese names, are no characters of the font, but not to be dropped either.
        frozenset(face.unicodes).union(face.variation_selectors),
        is_bold=shaper.get_style_value(hb.StyleTag.WEIGHT) >= _BOLD_WEIGHT,
        is_serif=is_serif,
        variations=chosen.variations,
    )

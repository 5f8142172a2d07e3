"""Find the fonts of the server: those that ``FALLBACK_FONTS`` names, and the one of the extra ``cjk``. They are tried last.

They are opened when a text first needs them. If one cannot be used, credentials that other fonts can draw still succeed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings as django_settings
from django.core.signals import setting_changed

from learning_credentials.conf import SETTING_NAME, get_settings
from learning_credentials.exceptions import AssetError
from learning_credentials.pdf.fonts import caches as font_caches
from learning_credentials.pdf.fonts.loading import get_font
from learning_credentials.pdf.fonts.names import split_font_name
from learning_credentials.pdf.fonts.scripts import EXTRA_PACKAGE, has_extra

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from learning_credentials.pdf.fonts.classes import OpenTypeFont

#: What the extra ``cjk`` installs: the package, the file in it, and the face to use. Every face has the forms of all languages. The choice
#: matters only for texts in a language that has no forms of its own.
_EXTRA = (EXTRA_PACKAGE, "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular")


#: The last known state of the server's fonts.
_seen: list[tuple[object, ...]] = []
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class _ServerFonts:
    fonts: tuple[OpenTypeFont, ...]
    problems: tuple[str, ...]


def list_server_fonts() -> tuple[OpenTypeFont, ...]:
    """Return the fonts of the server that can be used, in the order of the setting."""
    return _open_fonts().fonts


def list_font_problems() -> tuple[str, ...]:
    """Return why some of the server's fonts cannot be used, one sentence each."""
    return _open_fonts().problems


def refresh() -> tuple[object, ...]:
    """Look for fonts that were installed or changed since the last call. If there are any, clear all caches of fonts.

    Returns:
        A value that differs for each state of the server's fonts.
    """
    stamp = (has_extra(), *_stamp_files())
    with _LOCK:
        is_known = _seen == [stamp]
        _seen[:] = [stamp]
    if not is_known:
        _open_fonts.cache_clear()
        font_caches.forget()
    return stamp


def _stamp_files() -> Iterator[tuple[str, int, int]]:
    for name in get_settings().FALLBACK_FONTS:
        try:
            found = _find_file(split_font_name(name)[0]).stat()
        except OSError:  # the file does not exist
            yield name, 0, 0
        else:
            yield name, found.st_size, found.st_mtime_ns


def _find_file(path: str) -> Path:
    """Return the path of a font file. As with OUTPUT_DIR, a relative path starts at BASE_DIR."""
    return Path(getattr(django_settings, "BASE_DIR", "")) / path


@lru_cache(maxsize=1)
def _open_fonts() -> _ServerFonts:
    fonts: list[OpenTypeFont] = []
    problems: list[str] = []
    for name in get_settings().FALLBACK_FONTS:
        path, fragment = split_font_name(name)
        try:
            fonts.append(_open_file(_find_file(path), fragment))
        except (OSError, AssetError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            problems.append(f"the font '{name}' of the setting FALLBACK_FONTS cannot be used: {reason}")
    package, file_name, face = _EXTRA
    try:
        fonts.append(_open_file(files(package) / file_name, face))
    except ModuleNotFoundError:
        pass
    except (OSError, AssetError) as error:
        problems.append(f"the font {file_name} of the extra cjk cannot be used: {error}")
    return _ServerFonts(tuple(fonts), tuple(problems))


def _open_file(file: Path | Traversable, fragment: str | None) -> OpenTypeFont:
    content = file.read_bytes()
    return get_font(content, hashlib.sha256(content).hexdigest(), fragment)


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {SETTING_NAME, "BASE_DIR"}:
        _open_fonts.cache_clear()
        font_caches.forget()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.pdf.fonts.server")

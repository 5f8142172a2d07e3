"""Fonts of the server, the last that are tried: those that ``FALLBACK_FONTS`` names, and that of the extra ``cjk``.

They are opened when a text first needs them. One that cannot be used spoils no credential whose text others can draw.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings as django_settings
from django.core.signals import setting_changed

from learning_credentials.conf import SETTING_NAME, get_settings
from learning_credentials.exceptions import AssetError
from learning_credentials.pdf import font_caches
from learning_credentials.pdf.faces import split_font_name
from learning_credentials.pdf.font_names import is_east_asian
from learning_credentials.pdf.fonts import get_font

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

    from learning_credentials.pdf.fonts import OpenTypeFont

#: What the extra ``cjk`` installs: a package, the file in it, and the face that is used. Each face has the forms of all the languages, so
#: this one decides only where the language of the text is none of theirs.
_EXTRA = ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular")


@dataclass(frozen=True, slots=True)
class _ServerFonts:
    fonts: tuple[OpenTypeFont, ...]
    problems: tuple[str, ...]


def list_server_fonts() -> tuple[OpenTypeFont, ...]:
    """The fonts of the server that can be used, in the order of the setting."""
    return _open_fonts().fonts


def explain_missing(clusters: Iterable[str]) -> str:
    """Say which characters no font has, and what an operator can do about it.

    Args:
        clusters: what is missing, a character with its marks each; said once each.
    """
    east_asian: list[str] = []
    others: list[str] = []
    for cluster in dict.fromkeys(clusters):
        (east_asian if any(map(is_east_asian, cluster)) else others).append(cluster)
    found = _open_fonts()
    parts: list[str] = []
    if east_asian:
        remedy = "" if found.fonts else "install the extra django-learning-credentials[cjk], or "
        setting = f"name a font file of the server that has it in {SETTING_NAME}['FALLBACK_FONTS']"
        asset = "upload a font asset that has it and name that in `fonts`"
        parts.append(f"no font has a glyph for {_describe(east_asian)}: {remedy}{setting}, or {asset}")
    if others:
        parts.append(
            f"no font has a glyph for {_describe(others)}: upload a font asset that has it and name that in `fonts`"
        )
    return "; ".join((*parts, *found.problems))


@lru_cache(maxsize=1)
def _open_fonts() -> _ServerFonts:
    fonts: list[OpenTypeFont] = []
    problems: list[str] = []
    for name in get_settings().FALLBACK_FONTS:
        path, fragment = split_font_name(name)
        # As with OUTPUT_DIR, a path without a root begins at the project.
        file = Path(getattr(django_settings, "BASE_DIR", "")) / path
        try:
            fonts.append(_open_file(file, fragment))
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


def _describe(clusters: Iterable[str]) -> str:
    return ", ".join(f"{cluster} ({_name_points(cluster)})" for cluster in clusters)


def _name_points(cluster: str) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in cluster)


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {SETTING_NAME, "BASE_DIR"}:
        _open_fonts.cache_clear()
        font_caches.forget()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.pdf.server_fonts")

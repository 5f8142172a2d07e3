"""Find out in which languages the app's texts exist.

Django does not say so: if a translation is missing, it answers in another language.
"""

from __future__ import annotations

import gettext
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed
from django.utils import translation
from django.utils.translation import to_locale
from django.utils.translation.trans_real import parse_accept_lang_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpRequest

#: The language of the texts in the code.
WRITTEN_IN = "en"
#: Texts that show whether pages, e-mails and answers exist in a language: a language that has these has the others too.
SAMPLES = ("Credential verification", "There is no such credential.")


@lru_cache(maxsize=512)
def has_texts(language: str, texts: tuple[str, ...]) -> bool:
    """Return whether the catalogue of an installed app or of ``LOCALE_PATHS`` has the texts in a language.

    Args:
        language: the language tag, such as ``fr`` or ``pt-BR``. The catalogue of ``pt`` is used for ``pt-BR`` too.
        texts: the texts as written in the code.
    """
    if language.replace("_", "-").partition("-")[0].lower() == WRITTEN_IN:
        return True
    catalogues = _open_catalogues(language)
    return all(any(catalogue.gettext(text) != text for catalogue in catalogues) for text in texts)


def choose_language(wanted: Iterable[str | None], texts: tuple[str, ...] = SAMPLES) -> str:
    """Return the first language that the texts exist in: a wanted one, else the site's, else the language of the code.

    Args:
        wanted: language tags, the best first. None and empty tags are ignored.
        texts: the texts as written in the code.
    """
    for language in (*wanted, settings.LANGUAGE_CODE):
        if language and has_texts(language, texts):
            return language
    return WRITTEN_IN


def translate_all(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return texts in the active language. They are looked up once for each language."""
    return _translate_all(texts, translation.get_language())


@lru_cache(maxsize=512)
def _translate_all(texts: tuple[str, ...], _language: str | None) -> tuple[str, ...]:
    return tuple(map(translation.gettext, texts))


@contextmanager
def speak_to(request: HttpRequest) -> Iterator[str]:
    """Activate the best language that the reader accepts and the texts exist in. Yield its tag.

    The active language comes first: the host chose it by an address, a cookie or a setting. If the texts do not exist in it, the request's
    ``Accept-Language`` header decides among the host's languages.
    """
    language = choose_language(_list_wanted(request))
    if language == translation.get_language():
        yield language
        return
    with translation.override(language):
        yield translation.get_language() or WRITTEN_IN


def _list_wanted(request: HttpRequest) -> Iterator[str | None]:
    yield translation.get_language()
    for tag, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            yield translation.get_supported_language_variant(tag)
        except LookupError:
            continue


def _open_catalogues(language: str) -> list[gettext.NullTranslations]:
    directories = [
        *map(str, settings.LOCALE_PATHS),
        *(str(Path(app.path) / "locale") for app in apps.get_app_configs()),
    ]
    locale = to_locale(language.replace("_", "-").lower())
    found = [gettext.translation("django", directory, [locale], fallback=True) for directory in directories]
    return [catalogue for catalogue in found if isinstance(catalogue, gettext.GNUTranslations)]


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting in {"LOCALE_PATHS", "INSTALLED_APPS"}:
        has_texts.cache_clear()
        _translate_all.cache_clear()


setting_changed.connect(_forget, dispatch_uid="learning_credentials.catalogues")

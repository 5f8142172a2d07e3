"""Which languages the app's texts exist in. Django does not tell: it answers in another language where a translation is missing."""

from __future__ import annotations

import gettext
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed
from django.utils.translation import to_locale

#: The language in which the texts are written in the code.
WRITTEN_IN = "en"


@lru_cache(maxsize=512)
def has_texts(language: str, texts: tuple[str, ...]) -> bool:
    """Return whether the texts exist in a language: in the catalogue of an installed app or of ``LOCALE_PATHS``.

    Args:
        language: its tag, such as ``fr`` or ``pt-BR``. The catalogue of ``pt`` serves ``pt-BR`` too.
        texts: as they are written in the code.
    """
    if language.replace("_", "-").partition("-")[0].lower() == WRITTEN_IN:
        return True
    catalogues = _open_catalogues(language)
    return all(any(catalogue.gettext(text) != text for catalogue in catalogues) for text in texts)


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


setting_changed.connect(_forget, dispatch_uid="learning_credentials.catalogues")

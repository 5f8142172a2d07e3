"""Check which scripts the fonts of this installation cannot draw.

W030: no font has Chinese, Japanese, Korean or the script of one of the project's languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import global_settings
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, register
from django.core.checks import Warning as CheckWarning

from learning_credentials.checks.tags import TAG
from learning_credentials.conf import SETTING_NAME, get_settings
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.pdf import find_undrawable, find_unshipped_scripts, has_cjk_extra

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A separate tag, so that ``check --tag fonts`` runs only these checks.
FONTS_TAG = "fonts"


@register(FONTS_TAG)
def check_shipped_fonts(**_kwargs: object) -> list[CheckMessage]:
    """Warn about scripts without a font.

    If the server has its own fonts, this check does not open them, because that would slow down every start.
    """
    try:
        trusts_server = bool(get_settings().FALLBACK_FONTS) or has_cjk_extra()
    except (ConfigurationError, TypeError):
        return []  # another check reports it
    return [] if trusts_server else _warn(find_unshipped_scripts(_list_languages()))


@register(FONTS_TAG, deploy=True)
def check_server_fonts(**_kwargs: object) -> list[CheckMessage]:
    """Open the fonts of the server and warn about scripts that they lack. This check runs only with ``check --deploy``."""
    try:
        if not get_settings().FALLBACK_FONTS and not has_cjk_extra():
            return []  # the other check reports it
    except (ConfigurationError, TypeError):
        return []
    lacking = find_unshipped_scripts(_list_languages())
    return _warn({script: sample for script, sample in lacking.items() if find_undrawable(sample)})


def _list_languages() -> list[str]:
    """Return the site's language and the languages that the project's settings name.

    Django's default list of a hundred languages is ignored, because nobody chose it.
    """
    named = [code for code, _ in django_settings.LANGUAGES]
    is_default = named == [code for code, _ in global_settings.LANGUAGES]
    return [django_settings.LANGUAGE_CODE, *([] if is_default else named)]


def _warn(scripts: Mapping[str, str]) -> list[CheckMessage]:
    if not scripts:
        return []
    message = (
        f"No font on this server can draw these scripts: {', '.join(sorted(scripts))}. A credential with such "
        "a name or text fails with the code undrawable_text."
    )
    hint = (
        "Install the extra django-learning-credentials[cjk] for Chinese, Japanese and Korean, or name a font file in "
        f"{SETTING_NAME}['FALLBACK_FONTS']. If no learner needs these scripts, add this id to SILENCED_SYSTEM_CHECKS."
    )
    return [CheckWarning(message, hint=hint, id=f"{TAG}.W030")]

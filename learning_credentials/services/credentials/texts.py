"""Takes and reads the snapshot of texts in other languages: names, descriptions and criteria.

A credential stores them in the JSON of its achievement, by language tag. A site with one language stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from learning_credentials.data import Translations
from learning_credentials.services.common import as_text
from learning_credentials.translations import LONGEST_TEXT, read_names

if TYPE_CHECKING:
    from learning_credentials.models import Credential, CredentialConfiguration, CredentialType

TYPE_NAME, CONTEXT_NAME, DESCRIPTION, CRITERIA = (
    "credential_type_name",
    "learning_context_name",
    "description",
    "criteria",
)
#: The key of the snapshot.
TRANSLATIONS = "translations"


def collect_translations(
    credential_type: CredentialType,
    configuration: CredentialConfiguration,
    context_names: Mapping[str, str] | None = None,
) -> dict[str, dict[str, str]]:
    """Return all texts in other languages, by language tag.

    Args:
        credential_type: the type.
        configuration: its texts replace those of the type, in all languages, if it is of the type.
        context_names: the names of the learning context by language, as the LMS gave them.
    """
    own = configuration if configuration.credential_type_id == credential_type.pk else credential_type
    found: dict[str, dict[str, str]] = {}
    _add(found, TYPE_NAME, credential_type.translations, "name")
    for name in (DESCRIPTION, CRITERIA):
        _add(found, name, (own if getattr(own, name) else credential_type).translations, name)
    for tag, name in read_names(context_names).items():
        found.setdefault(tag, {})[CONTEXT_NAME] = as_text(name, LONGEST_TEXT)
    return found


def read_translations(achievement: Mapping[str, Any]) -> Translations:
    """Return the texts in other languages from the snapshot of an achievement."""
    stored = achievement.get(TRANSLATIONS)
    return Translations(stored) if isinstance(stored, Mapping) else Translations()


def get_text(credential: Credential, name: str, language: str) -> str:
    """Return the name of a credential's type or context in a language. If there is no translation, return the original.

    Args:
        credential: the credential.
        name: `TYPE_NAME` or `CONTEXT_NAME`.
        language: such as ``fr`` or ``pt-BR``.
    """
    return read_translations(credential.achievement).find(name, language) or str(getattr(credential, name))


def _add(found: dict[str, dict[str, str]], name: str, translations: Mapping[str, Any], key: str) -> None:
    for tag, texts in translations.items() if isinstance(translations, Mapping) else ():
        if isinstance(texts, Mapping) and (text := texts.get(key)):
            found.setdefault(tag, {})[name] = str(text)

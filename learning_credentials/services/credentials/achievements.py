"""Takes and reads the snapshot of an achievement: what a credential says was achieved.

The snapshot is taken from the configuration and its type when the credential is issued, and stored with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.grades import DECIMALS_OPTION, read_decimals
from learning_credentials.services.credentials.criteria_texts import CriteriaFactory, read_criteria
from learning_credentials.services.credentials.texts import TRANSLATIONS, collect_translations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.data import CriteriaText
    from learning_credentials.lms import LearningContext
    from learning_credentials.models import Credential, CredentialConfiguration, CredentialType

#: The values for keys that an old snapshot lacks.
_BLANK: dict[str, Any] = {"description": "", "criteria": "", "shows_results": False, "image": "", DECIMALS_OPTION: 0}


class AchievementFactory:
    """Makes snapshots of achievements for one type and one configuration, which are read once.

    Args:
        credential_type: the type.
        configuration: the configuration.
        context: the learning context, for its name in other languages and for the criteria that the app writes. None: the achievement
            has only criteria that an operator entered.
    """

    def __init__(
        self,
        credential_type: CredentialType,
        configuration: CredentialConfiguration,
        context: LearningContext | None = None,
    ) -> None:
        self._criteria = CriteriaFactory(configuration, context) if context is not None else None
        self._shared = {
            **_describe(credential_type, configuration),
            DECIMALS_OPTION: get_present_decimals(credential_type, configuration),
        }
        if translations := collect_translations(credential_type, configuration, context.names if context else None):
            self._shared[TRANSLATIONS] = translations
        # A type that is not saved yet, whose design is drawn, has no images.
        rows = credential_type.badge_images.order_by() if credential_type.pk else None
        self._images: dict[str, str] = dict(rows.values_list("mode", "image__slug")) if rows is not None else {}

    def make(self, evidence: Mapping[str, Any], user_id: int | None = None) -> dict[str, Any]:
        """Return the achievement of a learner. If the type has an image for the mode that earned it, the achievement has that image.

        Args:
            evidence: what the processor returned for the learner.
            user_id: the learner. None: a made-up one.

        Raises:
            ConfigurationError, TransientError: as in `CriteriaFactory.make`.
        """
        image = self._images.get(str(evidence.get("mode", "")), self._shared["image"])
        criteria = self._criteria.make(evidence, user_id) if self._criteria else {}
        return {**self._shared, "image": image, **criteria}


def get_achievement(credential: Credential) -> dict[str, Any]:
    """Return the achievement as it was when the credential was issued. For an old credential without a snapshot, return the present one."""
    if not credential.achievement:
        return _describe(credential.configuration.credential_type, credential.configuration)
    return {**_BLANK, **credential.achievement}


def get_criteria(credential: Credential) -> CriteriaText:
    """Return the criteria as they were when the credential was issued."""
    return read_criteria(get_achievement(credential))


def shows_results(credential: Credential) -> bool:
    """Return whether the badge shows results: the type must say so now, and must have said so when the credential was issued."""
    return get_achievement(credential)["shows_results"] and credential.configuration.credential_type.badge_shows_results


def get_decimals(credential: Credential) -> int:
    """Return how many decimals the credential's grade and completion have in per cent, as it was when the credential was issued."""
    return read_decimals(credential.achievement.get(DECIMALS_OPTION))


def get_present_decimals(credential_type: CredentialType, configuration: CredentialConfiguration) -> int:
    """Return how many decimals grade and completion have in per cent by the present options."""
    own = configuration.custom_options if credential_type.pk == configuration.credential_type_id else {}
    return read_decimals({**credential_type.custom_options, **own}.get(DECIMALS_OPTION))


def _describe(credential_type: CredentialType, configuration: CredentialConfiguration) -> dict[str, Any]:
    """Return the achievement of the type. If it is the configuration's type, the configuration's texts replace those of the type."""
    own = configuration if credential_type.pk == configuration.credential_type_id else credential_type
    return {
        "type": credential_type.slug,
        "description": own.description or credential_type.description,
        "criteria": own.criteria or credential_type.criteria,
        "shows_results": credential_type.badge_shows_results,
        "image": credential_type.image.slug if credential_type.image else "",
    }

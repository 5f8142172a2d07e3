"""What credentials say was achieved: taken from the configuration and its type when they are issued, and kept on each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.grades import DECIMALS_OPTION, read_decimals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.models import Credential, CredentialConfiguration, CredentialType

#: For what a record may lack.
_BLANK: dict[str, Any] = {"description": "", "criteria": "", "shows_results": False, "image": "", DECIMALS_OPTION: 0}


class AchievementFactory:
    """Takes snapshots for one type in one configuration, which are read once."""

    def __init__(self, credential_type: CredentialType, configuration: CredentialConfiguration) -> None:
        self._shared = {
            **_describe(credential_type, configuration),
            DECIMALS_OPTION: get_present_decimals(credential_type, configuration),
        }
        by_mode = credential_type.badge_images.order_by().values_list("mode", "image__slug")
        self._images: dict[str, str] = dict(by_mode)

    def make(self, evidence: Mapping[str, Any]) -> dict[str, Any]:
        """The achievement of a learner, with the picture of the mode that earned it where the type has one."""
        return {**self._shared, "image": self._images.get(str(evidence.get("mode", "")), self._shared["image"])}


def get_achievement(credential: Credential) -> dict[str, Any]:
    """What was achieved, as it was when the credential was issued; of credentials older than that record, as it is said now."""
    if not credential.achievement:
        return _describe(credential.configuration.credential_type, credential.configuration)
    return {**_BLANK, **credential.achievement}


def shows_results(credential: Credential) -> bool:
    """Whether the type says so now, and did not say otherwise when the credential was issued."""
    return get_achievement(credential)["shows_results"] and credential.configuration.credential_type.badge_shows_results


def get_decimals(credential: Credential) -> int:
    """Return how many decimals the credential's grade and completion have in per cent, as it was when it was issued."""
    return read_decimals(credential.achievement.get(DECIMALS_OPTION))


def get_present_decimals(credential_type: CredentialType, configuration: CredentialConfiguration) -> int:
    """Return the same as the options have it now."""
    own = configuration.custom_options if credential_type.pk == configuration.credential_type_id else {}
    return read_decimals({**credential_type.custom_options, **own}.get(DECIMALS_OPTION))


def _describe(credential_type: CredentialType, configuration: CredentialConfiguration) -> dict[str, Any]:
    """Return what the type says, with the texts of the configuration in place of the type's if it is the configuration's type."""
    own = configuration if credential_type.pk == configuration.credential_type_id else credential_type
    return {
        "type": credential_type.slug,
        "description": own.description or credential_type.description,
        "criteria": own.criteria or credential_type.criteria,
        "shows_results": credential_type.badge_shows_results,
        "image": credential_type.image.slug if credential_type.image else "",
    }

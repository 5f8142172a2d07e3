"""What credentials say was achieved: taken from the type when they are issued, and kept on each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.models import Credential, CredentialType

#: For what a record may lack.
_BLANK: dict[str, Any] = {"description": "", "criteria": "", "shows_results": False, "image": ""}


class AchievementFactory:
    """Takes snapshots for one type, which is read once."""

    def __init__(self, credential_type: CredentialType) -> None:
        self._shared = _describe(credential_type)
        by_mode = credential_type.badge_images.order_by().values_list("mode", "image__slug")
        self._images: dict[str, str] = dict(by_mode)

    def make(self, evidence: Mapping[str, Any]) -> dict[str, Any]:
        """The achievement of a learner, with the picture of the mode that earned it where the type has one."""
        return {**self._shared, "image": self._images.get(str(evidence.get("mode", "")), self._shared["image"])}


def get_achievement(credential: Credential) -> dict[str, Any]:
    """What was achieved, as it was when the credential was issued; of credentials older than that record, as the type has it now."""
    if not credential.achievement:
        return _describe(credential.configuration.credential_type)
    return {**_BLANK, **credential.achievement}


def shows_results(credential: Credential) -> bool:
    """Whether the type says so now, and did not say otherwise when the credential was issued."""
    return get_achievement(credential)["shows_results"] and credential.configuration.credential_type.badge_shows_results


def _describe(credential_type: CredentialType) -> dict[str, Any]:
    return {
        "type": credential_type.slug,
        "description": credential_type.description,
        "criteria": credential_type.criteria,
        "shows_results": credential_type.badge_shows_results,
        "image": credential_type.image.slug if credential_type.image else "",
    }

"""What a type's credentials say was achieved, as it is kept on each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from learning_credentials.models import CredentialType


class AchievementFactory:
    """Takes snapshots for one type, which is read once."""

    def __init__(self, credential_type: CredentialType) -> None:
        self._shared: dict[str, Any] = {
            "type": credential_type.slug,
            "description": credential_type.description,
            "criteria": credential_type.criteria,
            "shows_results": credential_type.badge_shows_results,
        }
        self._image = credential_type.image.slug if credential_type.image else ""
        by_mode = credential_type.badge_images.order_by().values_list("mode", "image__slug")
        self._images: dict[str, str] = dict(by_mode)

    def make(self, evidence: Mapping[str, Any]) -> dict[str, Any]:
        """The achievement of a learner, with the picture of the mode that earned it where the type has one."""
        return {**self._shared, "image": self._images.get(str(evidence.get("mode", "")), self._image)}

"""Collects the data of badges that is not in the credential's own texts, such as addresses and places in status lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from django.contrib.auth import get_user_model
from django.utils.crypto import salted_hmac

from learning_credentials.data import BadgeData
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import get_badge_image_url, get_status_list_url
from learning_credentials.services.credentials import issuer_ids, status_lists
from learning_credentials.services.credentials.achievements import get_achievement, shows_results
from learning_credentials.services.credentials.criteria_texts import read_criteria

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from learning_credentials.models import Credential

_SALT_LENGTH = 32


class BadgeDataFactory:
    """Makes the badge data of several credentials. What they share is read once.

    Args:
        credentials: the credentials.
        emails: the holders' e-mail addresses by account, if the caller has read them. Otherwise they are read here, in one query.
    """

    def __init__(self, credentials: Sequence[Credential], emails: Mapping[Any, str | None] | None = None) -> None:
        if emails is None:
            emails = _find_emails([row.user_id for row in credentials if row.user_id is not None])
        self._emails = emails
        self._issuer_id = issuer_ids.get_present_issuer_id().did
        self._first_issuer_id = issuer_ids.get_first().did
        self._list_urls: dict[int, str] = {}
        self._image_urls: dict[str, str] = {}

    def make(self, credential: Credential) -> BadgeData:
        """Return the badge data of a credential.

        Raises:
            ConfigurationError: ``BASE_URL`` or one of ``FORMER_BASE_URLS`` is not an address.
        """
        list_id, index = status_lists.ensure_place(credential)
        if list_id not in self._list_urls:
            self._list_urls[list_id] = get_status_list_url(list_id)
        achievement = get_achievement(credential)
        image = achievement["image"]
        if image not in self._image_urls:
            self._image_urls[image] = get_badge_image_url(image)
        # Made from the first address of the site, so that the achievement keeps its id when the site moves.
        about = f"{self._first_issuer_id}/{achievement['type']}/{credential.learning_context_key}"
        return BadgeData(
            issuer_id=self._issuer_id,
            achievement_id=uuid5(NAMESPACE_URL, about).urn,
            status_list_url=self._list_urls[list_id],
            status_index=index,
            description=achievement["description"],
            criteria=read_criteria(achievement).own,
            image=image,
            image_url=self._image_urls[image],
            shows_results=shows_results(credential),
            email=self._emails.get(credential.user_id) or "",
            salt=_make_salt(credential.verify_uuid),
        )


def _make_salt(verify_uuid: UUID) -> str:
    """Return the salt of a credential's badges. It is always the same, whatever Django's defaults, so that all copies have equal hashes."""
    return salted_hmac("learning_credentials.badge", str(verify_uuid), algorithm="sha256").hexdigest()[:_SALT_LENGTH]


def _find_emails(user_ids: Sequence[int]) -> dict[Any, str | None]:
    model = get_user_model()
    name = model.get_email_field_name()
    found: dict[Any, str | None] = {}
    for batch in in_batches(sorted(set(user_ids))):
        found.update(model.objects.filter(pk__in=batch).values_list("pk", name))
    return found

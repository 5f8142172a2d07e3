"""Makes the badges of credentials, the status lists that say which were revoked, and the document with the signing keys.

A badge is signed when it is first requested. It is cached under its content, so a changed badge is signed again.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.utils.crypto import salted_hmac

from learning_credentials.badges.composing import choose_image, sign_badge
from learning_credentials.badges.did import make_did_document, make_key_id
from learning_credentials.badges.documents import write_document
from learning_credentials.badges.keys import load_keys
from learning_credentials.badges.signing import sign
from learning_credentials.badges.status_list import make_status_list_credential
from learning_credentials.conf import get_settings
from learning_credentials.exceptions import AssetError, CredentialNotFoundError
from learning_credentials.models import StatusList
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.services.common import get_status_list_url, get_url_maker
from learning_credentials.services.course_runs import get_program_gates
from learning_credentials.services.credentials import (
    BadgeDataFactory,
    find_issuer_id_by_host,
    get_achievement,
    get_credential_data,
    list_issuer_ids,
    make_bits,
)
from learning_credentials.services.public import lookup

if TYPE_CHECKING:
    from uuid import UUID

    from learning_credentials.badges.baking import BadgeImage
    from learning_credentials.data import AssetReader, CredentialData

#: Seconds that signed documents stay in the cache. A document whose content would change is not found there.
_KEPT_FOR = 24 * 60 * 60


def are_badges_offered() -> bool:
    """Return whether the site signs badges, that is, whether it has a signing key."""
    return bool(get_settings().SIGNING_KEYS)


def get_badge(verify_uuid: UUID | str) -> str:
    """Return the signed badge of a credential as JSON text.

    Raises:
        CredentialNotFoundError: there is no such credential, it is hidden, or the site signs no badges.
        CredentialRevokedError: the credential was invalidated.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
    """
    return _get_signed(_get_data(verify_uuid, DatabaseAssets()))


def bake_badge(verify_uuid: UUID | str, media_type: str = "image/png") -> tuple[bytes, str]:
    """Return the achievement's image with the badge baked in, as bytes, and its media type.

    Args:
        verify_uuid: the public id of the credential.
        media_type: which built-in image to use, ``image/png`` or ``image/svg+xml``. Ignored if the type has its own image.

    Raises:
        CredentialNotFoundError, CredentialRevokedError, ConfigurationError, StorageUnavailableError.
    """
    assets = DatabaseAssets()
    data = _get_data(verify_uuid, assets)
    image = _get_image(data, assets, media_type)
    return image.bake(_get_signed(data)), image.media_type


def get_achievement_image(verify_uuid: UUID | str) -> tuple[bytes, str]:
    """Return the achievement's image without a badge, as bytes, and its media type.

    Raises:
        CredentialNotFoundError: there is no such credential, or it is hidden.
        StorageUnavailableError: the image could not be read.
    """
    assets = DatabaseAssets()
    image = _find_image(get_achievement(lookup.get_public(verify_uuid))["image"], assets, "image/png")
    return image.content, image.media_type


def get_badge_image(slug: str = "") -> tuple[bytes, str]:
    """Return the badge image with this slug, as bytes, and its media type. For no slug or an unknown slug, return the built-in image.

    Badges name the image by its slug permanently, so the built-in image replaces a deleted one. An unknown slug gets the built-in image
    too, so that the answer does not reveal which assets exist.

    Raises:
        CredentialNotFoundError: the site signs no badges.
        StorageUnavailableError: the image could not be read.
    """
    if not are_badges_offered():
        raise CredentialNotFoundError("the site does not sign badges")
    image = _find_image(slug, DatabaseAssets(), "image/png")
    return image.content, image.media_type


def get_status_list(list_id: int, host: str = "") -> tuple[str, str]:
    """Return a signed status list as JSON text, and a tag that changes whenever the list changes.

    Args:
        list_id: the number of the list.
        host: the host of the request. For a former host of the site, the list is signed as the issuer that the site had there.

    Raises:
        CredentialNotFoundError: there is no such list, or the site signs no badges.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
    """
    status_list = StatusList.objects.filter(pk=list_id).first()
    if status_list is None or not are_badges_offered():
        raise CredentialNotFoundError("there is no such status list")
    key = load_keys(get_settings()).signing_key
    site = find_issuer_id_by_host(host)
    # A restored database repeats earlier versions. Restoring closes the lists again, and that time distinguishes new lists from old copies.
    parts = (site.did, list_id, status_list.version, status_list.closed_at or "", key.verifying_key.multikey)
    tag = hashlib.sha256(" ".join(map(str, parts)).encode()).hexdigest()[:32]
    text: str | None = cache.get(f"lcred-status-{tag}")
    if text is None:
        # The version was read before the bits, so the bits are never older than the version.
        bits = make_bits(status_list)
        now = datetime.now(UTC)
        document = make_status_list_credential(
            url=get_status_list_url(list_id, site.base_url), issuer=site.did, bits=bits, valid_from=now
        )
        method = make_key_id(site.did, key.verifying_key)
        text = write_document(sign(document, key, verification_method=method, created=now))
        cache.set(f"lcred-status-{tag}", text, _KEPT_FOR)
    return text, tag


def get_did_document(host: str = "") -> dict[str, Any]:
    """Return the DID document, which lists the keys of the site's badges.

    Args:
        host: the host of the request. For a former host of the site, the document is that of the issuer that the site had there.

    Raises:
        CredentialNotFoundError: the site signs no badges.
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
    """
    if not are_badges_offered():
        raise CredentialNotFoundError("the site does not sign badges")
    did = find_issuer_id_by_host(host).did
    others = [site.did for site in list_issuer_ids() if site.did != did]
    return make_did_document(did, load_keys(get_settings()).listed, also_known_as=others)


def _get_data(verify_uuid: UUID | str, assets: AssetReader) -> CredentialData:
    if not are_badges_offered():
        raise CredentialNotFoundError("the site does not sign badges")
    credential = lookup.get_available(verify_uuid, is_whole=True)
    gate = get_program_gates([credential]).get(credential.pk)
    emails = {credential.user_id: getattr(credential, "holder_email", None)}
    return get_credential_data(credential, assets, gate, get_url_maker(), BadgeDataFactory([credential], emails))


def _get_signed(data: CredentialData) -> str:
    key = load_keys(get_settings()).signing_key
    # The representation of the data does not show the holder's e-mail address, so add it.
    said = (data, data.badge and data.badge.email, key.verifying_key.multikey)
    digest = salted_hmac("learning_credentials.badges", repr(said), algorithm="sha256").hexdigest()
    text: str | None = cache.get(f"lcred-badge-{digest}")
    if text is None:
        text = sign_badge(data, key, created=datetime.now(UTC))
        cache.set(f"lcred-badge-{digest}", text, _KEPT_FOR)
    return text


def _get_image(data: CredentialData, assets: AssetReader, media_type: str) -> BadgeImage:
    return _find_image(data.badge.image if data.badge else "", assets, media_type)


def _find_image(slug: str, assets: AssetReader, media_type: str) -> BadgeImage:
    try:
        return choose_image(slug, assets, media_type)
    except AssetError:
        # The image was deleted or changed since. Use the built-in one, because a badge needs an image.
        return choose_image("", assets, media_type)

"""Compose and sign the badge of one credential, and choose its image. All addresses come with the credential's data."""

from __future__ import annotations

from datetime import date, datetime, time
from threading import RLock
from typing import TYPE_CHECKING, Any

from babel import Locale
from cachetools import LRUCache, cached
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext, to_locale

from learning_credentials.badges.achievement import (
    Achievement,
    Badge,
    BadgeIssuer,
    Evidence,
    Holder,
    Result,
    StatusEntry,
    make_badge,
)
from learning_credentials.badges.baking import PNG, BadgeImage, get_default_image
from learning_credentials.badges.did import make_key_id
from learning_credentials.badges.documents import write_document
from learning_credentials.badges.signing import sign
from learning_credentials.badges.times import format_time
from learning_credentials.catalogues import choose_language
from learning_credentials.custom_fields import format_field
from learning_credentials.data import AssetKind, FieldKind
from learning_credentials.exceptions import AssetError, GenerationError
from learning_credentials.grades import find_grade, is_fraction, to_percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from learning_credentials.badges.keys import SigningKey
    from learning_credentials.data import AssetReader, BadgeData, CredentialData, FieldData

#: If these texts exist in a language, so do the app's other texts in badges.
_TEXTS = ("The holder met the criteria of %(context)s.", "Public page of the credential")
WHOLE = 100  # per cent
#: The property of custom fields that are results in the badge.
RESULT = "result"


def sign_badge(credential: CredentialData, key: SigningKey, *, created: datetime) -> str:
    """Return the signed badge of a credential as JSON text. The same arguments give the same text.

    Args:
        credential: the credential, with ``badge``.
        key: the key that signs.
        created: the time of the signature, with its time zone.

    Raises:
        GenerationError: ``badge_data_missing``: the credential has no ``badge``.
        MalformedBadgeError: the badge has no value for a required field. The message begins with the path.
    """
    if credential.badge is None:
        raise GenerationError(
            "the credential has no badge data, so its badge cannot be made", code="badge_data_missing"
        )
    method = make_key_id(credential.badge.issuer_id, key.verifying_key)
    document = make_badge(compose_badge(credential, credential.badge))
    return write_document(sign(document, key, verification_method=method, created=created))


def choose_image(slug: str, assets: AssetReader, media_type: str = "") -> BadgeImage:
    """Return the image of an achievement, ready for baking.

    Args:
        slug: the operator's image, which keeps its own media type. If it is empty, the built-in image is used.
        assets: where the operator's images are read.
        media_type: of the built-in image: PNG (the default) or SVG.

    Raises:
        AssetError: the image is missing or cannot be used.
        StorageUnavailableError: the image could not be read.
    """
    if not slug:
        return get_default_image(media_type or PNG)
    asset = assets.get(slug)
    if asset.kind != AssetKind.BADGE_IMAGE:
        msg = f"'{slug}' is not a badge image"
        raise AssetError(msg)
    return _open_image(asset.sha256, asset.content)


# Checking an image takes longer than signing a badge, and anyone can ask for the image.
@cached(LRUCache(32), key=lambda sha256, content: sha256, lock=RLock())  # noqa: ARG005
def _open_image(sha256: str, content: bytes) -> BadgeImage:  # noqa: ARG001
    return BadgeImage(content)


def compose_badge(credential: CredentialData, badge: BadgeData) -> Badge:
    """Return what a credential's badge says.

    The texts are in the credential's language. If the operator wrote texts for the badge that do not all exist in that language, all texts
    are in the site's language, also the criteria that the app writes: a badge speaks one language.
    """
    language = choose_language(
        [credential.language] if _has_own_texts_in(credential.language, credential, badge) else [], _TEXTS
    )
    what = " ".join(credential.get_text("learning_context_name", language).split())
    name = f"{credential.get_text('credential_type_name', language)}: {what}"
    find = credential.translations.find
    with translation.override(language):
        description = find("description", language) or badge.description or name
        criteria = (
            (badge.criteria and find("criteria", language))
            or badge.criteria
            or credential.criteria.write(language)
            or gettext("The holder met the criteria of %(context)s.") % {"context": what}
        )
        page = gettext("Public page of the credential")
        results = tuple(_list_results(credential.evidence, credential.grade_decimals)) if badge.shows_results else ()
    locale = Locale.parse(to_locale(language))
    custom = tuple(
        Result(field.label, format_field(field, locale)) for field in credential.custom_fields if field.badge == RESULT
    )
    return Badge(
        uuid=credential.verify_uuid,
        issuer=_compose_issuer(credential, badge),
        achievement=Achievement(
            badge.achievement_id,
            name,
            description,
            criteria,
            image=badge.image_url,
            language=_get_language(language, credential, badge, results),
        ),
        holder=Holder(credential.user_full_name, badge.email, badge.salt if badge.email else "", ""),
        valid_from=_get_start(credential),
        valid_until=credential.expires_at,
        status=StatusEntry(badge.status_list_url, badge.status_index),
        results=results + custom,
        facts=tuple(_list_facts(credential.custom_fields)),
        evidence=(Evidence(credential.verify_url, page),),
    )


def _compose_issuer(credential: CredentialData, badge: BadgeData) -> BadgeIssuer:
    """Return the issuer's profile. An issuer without a name is called by the host in its identifier."""
    issuer = credential.issuer
    name = issuer.name or badge.issuer_id.removeprefix("did:web:").partition(":")[0]
    return BadgeIssuer(badge.issuer_id, name, issuer.url, issuer.email)


def _has_own_texts_in(language: str, credential: CredentialData, badge: BadgeData) -> bool:
    """Return whether every text of the operator exists in a language."""
    own = [name for name, text in (("description", badge.description), ("criteria", badge.criteria)) if text]
    return all(credential.translations.find(name, language) for name in own)


def _get_language(language: str, credential: CredentialData, badge: BadgeData, results: Sequence[Result]) -> str:
    """Return the language of the achievement's texts.

    Return an empty text if the operator's and the app's texts are in different languages.

    Args:
        language: of the app's texts.
        credential: with the operator's texts in other languages.
        badge: with the operator's texts in the site's language.
        results: their names are texts of the app.
    """
    if _has_own_texts_in(language, credential, badge):  # or there are none
        return language
    has_texts_of_app = not badge.criteria or results
    return "" if has_texts_of_app and language != settings.LANGUAGE_CODE else settings.LANGUAGE_CODE


def _get_start(credential: CredentialData) -> datetime:
    """Return when the badge becomes valid: the time of the award, or the beginning of the issue date if that is another day."""
    zone = timezone.get_default_timezone()
    if timezone.localtime(credential.issued_at, zone).date() == credential.issue_date:
        return credential.issued_at
    return datetime.combine(credential.issue_date, time.min, zone)


def _list_facts(fields: Iterable[FieldData]) -> Iterator[tuple[str, str | int | float]]:
    """Yield the custom fields that are properties of the badge's subject."""
    for field in fields:
        if field.badge and field.badge != RESULT:
            value = field.choice or field.value
            if field.kind is FieldKind.DATE:
                day = date.fromisoformat(str(value))
                value = format_time(datetime.combine(day, time.min, timezone.get_default_timezone()))
            yield field.badge, value


def _list_results(evidence: Mapping[str, Any], decimals: int) -> list[Result]:
    """Return the grade and the completion in the evidence, in per cent, and the letter grade."""
    found: list[Result] = []
    letter = evidence.get("letter_grade")
    completion = evidence.get("current_completion")
    for name, value in ((gettext("Grade"), find_grade(evidence)), (gettext("Completion"), completion)):
        if is_fraction(value):
            percent = to_percent(value, decimals)
            # A grade above the scale has no maximum to compare it with.
            found.append(Result(name, str(percent), "Percent", "0", "100" if percent <= WHOLE else ""))
    if isinstance(letter, str) and letter:
        found.append(Result(gettext("Letter grade"), letter, "LetterGrade"))
    return found

"""The Open Badge: a signed document that any verifier of Open Badges 3.0 understands, alone or baked into a picture."""

from __future__ import annotations

from datetime import UTC, datetime, time
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

from cachetools import LRUCache, cached
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext
from pydantic import Field, StrictInt

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
from learning_credentials.badges.documents import MEDIA_TYPE, write_document
from learning_credentials.badges.keys import load_keys
from learning_credentials.badges.signing import sign
from learning_credentials.catalogues import choose_language
from learning_credentials.conf import get_settings
from learning_credentials.data import Artifact, AssetKind
from learning_credentials.exceptions import AssetError, GenerationError
from learning_credentials.grades import DECIMALS_HELP, MAX_DECIMALS, find_grade, is_fraction, to_percent
from learning_credentials.options import Options, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from learning_credentials.badges.keys import SigningKey
    from learning_credentials.data import AssetReader, BadgeData, CredentialData

#: Texts that tell whether the others exist in a language.
_TEXTS = ("The holder met the criteria of %(context)s.", "Public page of the credential")
WHOLE = 100  # per cent


class OpenBadgeOptions(Options):
    """Options of `generate_open_badge`."""

    badge_format: Literal["json", "image"] = Field(
        "json", description="The badge as a document, or baked into the picture of the achievement."
    )
    grade_decimals: StrictInt = Field(0, ge=0, le=MAX_DECIMALS, description=DECIMALS_HELP)


def generate_open_badge(credential: CredentialData, options: Mapping[str, Any]) -> Artifact:
    """Make a signed Open Badge 3.0.

    Args:
        credential: what is certified, with ``badge``.
        options: see `OpenBadgeOptions`.

    Raises:
        OptionsError: the options are wrong.
        ConfigurationError: there is no key to sign with.
        GenerationError: this learner's badge cannot be made.
        AssetError: the picture cannot be used.
        StorageUnavailableError: the picture could not be read.
    """
    return prepare_badges(options, credential.assets)(credential)


def prepare_badges(options: Mapping[str, Any], assets: AssetReader) -> Callable[[CredentialData], Artifact]:
    """Read options and keys once; return what makes one badge. Raises as `generate_open_badge`."""
    parsed = parse(OpenBadgeOptions, options)
    key = load_keys(get_settings()).signing_key
    images: dict[str, BadgeImage] = {}

    def make(credential: CredentialData) -> Artifact:
        text = sign_badge(credential, key)
        if parsed.badge_format == "json":
            return Artifact(text.encode(), MEDIA_TYPE, "json")
        slug = credential.badge.image if credential.badge else ""
        if slug not in images:
            images[slug] = get_badge_image(slug, assets)
        image = images[slug]
        return Artifact(image.bake(text), image.media_type, image.extension)

    return make


generate_open_badge.options_model = OpenBadgeOptions  # type: ignore[attr-defined]
generate_open_badge.prepare = prepare_badges  # type: ignore[attr-defined]
generate_open_badge.needs_badge = True  # type: ignore[attr-defined]


def sign_badge(credential: CredentialData, key: SigningKey) -> str:
    """Return the signed badge of a credential as JSON text.

    Raises:
        GenerationError: ``badge_data_missing``: the credential has no ``badge``.
        MalformedBadgeError: something that a badge must say is missing.
    """
    if credential.badge is None:
        raise GenerationError("what the badge should say is not known", code="badge_data_missing")
    method = make_key_id(credential.badge.issuer_id, key.verifying_key)
    document = make_badge(compose_badge(credential, credential.badge))
    return write_document(sign(document, key, verification_method=method, created=datetime.now(UTC)))


def get_badge_image(slug: str, assets: AssetReader, media_type: str = "") -> BadgeImage:
    """Return the picture of an achievement, ready for baking; without a slug the built-in one, as PNG or as ``media_type``.

    Raises:
        AssetError: it cannot be used.
        StorageUnavailableError: it could not be read.
    """
    if not slug:
        return get_default_image(media_type or PNG)
    asset = assets.get(slug)
    if asset.kind != AssetKind.BADGE_IMAGE:
        msg = f"'{slug}' is no badge image"
        raise AssetError(msg)
    return _open_image(asset.sha256, asset.content)


# To check a picture takes longer than to sign a badge, and anyone may ask for it.
@cached(LRUCache(32), key=lambda sha256, content: sha256, lock=RLock())  # noqa: ARG005
def _open_image(sha256: str, content: bytes) -> BadgeImage:  # noqa: ARG001
    return BadgeImage(content)


def compose_badge(credential: CredentialData, badge: BadgeData) -> Badge:
    """Gather what a credential's badge says: in the credential's language, or if the operator wrote texts for it, in the site's."""
    what = " ".join(credential.learning_context_name.split())
    name = f"{credential.credential_type_name}: {what}"
    has_own_texts = badge.description or badge.criteria
    language = choose_language([] if has_own_texts else [credential.language], _TEXTS)
    with translation.override(language):
        description = badge.description or name
        criteria = badge.criteria or gettext("The holder met the criteria of %(context)s.") % {"context": what}
        page = gettext("Public page of the credential")
        results = tuple(_list_results(credential.evidence, credential.grade_decimals)) if badge.shows_results else ()
    return Badge(
        uuid=credential.verify_uuid,
        issuer=BadgeIssuer(
            badge.issuer_id,
            credential.issuer.name or badge.issuer_id.removeprefix("did:web:").partition(":")[0],
            credential.issuer.url,
            credential.issuer.email,
        ),
        achievement=Achievement(
            badge.achievement_id,
            name,
            description,
            criteria,
            image=badge.image_url,
            language=_get_language(language, badge, results),
        ),
        holder=Holder(credential.user_full_name, badge.email, badge.salt if badge.email else "", ""),
        valid_from=_get_start(credential),
        valid_until=credential.expires_at,
        status=StatusEntry(badge.status_list_url, badge.status_index),
        results=results,
        evidence=(Evidence(credential.verify_url, page),),
    )


def _get_language(language: str, badge: BadgeData, results: Sequence[Result]) -> str:
    """Return the language of the achievement's texts, or nothing if the operator's and the app's are in different ones.

    Args:
        language: of the app's texts.
        badge: with the operator's texts, which are in the site's language.
        results: their names are texts of the app.
    """
    if not (badge.description or badge.criteria):
        return language
    has_texts_of_app = not badge.criteria or results
    return "" if has_texts_of_app and language != settings.LANGUAGE_CODE else settings.LANGUAGE_CODE


def _get_start(credential: CredentialData) -> datetime:
    """Return from when the badge is valid: the moment of the award, or if another date is shown, the beginning of that day."""
    zone = timezone.get_default_timezone()
    if timezone.localtime(credential.issued_at, zone).date() == credential.issue_date:
        return credential.issued_at
    return datetime.combine(credential.issue_date, time.min, zone)


def _list_results(evidence: Mapping[str, Any], decimals: int) -> list[Result]:
    """The grade and the completion that the evidence has, as percentages."""
    found: list[Result] = []
    letter = evidence.get("letter_grade")
    completion = evidence.get("current_completion")
    for name, value in ((gettext("Grade"), find_grade(evidence)), (gettext("Completion"), completion)):
        if is_fraction(value):
            percent = to_percent(value, decimals)
            # A grade above the scale has no greatest value to be compared with.
            found.append(Result(name, str(percent), "Percent", "0", "100" if percent <= WHOLE else ""))
    if isinstance(letter, str) and letter:
        found.append(Result(gettext("Letter grade"), letter, "LetterGrade"))
    return found

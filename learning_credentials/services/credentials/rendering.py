"""Renders and stores the artifacts of claimed credentials, outside any transaction."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from learning_credentials import discovery
from learning_credentials.conf import get_settings
from learning_credentials.data import Artifact, CredentialData
from learning_credentials.exceptions import ConfigurationError, CredentialsError, StorageUnavailableError
from learning_credentials.failures import (
    DATABASE_OUTAGES,
    Failure,
    as_credentials_error,
    classify_rendering,
    describe,
)
from learning_credentials.models.asset_reader import DatabaseAssets, is_slug
from learning_credentials.services.common import (
    Folder,
    as_text,
    drop_broken_connection,
    get_claim_dir,
    get_url_maker,
    require_name,
)
from learning_credentials.services.course_runs import Gate, get_program_gates, get_shown_date
from learning_credentials.services.credentials.badge_data import BadgeDataFactory
from learning_credentials.services.credentials.details import require_fields
from learning_credentials.services.credentials.snapshots import Snapshot
from learning_credentials.verify_codes import format_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from learning_credentials.data import AssetReader
    from learning_credentials.models import Credential, CredentialConfiguration
    from learning_credentials.services.credentials.claims import Claim

    Renderer = Callable[[CredentialData], Artifact]

logger = logging.getLogger(__name__)

MAX_MEDIA_TYPE = 100
MAX_PAGES = 10_000
_EXTENSION = re.compile(r"[\w.+-]{1,32}", re.ASCII)


@dataclass(frozen=True)
class RenderedClaim:
    """The result for one claimed credential: the artifact's ``name`` in the storage, or an error. ``is_transient``: a retry can help."""

    credential: Credential
    name: str = ""
    media_type: str = ""
    sha256: str = ""
    #: None for one page.
    pages: int | None = None
    warnings: tuple[str, ...] = ()
    error_code: str = ""
    error_message: str = ""
    is_transient: bool = False
    #: The credential was not tried, because of an outage that another credential of the claim met.
    is_untried: bool = False
    #: Names of files that may be stored although storing failed.
    doubtful: tuple[str, ...] = ()

    @classmethod
    def of_error(
        cls, credential: Credential, error: Exception, *, is_untried: bool = False, doubtful: Sequence[str] = ()
    ) -> RenderedClaim:
        """Return the outcome of an error. After an outage a retry can help. After an unknown error, ``MAX_ATTEMPTS`` attempts are made."""
        code, message = describe_error(error)
        failure = classify_rendering(error)
        is_transient = failure is Failure.OUTAGE or (
            failure is Failure.UNKNOWN and credential.attempts < get_settings().MAX_ATTEMPTS
        )
        return cls(
            credential,
            error_code=code,
            error_message=message,
            is_transient=is_transient,
            is_untried=is_untried,
            doubtful=tuple(doubtful),
        )


def describe_error(error: Exception) -> tuple[str, str]:
    """Return the code and the message with which an error of a generator is stored."""
    return as_credentials_error(error).code[:64], as_text(describe(error), 2000)


def render_claim(claim: Claim) -> Iterator[RenderedClaim]:
    """Render and store each claimed credential; yield the outcomes. An error of one credential does not affect the others.

    If the storage or the database fails for one, the others are not tried, so that a full disk is not filled with partial files.
    """
    assets = DatabaseAssets(_list_expected_assets(claim))
    try:
        renderer = get_renderer(claim.configuration, assets)
        get_url = get_url_maker()
        generator = discovery.get_generator(claim.configuration.credential_type.generation_func)
        needs_badge = generator.needs_badge(claim.configuration.options)
        badges = BadgeDataFactory(claim.credentials) if needs_badge else None
    except Exception as error:
        logger.warning("The generator of %s could not be prepared", claim.configuration, exc_info=True)
        drop_broken_connection()
        yield from (RenderedClaim.of_error(credential, error) for credential in claim.credentials)
        return
    # The claim has the dates of course runs already. Only programs need a query.
    gates = get_program_gates(claim.credentials)
    folder = Folder(get_claim_dir(claim.token), len(claim.credentials))
    outage: Exception | None = None
    for credential in claim.credentials:
        if outage is not None:
            yield RenderedClaim.of_error(credential, outage, is_untried=True)
            continue
        claim.renew_if_due()
        if credential.pk in claim.refused:
            yield RenderedClaim.of_error(credential, claim.refused[credential.pk])
            continue
        try:
            require_name(credential)
            require_fields(credential)
            data = get_credential_data(credential, assets, gates.get(credential.pk), get_url, badges)
            artifact = make_artifact(renderer, data)
            name = folder.store(artifact)
        except Exception as error:
            if not isinstance(error, CredentialsError):
                logger.exception("The generator failed unexpectedly for credential %s", credential.pk)
            if isinstance(error, (StorageUnavailableError, *DATABASE_OUTAGES)):
                outage = error
                drop_broken_connection()
            yield RenderedClaim.of_error(credential, error, doubtful=folder.take_doubtful())
        else:
            warnings = tuple(as_text(warning, 2000) for warning in artifact.warnings)
            pages = artifact.pages if artifact.pages > 1 else None
            yield RenderedClaim(credential, name, artifact.media_type, artifact.sha256, pages, warnings)


def _list_expected_assets(claim: Claim) -> set[str]:
    """Return the texts in the options, the issuers and the signatories that can be the slug of an asset."""
    found: set[str] = set()
    left: list[Any] = [claim.configuration.options]
    for credential in claim.credentials:
        found.add(credential.issuer.get("logo", ""))
        found.update(person.get("signature", "") for person in credential.signatories)
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
        elif isinstance(value, str):
            found.add(value.partition("#")[0])  # after "#" is the weight of a font
    return {text for text in found if is_slug(text)}


def get_renderer(configuration: CredentialConfiguration, assets: AssetReader) -> Renderer:
    """Return a function that renders artifacts for a configuration. If the generator offers `prepare`, it is called once.

    Raises:
        ConfigurationError: the generator is not known, or its options are wrong.
        TransientError: an asset could not be read now.
    """
    plugin = discovery.get_generator(configuration.credential_type.generation_func)
    options = configuration.options
    if plugin.prepare is not None:
        prepared: Renderer = plugin.prepare(options, assets)
        return prepared
    return lambda credential: plugin.function(credential, options)


def make_artifact(renderer: Renderer, data: CredentialData) -> Artifact:
    """Render one credential. Return the artifact.

    Raises:
        ConfigurationError: the generator did not return a correct `Artifact`.
    """
    artifact: Any = renderer(data)
    if not isinstance(artifact, Artifact):
        msg = f"the generator must return an Artifact, not {type(artifact).__name__}"
        raise ConfigurationError(msg)
    if wrong := _list_wrong(artifact):
        msg = f"the generator returned an Artifact with a wrong {' and '.join(wrong)}"
        raise ConfigurationError(msg)
    return artifact


def _list_wrong(artifact: Artifact) -> list[str]:
    """Return the names of the artifact's fields that could not be stored or served."""
    media_type, extension, warnings = artifact.media_type, artifact.extension, artifact.warnings
    is_right = {
        "content": isinstance(artifact.content, bytes),
        "media_type": isinstance(media_type, str)
        and 0 < len(media_type) <= MAX_MEDIA_TYPE
        and media_type.isprintable(),
        "extension": isinstance(extension, str) and _EXTENSION.fullmatch(extension) is not None,
        "pages": isinstance(artifact.pages, int) and 0 < artifact.pages <= MAX_PAGES,
        "warnings": isinstance(warnings, tuple | list) and all(isinstance(warning, str) for warning in warnings),
    }
    return [name for name, right in is_right.items() if not right]


def get_credential_data(
    credential: Credential,
    assets: AssetReader,
    gate: Gate | None,
    get_url: Callable[[UUID], str],
    badges: BadgeDataFactory | None = None,
) -> CredentialData:
    """Return what a generator gets for a credential: its snapshot and no value that can change later.

    ``gate`` is needed for a program. For other credentials the date of the run is read from the annotation of `with_run_date`.
    """
    if credential.issued_at is None:
        msg = "a credential needs its issue time before it is rendered"
        raise ConfigurationError(msg)
    return Snapshot.of(credential).as_data(
        verify_uuid=credential.verify_uuid,
        verify_url=get_url(credential.verify_uuid),
        verify_code=format_code(credential.verify_code),
        issued_at=credential.issued_at,
        issue_date=get_shown_date(credential, gate, is_printed=True),
        expires_at=credential.expires_at,
        assets=assets,
        user_id=credential.user_id,
        badge=badges.make(credential) if badges else None,
    )

"""Frozen values that pass between the layers. No Django model crosses into a generator; these do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID


class AssetKind(StrEnum):
    """What an uploaded asset is."""

    PDF_TEMPLATE = "pdf_template"
    IMAGE = "image"
    FONT = "font"


@dataclass(frozen=True, slots=True)
class Asset:
    """One input file of a generator. ``sha256`` (hex) is the stored hash of ``content`` and serves as a cache key."""

    slug: str
    kind: AssetKind
    content: bytes = field(repr=False)
    sha256: str

    @classmethod
    def of(cls, slug: str, kind: AssetKind, content: bytes) -> Asset:
        """Make an asset from bytes in hand, hashing them."""
        return cls(slug, kind, content, hashlib.sha256(content).hexdigest())


class AssetReader(Protocol):
    """Gives generators their assets by slug."""

    def get(self, slug: str) -> Asset:
        """Return the asset.

        Raises:
            AssetNotFoundError: no asset has that slug.
            StorageUnavailableError: its file could not be read.
        """
        ...


@dataclass(frozen=True)
class StaticAssets:
    """An `AssetReader` over assets in memory, for previews, tests and plug-ins."""

    assets: Mapping[str, Asset] = field(default_factory=dict)

    def get(self, slug: str) -> Asset:
        """Return the asset or raise `AssetNotFoundError`."""
        from learning_credentials.exceptions import AssetNotFoundError

        try:
            return self.assets[slug]
        except KeyError:
            msg = f"there is no asset with the slug '{slug}'"
            raise AssetNotFoundError(msg) from None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What a processor found for one learner.

    ``progress`` is all that the processor returned beside ``is_eligible``: current and required values.
    """

    user_id: int
    is_eligible: bool
    progress: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IssuerData:
    """Who issues, as it is snapshot into a credential. ``logo`` is the slug of an image asset, or empty."""

    name: str = ""
    url: str = ""
    email: str = ""
    logo: str = ""


@dataclass(frozen=True, slots=True)
class SignatoryData:
    """Who signs. ``signature`` is the slug of an image asset, or empty."""

    name: str
    title: str = ""
    organisation: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class CredentialData:
    """All that a generator may know of one credential.

    ``issued_at`` is UTC; ``issue_date`` is the date to print, in the project's time zone.
    """

    verify_uuid: UUID
    verify_url: str
    user_full_name: str
    learning_context_key: str
    learning_context_name: str
    credential_type_name: str
    issued_at: datetime
    issue_date: date
    assets: AssetReader = field(repr=False)
    issuer: IssuerData = field(default_factory=IssuerData)
    signatories: tuple[SignatoryData, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    language: str = ""
    user_id: int | None = None


@dataclass(frozen=True)
class Artifact:
    """The output of a generator. ``extension`` has no dot; ``warnings`` are recorded on the credential's history."""

    content: bytes = field(repr=False)
    media_type: str
    extension: str
    warnings: tuple[str, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return hashlib.sha256(self.content).hexdigest()


class VerificationStatus(StrEnum):
    """The answers a third party can get. A value equals the status stored on the credential."""

    AVAILABLE = "available"
    INVALIDATED = "invalidated"


@dataclass(frozen=True, slots=True)
class Verification:
    """The public answer about one credential: whose it is, what for, and whether it still holds.

    ``is_valid`` is what a third party wants to know: available and not expired. ``replaced_by`` is the public id of the successor.
    Datetimes are UTC.
    """

    verify_uuid: UUID
    verify_url: str
    status: VerificationStatus
    is_valid: bool
    user_full_name: str
    learning_context_key: str
    learning_context_name: str
    credential_type_name: str
    issuer: IssuerData
    issued_at: datetime
    issue_date: date
    expires_at: datetime | None = None
    invalidated_at: datetime | None = None
    invalidation_reason: str = ""
    replaced_by: UUID | None = None
    has_download: bool = False
    media_type: str = ""

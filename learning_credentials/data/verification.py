"""Define the public answer about one credential."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from learning_credentials.data.credentials import IssuerData
    from learning_credentials.data.fields import FieldData


class PagePicture(StrEnum):
    """The picture on the public page of a credential: the certificate itself, or the image of the achievement."""

    CERTIFICATE = "certificate"
    ACHIEVEMENT = "achievement"


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image for a page. ``sha256`` is the hash of the content."""

    content: bytes = field(repr=False)
    media_type: str
    sha256: str


class VerificationStatus(StrEnum):
    """The statuses that the public can see. Each value equals a stored credential status."""

    AVAILABLE = "available"
    INVALIDATED = "invalidated"


@dataclass(frozen=True, slots=True)
class Verification:
    """The public answer about one credential: who received it, what for, and whether it is valid.

    ``verify_code`` is the short code as it is printed. It is empty for a credential that has no code yet.

    ``is_valid`` is True if the credential is available and has not expired. ``replaced_by`` is the public id of the successor that corrects
    this credential. ``renewed_by`` is the public id of the renewal. Both are set only if the public can see that credential.

    ``results`` contains the part of the evidence that the type makes public, in the same shape. Fractions are rounded to ``grade_decimals``
    decimals of their per cent. ``has_download`` says whether there is a file, and ``has_public_download`` whether anyone can download it.
    ``page_options`` are the stored options of the type. ``custom_fields`` are the fields that the type made public when the credential was
    issued. ``criteria`` is in the active language, unless an operator wrote the text. ``pages`` is the number of pages of the file.
    Datetimes are in UTC.
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
    renewed_by: UUID | None = None
    has_download: bool = False
    has_public_download: bool = False
    media_type: str = ""
    description: str = ""
    criteria: str = ""
    results: Mapping[str, Any] = field(default_factory=dict)
    mode: str = ""
    picture: PagePicture | None = None
    has_badge: bool = False
    is_indexable: bool = False
    page_options: Mapping[str, Any] = field(default_factory=dict)
    grade_decimals: int = 0
    verify_code: str = ""
    custom_fields: tuple[FieldData, ...] = ()
    pages: int = 1


@dataclass(frozen=True, slots=True)
class CredentialVisibility:
    """Whether a credential is visible now, and its dates.

    ``visible_from`` (UTC) is set only while the credential is hidden. ``issue_date`` is the date to show. It is None if the credential was
    not issued.
    """

    is_visible: bool
    visible_from: datetime | None = None
    issue_date: date | None = None

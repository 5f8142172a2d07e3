"""Define the immutable values that pass between the layers. Generators receive these values and never Django models."""

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
    """The kinds of uploaded assets."""

    PDF_TEMPLATE = "pdf_template"
    IMAGE = "image"
    FONT = "font"
    BADGE_IMAGE = "badge_image"


@dataclass(frozen=True, slots=True)
class Asset:
    """One input file of a generator. ``sha256`` (hex) is the stored hash of ``content``. Generators can use it as a cache key."""

    slug: str
    kind: AssetKind
    content: bytes = field(repr=False)
    sha256: str

    @classmethod
    def of(cls, slug: str, kind: AssetKind, content: bytes) -> Asset:
        """Return an asset made from bytes. Calculate the hash."""
        return cls(slug, kind, content, hashlib.sha256(content).hexdigest())


class AssetReader(Protocol):
    """Interface through which generators get their assets by slug."""

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
    """The result of a processor for one learner.

    ``progress`` contains everything that the processor returned besides ``is_eligible``: current and required values.
    """

    user_id: int
    is_eligible: bool
    progress: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IssuerData:
    """The issuer as stored in the snapshot of a credential. ``logo`` is the slug of an image asset, or empty."""

    name: str = ""
    url: str = ""
    email: str = ""
    logo: str = ""


@dataclass(frozen=True, slots=True)
class SignatoryData:
    """A person who signs. ``signature`` is the slug of an image asset, or empty."""

    name: str
    title: str = ""
    organisation: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class BadgeData:
    """What a badge contains in addition to the other data of a credential.

    ``issuer_id`` is the issuer's DID. ``achievement_id`` is a URN. ``image`` is the slug of a badge image asset. If it is empty, the
    built-in image is used. ``image_url`` is the address of the image, which is the same for all learners. ``status_list_url`` and
    ``status_index`` name the bit that says whether the badge was revoked. The e-mail address is written only as a hash with ``salt``.
    """

    issuer_id: str
    achievement_id: str
    status_list_url: str
    status_index: int
    description: str = ""
    criteria: str = ""
    image: str = ""
    image_url: str = ""
    shows_results: bool = False
    email: str = field(default="", repr=False)
    salt: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CredentialData:
    """Everything that a generator can know about one credential.

    ``issued_at`` is in UTC. ``issue_date`` is the date to print, in the project's time zone. Only generators that are declared with
    ``needs_badge=True`` get a ``badge``. ``grade_decimals`` is the number of decimals of grades and completion in per cent.
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
    badge: BadgeData | None = None
    grade_decimals: int = 0


@dataclass(frozen=True)
class Artifact:
    """The file that a generator made.

    ``extension`` has no dot. The app records ``warnings`` in the credential's history.
    """

    content: bytes = field(repr=False)
    media_type: str
    extension: str
    warnings: tuple[str, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Return the SHA-256 hash of the content in hex."""
        return hashlib.sha256(self.content).hexdigest()


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

    ``is_valid`` is True if the credential is available and has not expired. ``replaced_by`` is the public id of the successor that corrects
    this credential. ``renewed_by`` is the public id of the renewal. Both are set only if the public can see that credential.

    ``results`` contains the part of the evidence that the type makes public, in the same shape. Fractions are rounded to ``grade_decimals``
    decimals of their per cent. ``has_download`` says whether there is a file, and ``has_public_download`` whether anyone can download it.
    ``page_options`` are the stored options of the type. Datetimes are in UTC.
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


class FileKind(StrEnum):
    """What somebody presented for verification. The content decides the kind. `ID` means a credential's id or address and no file."""

    PDF = "pdf"
    PNG = "png"
    SVG = "svg"
    JSON = "json"
    TEXT = "text"
    OTHER = "other"
    ID = "id"


class Verdict(StrEnum):
    """The result of a verification. Only `UNCHANGED` means that the credential is valid now."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    REPLACED = "replaced"
    EXPIRED = "expired"


class Finding(StrEnum):
    """The reason for a verdict."""

    #: The file is byte for byte the same as an issued one.
    SAME_FILE = "same_file"
    #: A badge with a good signature.
    GOOD_SIGNATURE = "good_signature"
    #: The id of a credential.
    KNOWN_CREDENTIAL = "known_credential"
    #: A badge with a good signature inside something that was not checked, such as a presentation or a wallet's list.
    GOOD_SIGNATURE_WITHIN = "good_signature_within"
    #: A badge with a good signature, in a file that another program could read as a different kind of document.
    MORE_THAN_A_BADGE = "more_than_a_badge"
    #: Several badges. Each has its own finding.
    SEVERAL_BADGES = "several_badges"
    #: More badges than the app checks in one file.
    TOO_MANY_BADGES = "too_many_badges"
    #: An issued file with something added at the end, such as a later signature.
    ADDED_TO = "added_to"
    #: The file names a credential, but it is not an issued file.
    OTHER_CONTENT = "other_content"
    #: A badge whose signature does not match.
    BAD_SIGNATURE = "bad_signature"
    #: A badge signed with a key that this site does not list.
    UNKNOWN_KEY = "unknown_key"
    #: A badge or signed file that names another issuer.
    OTHER_ISSUER = "other_issuer"
    #: No visible credential has this id.
    UNKNOWN_CREDENTIAL = "unknown_credential"
    #: The app knows nothing about the file.
    UNKNOWN_FILE = "unknown_file"


class ClaimFormat(StrEnum):
    """The formats of credentials from other issuers."""

    OPEN_BADGES_3 = "open_badges_3"
    OPEN_BADGES_3_JWT = "open_badges_3_jwt"
    VERIFIABLE_CREDENTIAL = "verifiable_credential"
    VERIFIABLE_CREDENTIAL_JWT = "verifiable_credential_jwt"
    OPEN_BADGES_2 = "open_badges_2"
    OPEN_BADGES_2_SIGNED = "open_badges_2_signed"
    BLOCKCERTS = "blockcerts"
    EUROPEAN_DIGITAL_CREDENTIAL = "european_digital_credential"
    SIGNED_PDF = "signed_pdf"


class SignatureCheck(StrEnum):
    """The result of checking a signature with the file alone.

    A good signature does not prove who owns the key.
    """

    GOOD = "good"
    BAD = "bad"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a file from another issuer claims. Nothing of it is proved.

    Times are texts as written in the file. ``verifiers`` are addresses of public services that check this format.
    """

    format: ClaimFormat
    issuer_name: str = ""
    issuer_id: str = ""
    name: str = ""
    valid_from: str = ""
    valid_until: str = ""
    status_url: str = ""
    signature: SignatureCheck = SignatureCheck.NOT_CHECKED
    verifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """The answer about something that somebody presented for verification.

    ``message`` is a text for people in the active language. ``sha256`` is the hash of the file in hex. It is empty if there was no file.
    ``verification`` describes the credential that the file is or names. It is None if there is no such visible credential. ``claims``
    contains what a file from another issuer claims. ``badges`` contains one answer for each of several badges in one file, in their order.
    The verdict is then the worst of theirs.
    """

    kind: FileKind
    verdict: Verdict
    finding: Finding
    message: str
    sha256: str = ""
    verification: Verification | None = None
    claims: Claims | None = None
    badges: tuple[Inspection, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Return whether the file is unchanged and the credential is valid now."""
        return self.verdict is Verdict.UNCHANGED


@dataclass(frozen=True, slots=True)
class CredentialVisibility:
    """Whether a credential is visible now, and its dates.

    ``visible_from`` (UTC) is set only while the credential is hidden. ``issue_date`` is the date to show. It is None if the credential was
    not issued.
    """

    is_visible: bool
    visible_from: datetime | None = None
    issue_date: date | None = None


class LearnerRunStatus(StrEnum):
    """A learner's status in a course run, as clients see it.

    Only `AWARDED` means that the learner has a valid and visible certificate.
    """

    AWARDED = "awarded"
    NOTPASSING = "notpassing"
    UNVERIFIED = "unverified"
    UNAVAILABLE = "unavailable"
    NOT_YET_AVAILABLE = "not_yet_available"
    NOT_EARNED = "not_earned"
    UNKNOWN_COURSE = "unknown_course"


@dataclass(frozen=True, slots=True)
class LearnerQuery:
    """A question about one learner. Set either ``username`` or ``lms_user_id``, never both.

    ``courses`` are keys or UUIDs of courses and stand for all their runs. ``course_runs`` are keys or UUIDs of runs.
    """

    username: str | None = None
    lms_user_id: int | None = None
    courses: tuple[str, ...] = ()
    course_runs: tuple[str, ...] = ()
    include_unearned: bool = False


@dataclass(frozen=True, slots=True)
class RunGrade:
    """A learner's grade in a run at the last evaluation of the standing.

    ``percent`` is between 0 and 1. ``is_verified`` is True if the learner's mode requires an identity verification and the standing is not
    ``unverified``.
    """

    percent: float
    letter: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class RunStatus:
    """One learner's status in one course run.

    For an unknown run, only the caller's identifier is set. ``mode`` is None if the learner has none. ``is_excluded`` is set only in
    answers about a program.
    """

    status: LearnerRunStatus
    run_key: str | None = None
    run_uuid: UUID | None = None
    course_uuid: UUID | None = None
    mode: str | None = None
    available_date: datetime | None = None
    grade: RunGrade | None = None
    is_excluded: bool | None = None


@dataclass(frozen=True, slots=True)
class LearnerStatus:
    """One learner's statuses in the requested runs.

    For an unknown learner, one of the identifiers is None and ``runs`` is empty.
    """

    lms_user_id: int | None
    username: str | None
    runs: tuple[RunStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """One learner's statuses in every run of a program, including the runs that the program excludes."""

    learner: LearnerStatus
    program_uuid: UUID | None
    program_name: str

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
    BADGE_IMAGE = "badge_image"


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
class BadgeData:
    """What a badge says beyond the rest of a credential.

    ``issuer_id`` is the issuer's DID; ``achievement_id`` a URN; ``image`` the slug of a badge image asset, empty for the built-in one;
    ``image_url`` the address of that picture, which is the same for all learners.
    ``status_list_url`` and ``status_index`` name the bit that tells whether the badge was revoked. The e-mail address is only ever written
    as a hash with ``salt``.
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
    """All that a generator may know of one credential.

    ``issued_at`` is UTC; ``issue_date`` is the date to print, in the project's time zone. ``badge`` is there for generators that are
    declared with ``needs_badge=True``. ``grade_decimals`` is how many decimals grades and completion have in per cent.
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
    """The output of a generator. ``extension`` has no dot; ``warnings`` are recorded on the credential's history."""

    content: bytes = field(repr=False)
    media_type: str
    extension: str
    warnings: tuple[str, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return hashlib.sha256(self.content).hexdigest()


class PagePicture(StrEnum):
    """What a public page can show of a credential: the certificate itself, or the picture of the achievement."""

    CERTIFICATE = "certificate"
    ACHIEVEMENT = "achievement"


@dataclass(frozen=True, slots=True)
class Picture:
    """An image to be shown in a page. ``sha256`` is of the content."""

    content: bytes = field(repr=False)
    media_type: str
    sha256: str


class VerificationStatus(StrEnum):
    """The answers a third party can get. A value equals the status stored on the credential."""

    AVAILABLE = "available"
    INVALIDATED = "invalidated"


@dataclass(frozen=True, slots=True)
class Verification:
    """The public answer about one credential: whose it is, what for, and whether it still holds.

    ``is_valid`` is what a third party wants to know: available and not expired. ``replaced_by`` is the public id of the successor of
    one that was wrong, and ``renewed_by`` that of the successor of one that has expired, if those may be seen. ``results`` holds what of
    the evidence the type lets the public see, in the shape of the evidence: fractions, rounded to ``grade_decimals`` of their per cent.
    ``has_download``: there is a file; ``has_public_download``: anyone may have it. ``page_options`` are the type's, as stored. Datetimes
    are UTC.
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
    """What somebody presented to have it checked, by its content; `ID`: no file, but a credential's id or address."""

    PDF = "pdf"
    PNG = "png"
    SVG = "svg"
    JSON = "json"
    TEXT = "text"
    OTHER = "other"
    ID = "id"


class Verdict(StrEnum):
    """What is to be held of what was presented. Only `UNCHANGED` stands for a credential that holds now."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    REPLACED = "replaced"
    EXPIRED = "expired"


class Finding(StrEnum):
    """What a verdict rests on."""

    #: Byte for byte a file that was issued.
    SAME_FILE = "same_file"
    #: A badge whose signature is good.
    GOOD_SIGNATURE = "good_signature"
    #: The id of a credential.
    KNOWN_CREDENTIAL = "known_credential"
    #: A badge whose signature is good, within something that was not checked, such as a presentation or a list of a wallet.
    GOOD_SIGNATURE_WITHIN = "good_signature_within"
    #: A badge whose signature is good, in a file that another program could take for a document of another kind.
    MORE_THAN_A_BADGE = "more_than_a_badge"
    #: More than one badge, each with a finding of its own.
    SEVERAL_BADGES = "several_badges"
    #: More badges than are looked at in one file.
    TOO_MANY_BADGES = "too_many_badges"
    #: A file that was issued, with something behind it, such as a later signature.
    ADDED_TO = "added_to"
    #: It names a credential, but is no file that was issued.
    OTHER_CONTENT = "other_content"
    #: A badge whose signature does not fit.
    BAD_SIGNATURE = "bad_signature"
    #: A badge signed with a key that this site does not list.
    UNKNOWN_KEY = "unknown_key"
    #: A badge or signed file that says that another issuer made it.
    OTHER_ISSUER = "other_issuer"
    #: No credential that may be seen has the id.
    UNKNOWN_CREDENTIAL = "unknown_credential"
    #: Nothing is known of the file.
    UNKNOWN_FILE = "unknown_file"


class ClaimFormat(StrEnum):
    """The format of what others issued."""

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
    """What was found of a signature with nothing but the file itself. A good one does not tell whose key it was made with."""

    GOOD = "good"
    BAD = "bad"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a file of another issuer says of itself, as it says it. Nothing of it is proved.

    Times are texts as they stand in the file. ``verifiers`` are addresses of public services that check this format.
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
    """The answer about something that was presented.

    ``message`` says it to people, in the language in force. ``sha256`` (hex) is of the file, empty where there was none.
    ``verification`` is of the credential that the file is or says it is; None where none is known that may be seen.
    ``claims`` is what a file of another issuer says of itself. ``badges`` are the answers for each of several badges in one file, in
    their order; the verdict is then the worst of theirs.
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
        """Whether it is as it was issued, and the credential holds now."""
        return self.verdict is Verdict.UNCHANGED


@dataclass(frozen=True, slots=True)
class CredentialVisibility:
    """What the dates of a credential come to now.

    ``visible_from`` (UTC) is set only while it is hidden; ``issue_date`` is the date that is shown, None for one that was not issued.
    """

    is_visible: bool
    visible_from: datetime | None = None
    issue_date: date | None = None


class LearnerRunStatus(StrEnum):
    """How a learner stands in a course run, as clients are told. Only `AWARDED` speaks of a certificate that holds and may be seen."""

    AWARDED = "awarded"
    NOTPASSING = "notpassing"
    UNVERIFIED = "unverified"
    UNAVAILABLE = "unavailable"
    NOT_YET_AVAILABLE = "not_yet_available"
    NOT_EARNED = "not_earned"
    UNKNOWN_COURSE = "unknown_course"


@dataclass(frozen=True, slots=True)
class LearnerQuery:
    """A question about one learner, named by ``username`` or ``lms_user_id``, never both.

    ``courses`` are keys or UUIDs of courses, of which every run is meant; ``course_runs`` those of runs.
    """

    username: str | None = None
    lms_user_id: int | None = None
    courses: tuple[str, ...] = ()
    course_runs: tuple[str, ...] = ()
    include_unearned: bool = False


@dataclass(frozen=True, slots=True)
class RunGrade:
    """A learner's grade in a run as it was when the standing was last evaluated.

    ``percent`` is in [0, 1]; ``is_verified``: the learner is in a mode that identity is asked of, and does not lack the verification.
    """

    percent: float
    letter: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How one learner stands in one course run.

    Of a run that nobody knows only what the caller named it by is set. ``mode`` is None where the learner has none; ``is_excluded`` is
    set only in the answer about a program.
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
    """How one learner stands in the runs asked about. Of an unknown learner one of the identifiers is None, and there are no runs."""

    lms_user_id: int | None
    username: str | None
    runs: tuple[RunStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """How one learner stands in every run of a program, those included that the program excludes."""

    learner: LearnerStatus
    program_uuid: UUID | None
    program_name: str

"""Define the answer about an uploaded file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learning_credentials.data.verification import Verification


class FileKind(StrEnum):
    """What somebody presented for verification. The content decides the kind.

    `ID` means a credential's id or address and no file, and `CODE` the short code that people type.
    """

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    HEIC = "heic"
    SVG = "svg"
    JSON = "json"
    TEXT = "text"
    OTHER = "other"
    ID = "id"
    CODE = "code"


class Verdict(StrEnum):
    """The result of a verification. Only `UNCHANGED` means that the credential is valid now.

    With a code or an id, nothing but the credential itself was there to be unchanged. See `Compared`.
    """

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
    #: The code, the id or the address of a credential.
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
    #: No visible credential has this code or id.
    UNKNOWN_CREDENTIAL = "unknown_credential"
    #: The code is mistyped: it has another length, or its check character does not match.
    MISTYPED_CODE = "mistyped_code"
    #: There is neither a code nor an id nor an address of a credential, or no QR code that can be read.
    NO_CODE = "no_code"
    #: A QR code with the address of another site.
    LEADS_ELSEWHERE = "leads_elsewhere"
    #: The app knows nothing about the file.
    UNKNOWN_FILE = "unknown_file"


class Compared(StrEnum):
    """What the app compared with what it issued."""

    #: Every byte of the file.
    FILE = "file"
    #: The signature of a badge.
    SIGNATURE = "signature"
    #: Only the code, the id or the address, typed or read from a QR code. It names a credential, and proves nothing about the paper.
    CODE = "code"
    NOTHING = "nothing"


_COMPARED = {
    Finding.GOOD_SIGNATURE: Compared.SIGNATURE,
    Finding.GOOD_SIGNATURE_WITHIN: Compared.SIGNATURE,
    Finding.MORE_THAN_A_BADGE: Compared.SIGNATURE,
    Finding.SEVERAL_BADGES: Compared.SIGNATURE,
    Finding.BAD_SIGNATURE: Compared.SIGNATURE,
    Finding.UNKNOWN_KEY: Compared.SIGNATURE,
    Finding.KNOWN_CREDENTIAL: Compared.CODE,
    Finding.UNKNOWN_CREDENTIAL: Compared.CODE,
    Finding.MISTYPED_CODE: Compared.NOTHING,
    Finding.NO_CODE: Compared.NOTHING,
    Finding.LEADS_ELSEWHERE: Compared.NOTHING,
    Finding.TOO_MANY_BADGES: Compared.NOTHING,
}


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
        """Return whether the credential is valid now and nothing that was compared is changed. See `compared`."""
        return self.verdict is Verdict.UNCHANGED

    @property
    def compared(self) -> Compared:
        """Return what was compared with what was issued."""
        if self.finding is Finding.OTHER_ISSUER:
            is_checked = self.claims is not None and self.claims.signature is not SignatureCheck.NOT_CHECKED
            return Compared.SIGNATURE if is_checked else Compared.NOTHING
        return _COMPARED.get(self.finding, Compared.FILE)

"""Define what a generator receives about one credential, and what it returns."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from learning_credentials.data.criteria import CriteriaText
from learning_credentials.data.translations import Translations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from learning_credentials.data.assets import AssetReader
    from learning_credentials.data.fields import FieldData


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
class ContextData:
    """What the LMS said about the learning context when the credential was issued. Texts can be empty.

    Dates are in the project's time zone.
    """

    course_key: str = ""
    organisation: str = ""
    start: date | None = None
    end: date | None = None
    effort: str = ""


@dataclass(frozen=True, slots=True)
class BadgeData:
    """What a badge contains in addition to the other data of a credential.

    ``issuer_id`` is the issuer's DID. ``achievement_id`` is a URN. ``image`` is the slug of a badge image asset. If it is empty, the
    built-in image is used. ``image_url`` is the address of the image, which is the same for all learners. ``criteria`` is only the
    operator's text. ``status_list_url`` and ``status_index`` name the bit that says whether the badge was revoked. The e-mail address is
    written only as a hash with ``salt``.
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
    ``needs_badge=True`` get a ``badge``. ``verify_code`` is the short code as it is printed, such as ``7K3QF-9XW2M``. It is empty for a
    credential that has no code yet. ``grade_decimals`` is the number of decimals of grades and completion in per cent.
    ``given_name``, ``family_name`` and the values in ``context`` are empty if the LMS does not know them. ``criteria.write(language)``
    returns what a learner must do to earn the credential. The names are in the site's language: `get_text` returns them in another one.
    ``is_sample`` is True in a preview, whose learner is made up and has no results.
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
    verify_code: str = ""
    given_name: str = ""
    family_name: str = ""
    context: ContextData = field(default_factory=ContextData)
    custom_fields: tuple[FieldData, ...] = ()
    criteria: CriteriaText = field(default_factory=CriteriaText)
    is_sample: bool = False
    translations: Translations = field(default_factory=Translations)

    def get_text(self, name: str, language: str) -> str:
        """Return ``learning_context_name`` or ``credential_type_name`` in a language, such as ``fr``, or else the original."""
        return self.translations.find(name, language) or str(getattr(self, name))


@dataclass(frozen=True)
class Artifact:
    """The file that a generator made.

    ``extension`` has no dot. The app records ``warnings`` in the credential's history. ``pages`` is the number of pages, which the public
    page says beside the picture of the first one.
    """

    content: bytes = field(repr=False)
    media_type: str
    extension: str
    warnings: tuple[str, ...] = ()
    pages: int = 1

    @cached_property
    def sha256(self) -> str:
        """Return the SHA-256 hash of the content in hex."""
        return hashlib.sha256(self.content).hexdigest()

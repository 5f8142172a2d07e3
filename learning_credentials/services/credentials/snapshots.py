"""Builds and reads snapshots: what a credential stores about learner, context, type, issuer and result, safe from later changes.

Snapshots are built here for a new credential, a renewal, a reissue and a preview, and read here to render the credential. A new field of
the snapshot is a new column of `Credential` and a new attribute of `Snapshot`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from learning_credentials.data import CredentialData, IssuerData, SignatoryData
from learning_credentials.grades import DECIMALS_OPTION, read_decimals
from learning_credentials.services.common import read_name
from learning_credentials.services.course_runs import keep_evidence
from learning_credentials.services.credentials.achievements import AchievementFactory, get_present_decimals
from learning_credentials.services.credentials.criteria_texts import read_criteria
from learning_credentials.services.credentials.details import (
    FieldsFactory,
    describe_context,
    describe_name,
    make_successor_fields,
    read_context,
    read_fields,
)
from learning_credentials.services.credentials.texts import read_translations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from learning_credentials.data import AssetReader, BadgeData, Eligibility
    from learning_credentials.lms import LearnerProfile, LearningContext
    from learning_credentials.models import Credential, CredentialConfiguration, CredentialType

#: Columns that are not printed, or that the options contain already.
_NOT_PRINTED = {"language", "learning_context_key", "achievement"}


@dataclass(frozen=True)
class Snapshot:
    """The snapshot columns of one credential, under their names. ``issuer`` and ``signatories`` have the form of the JSON columns."""

    user_full_name: str
    language: str
    learning_context_key: str
    learning_context_name: str
    credential_type_name: str
    issuer: dict[str, str]
    signatories: list[dict[str, str]]
    evidence: dict[str, Any]
    achievement: dict[str, Any]
    custom_fields: dict[str, Any] | None = None
    context_details: dict[str, str] | None = None
    name_parts: dict[str, str] | None = None

    @classmethod
    def of(cls, credential: Credential) -> Snapshot:
        """Read the snapshot of a credential."""
        return cls(**{column.name: getattr(credential, column.name) for column in fields(cls)})

    def as_columns(self) -> dict[str, Any]:
        """Return the values by column, for creating a credential."""
        return {column.name: getattr(self, column.name) for column in fields(self)}

    def as_printed(self) -> dict[str, Any]:
        """Return the values that can be printed on the credential, as JSON."""
        return {name: value for name, value in self.as_columns().items() if name not in _NOT_PRINTED}

    def as_data(
        self,
        *,
        verify_uuid: UUID,
        verify_url: str,
        verify_code: str,
        issued_at: datetime,
        issue_date: date,
        expires_at: datetime | None,
        assets: AssetReader,
        user_id: int | None = None,
        badge: BadgeData | None = None,
        is_sample: bool = False,
    ) -> CredentialData:
        """Return the data for a generator: the snapshot and the other values of the credential."""
        name_parts = self.name_parts or {}
        return CredentialData(
            verify_uuid=verify_uuid,
            verify_url=verify_url,
            verify_code=verify_code,
            user_full_name=self.user_full_name,
            learning_context_key=self.learning_context_key,
            learning_context_name=self.learning_context_name,
            credential_type_name=self.credential_type_name,
            issued_at=issued_at,
            issue_date=issue_date,
            assets=assets,
            issuer=IssuerData(**self.issuer),
            signatories=tuple(SignatoryData(**person) for person in self.signatories),
            evidence=self.evidence,
            expires_at=expires_at,
            language=self.language,
            user_id=user_id,
            badge=badge,
            grade_decimals=read_decimals(self.achievement.get(DECIMALS_OPTION)),
            given_name=name_parts.get("given", ""),
            family_name=name_parts.get("family", ""),
            context=read_context(self.context_details),
            custom_fields=read_fields(self.custom_fields),
            criteria=read_criteria(self.achievement),
            is_sample=is_sample,
            translations=read_translations(self.achievement),
        )


class SnapshotFactory:
    """Builds snapshots for the learners of one configuration. What they share is read once."""

    def __init__(
        self,
        configuration: CredentialConfiguration,
        context: LearningContext,
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        """Read what the learners share.

        Args:
            configuration: the configuration, with its type and issuer.
            context: the learning context in the LMS.
            evidence: values to add to every learner's evidence.
        """
        credential_type = configuration.credential_type
        self._evidence = dict(evidence or {})
        self._achievements = AchievementFactory(credential_type, configuration, context)
        self._fields = FieldsFactory(credential_type, configuration)
        self._shared: dict[str, Any] = {
            "learning_context_key": configuration.learning_context_key,
            "learning_context_name": context.name[:255],
            "credential_type_name": credential_type.name,
            "context_details": describe_context(context),
            **_describe_parties(credential_type),
        }

    def make(self, profile: LearnerProfile, eligibility: Eligibility) -> Snapshot:
        """Return the snapshot of one learner. ``eligibility`` is what earned the credential."""
        return self._make(profile, eligibility.progress, self._fields.make(eligibility.fields), profile.user_id)

    def make_sample(self, profile: LearnerProfile, progress: Mapping[str, Any]) -> Snapshot:
        """Return the snapshot of a made-up learner. Custom fields without a value have samples."""
        return self._make(profile, progress, self._fields.make_sample())

    def _make(
        self,
        profile: LearnerProfile,
        progress: Mapping[str, Any],
        custom_fields: dict[str, Any] | None,
        user_id: int | None = None,
    ) -> Snapshot:
        return Snapshot(
            user_full_name=read_name(profile),
            language=profile.language or "",
            evidence={**progress, **self._evidence},
            achievement=self._achievements.make(progress, user_id),
            custom_fields=custom_fields,
            name_parts=describe_name(profile),
            **self._shared,
        )


def make_successor_snapshot(
    old: Credential, credential_type: CredentialType, profile: LearnerProfile | None, *, full_name: str = ""
) -> Snapshot:
    """Return the snapshot of a reissue.

    The achievement and the values of custom fields stay. The learner's name, issuer and signatories are the present ones.

    Args:
        old: the credential to be replaced.
        credential_type: the type that it was issued with.
        profile: the learner as the LMS knows them now. None: the name and the language stay.
        full_name: the name to show. Empty: the name that the LMS has.
    """
    # Old credentials have no snapshot of the achievement. They get one.
    achievement = old.achievement or AchievementFactory(credential_type, old.configuration).make(old.evidence)
    present = {
        "user_full_name": full_name or choose_successor_name(old, profile),
        "language": profile.language or "" if profile else old.language,
        "achievement": {**achievement, DECIMALS_OPTION: get_present_decimals(credential_type, old.configuration)},
        "evidence": keep_evidence(old),
        "custom_fields": make_successor_fields(old, credential_type),
        "name_parts": None if full_name else describe_name(profile) if profile else old.name_parts,
        **_describe_parties(credential_type),
    }
    return Snapshot(**{**Snapshot.of(old).as_columns(), **present})


def choose_successor_name(old: Credential, profile: LearnerProfile | None) -> str:
    """Return the present name from the LMS. If there is none, return the earlier name, unless that is the user name."""
    if profile is None:
        return old.user_full_name
    name = read_name(profile)
    return name if name or old.user_full_name == profile.username else old.user_full_name


def _describe_parties(credential_type: CredentialType) -> dict[str, Any]:
    """Return the issuer and signatories of a type in the form that credentials store."""
    issuer = credential_type.issuer
    # A type that is not saved yet has no signatories.
    places = credential_type.type_signatories.select_related("signatory__signature_image") if credential_type.pk else ()
    return {
        "issuer": asdict(
            IssuerData(issuer.name, issuer.url, issuer.email, issuer.logo.slug if issuer.logo else "")
            if issuer
            else IssuerData()
        ),
        "signatories": [
            asdict(
                SignatoryData(
                    person.name,
                    person.title,
                    person.organisation,
                    person.signature_image.slug if person.signature_image else "",
                )
            )
            for person in (place.signatory for place in places)
        ],
    }

"""Makes the proof sheet of a configuration: one page with the cohort's hardest names, as its certificates print them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import formats, timezone

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError, CredentialsError, GenerationError, TransientError
from learning_credentials.lms import get_lms
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.pdf import MOST_PROOFS, draw_proof_sheet, find_undrawable, prepare_renderer
from learning_credentials.services.common import get_verification_url, read_name
from learning_credentials.services.course_runs import get_local_date
from learning_credentials.services.credentials import (
    SnapshotFactory,
    get_context,
    get_expiry,
    get_renderer,
    iter_batches,
    make_artifact,
)
from learning_credentials.services.desk.hard_names import HardNames, Reason
from learning_credentials.services.issuing import get_configuration
from learning_credentials.verify_codes import LENGTH, format_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from learning_credentials.data import Artifact, CredentialData
    from learning_credentials.lms import LearnerProfile
    from learning_credentials.models import CredentialConfiguration

#: A web server waits for an answer about half a minute. Names are compared for so many seconds.
MOST_SECONDS = 15.0
_PDF = "application/pdf"
_GENERATOR = "learning_credentials.generators.generate_pdf_credential"
_SAMPLE_UUID = UUID(int=0)
_SAMPLE_CODE = "0" * LENGTH
_SAMPLE_EVIDENCE = {"current_grades": {"Total": 0.92}, "current_completion": 1.0}


@dataclass(frozen=True)
class ProofSheet:
    """The page as a PDF. ``compared`` is how many names were compared, and ``is_whole`` whether these are all."""

    content: bytes
    compared: int
    is_whole: bool


@dataclass
class _Proof:
    """A learner on the sheet, with the reasons."""

    profile: LearnerProfile
    reasons: list[str] = field(default_factory=list)


def make_proof_sheet(
    configuration_id: int, *, only_eligible: bool = False, most_seconds: float = MOST_SECONDS
) -> ProofSheet:
    """Return the proof sheet of a configuration. Nothing is stored.

    Args:
        configuration_id: whose certificates to show.
        only_eligible: compare the names of learners who would get a certificate now, and not those of all enrolled ones.
        most_seconds: stop comparing names after this time, and say so on the sheet.

    Raises:
        ConfigurationError: there is no such configuration, its options or assets cannot be used, or it makes no PDFs.
        ContextNotFoundError: the LMS does not know the context.
        TransientError: the LMS or the storage could not answer.
    """
    configuration = get_configuration(configuration_id)
    studio = _Studio(configuration)
    end = time.monotonic() + most_seconds
    names, is_whole = HardNames(), True
    for profiles in _iter_profiles(configuration, only_eligible=only_eligible):
        for profile in profiles:
            names.add(profile)
        if time.monotonic() > end:
            is_whole = False
            break
    proofs = _choose(names, studio)
    tiles = [studio.draw(proof) for proof in proofs]
    heading = f"Proof sheet: {configuration.credential_type.name}, {studio.context_name}"
    summary = _summarise(names, is_whole=is_whole, only_eligible=only_eligible)
    return ProofSheet(draw_proof_sheet(heading, summary, tiles), names.total, is_whole)


def _iter_profiles(configuration: CredentialConfiguration, *, only_eligible: bool) -> Iterator[list[LearnerProfile]]:
    """Yield the profiles of the learners, batch by batch."""
    if only_eligible:
        for batch in iter_batches(configuration):
            yield [candidate.profile for candidate in batch.candidates]
        return
    lms, size = get_lms(), get_settings().ELIGIBILITY_BATCH_SIZE
    for enrolments in lms.iter_enrolments(configuration.learning_context_key, batch_size=size):
        found = lms.get_profiles([enrolment.user_id for enrolment in enrolments])
        yield list(found.values())


def _choose(names: HardNames, studio: _Studio) -> list[_Proof]:
    """Return the learners to show. The hardest name for each reason comes first, then the second ones."""
    candidates = {reason: [found.profile for found in names.get(reason)] for reason in Reason}
    sizes = studio.measure({profile.user_id: profile for profile in candidates[Reason.SMALLEST]}.values())
    smallest = min(sizes.values(), default=0.0)
    # Equal sizes are usual: of these, the widest name comes first.
    smaller = [profile for profile in candidates[Reason.SMALLEST] if sizes.get(profile.user_id) == smallest]
    candidates[Reason.SMALLEST] = smaller if smallest < max(sizes.values(), default=0.0) else []
    chosen: dict[int, _Proof] = {}
    for rank in range(2):
        for reason, profiles in candidates.items():
            if len(profiles) <= rank or (rank and reason in _ONCE):
                continue
            profile = profiles[rank]
            if profile.user_id not in chosen and len(chosen) == MOST_PROOFS:
                continue
            proof = chosen.setdefault(profile.user_id, _Proof(profile))
            proof.reasons.append(_describe(reason, profile, is_first=not rank))
    sizes |= studio.measure(proof.profile for proof in chosen.values() if proof.profile.user_id not in sizes)
    for user_id, proof in chosen.items():
        if user_id in sizes:
            proof.reasons.append(f"{sizes[user_id]:.1f} points")
    return list(chosen.values())


#: The second shortest name says nothing new.
_ONCE = frozenset((Reason.SMALLEST, Reason.SHORTEST, Reason.LONGEST_WORD, Reason.MARKS, Reason.NO_NAME))


def _describe(reason: Reason, profile: LearnerProfile, *, is_first: bool) -> str:
    """Return the reason in words."""
    name = read_name(profile)
    if reason is Reason.UNDRAWABLE:
        return f"no font can draw {find_undrawable(name)}"
    if reason is Reason.LONGEST:
        return f"{'the longest' if is_first else 'the second longest'} name, with {len(name)} characters"
    return str(reason.value)


def _summarise(names: HardNames, *, is_whole: bool, only_eligible: bool) -> str:
    """Return what was compared, and how many names are hard to print."""
    who = "learners who would get a certificate now" if only_eligible else "enrolled learners"
    said = f"{names.total:,} names of {who} were compared."
    if not is_whole:
        said = f"{said} There was no time for more names."
    counted = {
        Reason.RIGHT_TO_LEFT: "run from right to left",
        Reason.MIXED: "have letters of several scripts",
        Reason.UNDRAWABLE: "have characters that no font can draw",
        Reason.NO_NAME: "cannot be printed because the LMS has no name",
    }
    facts = [f"{names.counts[reason]:,} {words}" for reason, words in counted.items() if names.counts[reason]]
    when = formats.localize(timezone.localtime(timezone.now()))
    return " ".join(part for part in (said, f"{', '.join(facts)}." if facts else "", f"Made {when}.") if part)


class _Studio:
    """Draws certificates of one configuration for learners, who get none."""

    def __init__(self, configuration: CredentialConfiguration) -> None:
        context = get_context(configuration.learning_context_key)
        self.context_name = context.name
        self._configuration = configuration
        self._factory = SnapshotFactory(configuration, context)
        self._assets = DatabaseAssets()
        self._now: datetime = timezone.now()
        self._engine: Any = None
        self._render: Callable[[CredentialData], Artifact]
        if configuration.credential_type.generation_func == _GENERATOR:
            # A proof needs no signature, which can cost a request to a timestamp authority, and no badge.
            self._engine = prepare_renderer(configuration.options, self._assets)
            self._render = self._engine
        else:
            self._render = get_renderer(configuration, self._assets)

    def measure(self, profiles: Iterable[LearnerProfile]) -> dict[int, float]:
        """Return the size of the letters of names in points, by user id, without those of learners who get no certificate."""
        found: dict[int, float] = {}
        for profile in profiles if self._engine is not None else ():
            try:
                size = self._engine.find_name_size(self._make_data(profile))
            except GenerationError:
                continue
            if size is not None:
                found[profile.user_id] = size
        return found

    def draw(self, proof: _Proof) -> tuple[bytes, str, str]:
        """Return a certificate as a PDF, with its title and its note. A certificate that cannot be made has an empty frame and the error.

        Raises:
            ConfigurationError: the certificate is no PDF.
        """
        profile = proof.profile
        title = " · ".join(part for part in (read_name(profile), profile.username) if part)
        note = "; ".join(proof.reasons)
        note = note[:1].upper() + note[1:]
        try:
            artifact = make_artifact(self._render, self._make_data(profile))
        except (TransientError, ConfigurationError):
            raise
        except CredentialsError as error:
            # The rest of the message is advice, for which there is no space.
            return b"", title, f"{note}. Not issued: {str(error).partition('. ')[0]}"
        if artifact.media_type != _PDF:
            msg = f"the proof sheet shows PDFs only, and the certificates have the type {artifact.media_type}"
            raise ConfigurationError(msg)
        return artifact.content, title, ". ".join((note, *artifact.warnings))

    def _make_data(self, profile: LearnerProfile) -> CredentialData:
        snapshot = self._factory.make_sample(profile, _SAMPLE_EVIDENCE)
        return snapshot.as_data(
            verify_uuid=_SAMPLE_UUID,
            verify_url=get_verification_url(_SAMPLE_UUID),
            verify_code=format_code(_SAMPLE_CODE),
            issued_at=self._now,
            issue_date=get_local_date(self._now),
            expires_at=get_expiry(self._configuration.credential_type, self._now),
            assets=self._assets,
            is_sample=True,
        )

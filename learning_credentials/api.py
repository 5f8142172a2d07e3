"""The public Python facade: what views, tasks, commands and hosts call.

Ids and values in; `learning_credentials.data` values or model instances (to be read, not saved) out. ``actor`` is who asks: a user, a
user id, or None for the app itself. Functions that render do so in the calling process, outside any transaction of their own: do not call
them inside one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from learning_credentials.services import (
    allowlist,
    allowlist_import,
    badges,
    certificate_invalidations,
    counts,
    course_certificates,
    downloads,
    eligibility,
    examples,
    inspection,
    invalidation,
    issuing,
    learner_status,
    notifications,
    pending,
    previews,
    reissue,
    reports,
    requests,
    runs,
    scheduling,
    self_generation,
    standings,
    sweeping,
    verification,
    visibility,
)
from learning_credentials.services.allowlist_import import RowResult, RowStatus
from learning_credentials.services.counts import Counts, DayCounts
from learning_credentials.services.issuing import ChunkResult
from learning_credentials.services.reports import IssuedCertificate, IssuedCount, KeptLearner
from learning_credentials.services.standings import Cause
from learning_credentials.services.sweeping import SweepResult

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import date, datetime
    from typing import IO, Any
    from uuid import UUID

    from django.core.files.base import File

    from learning_credentials.data import (
        Artifact,
        CredentialVisibility,
        Eligibility,
        Inspection,
        LearnerQuery,
        LearnerStatus,
        Picture,
        ProgramStatus,
        Verification,
    )
    from learning_credentials.models import (
        AllowlistEntry,
        CertificateInvalidation,
        CourseCertificate,
        Credential,
        ExampleCredentialSet,
        GenerationRun,
    )
    from learning_credentials.services.downloads import Download, Viewer
    from learning_credentials.services.history import Actor
    from learning_credentials.services.spreadsheets import TextSink

__all__ = [
    "Cause",
    "ChunkResult",
    "Counts",
    "DayCounts",
    "IssuedCertificate",
    "IssuedCount",
    "KeptLearner",
    "RowResult",
    "RowStatus",
    "SweepResult",
    "add_allowlist_entry",
    "announce_credentials",
    "announce_pending_credentials",
    "archive_artifacts",
    "are_badges_offered",
    "are_visible",
    "bake_badge",
    "can_offer_self_generation",
    "change_course_certificate",
    "count_issued_certificates",
    "create_examples",
    "create_run",
    "evaluate_course_certificate",
    "evaluate_course_certificates",
    "evaluate_learner",
    "evaluate_run",
    "find_opening",
    "find_requestable",
    "get_achievement_image",
    "get_badge",
    "get_certificate_info",
    "get_certificate_status",
    "get_course_certificate",
    "get_credential_counts",
    "get_did_document",
    "get_download",
    "get_eligibility",
    "get_issuer_logo",
    "get_latest_example_status",
    "get_learner_status",
    "get_page_picture",
    "get_program_status",
    "get_status_list",
    "get_verification_url",
    "import_allowlist",
    "inspect_file",
    "inspect_id",
    "invalidate_certificate",
    "invalidate_credential",
    "issue_chunk",
    "issue_credential",
    "issue_pending_credentials",
    "iter_issued_certificates",
    "iter_issued_certificates_csv",
    "iter_issued_counts_csv",
    "iter_kept_certificates",
    "iter_kept_certificates_csv",
    "lift_reissue_block",
    "list_certificate_infos",
    "list_certificate_statuses",
    "list_credentials",
    "list_daily_counts",
    "list_eligible_learners",
    "list_learner_statuses",
    "list_visibility",
    "note_download",
    "note_verification",
    "open_artifact",
    "open_example_artifact",
    "override_issue_date",
    "preview_credential",
    "refresh_course_certificates",
    "regenerate_certificates",
    "reissue_credential",
    "remove_allowlist_entry",
    "request_credential",
    "retry_credentials",
    "set_certificate_available_date",
    "set_credential_indexable",
    "start_due_runs",
    "start_run",
    "sweep_stale_credentials",
    "verify_credential",
    "withdraw_certificate_invalidation",
    "write_allowlist_results",
]

# Eligibility and issuing


def list_eligible_learners(configuration_id: int) -> Iterator[Eligibility]:
    """Stream the learners to whom a run would issue now: eligible, without a live credential, not blocked.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    for batch in eligibility.iter_batches(requests.get_configuration(configuration_id)):
        for candidate in batch.candidates:
            yield candidate.eligibility


def get_eligibility(configuration_id: int, user_id: int) -> Eligibility:
    """Return one learner's eligibility; ``progress`` holds current and required values.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    return eligibility.evaluate_learner(requests.get_configuration(configuration_id), user_id)


def issue_credential(configuration_id: int, user_id: int, *, actor: Actor = None) -> Credential:
    """Issue to one eligible learner at once; whoever holds the credential keeps it as it is.

    Raises:
        ConfigurationError, NotEligibleError, ReissueBlockedError, TransientError.
        GenerationError: the generator failed; the credential is in ERROR and can be retried.
    """
    return requests.issue(configuration_id, user_id, actor=actor)


def issue_pending_credentials(
    configuration_id: int,
    *,
    actor: Actor = None,
    on_progress: Callable[[GenerationRun], None] | None = None,
) -> GenerationRun:
    """Run a whole configuration in this process, without workers; return the run with its counts.

    Args:
        configuration_id: what to run.
        actor: who asks.
        on_progress: called with the run after every chunk.

    Raises:
        ConfigurationError: there is no such configuration.
        TransientError: the LMS could not answer.
    """
    from learning_credentials.conf import get_settings

    run = create_run(configuration_id, actor=actor)
    size = get_settings().CHUNK_SIZE

    def issue(uuids: list[UUID]) -> None:
        for start in range(0, len(uuids), size):
            issuing.issue_chunk(uuids[start : start + size])
            if on_progress:
                run.refresh_from_db()
                on_progress(run)

    runs.evaluate(run.pk, issue)
    run.refresh_from_db()
    return run


def create_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Create a run for the caller to evaluate with `evaluate_run`; if the caller is lost, the sweep takes it up.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    return runs.create(requests.get_configuration(configuration_id).pk, actor=actor)


def start_run(configuration_id: int, *, actor: Actor = None) -> GenerationRun:
    """Have a configuration run by workers, now.

    Raises:
        ConfigurationError: there is no such configuration.
    """
    return runs.start(requests.get_configuration(configuration_id).pk, actor=actor)


def request_credential(configuration_id: int, user_id: int) -> Credential:
    """A learner asks for the credential; a worker issues it. Asking again changes nothing.

    Raises:
        ConfigurationError, SelfGenerationDisabledError, NotEligibleError, ReissueBlockedError, TransientError.
    """
    return requests.request(configuration_id, user_id)


def find_requestable(configuration_ids: Collection[int]) -> set[int]:
    """Of some configurations return those whose credential learners may request themselves, once they earned it.

    The global switch ``ALLOW_SELF_GENERATION`` comes first; then the configuration's own switch or, for a course certificate, that of its
    run. A constant number of queries.
    """
    return self_generation.find_allowed(requests.find_configurations(configuration_ids))


def retry_credentials(credential_uuids: Collection[UUID], *, actor: Actor = None) -> int:
    """Have failed credentials tried again by workers; return how many were in ERROR and now wait."""
    waiting = pending.retry(list(credential_uuids), actor=actor)
    pending.announce_pending(waiting)
    return len(waiting)


def preview_credential(configuration_id: int) -> Artifact:
    """Render a configuration's credential for a made-up learner; nothing is stored.

    Raises:
        ConfigurationError, GenerationError, TransientError.
    """
    return previews.preview(requests.get_configuration(configuration_id))


def create_examples(context_key: str, *, actor: Actor = None) -> ExampleCredentialSet:
    """Make and keep one example for each configuration of a context, for a made-up learner; what fails says why on the example.

    Raises:
        ConfigurationError: the context has no configuration.
    """
    return examples.create(context_key, actor=actor)


def get_latest_example_status(context_key: str) -> str | None:
    """Return ``started``, ``success`` or ``error`` for the context's newest set of examples; None: there is none."""
    return examples.get_latest_status(context_key)


def can_offer_self_generation(context_key: str) -> bool:
    """Whether the switch for self-generation should be offered to staff: the newest examples all succeeded. Nothing enforces it."""
    return examples.can_offer_self_generation(context_key)


def open_example_artifact(example_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Open an example's artifact, for staff only: the file, its media type, a name to save it under.

    Raises:
        CredentialNotFoundError, StorageUnavailableError.
    """
    return examples.open_artifact(example_uuid)


# What may happen to an issued credential


def invalidate_credential(
    credential_uuid: UUID | str, *, reason: str, actor: Actor = None, blocks_reissue: bool = True
) -> Credential:
    """Invalidate an available credential, or cancel an unfinished one; by default nothing is issued in its place until the block is lifted.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
    """
    return invalidation.invalidate(credential_uuid, reason=reason, actor=actor, blocks_reissue=blocks_reissue)


def lift_reissue_block(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Let the learner of an invalidated credential be issued another.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError.
    """
    return invalidation.lift_block(credential_uuid, reason=reason, actor=actor)


def reissue_credential(credential_uuid: UUID | str, *, reason: str, actor: Actor = None) -> Credential:
    """Make a successor and swap it in; return it. The award's date stays.

    Raises:
        CredentialNotFoundError, ReasonRequiredError, InvalidTransitionError, TransientError.
        GenerationError: the successor could not be made; the old credential holds.
    """
    return reissue.reissue(credential_uuid, reason=reason, actor=actor)


def override_issue_date(
    credential_uuid: UUID | str, date_override: date | None, *, reason: str, actor: Actor = None
) -> Credential:
    """Show another date than that of the issue, or with None the date of the issue again. The artifact is not made anew: reissue for that.

    Raises:
        CredentialNotFoundError, ReasonRequiredError.
    """
    return invalidation.override_date(credential_uuid, date_override, reason=reason, actor=actor)


# Course certificates


def evaluate_course_certificate(
    course_key: str, user_id: int, *, cause: Cause = Cause.STAFF, actor: Actor = None, reason: str = ""
) -> str | None:
    """Evaluate one learner's standing in a course run and bring the credential in line; return the status, None: no record.

    Raises:
        ContextNotFoundError, TransientError.
    """
    return standings.evaluate(course_key, [user_id], cause=cause, actor=actor, reason=reason).get(user_id)


def evaluate_course_certificates(
    course_key: str, user_ids: Collection[int], *, cause: Cause = Cause.STAFF, actor: Actor = None, reason: str = ""
) -> dict[int, str]:
    """Evaluate many learners of one run at once; return the status by user id of those who have a record.

    Raises:
        ContextNotFoundError, TransientError.
    """
    return standings.evaluate(course_key, user_ids, cause=cause, actor=actor, reason=reason)


def evaluate_learner(user_id: int, *, cause: Cause) -> int:
    """Have one learner evaluated by workers in every run where there is a record; return in how many."""
    course_keys = standings.list_course_keys(user_id)
    for course_key in course_keys:
        standings.tell_outdated(course_key, [user_id], cause=cause)
    return len(course_keys)


def regenerate_certificates(course_key: str, *, statuses: Collection[str], actor: Actor = None) -> int:
    """Have all learners of a run whose standing is one of these evaluated again by workers; return how many."""
    return standings.regenerate(course_key, statuses, actor=actor)


def get_course_certificate(course_key: str) -> CourseCertificate:
    """Return a run's course certificate.

    Raises:
        CourseCertificateNotFoundError: the run has none.
    """
    return course_certificates.get(course_key)


def change_course_certificate(
    course_key: str, *, actor: Actor = None, reason: str = "", **changes: Any
) -> tuple[CourseCertificate, bool]:
    """Change ``certificate_type``, ``available_date``, ``is_active`` or ``allows_self_generation`` of a run; make the row if need be.

    Raises:
        ContextNotFoundError, TransientError.
    """
    return course_certificates.change(course_key, actor=actor, reason=reason, **changes)


def set_certificate_available_date(
    course_key: str, available_date: datetime | None, *, actor: Actor = None, reason: str = ""
) -> CourseCertificate:
    """Set or clear the date from which credentials of a run may be seen; it takes effect at once and rewrites no credential.

    Raises:
        ContextNotFoundError, TransientError.
        ValueError: the date has no time zone.
    """
    return course_certificates.set_available_date(course_key, available_date, actor=actor, reason=reason)


def refresh_course_certificates(course_keys: Sequence[str] | None = None) -> int:
    """Take over from the LMS what decides when credentials may be seen, for some runs or all; return how many changed.

    Raises:
        TransientError: the LMS could not answer.
    """
    return course_certificates.refresh(course_keys)


def get_learner_status(query: LearnerQuery) -> LearnerStatus:
    """Tell how one learner stands in courses; raises like `list_learner_statuses`."""
    return learner_status.list_learner_statuses([query])[0]


def list_learner_statuses(queries: Sequence[LearnerQuery]) -> list[LearnerStatus]:
    """Tell how learners stand in courses, in the order asked. Neither queries nor calls to the LMS grow with the number of learners.

    Raises:
        ValueError: a question names no learner, or names one by both identifiers.
        TransientError: the LMS could not answer.
    """
    return learner_status.list_learner_statuses(queries)


def get_program_status(
    program: UUID | str, *, username: str | None = None, lms_user_id: int | None = None
) -> ProgramStatus:
    """Tell how a learner stands in every run of a program (named by UUID or key), those that it excludes too.

    Raises:
        ContextNotFoundError: the LMS knows no such program.
        ValueError: not exactly one of the learner's identifiers is given.
        TransientError: the LMS could not answer.
    """
    return learner_status.get_program_status(program, username=username, lms_user_id=lms_user_id)


# Who is allowed a course certificate or barred from it


def add_allowlist_entry(
    user_id: int, context_key: str, *, configuration_id: int | None = None, notes: str = "", actor: Actor = None
) -> AllowlistEntry:
    """Waive the grade for a learner, in a run's course certificate or in the configuration named; an entry that holds is kept as it is.

    Raises:
        ConfigurationError, ContextNotFoundError, LearnerNotFoundError, TransientError.
        NotEligibleError: the learner's certificate was invalidated; withdraw that first.
    """
    return allowlist.add(user_id, context_key, configuration_id=configuration_id, notes=notes, actor=actor)


def remove_allowlist_entry(entry_id: int, *, notes: str, actor: Actor = None) -> AllowlistEntry:
    """End an allowlist entry; the learner is evaluated again and keeps a certificate only by a passing grade.

    Raises:
        EntryNotFoundError, ReasonRequiredError.
        InvalidTransitionError: it was removed already.
    """
    return allowlist.remove(entry_id, notes=notes, actor=actor)


def import_allowlist(
    context_key: str, file: IO[bytes] | IO[str], *, configuration_id: int | None = None, actor: Actor = None
) -> list[RowResult]:
    """Add the learners of a CSV file (user name or e-mail, notes) to the allowlist; return one result for each row.

    A row that cannot be added stops no other. Importing the same file again completes what was broken off.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
        ImportFileError: the file cannot be read or is too large; nothing was imported.
    """
    return allowlist_import.import_csv(context_key, file, configuration_id=configuration_id, actor=actor)


def write_allowlist_results(results: Iterable[RowResult], stream: TextSink) -> None:
    """Write the results of an import as CSV, one line for each row."""
    allowlist_import.write_results(results, stream)


def invalidate_certificate(
    user_id: int, course_key: str, *, notes: str, actor: Actor = None
) -> CertificateInvalidation:
    """Bar a learner from a run's course certificate; a record becomes ``unavailable`` and its credential is invalidated.

    Raises:
        ContextNotFoundError, LearnerNotFoundError, ReasonRequiredError, TransientError.
        InvalidTransitionError: the learner is barred already.
    """
    return certificate_invalidations.invalidate(user_id, course_key, notes=notes, actor=actor)


def withdraw_certificate_invalidation(
    invalidation_id: int, *, notes: str, actor: Actor = None
) -> CertificateInvalidation:
    """Let a learner in again: the standing is evaluated, and a new credential issued to who earned it.

    Raises:
        EntryNotFoundError, ReasonRequiredError.
        InvalidTransitionError: it was withdrawn already.
    """
    return certificate_invalidations.withdraw(invalidation_id, notes=notes, actor=actor)


# Reports


def get_certificate_status(user_id: int, course_key: str) -> dict[str, Any]:
    """Return a learner's ``status`` and ``mode`` in a run, with ``grade`` and ``download_url`` where there are such.

    No record reads as unavailable; the address is given only for a file that is ready and may be seen.
    """
    return reports.get_certificate_status(user_id, course_key)


def list_certificate_statuses(course_key: str, user_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Return what `get_certificate_status` does, for many learners of a run at once."""
    return reports.list_certificate_statuses(course_key, user_ids)


def get_certificate_info(user_id: int, course_key: str) -> dict[str, str]:
    """Return what a grade report says of a learner: ``eligible`` and ``delivered`` (``Y`` or ``N``), ``type`` (the mode, or ``N/A``).

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.get_certificate_info(user_id, course_key)


def list_certificate_infos(course_key: str, user_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return what `get_certificate_info` does, for many learners of a run at once.

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.list_certificate_infos(course_key, user_ids)


def iter_issued_certificates(context_key: str) -> Iterator[IssuedCertificate]:
    """Stream every credential that was issued in a context, invalidated ones included, oldest first."""
    return reports.iter_issued(context_key)


def iter_issued_certificates_csv(context_key: str, *, has_bom: bool = True) -> Iterator[str]:
    """Stream `iter_issued_certificates` as lines of CSV in which no cell is taken for a formula."""
    return reports.iter_issued_csv(context_key, has_bom=has_bom)


def count_issued_certificates(context_key: str) -> list[IssuedCount]:
    """Count what was issued in a context by type, mode and status."""
    return reports.count_issued(context_key)


def iter_issued_counts_csv(context_key: str, *, has_bom: bool = True) -> Iterator[str]:
    """Stream `count_issued_certificates` as lines of CSV."""
    return reports.iter_counts_csv(context_key, has_bom=has_bom)


def iter_kept_certificates(course_key: str) -> Iterator[KeptLearner]:
    """Stream learners who stand ``downloadable`` in a run although they do not pass now.

    Raises:
        TransientError: the LMS could not answer.
    """
    return reports.iter_kept_although_failing(course_key)


def iter_kept_certificates_csv(course_key: str, *, has_bom: bool = True) -> Iterator[str]:
    """Stream `iter_kept_certificates` as lines of CSV; raises like it."""
    return reports.iter_kept_csv(course_key, has_bom=has_bom)


# What the world may know


def verify_credential(verify_uuid: UUID | str) -> Verification:
    """Return the public answer for one credential.

    Raises:
        CredentialNotFoundError: unknown, malformed or unfinished: told apart by nothing.
    """
    return verification.verify(verify_uuid)


def inspect_file(content: bytes) -> Inspection:
    """Tell of a file whether it is as it was issued, and whether the credential still holds; nothing is stored.

    Raises:
        UploadTooLargeError: it has more than ``UPLOAD_MAX_BYTES``.
        ConfigurationError: the keys or ``BASE_URL`` are wrong.
        TransientError: too many files are being looked at just now.
    """
    return inspection.inspect(content)


def inspect_id(text: str) -> Inspection:
    """Tell of a credential's public id, or an address with that id in it, what `inspect_file` tells of a file."""
    return inspection.inspect_id(text)


def open_artifact(verify_uuid: UUID | str) -> tuple[File[bytes], str, str]:
    """Open an available credential's artifact: the file, its media type, a name to save it under.

    For code that may have any file; `get_download` asks who the file is for.

    Raises:
        CredentialNotFoundError, CredentialRevokedError, StorageUnavailableError.
    """
    return verification.open_artifact(verify_uuid)


def note_verification(verify_uuid: UUID | str) -> None:
    """Count that somebody looked at a credential: one statement, outside a transaction. It raises nothing; what fails is logged."""
    counts.note_verification(verify_uuid)


def note_download(verify_uuid: UUID | str) -> None:
    """Count that somebody was given the file of a credential; as `note_verification`."""
    counts.note_download(verify_uuid)


def get_credential_counts(verify_uuids: Collection[UUID]) -> dict[UUID, Counts]:
    """Return how often each of these credentials was looked at and downloaded, by one query a few hundred; zeros for unknown ones."""
    return counts.get_counts(verify_uuids)


def list_daily_counts(verify_uuid: UUID, days: int = 30) -> list[DayCounts]:
    """Return how often a credential was looked at and downloaded on each of the last days, today last."""
    return counts.list_days(verify_uuid, days)


def are_badges_offered() -> bool:
    """Whether the site signs badges: it has a key."""
    return badges.are_offered()


def get_badge(verify_uuid: UUID | str) -> str:
    """Return the signed Open Badge of an available credential, whatever made its artifact, as JSON text.

    Raises:
        CredentialNotFoundError: as `verify_credential`, or the site signs no badges.
        CredentialRevokedError, ConfigurationError.
    """
    return badges.get_badge(verify_uuid)


def bake_badge(verify_uuid: UUID | str, media_type: str = "image/png") -> tuple[bytes, str]:
    """Return the picture of the achievement with the badge in it, and its media type. ``media_type`` chooses the built-in picture.

    Raises:
        CredentialNotFoundError, CredentialRevokedError, ConfigurationError, StorageUnavailableError.
    """
    return badges.bake_badge(verify_uuid, media_type)


def get_achievement_image(verify_uuid: UUID | str) -> tuple[bytes, str]:
    """Return the picture of what was achieved and its media type.

    Raises:
        CredentialNotFoundError, StorageUnavailableError.
    """
    return badges.get_achievement_image(verify_uuid)


def get_status_list(list_id: int) -> tuple[str, str]:
    """Return a signed Bitstring Status List as JSON text, and a tag that changes whenever the list does.

    Raises:
        CredentialNotFoundError, ConfigurationError.
    """
    return badges.get_status_list(list_id)


def get_did_document() -> dict[str, Any]:
    """Return the document with the public keys of the site's badges.

    Raises:
        CredentialNotFoundError, ConfigurationError.
    """
    return badges.get_did_document()


def get_download(verify_uuid: UUID | str, viewer: Viewer | None) -> Download:
    """Return what lets a viewer (a user, or None) have the file of a credential, as the type's policy says.

    Raises:
        CredentialNotFoundError, CredentialRevokedError.
        DownloadRefusedError: the file is for the learner and staff, and the viewer is neither.
    """
    return downloads.get(verify_uuid, viewer)


def get_page_picture(verify_uuid: UUID | str) -> Picture:
    """Return the picture on a credential's public page.

    Raises:
        CredentialNotFoundError: as `verify_credential`, or there is no picture.
        StorageUnavailableError: a file could not be read.
    """
    return verification.get_picture(verify_uuid)


def get_issuer_logo(verify_uuid: UUID | str) -> Picture:
    """Return the logo of a credential's issuer; raises like `get_page_picture`."""
    return verification.get_logo(verify_uuid)


def set_credential_indexable(verify_uuid: UUID | str, user: Viewer, is_indexable: bool) -> None:
    """Let search engines list the public page of a user's own credential, or stop it.

    Raises:
        CredentialNotFoundError: as `verify_credential`, or the credential is not the user's.
    """
    verification.set_indexable(verify_uuid, user.pk, is_indexable=is_indexable)


def are_visible(credentials: Collection[Credential]) -> dict[UUID, bool]:
    """Whether each credential may be seen by learners and the public, by primary key; a constant number of queries."""
    return visibility.are_visible(credentials)


def list_credentials(user_id: int) -> list[Verification]:
    """Return a learner's own credentials, newest first."""
    return verification.list_of_learner(user_id)


def get_verification_url(verify_uuid: UUID | str) -> str:
    """Return the absolute address of a credential's public page."""
    return verification.get_verification_url(verify_uuid)


def list_visibility(credentials: Sequence[Credential]) -> dict[UUID, CredentialVisibility]:
    """Return, by internal id, whether each credential may be seen and which date it shows; a constant number of queries."""
    return visibility.describe(credentials)


def find_opening(course_certificate: CourseCertificate) -> datetime | None:
    """Return when the credentials of a run may be seen at last; None: they may be seen now."""
    return visibility.find_opening(course_certificate)


# What the background tasks do


def start_due_runs() -> list[int]:
    """Start a run for each configuration that is due; return the runs' ids."""
    return scheduling.start_due_runs()


def evaluate_run(run_id: int) -> bool:
    """Find a run's learners and leave their credentials to workers; return whether this call did it.

    Raises:
        TransientError: the LMS could not answer.
    """
    return runs.evaluate(run_id, pending.announce_pending)


def issue_chunk(credential_uuids: Collection[UUID | str]) -> ChunkResult:
    """Issue those of the credentials that wait."""
    return issuing.issue_chunk(credential_uuids)


def sweep_stale_credentials() -> SweepResult:
    """See through what was begun and not ended."""
    return sweeping.sweep()


def archive_artifacts(credential_uuids: Sequence[UUID | str]) -> int:
    """Move the files of invalidated credentials out of reach; return how many are done."""
    return invalidation.archive(credential_uuids)


def announce_credentials(credential_uuids: Sequence[UUID | str]) -> int:
    """Tell learners of their credentials, each once; return how many mails were sent."""
    return notifications.announce(credential_uuids)


def announce_pending_credentials() -> int:
    """Tell learners of credentials whose announcement was lost; return how many mails were sent."""
    return notifications.announce_pending()

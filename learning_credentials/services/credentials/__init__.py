"""Handles single credentials: who is eligible, the row with its snapshot, its artifact, its status and its place in a status list."""

from learning_credentials.services.credentials.achievements import (
    get_achievement,
    get_criteria,
    get_decimals,
    shows_results,
)
from learning_credentials.services.credentials.archive import archive_artifacts, archive_pending_artifacts
from learning_credentials.services.credentials.awarded_types import get_awarded_type
from learning_credentials.services.credentials.badge_data import BadgeDataFactory
from learning_credentials.services.credentials.cancelling import (
    Obstacle,
    cancel_unclaimed,
    find_undo_obstacles,
    list_unfinished_cancellations,
    withdraw_awards,
)
from learning_credentials.services.credentials.claimed_rows import RowsLostError, update_claimed
from learning_credentials.services.credentials.claims import Claim, claim_credentials, group_for_rendering
from learning_credentials.services.credentials.codes import give_missing_codes, give_new_codes, replace_taken_codes
from learning_credentials.services.credentials.creation import (
    PendingFactory,
    cut_into_chunks,
    retry_credentials,
    retry_failed,
    send_pending,
)
from learning_credentials.services.credentials.criteria_problems import find_criteria_problems
from learning_credentials.services.credentials.criteria_texts import describe_criteria
from learning_credentials.services.credentials.details import read_fields, read_own_values
from learning_credentials.services.credentials.eligibility import (
    EVALUATION_FAILED,
    PROFILE_UNKNOWN,
    Batch,
    Candidate,
    evaluate_criteria,
    evaluate_learner,
    find_candidates,
    find_profile,
    get_context,
    iter_batches,
    look_at_learners,
)
from learning_credentials.services.credentials.issuer_ids import (
    find_issuer_id_by_host,
    get_issuer_host,
    get_present_issuer_id,
    list_forgotten_issuer_ids,
    list_issuer_ids,
    note_present_issuer_id,
)
from learning_credentials.services.credentials.live_invalidation import invalidate_live
from learning_credentials.services.credentials.lookup import get_credential, require_reason
from learning_credentials.services.credentials.mail_holds import (
    HeldMails,
    MailHolds,
    call_back_mails,
    call_back_mails_about,
    count_held_mails,
    get_mail_delay,
    is_called_back,
    list_unsent,
    list_waiting,
    open_mail_hold,
    release_mails,
    release_mails_about,
)
from learning_credentials.services.credentials.mail_notes import (
    begin_mail,
    drop_notes,
    find_announced,
    is_noted,
    record_sent,
    settle_old_notes,
)
from learning_credentials.services.credentials.openings import (
    ATTEMPTS_EXHAUSTED,
    Opening,
    Predecessor,
    find_current,
    find_openings,
    find_renewal,
)
from learning_credentials.services.credentials.rendering import (
    RenderedClaim,
    describe_error,
    get_credential_data,
    get_renderer,
    make_artifact,
    render_claim,
)
from learning_credentials.services.credentials.revocation_log import (
    LoggedRevocation,
    RevocationLogContent,
    get_revocation_log_path,
    log_retirement,
    note,
    read_revocation_log,
    write_pending_revocations,
)
from learning_credentials.services.credentials.skipped import Skipped, SkipReason
from learning_credentials.services.credentials.snapshots import (
    Snapshot,
    SnapshotFactory,
    choose_successor_name,
    make_successor_snapshot,
)
from learning_credentials.services.credentials.status_lists import (
    Allocator,
    give_missing_places,
    make_bits,
)
from learning_credentials.services.credentials.stopped_runs import is_of_stopped_run
from learning_credentials.services.credentials.succession import (
    hand_over_to_renewals,
    lock_renewable,
    swap_in_successor,
)
from learning_credentials.services.credentials.texts import (
    CONTEXT_NAME,
    DESCRIPTION,
    TYPE_NAME,
    get_text,
    read_translations,
)
from learning_credentials.services.credentials.transitions import (
    LockedRow,
    give_up_attempts,
    lock_for_transition,
    make_available,
    make_failed,
    make_invalidated,
)
from learning_credentials.services.credentials.unsupplied import list_unsupplied_fields
from learning_credentials.services.credentials.validity import get_expiry

__all__ = [
    "ATTEMPTS_EXHAUSTED",
    "CONTEXT_NAME",
    "DESCRIPTION",
    "EVALUATION_FAILED",
    "PROFILE_UNKNOWN",
    "TYPE_NAME",
    "Allocator",
    "BadgeDataFactory",
    "Batch",
    "Candidate",
    "Claim",
    "HeldMails",
    "LockedRow",
    "LoggedRevocation",
    "MailHolds",
    "Obstacle",
    "Opening",
    "PendingFactory",
    "Predecessor",
    "RenderedClaim",
    "RevocationLogContent",
    "RowsLostError",
    "SkipReason",
    "Skipped",
    "Snapshot",
    "SnapshotFactory",
    "archive_artifacts",
    "archive_pending_artifacts",
    "begin_mail",
    "call_back_mails",
    "call_back_mails_about",
    "cancel_unclaimed",
    "choose_successor_name",
    "claim_credentials",
    "count_held_mails",
    "cut_into_chunks",
    "describe_criteria",
    "describe_error",
    "drop_notes",
    "evaluate_criteria",
    "evaluate_learner",
    "find_announced",
    "find_candidates",
    "find_criteria_problems",
    "find_current",
    "find_issuer_id_by_host",
    "find_openings",
    "find_profile",
    "find_renewal",
    "find_undo_obstacles",
    "get_achievement",
    "get_awarded_type",
    "get_context",
    "get_credential",
    "get_credential_data",
    "get_criteria",
    "get_decimals",
    "get_expiry",
    "get_issuer_host",
    "get_mail_delay",
    "get_present_issuer_id",
    "get_renderer",
    "get_revocation_log_path",
    "get_text",
    "give_missing_codes",
    "give_missing_places",
    "give_new_codes",
    "give_up_attempts",
    "group_for_rendering",
    "hand_over_to_renewals",
    "invalidate_live",
    "is_called_back",
    "is_noted",
    "is_of_stopped_run",
    "iter_batches",
    "list_forgotten_issuer_ids",
    "list_issuer_ids",
    "list_unfinished_cancellations",
    "list_unsent",
    "list_unsupplied_fields",
    "list_waiting",
    "lock_for_transition",
    "lock_renewable",
    "log_retirement",
    "look_at_learners",
    "make_artifact",
    "make_available",
    "make_bits",
    "make_failed",
    "make_invalidated",
    "make_successor_snapshot",
    "note",
    "note_present_issuer_id",
    "open_mail_hold",
    "read_fields",
    "read_own_values",
    "read_revocation_log",
    "read_translations",
    "record_sent",
    "release_mails",
    "release_mails_about",
    "render_claim",
    "replace_taken_codes",
    "require_reason",
    "retry_credentials",
    "retry_failed",
    "send_pending",
    "settle_old_notes",
    "shows_results",
    "swap_in_successor",
    "update_claimed",
    "withdraw_awards",
    "write_pending_revocations",
]

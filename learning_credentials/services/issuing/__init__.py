"""Issues credentials: by schedule, in generation runs and chunks, and on request. Also reissues, renews, previews and sweeps."""

from learning_credentials.services.issuing.chunks import ChunkResult, issue_chunk
from learning_credentials.services.issuing.configurations import get_configuration
from learning_credentials.services.issuing.eligible import (
    find_requestable,
    get_criteria,
    get_eligibility,
    list_eligible_learners,
)
from learning_credentials.services.issuing.examples import (
    can_offer_self_generation,
    create_examples,
    get_latest_example_status,
    note_deleted_examples,
    open_example_artifact,
)
from learning_credentials.services.issuing.for_learners import (
    LearnerResult,
    Refusal,
    find_held,
    find_refusals,
    issue_to_learners,
)
from learning_credentials.services.issuing.forecasts import RunForecast, count_reachable, foresee_run, with_changes
from learning_credentials.services.issuing.local_runs import issue_pending_credentials
from learning_credentials.services.issuing.new_files import RenderingResult, render_again
from learning_credentials.services.issuing.on_request import issue_credential, request_credential
from learning_credentials.services.issuing.previews import (
    find_context,
    make_dummy_snapshot,
    make_sample_data,
    preview_credential,
)
from learning_credentials.services.issuing.reissue import ReissueObstacle, find_reissue_obstacles, reissue_credential
from learning_credentials.services.issuing.renewal import ExpiryChange, change_expiries, change_expiry, renew_credential
from learning_credentials.services.issuing.restoring import restore_credential
from learning_credentials.services.issuing.run_control import (
    can_cancel,
    can_continue,
    can_pause,
    can_undo,
    cancel_run,
    continue_run,
    pause_run,
    undo_run,
)
from learning_credentials.services.issuing.runs import create_run, evaluate_run, start_run
from learning_credentials.services.issuing.schedule import start_due_runs
from learning_credentials.services.issuing.sweep import SweepResult, sweep_stale_credentials
from learning_credentials.services.issuing.undoing import list_undoable

__all__ = [
    "ChunkResult",
    "ExpiryChange",
    "LearnerResult",
    "Refusal",
    "ReissueObstacle",
    "RenderingResult",
    "RunForecast",
    "SweepResult",
    "can_cancel",
    "can_continue",
    "can_offer_self_generation",
    "can_pause",
    "can_undo",
    "cancel_run",
    "change_expiries",
    "change_expiry",
    "continue_run",
    "count_reachable",
    "create_examples",
    "create_run",
    "evaluate_run",
    "find_context",
    "find_held",
    "find_refusals",
    "find_reissue_obstacles",
    "find_requestable",
    "foresee_run",
    "get_configuration",
    "get_criteria",
    "get_eligibility",
    "get_latest_example_status",
    "issue_chunk",
    "issue_credential",
    "issue_pending_credentials",
    "issue_to_learners",
    "list_eligible_learners",
    "list_undoable",
    "make_dummy_snapshot",
    "make_sample_data",
    "note_deleted_examples",
    "open_example_artifact",
    "pause_run",
    "preview_credential",
    "reissue_credential",
    "render_again",
    "renew_credential",
    "request_credential",
    "restore_credential",
    "start_due_runs",
    "start_run",
    "sweep_stale_credentials",
    "undo_run",
    "with_changes",
]

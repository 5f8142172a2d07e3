"""Does what operators ask for: changes types and configurations, acts on many rows, tells of learners, numbers, acts and needs.

It also erases or exports what the app knows about a person.
"""

from learning_credentials.services.desk.acts import Act, ActFilter, Limit, find_actor_names, iter_acts, list_acts
from learning_credentials.services.desk.bulk import (
    NEVER,
    BulkAct,
    Draft,
    draft_from_credentials,
    draft_from_list,
    is_permitted,
    needs_second_person,
    plan_again,
    read_expiry,
    read_table,
    request_invalidation,
)
from learning_credentials.services.desk.bulk import work_off_bulk_job as work_off_job
from learning_credentials.services.desk.consequences import (
    SMALL,
    Consequences,
    foresee_allowlist_import,
    foresee_available_date,
    foresee_configuration,
    foresee_invalidations,
    foresee_reissues,
    list_changes,
)
from learning_credentials.services.desk.copying import copy_configuration, copy_credential_type
from learning_credentials.services.desk.day_counting import count_finished_days, get_start, get_today
from learning_credentials.services.desk.designer import Drawing, draw_design, uses_design
from learning_credentials.services.desk.designs import StartedDesign, preview_design, start_design
from learning_credentials.services.desk.font_samples import draw_font
from learning_credentials.services.desk.numbers import MAX_PERIOD, Bar, count_numbers
from learning_credentials.services.desk.overview import (
    OpenWork,
    count_needs,
    expires_soon,
    is_nearly_full,
    is_overdue,
    is_stuck,
    is_waiting,
)
from learning_credentials.services.desk.privacy import export_learner, retire_learner
from learning_credentials.services.desk.proof_sheets import ProofSheet, make_proof_sheet
from learning_credentials.services.desk.samples import MADE_UP, FoundLearner, find_sample, search_learners
from learning_credentials.services.desk.story import PAGE_SIZE, tell_story
from learning_credentials.services.desk.story_places import find_learners_in
from learning_credentials.services.desk.story_timeline import read_timeline
from learning_credentials.services.desk.story_values import (
    WAIVED,
    Award,
    Change,
    ChangeKind,
    Counterfactual,
    EventKind,
    HeldCredential,
    Need,
    NeedKind,
    Reason,
    ReasonCode,
    RunNeeds,
    Story,
    Timeline,
    TimelineEntry,
)
from learning_credentials.services.desk.system_checks import CheckResult, find_check_results, run_app_checks
from learning_credentials.services.desk.undoing import undo_award, undo_or_revoke, undo_revocation

__all__ = [
    "MADE_UP",
    "MAX_PERIOD",
    "NEVER",
    "PAGE_SIZE",
    "SMALL",
    "WAIVED",
    "Act",
    "ActFilter",
    "Award",
    "Bar",
    "BulkAct",
    "Change",
    "ChangeKind",
    "CheckResult",
    "Consequences",
    "Counterfactual",
    "Draft",
    "Drawing",
    "EventKind",
    "FoundLearner",
    "HeldCredential",
    "Limit",
    "Need",
    "NeedKind",
    "OpenWork",
    "ProofSheet",
    "Reason",
    "ReasonCode",
    "RunNeeds",
    "StartedDesign",
    "Story",
    "Timeline",
    "TimelineEntry",
    "copy_configuration",
    "copy_credential_type",
    "count_finished_days",
    "count_needs",
    "count_numbers",
    "draft_from_credentials",
    "draft_from_list",
    "draw_design",
    "draw_font",
    "expires_soon",
    "export_learner",
    "find_actor_names",
    "find_check_results",
    "find_learners_in",
    "find_sample",
    "foresee_allowlist_import",
    "foresee_available_date",
    "foresee_configuration",
    "foresee_invalidations",
    "foresee_reissues",
    "get_start",
    "get_today",
    "is_nearly_full",
    "is_overdue",
    "is_permitted",
    "is_stuck",
    "is_waiting",
    "iter_acts",
    "list_acts",
    "list_changes",
    "make_proof_sheet",
    "needs_second_person",
    "plan_again",
    "preview_design",
    "read_expiry",
    "read_table",
    "read_timeline",
    "request_invalidation",
    "retire_learner",
    "run_app_checks",
    "search_learners",
    "start_design",
    "tell_story",
    "undo_award",
    "undo_or_revoke",
    "undo_revocation",
    "uses_design",
    "work_off_job",
]

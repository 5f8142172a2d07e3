"""Carries out operators' changes to configurations and types, tells the story of single learners, undoes awards, and acts on many rows."""

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
from learning_credentials.services.desk.copying import copy_configuration, copy_credential_type
from learning_credentials.services.desk.designs import StartedDesign, preview_design, start_design
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
from learning_credentials.services.desk.undoing import undo_award, undo_or_revoke, undo_revocation

__all__ = [
    "NEVER",
    "PAGE_SIZE",
    "WAIVED",
    "Award",
    "BulkAct",
    "Change",
    "ChangeKind",
    "Counterfactual",
    "Draft",
    "EventKind",
    "HeldCredential",
    "Need",
    "NeedKind",
    "Reason",
    "ReasonCode",
    "RunNeeds",
    "StartedDesign",
    "Story",
    "Timeline",
    "TimelineEntry",
    "copy_configuration",
    "copy_credential_type",
    "draft_from_credentials",
    "draft_from_list",
    "find_learners_in",
    "is_permitted",
    "needs_second_person",
    "plan_again",
    "preview_design",
    "read_expiry",
    "read_table",
    "read_timeline",
    "request_invalidation",
    "start_design",
    "tell_story",
    "undo_award",
    "undo_or_revoke",
    "undo_revocation",
    "work_off_job",
]

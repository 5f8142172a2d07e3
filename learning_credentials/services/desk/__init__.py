"""Carries out operators' changes to configurations and types, tells the story of single learners, and undoes awards."""

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
    "PAGE_SIZE",
    "SMALL",
    "WAIVED",
    "Award",
    "Change",
    "ChangeKind",
    "Consequences",
    "Counterfactual",
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
    "find_learners_in",
    "foresee_allowlist_import",
    "foresee_available_date",
    "foresee_configuration",
    "foresee_invalidations",
    "foresee_reissues",
    "list_changes",
    "preview_design",
    "read_timeline",
    "start_design",
    "tell_story",
    "undo_award",
    "undo_or_revoke",
    "undo_revocation",
]

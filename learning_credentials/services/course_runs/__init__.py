"""Course runs: their course certificates, when credentials may be seen and which date they show, who may request one."""

from learning_credentials.services.course_runs.course_certificates import (
    COURSE_CERTIFICATES_FUNC,
    change_course_certificate,
    ensure_course_certificate,
    find_active_course_certificate,
    get_course_certificate,
    is_issuing_course_certificates,
    issues_course_certificates,
    list_course_certificate_configurations,
    refresh_course_certificates,
    set_certificate_available_date,
)
from learning_credentials.services.course_runs.history import ACTIVE, new_activity_event, record_certificate_event
from learning_credentials.services.course_runs.run_names import NamedRun, find_run_uuid, resolve_run_names
from learning_credentials.services.course_runs.self_generation import find_self_generating, is_self_generation_allowed
from learning_credentials.services.course_runs.visibility import (
    Gate,
    are_visible,
    describe_visibility,
    drop_hidden,
    filter_visible,
    find_opening,
    get_gates,
    get_local_date,
    get_program_gates,
    get_run_gate,
    get_shown_date,
    with_run_date,
)

__all__ = [
    "ACTIVE",
    "COURSE_CERTIFICATES_FUNC",
    "Gate",
    "NamedRun",
    "are_visible",
    "change_course_certificate",
    "describe_visibility",
    "drop_hidden",
    "ensure_course_certificate",
    "filter_visible",
    "find_active_course_certificate",
    "find_opening",
    "find_run_uuid",
    "find_self_generating",
    "get_course_certificate",
    "get_gates",
    "get_local_date",
    "get_program_gates",
    "get_run_gate",
    "get_shown_date",
    "is_issuing_course_certificates",
    "is_self_generation_allowed",
    "issues_course_certificates",
    "list_course_certificate_configurations",
    "new_activity_event",
    "record_certificate_event",
    "refresh_course_certificates",
    "resolve_run_names",
    "set_certificate_available_date",
    "with_run_date",
]

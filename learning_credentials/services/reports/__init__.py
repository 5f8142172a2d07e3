"""Reports the status of learners and the credentials that were issued."""

from learning_credentials.services.reports.exports import (
    IssuedCertificate,
    IssuedCount,
    KeptLearner,
    count_issued_certificates,
    get_certificate_info,
    get_certificate_status,
    iter_issued_certificates,
    iter_issued_certificates_csv,
    iter_issued_counts_csv,
    iter_kept_certificates,
    iter_kept_certificates_csv,
    list_certificate_infos,
    list_certificate_statuses,
)
from learning_credentials.services.reports.learner_status import (
    get_learner_status,
    get_program_status,
    list_learner_statuses,
)
from learning_credentials.services.reports.undrawable_names import UndrawableName, iter_undrawable_names

__all__ = [
    "IssuedCertificate",
    "IssuedCount",
    "KeptLearner",
    "UndrawableName",
    "count_issued_certificates",
    "get_certificate_info",
    "get_certificate_status",
    "get_learner_status",
    "get_program_status",
    "iter_issued_certificates",
    "iter_issued_certificates_csv",
    "iter_issued_counts_csv",
    "iter_kept_certificates",
    "iter_kept_certificates_csv",
    "iter_undrawable_names",
    "list_certificate_infos",
    "list_certificate_statuses",
    "list_learner_statuses",
]

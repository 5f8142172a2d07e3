"""Does acts on many credentials or learners in the background: planned row by row, confirmed, then carried out as a job."""

from learning_credentials.services.desk.bulk.acts import BulkAct, is_permitted, needs_second_person
from learning_credentials.services.desk.bulk.given import NEVER, GivenRow, GivenTable, read_expiry, read_table
from learning_credentials.services.desk.bulk.handlers import work_off_bulk_job
from learning_credentials.services.desk.bulk.planning import (
    Draft,
    draft_from_credentials,
    draft_from_list,
    plan_again,
    request_invalidation,
)

__all__ = [
    "NEVER",
    "BulkAct",
    "Draft",
    "GivenRow",
    "GivenTable",
    "draft_from_credentials",
    "draft_from_list",
    "is_permitted",
    "needs_second_person",
    "plan_again",
    "read_expiry",
    "read_table",
    "request_invalidation",
    "work_off_bulk_job",
]

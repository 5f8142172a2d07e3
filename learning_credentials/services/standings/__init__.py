"""Handles the standings of learners in course runs: the rules, the facts, the rows, and the messages of the host project."""

from learning_credentials.services.standings.changes import block_standing
from learning_credentials.services.standings.evaluation import (
    evaluate_and_store,
    evaluate_course_certificate,
    evaluate_course_certificates,
    regenerate_certificates,
    tell_learner_outdated,
    tell_outdated,
)
from learning_credentials.services.standings.facts import gather_facts
from learning_credentials.services.standings.inbox import take_host_message, work_off_inbox
from learning_credentials.services.standings.owing import TELL_STANDINGS
from learning_credentials.services.standings.rules import Cause, CertificateFacts, decide, find_rule

__all__ = [
    "TELL_STANDINGS",
    "Cause",
    "CertificateFacts",
    "block_standing",
    "decide",
    "evaluate_and_store",
    "evaluate_course_certificate",
    "evaluate_course_certificates",
    "find_rule",
    "gather_facts",
    "regenerate_certificates",
    "take_host_message",
    "tell_learner_outdated",
    "tell_outdated",
    "work_off_inbox",
]

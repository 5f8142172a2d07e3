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
from learning_credentials.services.standings.explaining import (
    DecidingFact,
    describe_facts,
    explain_course_certificate,
    find_deciding_fact,
    is_granted,
)
from learning_credentials.services.standings.facts import Gathered, gather_facts
from learning_credentials.services.standings.inbox import take_host_message, work_off_inbox
from learning_credentials.services.standings.owing import TELL_STANDINGS
from learning_credentials.services.standings.rules import Cause, CertificateFacts, decide, find_rule

__all__ = [
    "TELL_STANDINGS",
    "Cause",
    "CertificateFacts",
    "DecidingFact",
    "Gathered",
    "block_standing",
    "decide",
    "describe_facts",
    "evaluate_and_store",
    "evaluate_course_certificate",
    "evaluate_course_certificates",
    "explain_course_certificate",
    "find_deciding_fact",
    "find_rule",
    "gather_facts",
    "is_granted",
    "regenerate_certificates",
    "take_host_message",
    "tell_learner_outdated",
    "tell_outdated",
    "work_off_inbox",
]

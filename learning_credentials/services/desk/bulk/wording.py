"""Says in words why a learner cannot be issued a credential."""

from __future__ import annotations

from learning_credentials.services.credentials import SkipReason
from learning_credentials.services.issuing import Refusal

_WORDS: dict[str, str] = {
    Refusal.ALREADY_HELD: "the learner has the credential already, or it is being made",
    Refusal.NOT_ENROLLED: "the learner is not enrolled in the course or learning path",
    Refusal.NOT_ELIGIBLE: "the learner does not meet the criteria. Add the learner to the allowlist to waive them",
    SkipReason.REISSUE_BLOCKED: "staff invalidated the credential and blocked a new one. Lift the block first",
    SkipReason.ATTEMPTS_EXHAUSTED: "the credential failed too often. Fix the error, then try the credential again",
    SkipReason.PROFILE_UNKNOWN: "the LMS did not return the learner's profile. Try again later",
    SkipReason.RESTRICTED: "the account is inactive in the LMS, or the LMS does not allow this learner certificates",
    SkipReason.EVALUATION_FAILED: "an error prevented the evaluation of the learner. The log has the error",
    SkipReason.NO_ACCOUNT: "the learner has no account on this site",
    SkipReason.CANNOT_BE_STORED: "the database refused the credential. The log has the error",
}


def describe_refusal(refusal: str) -> str:
    """Return why a learner cannot be issued a credential, in words."""
    return _WORDS.get(refusal, refusal.replace("_", " "))

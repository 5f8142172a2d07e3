"""Issue credentials whose badges are verified, and name what verifiers answer."""

from __future__ import annotations

from typing import Any

from learning_credentials import api
from learning_credentials.models import Credential
from tests.services.world import enrol_learners, make_configuration

PDF = "learning_credentials.generators.generate_pdf_credential"
VALID, REVOKED = "valid", "revoked"


def issue(generator: str = PDF, count: int = 3, **options: Any) -> list[Credential]:
    """Issue credentials to learners of a course; return them in the order of their keys."""
    enrol_learners(count)
    api.issue_pending_credentials(make_configuration(generator, **options).pk)
    return list(Credential.objects.order_by("pk"))


def judge_learn_card(answer: dict[str, Any]) -> str:
    """What an answer of LearnCard comes to: VALID, REVOKED, or what is wrong."""
    match answer:
        case {"checks": ["proof", "status"], "statuses": [False], "errors": []}:
            return VALID
        case {"checks": ["proof"], "statuses": [True], "errors": ["Credential is revoked."]}:
            return REVOKED
    return str(answer)

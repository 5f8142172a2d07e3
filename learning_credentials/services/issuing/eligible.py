"""Tells who is eligible for the credential of a configuration, and which credentials learners can request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

from learning_credentials.services.course_runs import find_self_generating, issues_course_certificates
from learning_credentials.services.credentials import (
    describe_criteria,
    evaluate_learner,
    get_context,
)
from learning_credentials.services.issuing.configurations import find_configurations, get_configuration
from learning_credentials.services.issuing.forecasts import iter_forecast
from learning_credentials.services.standings import explain_course_certificate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from learning_credentials.data import Eligibility


def list_eligible_learners(configuration_id: int) -> Iterator[Eligibility]:
    """Yield the learners to whom a generation run would issue a credential now.

    They are eligible and not blocked, and have no live credential that is valid or being made.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    for batch, _lost in iter_forecast(get_configuration(configuration_id)):
        for candidate in batch.candidates:
            yield candidate.eligibility


def get_eligibility(configuration_id: int, user_id: int) -> Eligibility:
    """Return whether one learner is eligible. Its ``progress`` has the current and the required values.

    For a course certificate, ``progress["facts"]`` has what decides about it now: see `explain_course_certificate`.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    configuration = get_configuration(configuration_id)
    found = evaluate_learner(configuration, user_id)
    if not issues_course_certificates(configuration):
        return found
    facts = explain_course_certificate(configuration.learning_context_key, user_id)
    return replace(found, progress={**found.progress, "facts": facts})


def get_criteria(configuration_id: int, language: str = "") -> str:
    """Return what a learner must do to earn a configuration's credential now, as a text. Return an empty text if it says nothing.

    It is the operator's text. If there is none, it is written from the options in force.

    Args:
        configuration_id: the configuration.
        language: of the text that is written, such as ``fr``. Without one, the active language.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
    """
    configuration = get_configuration(configuration_id)
    context = get_context(configuration.learning_context_key)
    chosen = language or translation.get_language() or settings.LANGUAGE_CODE
    return describe_criteria(configuration, chosen, context=context)


def find_requestable(configuration_ids: Collection[int]) -> set[int]:
    """Return the ids of those of the configurations whose credential learners can request themselves.

    The setting ``ALLOW_SELF_GENERATION`` must be on, and the switch of the configuration. For a course certificate, the switch of the
    course run is enough. Whether a learner qualifies is not checked. The number of queries is constant.
    """
    return find_self_generating(find_configurations(configuration_ids))

"""Learners who completed enough and reached the required grades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from learning_credentials.lms import Capability
from learning_credentials.options import parse
from learning_credentials.plugins import processor
from learning_credentials.processors import criteria
from learning_credentials.processors.completions import (
    DEFAULT_COMPLETION,
    CompletionsStepOptions,
    require_completion,
)
from learning_credentials.processors.evaluation import evaluate
from learning_credentials.processors.fields import Fraction, StepsOf
from learning_credentials.processors.grades import GradesStepOptions, SubsectionGradesOptions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class CompletionsAndGradesStepOptions(CompletionsStepOptions, GradesStepOptions):
    """What ``steps`` may say of one course run."""


class CompletionsAndGradesOptions(SubsectionGradesOptions):
    """Options of `retrieve_completions_and_grades`."""

    required_completion: Fraction = Field(
        default=DEFAULT_COMPLETION, description="Least completed share of a course run, between 0 and 1."
    )
    steps: Annotated[dict[str, CompletionsAndGradesStepOptions], StepsOf] = Field(  # type: ignore[assignment]
        default={},
        description=(
            "For a learning path: overrides by course run key, each an object with required_grades, "
            "required_completion or both."
        ),
    )

    def completion_of(self, step_key: str | None) -> float:
        """Return the share that counts in a step, or in a course run on its own for None."""
        return require_completion(self.required_completion, self.steps, step_key)


@processor(options=CompletionsAndGradesOptions)
def retrieve_completions_and_grades(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Learners with the required grades who completed the required share.

    Args:
        learning_context_key: a course run or a learning path.
        options: see `CompletionsAndGradesOptions`.
        user_id: one learner.
        user_ids: a batch of learners. With neither: all who are enrolled.

    Returns:
        By user id: what `retrieve_subsection_grades` and `retrieve_completions` return, in one.

    Raises:
        OptionsError: the options are wrong.
        ContextNotFoundError: the LMS does not know the context.
        ConfigurationError: the LMS backend cannot tell grades or completion.
        TransientError: the LMS could not answer.
    """
    parsed = parse(CompletionsAndGradesOptions, options)
    return evaluate(
        learning_context_key,
        lambda step_key: [
            criteria.RequiredGrades(parsed.grades_of(step_key)),
            criteria.RequiredCompletion(parsed.completion_of(step_key)),
        ],
        needs=[Capability.GRADES, Capability.COMPLETION],
        overridden=parsed.steps,
        user_id=user_id,
        user_ids=user_ids,
    )

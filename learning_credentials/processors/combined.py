"""Find learners who completed enough and reached the required grades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from learning_credentials.lms import Capability
from learning_credentials.options import parse
from learning_credentials.plugins import processor
from learning_credentials.processors import criteria
from learning_credentials.processors.completions import (
    DEFAULT_COMPLETION,
    CompletedShare,
    CompletionsStepOptions,
    require_completion,
)
from learning_credentials.processors.evaluation import evaluate
from learning_credentials.processors.fields import STEPS, StepsOf
from learning_credentials.processors.grades import GradesStepOptions, SubsectionGradesOptions
from learning_credentials.processors.requirements import RequirementsWriter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class CompletionsAndGradesStepOptions(CompletionsStepOptions, GradesStepOptions):
    """Options for one course run in ``steps``."""


class CompletionsAndGradesOptions(SubsectionGradesOptions):
    """Options of `retrieve_completions_and_grades`."""

    required_completion: CompletedShare = Field(
        default=DEFAULT_COMPLETION, description="Share of a course run that learners must complete, from 0 to 1."
    )
    steps: Annotated[dict[str, CompletionsAndGradesStepOptions], StepsOf, STEPS] = Field(  # type: ignore[assignment]
        default={},
        title="Single courses of a learning path",
        description=(
            "For a learning path: requirements for single course runs, by course run key. Each is an object "
            "with required_grades, required_completion, or both."
        ),
    )

    def completion_of(self, step_key: str | None) -> float:
        """Return the required completion in a step. For None, return that of a course run outside a learning path."""
        return require_completion(self.required_completion, self.steps, step_key)


def _read_required(options: CompletionsAndGradesOptions, step_key: str | None) -> dict[str, Any]:
    return {
        "required_completion": options.completion_of(step_key),
        "required_grades": options.grades_of(step_key),
    }


@processor(
    title="Completed share of the course, and grades",
    options=CompletionsAndGradesOptions,
    criteria=RequirementsWriter(CompletionsAndGradesOptions, _read_required),
)
def retrieve_completions_and_grades(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Find learners who reached the required grades and completed the required share.

    Args:
        learning_context_key: a course run or a learning path.
        options: see `CompletionsAndGradesOptions`.
        user_id: one learner.
        user_ids: a batch of learners. Without both arguments, all enrolled learners.

    Returns:
        The results by user id: everything that `retrieve_subsection_grades` and `retrieve_completions` return.

    Raises:
        OptionsError: the options are wrong.
        ContextNotFoundError: the LMS does not know the context.
        ConfigurationError: the LMS backend cannot provide grades or completion.
        TransientError: the LMS could not answer.
    """
    parsed = parse(CompletionsAndGradesOptions, options)
    return evaluate(
        learning_context_key,
        lambda step_key: [
            criteria.RequiredGrades(parsed.grades_of(step_key), parsed.record_categories),
            criteria.RequiredCompletion(parsed.completion_of(step_key)),
        ],
        needs=[Capability.GRADES, Capability.COMPLETION],
        overridden=parsed.steps,
        user_id=user_id,
        user_ids=user_ids,
    )

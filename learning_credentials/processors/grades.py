"""Learners who reached the required grades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from learning_credentials.exceptions import OptionProblem, OptionsError
from learning_credentials.lms import Capability
from learning_credentials.options import Options, parse
from learning_credentials.plugins import processor
from learning_credentials.processors import criteria
from learning_credentials.processors.evaluation import evaluate
from learning_credentials.processors.fields import (
    RequiredGrades,
    StepOptions,
    StepsOf,
    leave_grades_to_steps,
    merge_grades,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class GradesStepOptions(StepOptions):
    """What ``steps`` may say of one course run."""

    required_grades: RequiredGrades = Field(
        default_factory=dict, description="Least grades in this run; replace those of the path, category by category."
    )


class SubsectionGradesOptions(Options):
    """Options of `retrieve_subsection_grades`."""

    required_grades: RequiredGrades = Field(
        description=(
            "Least grade, between 0 and 1, in each assignment category; Total is the weighted grade over all. "
            "Case does not matter. A category never attempted fails."
        )
    )
    steps: Annotated[dict[str, GradesStepOptions], StepsOf] = Field(
        default={},
        description="For a learning path: overrides by course run key, each an object with required_grades.",
    )

    _leave_to_steps = model_validator(mode="before")(leave_grades_to_steps)

    def grades_of(self, step_key: str | None) -> dict[str, float]:
        """Return the grades that count in a step, or in a course run on its own for None."""
        return require_grades(self.required_grades, self.steps, step_key)


def require_grades(base: Mapping[str, float], steps: Mapping[str, Any], step_key: str | None) -> dict[str, float]:
    """Merge a step's required grades over those of the path.

    Raises:
        OptionsError: nothing is required there, which would make everyone eligible.
    """
    step = steps.get(step_key) if step_key is not None else None
    required = merge_grades(base, step.required_grades if step is not None else {})
    if not required:
        where = "a course run" if step_key is None else f"the step {step_key}, of which `steps` says nothing"
        raise OptionsError([OptionProblem("required_grades", f"is needed for {where}")])
    return required


@processor(options=SubsectionGradesOptions)
def retrieve_subsection_grades(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Learners with the required grades.

    In a course run every category of ``required_grades`` must be reached; in a learning path, that in each step that counts.

    Args:
        learning_context_key: a course run or a learning path.
        options: see `SubsectionGradesOptions`.
        user_id: one learner.
        user_ids: a batch of learners. With neither: all who are enrolled.

    Returns:
        By user id: ``is_eligible``, ``current_grades`` (None: never attempted, or no such category) and ``required_grades``; for a
        path ``steps``, with the same and ``name`` and ``is_met`` by course run key. ``is_unknown`` is there, and True, if the LMS
        could not tell a grade; ``problems``, if the options do not fit the context.

    Raises:
        OptionsError: the options are wrong.
        ContextNotFoundError: the LMS does not know the context.
        ConfigurationError: the LMS backend cannot tell grades.
        TransientError: the LMS could not answer.
    """
    parsed = parse(SubsectionGradesOptions, options)
    return evaluate(
        learning_context_key,
        lambda step_key: [criteria.RequiredGrades(parsed.grades_of(step_key))],
        needs=[Capability.GRADES],
        overridden=parsed.steps,
        user_id=user_id,
        user_ids=user_ids,
    )

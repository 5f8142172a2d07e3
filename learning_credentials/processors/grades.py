"""Find learners who reached the required grades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StrictBool, model_validator

from learning_credentials.exceptions import OptionProblem, OptionsError
from learning_credentials.lms import Capability
from learning_credentials.option_types import ShownAs
from learning_credentials.options import Options, parse
from learning_credentials.plugins import processor
from learning_credentials.processors import criteria
from learning_credentials.processors.evaluation import evaluate
from learning_credentials.processors.fields import (
    STEPS,
    RequiredGrades,
    StepOptions,
    StepsOf,
    leave_grades_to_steps,
    merge_grades,
)
from learning_credentials.processors.requirements import RequirementsWriter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


REQUIRED = ShownAs(
    help="The grade that learners need in each assignment category. Total is the weighted grade over all categories. A category that the "
    "learner never attempted does not meet the requirement."
)


class GradesStepOptions(StepOptions):
    """Options for one course run in ``steps``."""

    required_grades: RequiredGrades = Field(
        default_factory=dict,
        description="Required grades in this course run. Each category replaces the same category of the path.",
    )


class SubsectionGradesOptions(Options):
    """Options of `retrieve_subsection_grades`."""

    required_grades: Annotated[RequiredGrades, REQUIRED] = Field(
        description=(
            "Required grade in each assignment category, from 0 to 1. Total is the weighted grade over all "
            "categories. Upper and lower case make no difference. A category that the learner never attempted "
            "does not meet the requirement."
        )
    )
    record_categories: StrictBool = Field(
        default=False,
        title="Record all categories",
        description=(
            "Whether the evidence of credentials contains the grade and the weight of every assignment category, also of "
            "those that are not required. A table on the certificate can print them."
        ),
    )
    steps: Annotated[dict[str, GradesStepOptions], StepsOf, STEPS] = Field(
        default={},
        title="Single courses of a learning path",
        description="For a learning path: requirements for single course runs, by course run key. Each is an object with required_grades.",
    )

    _leave_to_steps = model_validator(mode="before")(leave_grades_to_steps)

    def grades_of(self, step_key: str | None) -> dict[str, float]:
        """Return the required grades in a step. For None, return those of a course run outside a learning path."""
        return require_grades(self.required_grades, self.steps, step_key)


def require_grades(base: Mapping[str, float], steps: Mapping[str, Any], step_key: str | None) -> dict[str, float]:
    """Return the path's required grades with the overrides of a step.

    Raises:
        OptionsError: no grade is required there, so everyone would be eligible.
    """
    step = steps.get(step_key) if step_key is not None else None
    required = merge_grades(base, step.required_grades if step is not None else {})
    if not required:
        where = "a course run" if step_key is None else f"the step {step_key}, which has no grades in `steps`"
        raise OptionsError([OptionProblem("required_grades", f"a value is required for {where}")])
    return required


def _read_required(options: SubsectionGradesOptions, step_key: str | None) -> dict[str, Any]:
    return {"required_grades": options.grades_of(step_key)}


@processor(
    title="Grades in the course",
    options=SubsectionGradesOptions,
    criteria=RequirementsWriter(SubsectionGradesOptions, _read_required),
)
def retrieve_subsection_grades(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Find learners who reached the required grades.

    In a course run, learners must reach every category of ``required_grades``. In a learning path, they must do so in each step that
    counts.

    Args:
        learning_context_key: a course run or a learning path.
        options: see `SubsectionGradesOptions`.
        user_id: one learner.
        user_ids: a batch of learners. Without both arguments, all enrolled learners.

    Returns:
        The results by user id: ``is_eligible``, ``current_grades`` and ``required_grades``. A current grade is None if the learner never
        attempted the category or it does not exist. For a learning path, ``steps`` has the same values and ``name`` and ``is_met`` by
        course run key. ``categories`` is present if the options ask for it: a list of objects with ``name``, ``grade`` and ``weight``,
        whose grade is None if the learner never attempted the category. ``is_unknown`` is present and True if the LMS does not know a
        grade. ``problems`` is present if the options do not fit the context.

    Raises:
        OptionsError: the options are wrong.
        ContextNotFoundError: the LMS does not know the context.
        ConfigurationError: the LMS backend cannot provide grades.
        TransientError: the LMS could not answer.
    """
    parsed = parse(SubsectionGradesOptions, options)
    return evaluate(
        learning_context_key,
        lambda step_key: [criteria.RequiredGrades(parsed.grades_of(step_key), parsed.record_categories)],
        needs=[Capability.GRADES],
        overridden=parsed.steps,
        user_id=user_id,
        user_ids=user_ids,
    )

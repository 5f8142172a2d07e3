"""Find learners who completed enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from learning_credentials.lms import Capability
from learning_credentials.option_types import ShownAs
from learning_credentials.options import Options, parse
from learning_credentials.plugins import processor
from learning_credentials.processors import criteria
from learning_credentials.processors.evaluation import evaluate
from learning_credentials.processors.fields import STEPS, Fraction, StepOptions, StepsOf
from learning_credentials.processors.requirements import RequirementsWriter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

DEFAULT_COMPLETION = 0.9

CompletedShare = Annotated[Fraction, ShownAs(help="Share of a course run that learners must complete.")]


class CompletionsStepOptions(StepOptions):
    """Options for one course run in ``steps``."""

    required_completion: Fraction = Field(
        default=DEFAULT_COMPLETION,
        description="Share of this course run that learners must complete. It replaces the path's.",
    )


class CompletionsOptions(Options):
    """Options of `retrieve_completions`."""

    required_completion: CompletedShare = Field(
        default=DEFAULT_COMPLETION, description="Share of a course run that learners must complete, from 0 to 1."
    )
    steps: Annotated[dict[str, CompletionsStepOptions], StepsOf, STEPS] = Field(
        default={},
        title="Single courses of a learning path",
        description="For a learning path: requirements for single course runs, by course run key. Each is an "
        "object with required_completion.",
    )

    def completion_of(self, step_key: str | None) -> float:
        """Return the required completion in a step. For None, return that of a course run outside a learning path."""
        return require_completion(self.required_completion, self.steps, step_key)


def require_completion(base: float, steps: Mapping[str, Any], step_key: str | None) -> float:
    """Return a step's required completion. If the step has none, return the path's."""
    step = steps.get(step_key) if step_key is not None else None
    if step is None or "required_completion" not in step.model_fields_set:
        return base
    share: float = step.required_completion
    return share


def _read_required(options: CompletionsOptions, step_key: str | None) -> dict[str, Any]:
    return {"required_completion": options.completion_of(step_key)}


@processor(
    title="Completed share of the course",
    options=CompletionsOptions,
    criteria=RequirementsWriter(CompletionsOptions, _read_required),
)
def retrieve_completions(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Find learners who completed the required share.

    In a learning path, learners must complete this share of every step that counts.

    Args:
        learning_context_key: a course run or a learning path.
        options: see `CompletionsOptions`.
        user_id: one learner.
        user_ids: a batch of learners. Without both arguments, all enrolled learners.

    Returns:
        The results by user id: ``is_eligible``, ``current_completion`` (None if it is unknown) and ``required_completion``. For a learning
        path, ``steps`` has the same values and ``name`` and ``is_met`` by course run key. ``is_unknown`` is present and True if the LMS
        does not know the completion. ``problems`` is present if the options do not fit the context.

    Raises:
        OptionsError: the options are wrong.
        ContextNotFoundError: the LMS does not know the context.
        ConfigurationError: the LMS backend cannot provide completion.
        TransientError: the LMS could not answer.
    """
    parsed = parse(CompletionsOptions, options)
    return evaluate(
        learning_context_key,
        lambda step_key: [criteria.RequiredCompletion(parsed.completion_of(step_key))],
        needs=[Capability.COMPLETION],
        overridden=parsed.steps,
        user_id=user_id,
        user_ids=user_ids,
    )

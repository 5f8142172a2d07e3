"""Learners who completed enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from learning_credentials.lms import Capability
from learning_credentials.options import Options, parse
from learning_credentials.plugins import processor
from learning_credentials.processors import criteria
from learning_credentials.processors.evaluation import evaluate
from learning_credentials.processors.fields import Fraction, StepOptions, StepsOf

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

DEFAULT_COMPLETION = 0.9


class CompletionsStepOptions(StepOptions):
    """What ``steps`` may say of one course run."""

    required_completion: Fraction = Field(
        default=DEFAULT_COMPLETION, description="Least completed share of this run, in place of the path's."
    )


class CompletionsOptions(Options):
    """Options of `retrieve_completions`."""

    required_completion: Fraction = Field(
        default=DEFAULT_COMPLETION, description="Least completed share of a course run, between 0 and 1."
    )
    steps: Annotated[dict[str, CompletionsStepOptions], StepsOf] = Field(
        default={},
        description="For a learning path: overrides by course run key, each an object with required_completion.",
    )

    def completion_of(self, step_key: str | None) -> float:
        """Return the share that counts in a step, or in a course run on its own for None."""
        return require_completion(self.required_completion, self.steps, step_key)


def require_completion(base: float, steps: Mapping[str, Any], step_key: str | None) -> float:
    """Return a step's required completion if it names one, else the path's."""
    step = steps.get(step_key) if step_key is not None else None
    if step is None or "required_completion" not in step.model_fields_set:
        return base
    share: float = step.required_completion
    return share


@processor(options=CompletionsOptions)
def retrieve_completions(
    learning_context_key: str,
    options: Mapping[str, Any],
    user_id: int | None = None,
    user_ids: Collection[int] | None = None,
) -> dict[int, dict[str, Any]]:
    """Learners who completed the required share.

    In a learning path every step that counts must be completed that far.

    Args:
        learning_context_key: a course run or a learning path.
        options: see `CompletionsOptions`.
        user_id: one learner.
        user_ids: a batch of learners. With neither: all who are enrolled.

    Returns:
        By user id: ``is_eligible``, ``current_completion`` (None: not known) and ``required_completion``; for a path ``steps``, with
        the same and ``name`` and ``is_met`` by course run key. ``is_unknown`` is there, and True, if the LMS could not tell;
        ``problems``, if the options do not fit the context.

    Raises:
        OptionsError: the options are wrong.
        ContextNotFoundError: the LMS does not know the context.
        ConfigurationError: the LMS backend cannot tell completion.
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

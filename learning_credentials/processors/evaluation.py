"""Evaluate criteria for the learners of a course run or a learning path, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from learning_credentials.conf import get_settings
from learning_credentials.exceptions import ConfigurationError, ContextNotFoundError
from learning_credentials.lms import Capability, ContextKind, get_lms
from learning_credentials.lms.batches import in_lms_batches
from learning_credentials.processors.criteria import measure_all

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from learning_credentials.lms import LearningContext
    from learning_credentials.processors.criteria import CriteriaResult, Criterion

    #: Returns the criteria of a step by its key. For None, returns those of a course run outside a learning path.
    CriteriaOf = Callable[[str | None], Sequence[Criterion]]

Result = dict[str, Any]


def evaluate(
    learning_context_key: str,
    criteria_of: CriteriaOf,
    *,
    needs: Collection[Capability],
    overridden: Collection[str],
    user_id: int | None,
    user_ids: Collection[int] | None,
) -> dict[int, Result]:
    """Return a result for every requested learner.

    Args:
        learning_context_key: a course run or a learning path.
        criteria_of: returns the criteria of a step by its key. For None, it returns those of a course run outside a learning path.
        needs: the facts that the backend must be able to provide.
        overridden: keys of the steps that the options name.
        user_id: one learner.
        user_ids: a batch of learners. Without both arguments, all enrolled learners.

    Raises:
        ContextNotFoundError: the LMS does not know the context.
        ConfigurationError: the backend cannot provide the needed facts.
        TransientError: the LMS could not answer.
    """
    _require(needs)
    context = get_lms().find_contexts([learning_context_key]).get(learning_context_key)
    if context is None:
        msg = f"the LMS does not know the learning context '{learning_context_key}'"
        raise ContextNotFoundError(msg)
    if context.kind is ContextKind.LEARNING_PATH:
        _require([Capability.LEARNING_PATHS])
        evaluate_batch = _evaluator_of_path(context, criteria_of, overridden)
    else:
        evaluate_batch = _evaluator_of_run(context, criteria_of)
    results: dict[int, Result] = {}
    for batch in _batches(learning_context_key, user_id, user_ids):
        results.update(evaluate_batch(batch))
    return results


def _evaluator_of_run(
    context: LearningContext, criteria_of: CriteriaOf
) -> Callable[[Collection[int]], dict[int, Result]]:
    criteria = criteria_of(None)

    def evaluate_batch(user_ids: Collection[int]) -> dict[int, Result]:
        standings = measure_all(criteria, context.key, user_ids)
        return {
            learner: {"is_eligible": standing.is_met, **standing.values, **_remarks(standing, standing.problems)}
            for learner, standing in standings.items()
        }

    return evaluate_batch


def _evaluator_of_path(
    context: LearningContext, criteria_of: CriteriaOf, overridden: Collection[str]
) -> Callable[[Collection[int]], dict[int, Result]]:
    keys = context.required_step_keys
    criteria = {key: criteria_of(key) for key in keys}
    runs = get_lms().find_contexts(keys) if keys else {}
    names = {key: runs[key].name if key in runs else key for key in keys}
    own = {step.context_key for step in context.steps}
    problems = tuple(
        f"steps.{key}: {context.key} has no such step. Correct the key or remove the entry"
        for key in overridden
        if key not in own
    )
    if not keys:
        problems += (f"{context.key} has no step that counts",)

    def evaluate_batch(user_ids: Collection[int]) -> dict[int, Result]:
        standings = {key: measure_all(criteria[key], key, user_ids) for key in keys}
        return {
            learner: _path_result(names, {key: standings[key][learner] for key in keys}, problems)
            for learner in user_ids
        }

    return evaluate_batch


def _path_result(names: dict[str, str], standings: dict[str, CriteriaResult], problems: tuple[str, ...]) -> Result:
    is_unknown = any(standing.is_unknown for standing in standings.values())
    for standing in standings.values():
        problems += standing.problems
    return {
        # A learning path without any step that counts must not make everyone eligible.
        "is_eligible": bool(standings) and all(standing.is_met for standing in standings.values()),
        "steps": {
            key: {"name": names[key], "is_met": standing.is_met, **standing.values, **_remarks(standing)}
            for key, standing in standings.items()
        },
        **({"is_unknown": True} if is_unknown else {}),
        **({"problems": list(problems)} if problems else {}),
    }


def _remarks(standing: CriteriaResult, problems: tuple[str, ...] = ()) -> Result:
    """Return the keys that a result has only in special cases: ``is_unknown`` and ``problems``."""
    return {
        **({"is_unknown": True} if standing.is_unknown else {}),
        **({"problems": list(problems)} if problems else {}),
    }


def _batches(key: str, user_id: int | None, user_ids: Collection[int] | None) -> Iterator[list[int]]:
    if user_id is None and user_ids is None:
        for enrolments in get_lms().iter_enrolments(key, batch_size=get_settings().ELIGIBILITY_BATCH_SIZE):
            yield [enrolment.user_id for enrolment in enrolments]
        return
    asked = list(dict.fromkeys([*(user_ids or ()), *(() if user_id is None else (user_id,))]))
    yield from in_lms_batches(asked)


def _require(needs: Collection[Capability]) -> None:
    lms = get_lms()
    if lacking := [need.value for need in needs if need not in lms.capabilities]:
        msg = (
            f"the LMS backend {type(lms).__name__} does not provide: {', '.join(lacking)}. Choose another "
            "retrieval function, or extend the backend"
        )
        raise ConfigurationError(msg)

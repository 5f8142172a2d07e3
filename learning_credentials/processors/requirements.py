"""Collect what the built-in processors require, as facts from which the criteria are written.

The facts of a course run are ``{"required": {…}}``. Those of a learning path are ``{"path": name, "courses": number, "groups": [{…}]}``.

A group contains the courses with the same requirements: ``required``, and ``names``. A large group has ``count`` instead of ``names``. The
largest one is the rest (``is_rest``). ``titles`` are the names of path and courses in other languages, by language tag and name.

``required`` contains ``completion``, ``grades`` (a list of pairs, because databases do not keep the order of an object) and
``more_grades``, the number of further categories. It is None for a group of courses with too many different requirements.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from learning_credentials.exceptions import ContextNotFoundError
from learning_credentials.lms import ContextKind, get_lms
from learning_credentials.options import OptionsT, parse
from learning_credentials.processors.fields import TOTAL, fold
from learning_credentials.processors.wording import write_requirements
from learning_credentials.translations import read_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from learning_credentials.data import CriteriaSource
    from learning_credentials.lms import LearningContext

Facts = dict[str, Any]

#: Bounds of the facts: categories with a grade, groups of courses, courses named in a group, characters of a name.
MOST_GRADES = 6
MOST_GROUPS = 6
MOST_NAMES = 6
LONGEST_NAME = 100
#: Bound of the names in other languages, in characters.
MOST_TITLES = 15_000
#: How many enrolled learners' grades are read to see how the LMS spells its categories, if no learner is known.
_SAMPLE = 5


class RequirementsWriter:
    """Collects and writes the criteria of a processor that requires grades, completion, or both."""

    def __init__(self, model: type[OptionsT], read: Callable[[OptionsT, str | None], Facts]) -> None:
        """Keep how options are read.

        Args:
            model: of the processor's options.
            read: returns ``required_completion``, ``required_grades`` or both, for options and the key of a step. None instead of a key:
                for a course run outside a learning path.
        """
        self._read_all: Callable[[Mapping[str, Any]], Callable[[str | None], Facts]] = lambda options: partial(
            read, parse(model, options)
        )

    def collect(self, source: CriteriaSource) -> Facts | None:
        """Return the requirements with the names that the LMS has for courses and categories.

        Raises:
            OptionsError: the options are wrong.
            ContextNotFoundError: the LMS does not know the context.
            TransientError: the LMS could not answer.
        """
        steps = source.progress.get("steps")
        if isinstance(steps, Mapping):  # the requirements that the processor compared with, and the names that it read
            return self._collect_path(source, {str(key): dict(step) for key, step in steps.items()})
        if source.progress.keys() & {"required_completion", "required_grades"}:
            return {"required": self._tidy(source, source.learning_context_key, source.progress)}
        read = self._read_all(source.options)
        context = _find_context(source.learning_context_key)
        if context is None or context.kind is not ContextKind.LEARNING_PATH:
            return {"required": self._tidy(source, source.learning_context_key, read(None))}
        keys = context.required_step_keys
        runs = get_lms().find_contexts(keys) if keys else {}
        named = {key: {**read(key), "name": runs[key].name if key in runs else key} for key in keys}
        return self._collect_path(source, named, context.name)

    def write(self, facts: Mapping[str, Any], language: str) -> str:
        """Return the criteria in a language."""
        return write_requirements(facts, language)

    def _collect_path(
        self, source: CriteriaSource, steps: Mapping[str, Mapping[str, Any]], name: str = ""
    ) -> Facts | None:
        if not steps:
            return None
        groups: dict[str, Facts] = {}
        for key, step in steps.items():
            required = self._tidy(source, key, step)
            group = groups.setdefault(repr(required), {"required": required, "names": []})
            group["names"].append(_shorten(step.get("name") or key))
        facts: Facts = {
            "path": _shorten(source.learning_context_name or name or source.learning_context_key),
            "courses": len(steps),
            "groups": _limit(list(groups.values())),
        }
        titles = _collect_titles(source, steps, facts)
        return {**facts, **({"titles": titles} if titles else {})}

    def _tidy(self, source: CriteriaSource, run_key: str, values: Mapping[str, Any]) -> Facts:
        """Return required values in the form of facts."""
        required: Facts = {}
        if "required_completion" in values:
            required["completion"] = float(values["required_completion"])
        if grades := values.get("required_grades"):
            spelling = _find_spelling(source, run_key, grades)
            # The total comes first.
            names = sorted(grades, key=lambda name: fold(name) != fold(TOTAL))
            pairs = [[_shorten(spelling.get(fold(name), name)), float(grades[name])] for name in names]
            required["grades"] = pairs[:MOST_GRADES]
            if len(pairs) > MOST_GRADES:
                required["more_grades"] = len(pairs) - MOST_GRADES
        return required


def _collect_titles(
    source: CriteriaSource, steps: Mapping[str, Mapping[str, Any]], facts: Facts
) -> dict[str, dict[str, str]]:
    """Return the names in other languages, by language tag and name. The LMS is asked only if it has such names for the path."""
    if not source.learning_context_names:
        return {}
    said = {name for group in facts["groups"] for name in group.get("names", ())}
    keys = [key for key, step in steps.items() if _shorten(step.get("name") or key) in said]
    runs = get_lms().find_contexts(keys) if keys else {}
    named = [(facts["path"], read_names(source.learning_context_names))]
    named += [(_shorten(steps[key].get("name") or key), read_names(run.names)) for key, run in runs.items()]
    titles: dict[str, dict[str, str]] = {}
    left = MOST_TITLES
    for name, by_language in named:
        for tag, title in by_language.items():
            left -= len(name) + len(title) + len(tag)
            if left > 0:
                titles.setdefault(tag, {})[name] = _shorten(title)
    return titles


def _limit(groups: list[Facts]) -> list[Facts]:
    """Return the groups as they are written: those with requirements of their own, and then the largest one as the rest."""
    largest = max(groups, key=lambda group: len(group["names"]))
    if len(groups) == 1:
        return [_count(largest)]
    has_rest = len(largest["names"]) > 1
    others = [group for group in groups if group is not largest or not has_rest]
    found = [group if len(group["names"]) <= MOST_NAMES else _count(group) for group in others[:MOST_GROUPS]]
    if left := sum(len(group["names"]) for group in others[MOST_GROUPS:]):
        found.append({"count": left, "required": None})
    return [*found, {**_count(largest), "is_rest": True}] if has_rest else found


def _count(group: Facts) -> Facts:
    return {"count": len(group["names"]), "required": group["required"]}


def _find_spelling(source: CriteriaSource, run_key: str, names: Iterable[str]) -> dict[str, str]:
    """Return how the LMS spells the categories, by folded name. Without a learner it cannot be asked."""
    folded = {fold(name) for name in names} - {fold(TOTAL)}
    spelling = {fold(TOTAL): TOTAL}
    if not folded or not run_key:
        return spelling
    lms = get_lms()
    learners: Sequence[int] = [source.user_id] if source.user_id is not None else []
    if not learners:
        enrolments = next(iter(lms.iter_enrolments(source.learning_context_key, batch_size=_SAMPLE)), [])
        learners = [enrolment.user_id for enrolment in islice(enrolments, _SAMPLE)]
    grades = lms.get_grades(run_key, learners) if learners else {}
    known = {fold(category.name): category.name for grade in grades.values() for category in grade.categories}
    return {**known, **spelling}


def _find_context(key: str) -> LearningContext | None:
    if not key:
        return None
    context = get_lms().find_contexts([key]).get(key)
    if context is None:
        msg = f"the LMS does not know the learning context '{key}'"
        raise ContextNotFoundError(msg)
    return context


def _shorten(name: object) -> str:
    # Replace characters that databases cannot store, as in other names from the LMS.
    text = " ".join(str(name).replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode().split())
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"

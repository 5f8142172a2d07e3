"""Finds the course runs that a caller names: by key or UUID, one by one or through their course."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from learning_credentials.folding import compose
from learning_credentials.lms import ContextKind, get_lms
from learning_credentials.lms.batches import in_lms_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from learning_credentials.lms import LearningContext

K = TypeVar("K")
V = TypeVar("V")

_UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class NamedRun:
    """A course run as the LMS knows it. If ``is_known`` is False, only the caller's identifier is set."""

    key: str | None = None
    uuid: UUID | None = None
    course_uuid: UUID | None = None
    is_known: bool = False


@dataclass(frozen=True)
class RunNames:
    """The course runs that the names of a request belong to."""

    _runs: Mapping[str, NamedRun]
    _courses: Mapping[str, tuple[NamedRun, ...]]

    def list_runs(self, courses: Collection[str], course_runs: Collection[str]) -> list[NamedRun]:
        """Return the course runs of the courses, then the course runs named themselves, in the order given and each once."""
        of_courses = [run for name in courses for run in self._courses[compose(name)]]
        return list(dict.fromkeys(of_courses + [self.get_run(name) for name in course_runs]))

    def get_run(self, name: str) -> NamedRun:
        """Return the course run of one of the names."""
        return self._runs[compose(name)]


def resolve_run_names(courses: Collection[str], course_runs: Collection[str]) -> RunNames:
    """Ask the LMS for all names at once: one call for each way to name a course run, or for each ``ELIGIBILITY_BATCH_SIZE`` names.

    Raises:
        TransientError: the LMS could not answer.
    """
    return RunNames(
        _find_runs({compose(name) for name in course_runs}), _find_courses({compose(name) for name in courses})
    )


def find_run_uuid(name: str) -> UUID | None:
    """Return the name as a UUID if it is one in the usual notation, else None."""
    return UUID(name) if _UUID.fullmatch(name) else None


def _find_runs(names: set[str]) -> dict[str, NamedRun]:
    by_key = _ask(get_lms().find_contexts, names)
    uuids = {name: uuid for name in names - set(by_key) if (uuid := find_run_uuid(name))}
    by_uuid = _ask(get_lms().find_contexts_by_uuid, set(uuids.values()))
    found = {}
    for name in names:
        uuid = uuids.get(name)
        context = by_key.get(name) or (by_uuid.get(uuid) if uuid else None)
        if context is not None and context.kind is ContextKind.COURSE_RUN:
            found[name] = _name(context)
        else:
            found[name] = NamedRun(uuid=uuid) if uuid else NamedRun(key=name)
    return found


def _find_courses(names: set[str]) -> dict[str, tuple[NamedRun, ...]]:
    uuids = {name: uuid for name in names if (uuid := find_run_uuid(name))}
    runs = _ask(get_lms().list_course_runs, {str(uuids.get(name, name)) for name in names})
    found = {}
    for name in names:
        uuid = uuids.get(name)
        unknown = NamedRun(course_uuid=uuid) if uuid else NamedRun(key=name)
        found[name] = tuple(_name(run) for run in runs.get(str(uuid or name), ())) or (unknown,)
    return found


def _name(context: LearningContext) -> NamedRun:
    return NamedRun(context.key, context.uuid, context.parent_course_uuid, is_known=True)


def _ask(method: Callable[[Collection[K]], Mapping[K, V]], names: set[K]) -> dict[K, V]:
    found: dict[K, V] = {}
    for batch in in_lms_batches(sorted(names, key=str)):
        found |= method(batch)
    return found

"""Provide an LMS without data. All answers follow from ids and keys, so asking it costs almost nothing.

The key of a context contains the number of its learners: ``bench/<name>/<learners>``. Their ids are 1 to that number. All learners have
completed the context.
"""
# ruff: noqa: D102, ARG002 -- the methods are documented by the contract

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid5

from benchmarks.names import CONTEXT, get_name
from learning_credentials.lms import Capability, LearnerProfile, LearningContext, LMSBackend
from learning_credentials.lms.base import Enrolment, Grade

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_NAMESPACE = UUID("b1a5b0f3-6f0d-4b57-9c7e-0d6a4b6f3a77")


def make_key(name: str, learners: int) -> str:
    """Return the key of a context with this many learners."""
    return f"bench/{name}/{learners}"


def count_learners(key: str) -> int:
    """Return how many learners a context has. Return 0 for any other key."""
    parts = key.split("/")
    return int(parts[2]) if len(parts) == 3 and parts[0] == "bench" else 0  # noqa: PLR2004


class GeneratedLMS(LMSBackend):
    """Every learner of a context completed it with a grade of 0.9."""

    capabilities: ClassVar[frozenset[Capability]] = frozenset({Capability.COMPLETION, Capability.GRADES})

    def find_contexts(self, keys: Collection[str]) -> Mapping[str, LearningContext]:
        return {key: _make_context(key) for key in keys if count_learners(key)}

    def find_contexts_by_uuid(self, uuids: Collection[UUID]) -> Mapping[UUID, LearningContext]:
        return {}

    def list_course_runs(self, course_keys: Collection[str]) -> Mapping[str, list[LearningContext]]:
        return {}

    def search_contexts(self, text: str = "", limit: int = 50) -> list[LearningContext]:
        return []

    def iter_enrolments(self, context_key: str, *, batch_size: int) -> Iterator[list[Enrolment]]:
        end = count_learners(context_key) + 1
        for start in range(1, end, batch_size):
            yield [Enrolment(user_id, context_key) for user_id in range(start, min(start + batch_size, end))]

    def get_enrolments(
        self, context_keys: Collection[str], user_ids: Collection[int]
    ) -> Mapping[tuple[int, str], Enrolment]:
        return {
            (user_id, key): Enrolment(user_id, key)
            for key in context_keys
            for user_id in user_ids
            if 0 < user_id <= count_learners(key)
        }

    def get_profiles(self, user_ids: Collection[int]) -> Mapping[int, LearnerProfile]:
        return {
            user_id: LearnerProfile(user_id, f"learner{user_id}", get_name(user_id), f"learner{user_id}@example.org")
            for user_id in user_ids
        }

    def has_access(self, user_id: int, context_key: str) -> bool:
        return 0 < user_id <= count_learners(context_key)

    def get_grades(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, Grade]:
        return {user_id: Grade(user_id, percent=0.9, letter="A", is_passed=True) for user_id in user_ids}

    def get_completions(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, float]:
        return dict.fromkeys(user_ids, 1.0)

    def get_identity_verifications(self, user_ids: Collection[int]) -> Mapping[int, bool]:
        return {}


def _make_context(key: str) -> LearningContext:
    return LearningContext(key, CONTEXT["latin"], uuid=uuid5(_NAMESPACE, key))

"""An LMS in memory, for the tests of this app and of its hosts.

The backend is made from the settings, so what it knows is shared by all of its instances in a process:
``FakeLMS.world``, a `World` that tests fill. It is no LMS for a real site: a worker in another process sees none of it.

Example:
    ::

        from learning_credentials.lms.fake import fake_lms

        with fake_lms() as world:
            world.add_course_run("course-v1:Uni+Maths+2026", "Mathematics", categories={"Homework": 0.4, "Exam": 0.6})
            world.enrol(learner.pk, "course-v1:Uni+Maths+2026")
            world.set_grade(learner.pk, "course-v1:Uni+Maths+2026", {"Homework": 0.9, "Exam": None})
            ...
"""
# ruff: noqa: D102 -- the methods are documented by the contract

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth import get_user_model

from learning_credentials.conf import SETTING_NAME
from learning_credentials.exceptions import LMSUnavailableError
from learning_credentials.lms.base import (
    Capability,
    Enrolment,
    Grade,
    LearnerProfile,
    LearningContext,
    LMSBackend,
)
from learning_credentials.lms.world import Fact, World

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from uuid import UUID

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import Model

    from learning_credentials.lms.acts import Act
    from learning_credentials.lms.scopes import Scope

__all__ = ["Fact", "FakeLMS", "World", "fake_lms"]


class FakeLMS(LMSBackend):
    """An LMS backend that answers from ``FakeLMS.world``. Facts about a person that are missing there come from the host's user row.

    If neither has a name, the user name is the display name, so that tests need not set names. No other backend may do this.
    """

    capabilities: ClassVar[frozenset[Capability]] = frozenset(Capability)
    #: Shared by every instance in this process.
    world: ClassVar[World] = World()

    def find_contexts(self, keys: Collection[str]) -> Mapping[str, LearningContext]:
        with self._answering("find_contexts"):
            wanted = set(keys)
            return {context.key: context for context in self.world.contexts() if context.key in wanted}

    def find_contexts_by_uuid(self, uuids: Collection[UUID]) -> Mapping[UUID, LearningContext]:
        with self._answering("find_contexts_by_uuid"):
            wanted = set(uuids)
            return {context.uuid: context for context in self.world.contexts() if context.uuid in wanted}

    def list_course_runs(self, course_keys: Collection[str]) -> Mapping[str, list[LearningContext]]:
        with self._answering("list_course_runs"):
            found: dict[str, list[LearningContext]] = {}
            for run in self.world.runs.values():
                context = run.context
                names = {context.parent_course_key, str(context.parent_course_uuid or "")} - {""}
                for name in names.intersection(course_keys):
                    found.setdefault(name, []).append(context)
            return found

    def search_contexts(self, text: str = "", limit: int = 50) -> list[LearningContext]:
        with self._answering("search_contexts"):
            needle = text.casefold()
            found = [
                context
                for context in self.world.contexts()
                if needle in context.key.casefold() or needle in context.name.casefold()
            ]
            return sorted(found, key=lambda context: (context.name, context.key))[:limit]

    def iter_enrolments(self, context_key: str, *, batch_size: int) -> Iterator[list[Enrolment]]:
        with self._answering("iter_enrolments"):
            enrolled = self.world.enrolments.get(context_key, {})
            user_ids = sorted(enrolled)
        for start in range(0, len(user_ids), batch_size):
            with self._answering():
                batch = [enrolled[user_id] for user_id in user_ids[start : start + batch_size] if user_id in enrolled]
            if batch:
                yield batch

    def get_enrolments(
        self, context_keys: Collection[str], user_ids: Collection[int]
    ) -> Mapping[tuple[int, str], Enrolment]:
        with self._answering("get_enrolments"):
            found = {}
            for key in set(context_keys):
                enrolled = self.world.enrolments.get(key, {})
                found.update({(user_id, key): enrolled[user_id] for user_id in user_ids if user_id in enrolled})
            return found

    def get_profiles(self, user_ids: Collection[int]) -> Mapping[int, LearnerProfile]:
        with self._answering("get_profiles"):
            wanted = [user_id for user_id in user_ids if (Fact.PROFILE, user_id, "") not in self.world.hidden]
            said = {user_id: dict(self.world.profiles.get(user_id, {})) for user_id in wanted}
        without_row = {user_id for user_id, values in said.items() if {"username", "display_name"} <= set(values)}
        if asked := set(wanted) - without_row:
            for user_id, row in get_user_model().objects.in_bulk(asked).items():
                said[user_id] = _profile_of(row) | said[user_id]
        return {
            user_id: LearnerProfile(user_id=user_id, **_completed(user_id, values))
            for user_id, values in said.items()
            if values
        }

    def has_access(self, user_id: int, context_key: str) -> bool:
        with self._answering("has_access"):
            return user_id in self.world.enrolments.get(context_key, {}) or (user_id, context_key) in self.world.staff

    def has_permission(self, user: Any, act: Act, context_key: str | None = None, subject: Model | None = None) -> bool:
        with self._answering("has_permission"):
            if self.world.permissions.intersection({(user.pk, act, context_key), (user.pk, act, None)}):
                return True
        return super().has_permission(user, act, context_key, subject)

    def get_scope(self, user: Any) -> Scope | None:
        if not self.world.scopes:
            return None
        with self._answering("get_scope"):
            return self.world.scopes.get(user.pk)

    def get_grades(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, Grade]:
        with self._answering("get_grades"):
            run = self.world.runs.get(context_key)
            if run is None:
                return {}
            return {
                user_id: self.world.grades.get((user_id, context_key)) or run.grade(user_id, {})
                for user_id in user_ids
                if self.world.knows(Fact.GRADE, user_id, context_key)
            }

    def get_grading_policy(self, context_key: str) -> Mapping[str, float]:
        with self._answering("get_grading_policy"):
            run = self.world.runs.get(context_key)
            return dict(run.weights) if run else {}

    def get_completions(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, float]:
        with self._answering("get_completions"):
            if context_key not in self.world.runs:
                return {}
            return {
                user_id: self.world.completions.get((user_id, context_key), 0.0)
                for user_id in user_ids
                if self.world.knows(Fact.COMPLETION, user_id, context_key)
            }

    def get_identity_verifications(self, user_ids: Collection[int]) -> Mapping[int, bool]:
        with self._answering("get_identity_verifications"):
            return {
                user_id: self.world.identities.get(user_id, False)
                for user_id in user_ids
                if self.world.knows(Fact.IDENTITY, user_id)
            }

    def get_learner_fields(
        self, context_key: str, user_ids: Collection[int], names: Collection[str]
    ) -> Mapping[int, Mapping[str, Any]]:
        with self._answering("get_learner_fields"):
            found = {user_id: self.world.learner_fields.get((user_id, context_key), {}) for user_id in user_ids}
            return {
                user_id: {name: value for name, value in values.items() if name in names}
                for user_id, values in found.items()
                if values
            }

    @contextmanager
    def _answering(self, method: str = "") -> Iterator[None]:
        """Lock the world for one answer. Raise `LMSUnavailableError` if the test set an outage."""
        with self.world.lock:
            if method:
                self.world.calls[method] += 1
            if self.world.outage:
                raise LMSUnavailableError("the LMS does not answer")
            yield


@contextmanager
def fake_lms() -> Iterator[World]:
    """Use an empty `FakeLMS` instead of the host's backend, in any test runner.

    This is a context manager. It empties the world before and after.
    """
    from django.test.utils import override_settings  # brings Django's whole test machinery with it

    FakeLMS.world.reset()
    chosen = {
        **getattr(settings, SETTING_NAME, {}),
        "LMS_BACKEND": f"{FakeLMS.__module__}.{FakeLMS.__qualname__}",
        "LMS_OPTIONS": {},
    }
    try:
        with override_settings(**{SETTING_NAME: chosen}):
            yield FakeLMS.world
    finally:
        FakeLMS.world.reset()


def _profile_of(row: AbstractBaseUser) -> dict[str, str | bool]:
    username = row.get_username()
    full_name = getattr(row, "get_full_name", str)()
    return {
        "username": username,
        "display_name": full_name or username,
        "email": getattr(row, row.get_email_field_name(), "") or "",
        "is_active": row.is_active,
    }


def _completed(user_id: int, values: dict[str, str | bool]) -> dict[str, Any]:
    username = values.get("username", f"learner{user_id}")
    return {"username": username, "display_name": username, **values}

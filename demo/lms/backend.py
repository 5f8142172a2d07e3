"""Implement the LMS backend of the demo. The number of queries in a method does not depend on the number of learners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db.models import Prefetch, Q

from demo.lms.models import (
    AssignmentCategory,
    Completion,
    CourseRun,
    IdentityVerification,
    LearningPath,
    PathEnrolment,
    PathStep,
    Score,
    TeamMember,
)
from demo.lms.models import (
    Enrolment as EnrolmentRow,
)
from learning_credentials.lms import Scope
from learning_credentials.lms.base import (
    Capability,
    CategoryGrade,
    ContextKind,
    Enrolment,
    Grade,
    LearnerProfile,
    LearningContext,
    LMSBackend,
    Pacing,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from uuid import UUID

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet

#: Lowest total, in percent, for each letter.
LETTERS = ((90, "A"), (80, "B"), (70, "C"), (60, "D"), (0, "F"))


class DemoLMS(LMSBackend):
    """An LMS backend that reads the demo's database. It knows no parts of names, and no learners' values of custom fields."""

    capabilities = frozenset(Capability) - {Capability.NAME_PARTS, Capability.LEARNER_FIELDS}

    def find_contexts(self, keys: Collection[str]) -> Mapping[str, LearningContext]:
        """Return the contexts with these keys. Leave out unknown keys."""
        found = {context.key: context for context in _contexts(Q(key__in=keys))}
        # A database may ignore case when it compares. Keys do not.
        return {key: found[key] for key in keys if key in found}

    def find_contexts_by_uuid(self, uuids: Collection[UUID]) -> Mapping[UUID, LearningContext]:
        """Return the contexts with these UUIDs: course runs and learning paths."""
        return {context.uuid: context for context in _contexts(Q(uuid__in=uuids)) if context.uuid}

    def list_course_runs(self, course_keys: Collection[str]) -> Mapping[str, list[LearningContext]]:
        """Return the runs of each parent course. A course is named by its key or by its UUID as text."""
        wanted = {str(key) for key in course_keys}
        uuids = {uuid for uuid in map(_as_uuid, wanted) if uuid}
        runs: dict[str, list[LearningContext]] = {}
        for row in _runs().filter(Q(course__key__in=wanted) | Q(course__uuid__in=uuids)):
            for name in {row.course.key, str(row.course.uuid)} & wanted:
                runs.setdefault(name, []).append(_run_context(row))
        return runs

    def search_contexts(self, text: str = "", limit: int = 50) -> list[LearningContext]:
        """Return contexts whose key or name contains the text, ordered by name."""
        condition = Q(key__icontains=text) | Q(name__icontains=text)
        found = _contexts(condition, limit=limit)
        return sorted(found, key=lambda context: (context.name, context.key))[:limit]

    def iter_enrolments(self, context_key: str, *, batch_size: int) -> Iterator[list[Enrolment]]:
        """Yield all active enrolments of a context in batches, ordered by user id."""
        last_user_id = 0
        while batch := self._enrolments_after(context_key, last_user_id, batch_size):
            yield batch
            last_user_id = batch[-1].user_id

    def get_enrolments(
        self, context_keys: Collection[str], user_ids: Collection[int]
    ) -> Mapping[tuple[int, str], Enrolment]:
        """Return active enrolments by user id and context key."""
        in_runs = EnrolmentRow.objects.filter(run__key__in=context_keys, user_id__in=user_ids, is_active=True)
        in_paths = PathEnrolment.objects.filter(path__key__in=context_keys, user_id__in=user_ids, is_active=True)
        rows = [
            *in_runs.order_by().values_list("user_id", "run__key", "mode"),
            *in_paths.order_by().values_list("user_id", "path__key", "mode"),
        ]
        wanted = set(context_keys)
        return {(user_id, key): Enrolment(user_id, key, mode) for user_id, key, mode in rows if key in wanted}

    def get_profiles(self, user_ids: Collection[int]) -> Mapping[int, LearnerProfile]:
        """Return profiles by user id. For a user without a learner profile, such as staff, use the account's name."""
        users = get_user_model().objects.filter(pk__in=user_ids).select_related("learner_profile")
        return {user.pk: _profile(user) for user in users}

    def has_access(self, user_id: int, context_key: str) -> bool:
        """Return whether the learner has access to the context.

        The context must exist. The learner must be enrolled, or may view course runs in the admin.
        """
        if (user_id, context_key) in self.get_enrolments([context_key], [user_id]):
            return True
        user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
        return (
            user is not None
            and user.has_perm("demo_lms.view_courserun")
            and context_key in self.find_contexts([context_key])
        )

    def get_scope(self, user: AbstractBaseUser) -> Scope | None:
        """Return the runs in whose course team the account is. Accounts of no team are not limited."""
        keys = TeamMember.objects.filter(user_id=user.pk).order_by().values_list("run__key", flat=True)
        return Scope(frozenset(keys)) if keys else None

    def get_grades(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, Grade]:
        """Return grades in a course run by user id. Each grade lists every category."""
        learners = _learners_of(context_key, user_ids)
        categories = list(
            AssignmentCategory.objects.filter(run__key=context_key).select_related("run").order_by("position")
        )
        scores: dict[tuple[int, int], int] = {
            (user_id, category_id): percent
            for user_id, category_id, percent in Score.objects.filter(
                category__run__key=context_key, user_id__in=learners, percent__isnull=False
            )
            .order_by()
            .values_list("user_id", "category_id", "percent")
        }
        return {user_id: _grade(user_id, categories, scores) for user_id in learners}

    def get_grading_policy(self, context_key: str) -> Mapping[str, float]:
        """Return the weights of the categories of a course run."""
        rows = AssignmentCategory.objects.filter(run__key=context_key).order_by("position")
        return {name: weight / 100 for name, weight in rows.values_list("name", "weight")}

    def get_completions(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, float]:
        """Return the completed share of a course run. The share of a learner who has not begun is 0.0."""
        learners = _learners_of(context_key, user_ids)
        done = Completion.objects.filter(run__key=context_key, user_id__in=learners).order_by()
        percents = dict(done.values_list("user_id", "percent"))
        return {user_id: percents.get(user_id, 0) / 100 for user_id in learners}

    def get_identity_verifications(self, user_ids: Collection[int]) -> Mapping[int, bool]:
        """Return whether each learner has an approved identity verification that has not expired."""
        known = get_user_model().objects.filter(pk__in=user_ids).order_by().values_list("pk", flat=True)
        rows = IdentityVerification.objects.filter(user_id__in=user_ids)
        verified = {row.user_id for row in rows if row.holds}
        return {user_id: user_id in verified for user_id in known}

    def _enrolments_after(self, context_key: str, user_id: int, batch_size: int) -> list[Enrolment]:
        # A run and a path never have the same key, so one of the two is empty.
        for rows in (
            EnrolmentRow.objects.filter(run__key=context_key, is_active=True, user_id__gt=user_id),
            PathEnrolment.objects.filter(path__key=context_key, is_active=True, user_id__gt=user_id),
        ):
            page = rows.order_by("user_id").values_list("user_id", "mode")[:batch_size]
            if batch := [Enrolment(learner, context_key, mode) for learner, mode in page]:
                return batch
        return []


def _as_uuid(text: str) -> UUID | None:
    from uuid import UUID

    try:
        return UUID(text)
    except ValueError:
        return None


def _runs() -> QuerySet[CourseRun]:
    return CourseRun.objects.select_related("course").order_by("starts_at", "key")


def _contexts(condition: Q, limit: int | None = None) -> list[LearningContext]:
    steps = Prefetch("steps", PathStep.objects.select_related("run").order_by("position"))
    runs = CourseRun.objects.select_related("course").filter(condition).order_by("name", "key")[:limit]
    paths = LearningPath.objects.filter(condition).prefetch_related(steps).order_by("name", "key")[:limit]
    return [*map(_run_context, runs), *map(_path_context, paths)]


def _run_context(run: CourseRun) -> LearningContext:
    return LearningContext(
        key=run.key,
        name=run.name,
        kind=ContextKind.COURSE_RUN,
        uuid=run.uuid,
        parent_course_key=run.course.key,
        parent_course_uuid=run.course.uuid,
        pacing=Pacing(run.pacing),
        shows_certificates_early=run.shows_certificates_early,
        starts_at=run.starts_at,
        ends_at=run.ends_at,
        organisation=run.organisation,
        effort=run.effort,
    )


def _path_context(path: LearningPath) -> LearningContext:
    return LearningContext(
        key=path.key,
        name=path.name,
        kind=ContextKind.LEARNING_PATH,
        uuid=path.uuid,
        steps=tuple(Step(step.run.key, step.is_excluded) for step in path.steps.all()),
    )


def _profile(user: object) -> LearnerProfile:
    profile = getattr(user, "learner_profile", None)
    return LearnerProfile(
        user_id=user.pk,
        username=user.get_username(),
        display_name=profile.display_name if profile else user.get_full_name(),
        email=user.email,
        language=profile.language if profile else "",
        is_active=user.is_active,
        certificates_allowed=profile.certificates_allowed if profile else True,
    )


def _learners_of(run_key: str, user_ids: Collection[int]) -> list[int]:
    """Return the learners who were ever enrolled in the run. Nothing is known about others."""
    rows = EnrolmentRow.objects.filter(run__key=run_key, user_id__in=user_ids).order_by("user_id")
    return list(rows.values_list("user_id", flat=True))


def _grade(user_id: int, categories: list[AssignmentCategory], scores: Mapping[tuple[int, int], int]) -> Grade:
    points = [scores.get((user_id, category.pk)) for category in categories]
    # Use whole numbers until the last step. A rounding error must not put a learner at the limit below it.
    total = sum((score or 0) * category.weight for score, category in zip(points, categories, strict=True))
    letter = next(letter for lowest, letter in LETTERS if total >= lowest * 100)
    return Grade(
        user_id=user_id,
        percent=total / 10_000 if categories else None,
        letter=letter if categories else "",
        is_passed=total >= categories[0].run.pass_mark * 100 if categories else None,
        categories=tuple(
            CategoryGrade(category.name, (score or 0) / 100, category.weight / 100, is_attempted=score is not None)
            for score, category in zip(points, categories, strict=True)
        ),
    )

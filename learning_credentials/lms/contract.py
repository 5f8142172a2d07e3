"""Tests that every LMS backend has to pass, for any test runner.

A backend's tests subclass `LMSBackendContract`, say how rows of their LMS are made, and run in a database. With pytest::

    @pytest.mark.django_db
    class TestMyBackend(LMSBackendContract):
        def make_backend(self):
            return MyBackend()

        def arrange_course_run(self, run): ...

and with unittest the class derives from ``(LMSBackendContract, TestCase)``. Each test arranges all that it needs and expects
nothing else to be there with the same keys. Tests of what the backend does not claim in ``capabilities`` are skipped.
"""
# ruff: noqa: PT009 -- plain asserts explain a difference only where pytest rewrites them; these do under every runner

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest import SkipTest, TestCase
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from learning_credentials.lms.acts import Act
from learning_credentials.lms.arrangement import Arrangement, PathToArrange, RunToArrange
from learning_credentials.lms.base import Capability, ContextKind, LearningContext, LMSBackend, Pacing, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

check = TestCase()
check.maxDiff = None

__all__ = ["Arrangement", "LMSBackendContract", "PathToArrange", "RunToArrange"]

RUN_A = "course-v1:Contract+Algebra+2026"
RUN_B = "course-v1:Contract+Biology+2026"
RUN_C = "course-v1:Contract+Chemistry+2026"
PATH = "path-v1:Contract+Science+2026+1"
NOWHERE = "course-v1:Contract+Nowhere+2026"
NO_ID = 2_000_000_000
MANY = 2_500


class LMSBackendContract(Arrangement):
    """The tests. Each method tests one rule of `learning_credentials.lms.base`."""

    # Learning contexts

    def test_a_course_run_is_described(self) -> None:
        """The backend returns every field that the LMS has."""
        run = RunToArrange(
            RUN_A,
            "Álgebra I",
            pacing=Pacing.SELF,
            shows_certificates_early=True,
            starts_at=datetime(2026, 1, 5, 8, tzinfo=UTC),
            ends_at=datetime(2026, 6, 30, 18, tzinfo=UTC),
        )
        self.arrange_course_run(run)

        found = self.make_backend().find_contexts([RUN_A])

        expected = _as_context(run)
        if Capability.CONTEXT_DETAILS not in self.make_backend().capabilities:
            expected = replace(expected, organisation="", effort="")
        check.assertEqual(found, {RUN_A: expected})

    def test_a_name_can_be_in_several_languages(self) -> None:
        """The backend returns the names in other languages, or none if the LMS has one name for all."""
        names = {"fr": "Algèbre I", "pt-br": "Álgebra I"}
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra I", names=names))

        found = self.make_backend().find_contexts([RUN_A])[RUN_A]

        check.assertIn(dict(found.names), ({}, names))

    def test_unknown_contexts_are_absent(self) -> None:
        """An unknown key or UUID is no error. A call without keys returns nothing."""
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))
        backend = self.make_backend()

        check.assertEqual(set(backend.find_contexts([RUN_A, NOWHERE])), {RUN_A})
        check.assertEqual(dict(backend.find_contexts([])), {})
        check.assertEqual(dict(backend.find_contexts_by_uuid([uuid4()])), {})

    def test_context_keys_are_told_apart_by_case(self) -> None:
        """A key in another case is another key."""
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))

        check.assertEqual(dict(self.make_backend().find_contexts([RUN_A.upper()])), {})

    def test_a_learning_path_lists_its_steps(self) -> None:
        """The steps are in order, and steps that do not count are marked."""
        self.require(Capability.LEARNING_PATHS)
        path = self.arrange_path(Step(RUN_B), Step(RUN_A, is_excluded=True), Step(RUN_C))

        found = self.make_backend().find_contexts([PATH, RUN_A])

        check.assertEqual(set(found), {PATH, RUN_A})
        check.assertEqual(found[PATH].kind, ContextKind.LEARNING_PATH)
        check.assertEqual((found[PATH].name, found[PATH].uuid), (path.name, path.uuid))
        check.assertEqual(found[PATH].steps, tuple(path.steps))
        check.assertEqual(found[PATH].required_step_keys, (RUN_B, RUN_C))

    def test_contexts_are_found_by_uuid(self) -> None:
        """Course runs and learning paths are both found by their UUIDs."""
        run = RunToArrange(RUN_A, "Algebra")
        self.arrange_course_run(run)
        uuids = {run.uuid: RUN_A}
        if Capability.LEARNING_PATHS in self.make_backend().capabilities:
            path = PathToArrange(PATH, "Science", [Step(RUN_A)])
            self.arrange_learning_path(path)
            uuids[path.uuid] = PATH

        found = self.make_backend().find_contexts_by_uuid([*uuids, uuid4()])

        check.assertEqual({uuid: context.key for uuid, context in found.items()}, uuids)

    def test_the_runs_of_a_course_are_listed(self) -> None:
        """A course is found by its key and by its UUID as text. The answer uses the same key as the question."""
        course = uuid4()
        for key in (RUN_A, RUN_B):
            self.arrange_course_run(
                RunToArrange(key, f"Run {key}", parent_course_key="Contract+Maths", parent_course_uuid=course)
            )
        self.arrange_course_run(RunToArrange(RUN_C, "Other", parent_course_key="Contract+Other"))

        found = self.make_backend().list_course_runs(["Contract+Maths", str(course), "Contract+None"])

        check.assertEqual(
            {key: {run.key for run in runs} for key, runs in found.items()},
            {"Contract+Maths": {RUN_A, RUN_B}, str(course): {RUN_A, RUN_B}},
        )

    def test_search_looks_in_names_and_keys_whatever_the_case(self) -> None:
        """The results are ordered by name and end at the limit."""
        for key, name in ((RUN_A, "Zebras and contracts"), (RUN_B, "Antelopes"), (RUN_C, "Moths")):
            self.arrange_course_run(RunToArrange(key, name))
        backend = self.make_backend()

        check.assertEqual([context.key for context in backend.search_contexts("zEBRAS AND")], [RUN_A])
        check.assertEqual([context.key for context in backend.search_contexts("contract+BIO")], [RUN_B])
        check.assertEqual([context.key for context in backend.search_contexts("CONTRACT+")], [RUN_B, RUN_C, RUN_A])
        check.assertEqual([context.key for context in backend.search_contexts("contract+", limit=2)], [RUN_B, RUN_C])
        check.assertEqual(backend.search_contexts("no such words"), [])
        check.assertLessEqual({RUN_A, RUN_B, RUN_C}, {context.key for context in backend.search_contexts()})

    def test_search_takes_text_literally(self) -> None:
        """Wildcards of the database have no meaning in a search text."""
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))

        check.assertEqual(self.make_backend().search_contexts("%lgebr_"), [])

    def test_search_finds_learning_paths(self) -> None:
        """A search finds paths like any other context."""
        self.require(Capability.LEARNING_PATHS)
        self.arrange_path(Step(RUN_A))

        check.assertIn(PATH, [context.key for context in self.make_backend().search_contexts("path-v1:contract")])

    # Enrolments

    def test_enrolments_stream_in_batches_by_user_id(self) -> None:
        """No batch is larger than requested, none is empty and none is repeated."""
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))
        user_ids = self.arrange_learners(7)
        self.arrange_enrolments(user_ids[4:], RUN_A)
        self.arrange_enrolments(user_ids[:4], RUN_A, mode="verified")

        batches = list(self.make_backend().iter_enrolments(RUN_A, batch_size=3))

        check.assertEqual([len(batch) for batch in batches], [3, 3, 1])
        check.assertEqual([enrolment.user_id for batch in batches for enrolment in batch], user_ids)
        check.assertEqual({enrolment.context_key for batch in batches for enrolment in batch}, {RUN_A})
        check.assertEqual(
            [enrolment.mode for batch in batches for enrolment in batch], ["verified"] * 4 + ["honor"] * 3
        )

    def test_nobody_is_enrolled_in_an_unknown_or_empty_context(self) -> None:
        """There are no batches."""
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))
        backend = self.make_backend()

        check.assertEqual(list(backend.iter_enrolments(RUN_A, batch_size=10)), [])
        check.assertEqual(list(backend.iter_enrolments(NOWHERE, batch_size=10)), [])

    def test_inactive_enrolments_are_left_out(self) -> None:
        """A learner who left is not enrolled."""
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))
        stayed, left = self.arrange_learners(2)
        self.arrange_enrolments([stayed], RUN_A)
        self.arrange_enrolments([left], RUN_A, is_active=False)
        backend = self.make_backend()

        streamed = [enrolment.user_id for batch in backend.iter_enrolments(RUN_A, batch_size=10) for enrolment in batch]

        check.assertEqual(streamed, [stayed])
        check.assertEqual(set(backend.get_enrolments([RUN_A], [stayed, left])), {(stayed, RUN_A)})

    def test_enrolments_of_learners_are_looked_up(self) -> None:
        """Enrolments have the right mode. Pairs of learner and context without an enrolment are absent."""
        for key in (RUN_A, RUN_B):
            self.arrange_course_run(RunToArrange(key, key))
        first, second, third = self.arrange_learners(3)
        self.arrange_enrolments([first], RUN_A, mode="audit")
        self.arrange_enrolments([first, second], RUN_B, mode="verified")

        found = self.make_backend().get_enrolments([RUN_A, RUN_B, NOWHERE], [first, second, third, NO_ID])

        check.assertEqual(
            {key: (enrolment.user_id, enrolment.context_key, enrolment.mode) for key, enrolment in found.items()},
            {
                (first, RUN_A): (first, RUN_A, "audit"),
                (first, RUN_B): (first, RUN_B, "verified"),
                (second, RUN_B): (second, RUN_B, "verified"),
            },
        )

    def test_a_learner_of_a_path_appears_once_under_its_key(self) -> None:
        """It makes no difference in how many of its runs the learner is enrolled."""
        self.require(Capability.LEARNING_PATHS)
        self.arrange_path(Step(RUN_A), Step(RUN_B), Step(RUN_C))
        (user_id,) = self.arrange_learners(1)
        for key in (RUN_A, RUN_B, RUN_C, PATH):
            self.arrange_enrolments([user_id], key)
        backend = self.make_backend()

        streamed = [enrolment for batch in backend.iter_enrolments(PATH, batch_size=10) for enrolment in batch]

        check.assertEqual([(enrolment.user_id, enrolment.context_key) for enrolment in streamed], [(user_id, PATH)])
        check.assertEqual(set(backend.get_enrolments([PATH], [user_id])), {(user_id, PATH)})

    def test_access_is_for_who_is_enrolled(self) -> None:
        """Nobody else has access, and nobody has access to an unknown context."""
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))
        enrolled, left, stranger = self.arrange_learners(3)
        self.arrange_enrolments([enrolled], RUN_A)
        self.arrange_enrolments([left], RUN_A, is_active=False)
        backend = self.make_backend()

        check.assertIs(backend.has_access(enrolled, RUN_A), True)
        check.assertIs(backend.has_access(left, RUN_A), False)
        check.assertIs(backend.has_access(stranger, RUN_A), False)
        check.assertIs(backend.has_access(NO_ID, RUN_A), False)
        check.assertIs(backend.has_access(enrolled, NOWHERE), False)

    def test_a_learner_has_no_permission(self) -> None:
        """Learners have no permission in any context, whether they are enrolled or unknown to the LMS.

        This must hold however an LMS maps its roles to permissions.
        """
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))
        enrolled, stranger = self.arrange_learners(2)
        self.arrange_enrolments([enrolled], RUN_A)
        backend = self.make_backend()

        for user in get_user_model()._default_manager.filter(pk__in=[enrolled, stranger]):  # noqa: SLF001
            for act in Act:
                for key in (RUN_A, NOWHERE, "", None):
                    check.assertIs(backend.has_permission(user, act, key), False)

    def test_a_scope_contains_what_an_account_administers(self) -> None:
        """Whoever administers a course run is limited to it. Keys are told apart by case. Learners administer nothing."""
        if type(self.make_backend()).get_scope is LMSBackend.get_scope:
            raise SkipTest("the backend limits nobody")
        for key in (RUN_A, RUN_B):
            self.arrange_course_run(RunToArrange(key, key))
        one, both, learner = self.arrange_learners(3)
        self.arrange_enrolments([learner], RUN_A)
        for user_id, keys in ((one, [RUN_A]), (both, [RUN_A, RUN_B])):
            for key in keys:
                self.arrange_administrator(user_id, key)
        backend = self.make_backend()
        users = get_user_model()._default_manager.in_bulk([one, both, learner])  # noqa: SLF001

        scope = backend.get_scope(users[one])
        check.assertIsNotNone(scope)
        if scope is not None:
            covered = [key for key in (RUN_A, RUN_B, RUN_A.swapcase(), NOWHERE) if scope.covers(key)]
            check.assertEqual(covered, [RUN_A])
        scope = backend.get_scope(users[both])
        check.assertTrue(scope is not None and scope.covers(RUN_A) and scope.covers(RUN_B))
        scope = backend.get_scope(users[learner])
        check.assertTrue(scope is None or not scope, "a learner administers nothing")

    def test_queries_for_a_scope_do_not_grow_with_the_contexts(self) -> None:
        """The app asks for the scope of an account in every request of a page or of the API."""
        if type(self.make_backend()).get_scope is LMSBackend.get_scope:
            raise SkipTest("the backend limits nobody")
        user_ids = self.arrange_learners(2)
        for number in range(6):
            self.arrange_course_run(RunToArrange(f"{RUN_A}-{number}", f"Run {number}"))
        for user_id, count in zip(user_ids, (1, 6), strict=True):
            for number in range(count):
                self.arrange_administrator(user_id, f"{RUN_A}-{number}")
        backend, counts = self.make_backend(), []
        for user in get_user_model()._default_manager.filter(pk__in=user_ids):  # noqa: SLF001
            with CaptureQueriesContext(connection) as captured:
                backend.get_scope(user)
            counts.append(len(captured))
        check.assertEqual(len(set(counts)), 1)

    # People

    def test_profiles_are_told(self) -> None:
        """Profiles have the name in any script, the language and the flags."""
        first, second = self.arrange_learners(2)
        self.arrange_profile(
            first, display_name="Σοφία Παππά", language="el", is_active=True, certificates_allowed=True
        )
        self.arrange_profile(
            second, display_name="ليلى منصور", language="ar", is_active=False, certificates_allowed=False
        )

        found = self.make_backend().get_profiles([first, second, NO_ID])

        check.assertEqual(set(found), {first, second})
        check.assertTrue(found[first].username)
        check.assertEqual(
            [
                (
                    profile.user_id,
                    profile.display_name,
                    profile.language,
                    profile.is_active,
                    profile.certificates_allowed,
                )
                for profile in (found[first], found[second])
            ],
            [(first, "Σοφία Παππά", "el", True, True), (second, "ليلى منصور", "ar", False, False)],
        )

    def test_a_learner_of_whom_nothing_is_said_has_a_profile(self) -> None:
        """The account is active and can receive certificates. The name can be empty."""
        (user_id,) = self.arrange_learners(1)

        profile = self.make_backend().get_profiles([user_id])[user_id]

        check.assertIsInstance(profile.display_name, str)
        check.assertTrue(profile.is_active)
        check.assertTrue(profile.certificates_allowed)

    def test_parts_of_names_are_told(self) -> None:
        """The parts are empty if the LMS has none for a learner. No backend splits a name into parts."""
        self.require(Capability.NAME_PARTS)
        known, whole = self.arrange_learners(2)
        for user_id, name in ((known, "Σοφία Παππά"), (whole, "Suharto")):
            self.arrange_profile(user_id, display_name=name, language="", is_active=True, certificates_allowed=True)
        self.arrange_name_parts(known, given_name="Σοφία", family_name="Παππά")

        found = self.make_backend().get_profiles([known, whole])

        check.assertEqual((found[known].given_name, found[known].family_name), ("Σοφία", "Παππά"))
        check.assertEqual((found[whole].given_name, found[whole].family_name), ("", ""))

    def test_learners_values_of_custom_fields_are_told(self) -> None:
        """A learner without values is absent or has none. An unknown id is absent."""
        self.require(Capability.LEARNER_FIELDS)
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))
        licensed, other = self.arrange_learners(2)
        self.arrange_enrolments([licensed, other], RUN_A)
        self.arrange_learner_fields(licensed, RUN_A, {"licence": "AB-1"})

        found = self.make_backend().get_learner_fields(RUN_A, [licensed, other, NO_ID], ["licence"])

        check.assertEqual(
            {user_id: dict(values) for user_id, values in found.items() if values}, {licensed: {"licence": "AB-1"}}
        )

    def test_identity_is_told(self) -> None:
        """The answer has verified and unverified learners. An unknown id is absent."""
        self.require(Capability.IDENTITY_VERIFICATION)
        verified, refused = self.arrange_learners(2)
        self.arrange_identity(verified, is_verified=True)
        self.arrange_identity(refused, is_verified=False)

        found = self.make_backend().get_identity_verifications([verified, refused, NO_ID])

        check.assertEqual(dict(found), {verified: True, refused: False})

    # Facts in a course run

    def test_grades_list_every_category(self) -> None:
        """Each category has weight and score, attempted or not. An attempted score of 0 differs from no attempt."""
        self.require(Capability.GRADES)
        weights = {"Homework": 0.25, "Labs": 0.25, "Exam": 0.5}
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra", weights=weights, pass_mark=0.6))
        good, zero, idle = self.arrange_learners(3)
        self.arrange_enrolments([good, zero, idle], RUN_A)
        self.arrange_grade(good, RUN_A, {"Homework": 0.9, "Exam": 0.8})
        self.arrange_grade(zero, RUN_A, {"Exam": 0.0})

        found = self.make_backend().get_grades(RUN_A, [good, zero, idle, NO_ID])

        check.assertEqual(set(found), {good, zero, idle})
        for user_id, scores, percent, is_passed in (
            (good, {"Homework": 0.9, "Exam": 0.8}, 0.625, True),
            (zero, {"Exam": 0.0}, 0.0, False),
            (idle, {}, 0.0, False),
        ):
            grade = found[user_id]
            check.assertEqual(grade.user_id, user_id)
            check.assertEqual({category.name for category in grade.categories}, set(weights))
            for category in grade.categories:
                check.assertAlmostEqual(category.weight, weights[category.name])
                check.assertEqual(category.is_attempted, category.name in scores)
                check.assertAlmostEqual(category.score, scores.get(category.name, 0.0))
            check.assertIsNotNone(grade.percent)
            check.assertAlmostEqual(grade.percent or 0.0, percent)
            check.assertIs(grade.is_passed, is_passed)
            check.assertIsInstance(grade.letter, str)

    def test_the_grading_policy_is_told(self) -> None:
        """The policy has the weight of each category. It is empty for an unknown run."""
        self.require(Capability.GRADES)
        weights = {"Homework": 0.25, "Labs": 0.25, "Exam": 0.5}
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra", weights=weights))
        self.arrange_enrolments(self.arrange_learners(1), RUN_A)

        backend = self.make_backend()
        found = backend.get_grading_policy(RUN_A)

        check.assertEqual(set(found), set(weights))
        for name, weight in weights.items():
            check.assertAlmostEqual(found[name], weight)
        check.assertEqual(dict(backend.get_grading_policy(NOWHERE)), {})

    def test_the_pass_mark_itself_passes(self) -> None:
        """Rounding of the weighted sum makes no difference."""
        self.require(Capability.GRADES)
        weights = {"One": 0.1, "Two": 0.2, "Three": 0.7}
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra", weights=weights, pass_mark=0.7))
        at, below = self.arrange_learners(2)
        self.arrange_enrolments([at, below], RUN_A)
        self.arrange_grade(at, RUN_A, {"One": 0.7, "Two": 0.7, "Three": 0.7})
        self.arrange_grade(below, RUN_A, {"One": 0.7, "Two": 0.7, "Three": 0.69})

        found = self.make_backend().get_grades(RUN_A, [at, below])

        check.assertIs(found[at].is_passed, True)
        check.assertIs(found[below].is_passed, False)

    def test_completions_are_told(self) -> None:
        """The completion is a share of the run. It is 0 for a learner who has not begun."""
        self.require(Capability.COMPLETION)
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))
        half, done, idle = self.arrange_learners(3)
        self.arrange_enrolments([half, done, idle], RUN_A)
        self.arrange_completion(half, RUN_A, 0.5)
        self.arrange_completion(done, RUN_A, 1.0)

        found = self.make_backend().get_completions(RUN_A, [half, done, idle, NO_ID])

        check.assertEqual(set(found), {half, done, idle})
        for user_id, share in ((half, 0.5), (done, 1.0), (idle, 0.0)):
            check.assertAlmostEqual(found[user_id], share)

    def test_an_unknown_run_has_no_facts(self) -> None:
        """The backend returns no facts about anybody."""
        (user_id,) = self.arrange_learners(1)
        backend = self.make_backend()

        if Capability.GRADES in backend.capabilities:
            check.assertEqual(dict(backend.get_grades(NOWHERE, [user_id])), {})
        if Capability.COMPLETION in backend.capabilities:
            check.assertEqual(dict(backend.get_completions(NOWHERE, [user_id])), {})

    # Scale

    def test_queries_do_not_grow_with_the_learners(self) -> None:
        """Every bulk call needs as many queries for forty learners as for two."""
        questions = self.arrange_crowd(40)

        for name, ask in questions.items():
            few, many = self.count_queries(ask, 2), self.count_queries(ask, 40)
            check.assertEqual(
                many, few, f"{name} takes {few} queries for 2 learners and {many} for 40. The number must not grow"
            )

    def test_thousands_of_ids_are_taken_in_one_call(self) -> None:
        """A call with more ids than some databases can bind works. SQLite may need one query for each 999 ids."""
        questions = self.arrange_crowd(3)

        for name, ask in questions.items():
            few = self.count_queries(ask, 3)
            with CaptureQueriesContext(connection) as captured:
                found = ask([*self._crowd, *range(NO_ID, NO_ID + MANY)])
            check.assertEqual({_learner_of(key) for key in found}, set(self._crowd), name)
            bound = few * (MANY // 999 + 2) if connection.vendor == "sqlite" else few
            check.assertLessEqual(len(captured), bound, name)

    # Helpers

    def require(self, capability: Capability) -> None:
        """Skip the test if the backend does not have the capability."""
        if capability not in self.make_backend().capabilities:
            msg = f"the backend does not have the capability {capability}"
            raise SkipTest(msg)

    def arrange_path(self, *steps: Step) -> PathToArrange:
        """Arrange a path and its runs."""
        for step in steps:
            self.arrange_course_run(
                RunToArrange(step.context_key, step.context_key, parent_course_key=step.context_key)
            )
        path = PathToArrange(PATH, "Science", steps)
        self.arrange_learning_path(path)
        return path

    def arrange_crowd(self, count: int) -> Mapping[str, Callable[[Collection[int]], Mapping[Any, Any]]]:
        """Arrange learners with facts of every kind. Return the bulk calls by name."""
        backend = self.make_backend()
        self._crowd = self.arrange_learners(count)
        self.arrange_course_run(RunToArrange(RUN_A, "Algebra"))
        self.arrange_enrolments(self._crowd, RUN_A)
        questions: dict[str, Callable[[Collection[int]], Mapping[Any, Any]]] = {
            "get_profiles": backend.get_profiles,
            "get_enrolments": lambda ids: backend.get_enrolments([RUN_A], ids),
        }
        for user_id in self._crowd:
            if Capability.GRADES in backend.capabilities:
                self.arrange_grade(user_id, RUN_A, {"Homework": 0.5, "Exam": 0.5})
                questions["get_grades"] = lambda ids: backend.get_grades(RUN_A, ids)
            if Capability.COMPLETION in backend.capabilities:
                self.arrange_completion(user_id, RUN_A, 0.5)
                questions["get_completions"] = lambda ids: backend.get_completions(RUN_A, ids)
            if Capability.IDENTITY_VERIFICATION in backend.capabilities:
                self.arrange_identity(user_id, is_verified=True)
                questions["get_identity_verifications"] = backend.get_identity_verifications
            if Capability.LEARNER_FIELDS in backend.capabilities:
                self.arrange_learner_fields(user_id, RUN_A, {"licence": "AB-1"})
                questions["get_learner_fields"] = lambda ids: backend.get_learner_fields(RUN_A, ids, ["licence"])
        return questions

    def count_queries(self, ask: Callable[[Collection[int]], Mapping[Any, Any]], count: int) -> int:
        """Ask about the first learners of the crowd and return the number of queries."""
        with CaptureQueriesContext(connection) as captured:
            found = ask(self._crowd[:count])
        check.assertEqual(len(found), count)
        return len(captured)


def _as_context(run: RunToArrange) -> LearningContext:
    return LearningContext(
        key=run.key,
        name=run.name,
        kind=ContextKind.COURSE_RUN,
        uuid=run.uuid,
        parent_course_key=run.parent_course_key,
        parent_course_uuid=run.parent_course_uuid,
        pacing=run.pacing,
        shows_certificates_early=run.shows_certificates_early,
        starts_at=run.starts_at,
        ends_at=run.ends_at,
        organisation=run.organisation,
        effort=run.effort,
    )


def _learner_of(key: object) -> object:
    """Return the user id in a key of an answer. The key is a user id, or a pair of user id and context key."""
    return key[0] if isinstance(key, tuple) else key

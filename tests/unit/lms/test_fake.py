"""The fake passes the contract, and does what only a fake does: fail on demand."""

from __future__ import annotations

import threading
from dataclasses import replace
from unittest import SkipTest

import pytest
from django.test import TestCase

from learning_credentials.exceptions import LMSUnavailableError, TransientError
from learning_credentials.lms import LMSBackend, Step, get_lms
from learning_credentials.lms.contract import LMSBackendContract
from learning_credentials.lms.fake import Fact, FakeLMS, fake_lms
from tests.app_settings import override_app_settings
from tests.factories import UserFactory

RUN = "course-v1:Fake+Run+1"
PATH = "path-v1:Fake+Path+1"


@pytest.fixture
def world():
    with fake_lms() as world:
        yield world


class FakeArrangement(LMSBackendContract):
    world = FakeLMS.world

    def make_backend(self):
        return FakeLMS()

    def arrange_course_run(self, run):
        self.world.add_course_run(
            run.key,
            run.name,
            categories=run.weights,
            cutoffs={"Pass": run.pass_mark},
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

    def arrange_learning_path(self, path):
        self.world.add_learning_path(path.key, path.name, steps=path.steps, uuid=path.uuid)

    def arrange_enrolments(self, user_ids, context_key, *, mode="honor", is_active=True):
        self.world.enrol_many(user_ids, context_key, mode, is_active=is_active)

    def arrange_grade(self, user_id, run_key, scores):
        self.world.set_grade(user_id, run_key, scores)

    def arrange_completion(self, user_id, run_key, share):
        self.world.set_completion(user_id, run_key, share)

    def arrange_identity(self, user_id, *, is_verified):
        self.world.set_identity(user_id, is_verified)

    def arrange_profile(self, user_id, **values):
        self.world.set_profile(user_id, **values)

    def arrange_name_parts(self, user_id, *, given_name, family_name):
        self.world.set_profile(user_id, given_name=given_name, family_name=family_name)

    def arrange_administrator(self, user_id, context_key):
        scope = self.world.scopes.get(user_id)
        self.world.limit(user_id, context_key, *(scope.keys if scope else ()))

    def arrange_learner_fields(self, user_id, context_key, values):
        self.world.set_learner_fields(user_id, context_key, **values)


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
class TestContractUnderPytest(FakeArrangement):
    pass


class ContractUnderUnittest(FakeArrangement, TestCase):
    def setUp(self):
        self.enterContext(fake_lms())


class ForgetsBatchSize(FakeLMS):
    def iter_enrolments(self, context_key, *, batch_size):
        return super().iter_enrolments(context_key, batch_size=batch_size + 1)


class StreamsBackwards(FakeLMS):
    def iter_enrolments(self, context_key, *, batch_size):
        return (batch[::-1] for batch in super().iter_enrolments(context_key, batch_size=batch_size))


class ListsAttemptedCategoriesOnly(FakeLMS):
    def get_grades(self, context_key, user_ids):
        return {
            user_id: replace(grade, categories=tuple(item for item in grade.categories if item.is_attempted))
            for user_id, grade in super().get_grades(context_key, user_ids).items()
        }


class GuessesAboutStrangers(FakeLMS):
    def get_completions(self, context_key, user_ids):
        return dict.fromkeys(user_ids, 0.0) | dict(super().get_completions(context_key, user_ids))


class AsksOneByOne(FakeLMS):
    def get_profiles(self, user_ids):
        found = {}
        for user_id in user_ids:
            found |= super().get_profiles([user_id])
        return found


class CountsExcludedSteps(FakeLMS):
    def find_contexts(self, keys):
        return {
            key: replace(context, steps=tuple(Step(step.context_key) for step in context.steps))
            for key, context in super().find_contexts(keys).items()
        }


class SearchesByCase(FakeLMS):
    def search_contexts(self, text="", limit=50):
        return [context for context in super().search_contexts(text, limit) if text in context.key + context.name]


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("backend", "rule"),
    [
        (ForgetsBatchSize, "test_enrolments_stream_in_batches_by_user_id"),
        (StreamsBackwards, "test_enrolments_stream_in_batches_by_user_id"),
        (ListsAttemptedCategoriesOnly, "test_grades_list_every_category"),
        (GuessesAboutStrangers, "test_completions_are_told"),
        (AsksOneByOne, "test_queries_do_not_grow_with_the_learners"),
        (CountsExcludedSteps, "test_a_learning_path_lists_its_steps"),
        (SearchesByCase, "test_search_looks_in_names_and_keys_whatever_the_case"),
    ],
)
def test_the_contract_catches_a_backend_that_breaks_it(backend, rule):
    class Broken(FakeArrangement):
        def make_backend(self):
            return backend()

    with pytest.raises(AssertionError):
        getattr(Broken(), rule)()


@pytest.mark.django_db
@pytest.mark.usefixtures("world")
def test_the_contract_does_not_ask_for_what_a_backend_does_not_claim():
    class Modest(FakeLMS):
        capabilities = frozenset()

        def get_grades(self, context_key, user_ids):
            raise NotImplementedError

    class ContractOfModest(FakeArrangement):
        def make_backend(self):
            return Modest()

    with pytest.raises(SkipTest, match="the backend does not have the capability grades"):
        ContractOfModest().test_grades_list_every_category()
    ContractOfModest().test_an_unknown_run_has_no_facts()
    ContractOfModest().test_queries_do_not_grow_with_the_learners()


METHODS = {
    "find_contexts": lambda lms: lms.find_contexts([RUN]),
    "find_contexts_by_uuid": lambda lms: lms.find_contexts_by_uuid([]),
    "list_course_runs": lambda lms: lms.list_course_runs([]),
    "search_contexts": lambda lms: lms.search_contexts(""),
    "iter_enrolments": lambda lms: list(lms.iter_enrolments(RUN, batch_size=1)),
    "get_enrolments": lambda lms: lms.get_enrolments([RUN], [1]),
    "get_profiles": lambda lms: lms.get_profiles([1]),
    "has_access": lambda lms: lms.has_access(1, RUN),
    "get_grades": lambda lms: lms.get_grades(RUN, [1]),
    "get_completions": lambda lms: lms.get_completions(RUN, [1]),
    "get_identity_verifications": lambda lms: lms.get_identity_verifications([1]),
}


def test_every_method_of_the_contract_can_fail():
    assert set(METHODS) == LMSBackend.__abstractmethods__


@pytest.mark.parametrize("method", METHODS)
def test_an_outage_fails_every_method_and_ends(world, method):
    world.add_course_run(RUN)
    world.set_profile(1, username="one", display_name="One")
    world.outage = True

    with pytest.raises(LMSUnavailableError) as caught:
        METHODS[method](FakeLMS())
    assert isinstance(caught.value, TransientError)

    world.outage = False
    METHODS[method](FakeLMS())
    assert world.calls[method] == 2


def test_an_outage_may_begin_in_the_middle_of_a_stream(world):
    world.add_course_run(RUN)
    world.enrol_many([1, 2], RUN)
    stream = FakeLMS().iter_enrolments(RUN, batch_size=1)
    next(stream)
    world.outage = True

    with pytest.raises(LMSUnavailableError):
        next(stream)


def test_a_hidden_fact_is_absent_until_it_is_set_again(world):
    world.add_course_run(RUN)
    world.enrol_many([1, 2], RUN)
    world.set_grade(1, RUN, {"Exam": 1.0})
    world.set_completion(1, RUN, 1.0)
    world.set_identity(1, True)
    world.set_profile(1, username="one", display_name="One")
    world.set_profile(2, username="two", display_name="Two")
    lms = FakeLMS()

    world.hide(Fact.GRADE, 1, RUN)
    world.hide(Fact.COMPLETION, 1, RUN)
    world.hide(Fact.IDENTITY, 1)
    world.hide(Fact.PROFILE, 1)

    answers = [
        lambda: set(lms.get_grades(RUN, [1, 2])),
        lambda: set(lms.get_completions(RUN, [1, 2])),
        lambda: set(lms.get_identity_verifications([1, 2])),
        lambda: set(lms.get_profiles([1, 2])),
    ]
    assert [answer() for answer in answers] == [{2}] * 4

    world.set_grade(1, RUN, {"Exam": 1.0})
    world.set_completion(1, RUN, 1.0)
    world.set_identity(1, True)
    world.set_profile(1, username="one")
    assert [answer() for answer in answers] == [{1, 2}] * 4


def test_silence_is_about_facts_only(world):
    world.add_course_run(RUN)
    world.enrol(1, RUN)
    world.set_profile(1, username="one", display_name="One")
    world.silence = True
    lms = FakeLMS()

    assert lms.get_grades(RUN, [1]) == lms.get_completions(RUN, [1]) == lms.get_identity_verifications([1]) == {}
    assert set(lms.find_contexts([RUN])) == {RUN}
    assert set(lms.get_enrolments([RUN], [1])) == {(1, RUN)}
    assert set(lms.get_profiles([1])) == {1}


def test_grades_follow_from_scores_unless_told_otherwise(world):
    world.add_course_run(RUN, categories={"Homework": 0.5, "Exam": 0.5}, cutoffs={"A": 0.9, "B": 0.5})
    world.set_grade(1, RUN, {"Homework": 1.0, "Exam": 0.9})
    world.set_grade(2, RUN, {"Homework": 1.0, "Exam": None})
    world.set_grade(3, RUN, {"Homework": 0.9})
    world.set_grade(4, RUN, {"Homework": 0.9}, percent=None, letter="A", is_passed=True)

    grades = FakeLMS().get_grades(RUN, [1, 2, 3, 4])

    assert [(grade.percent, grade.letter, grade.is_passed) for grade in grades.values()] == [
        (pytest.approx(0.95), "A", True),
        (pytest.approx(0.5), "B", True),
        (pytest.approx(0.45), "", False),
        (None, "A", True),
    ]


def test_mistakes_of_a_test_are_named(world):
    world.add_course_run(RUN)

    with pytest.raises(ValueError, match="no category Essay"):
        world.set_grade(1, RUN, {"Essay": 1.0})
    with pytest.raises(ValueError, match="no course run"):
        world.set_completion(1, "nowhere", 1.0)
    with pytest.raises(ValueError, match="no context nowhere"):
        world.enrol(1, "nowhere")
    with pytest.raises(ValueError, match="no nickname"):
        world.set_profile(1, nickname="x")
    with pytest.raises(ValueError, match=r"add up to 0\.5"):
        world.add_course_run(RUN, categories={"Exam": 0.5})


def test_who_leaves_or_is_staff(world):
    world.add_course_run(RUN)
    world.add_learning_path(PATH, steps=[RUN, Step("course-v1:Fake+Other+1", is_excluded=True)])
    world.enrol(1, PATH)
    world.unenrol(1, PATH)
    world.add_staff(2, PATH)
    lms = FakeLMS()

    assert not lms.has_access(1, PATH)
    assert lms.has_access(2, PATH)
    assert list(lms.iter_enrolments(PATH, batch_size=5)) == []


@pytest.mark.django_db
def test_profiles_come_from_user_rows_in_one_query(world, django_assert_num_queries):
    named = UserFactory(first_name="Ada", last_name="Example", email="ada@example.com")
    nameless = UserFactory(first_name="", last_name="", is_active=False)
    world.set_profile(named.pk, language="eo")
    world.set_profile(999_999, username="ghost", display_name="No Row")

    with django_assert_num_queries(1):
        profiles = FakeLMS().get_profiles([named.pk, nameless.pk, 999_999, 999_998])

    assert set(profiles) == {named.pk, nameless.pk, 999_999}
    assert (profiles[named.pk].display_name, profiles[named.pk].language) == ("Ada Example", "eo")
    assert profiles[named.pk].email == "ada@example.com"
    assert (profiles[nameless.pk].display_name, profiles[nameless.pk].is_active) == (nameless.username, False)
    assert profiles[999_999].display_name == "No Row"


def test_profiles_said_in_full_need_no_database(world):
    world.set_profile(1, username="one", display_name="One")

    assert FakeLMS().get_profiles([1])[1].email == ""


@override_app_settings(LMS_BACKEND="tests.nowhere.LMS")
def test_a_host_may_put_the_fake_in_place_of_its_own_backend():
    with fake_lms() as world:
        world.add_course_run(RUN)
        assert isinstance(get_lms(), FakeLMS)
        assert set(get_lms().find_contexts([RUN])) == {RUN}

    with fake_lms():
        assert get_lms().find_contexts([RUN]) == {}


def test_instances_and_threads_share_the_world(world):
    world.add_course_run(RUN)

    def enrol(start):
        for user_id in range(start, start + 200):
            world.enrol(user_id, RUN)
            FakeLMS().get_enrolments([RUN], [user_id])

    threads = [threading.Thread(target=enrol, args=(start,)) for start in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(len(batch) for batch in FakeLMS().iter_enrolments(RUN, batch_size=100)) == 600

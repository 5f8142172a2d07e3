"""Provide a course run and a learning path in the fake LMS."""

import pytest

from learning_credentials.lms import Step
from learning_credentials.lms.fake import fake_lms

RUN = "course-v1:Unit+Alpha+2026"
OTHER_RUN = "course-v1:Unit+Beta+2026"
BONUS_RUN = "course-v1:Unit+Bonus+2026"
PATH = "path-v1:Unit+Path+2026+1"
LEARNER = 7


@pytest.fixture
def world():
    with fake_lms() as world:
        for key, name in ((RUN, "Alpha"), (OTHER_RUN, "Beta"), (BONUS_RUN, "Bonus")):
            world.add_course_run(key, name, categories={"Homework": 0.4, "Exam": 0.6})
        world.add_learning_path(PATH, "Path", steps=[RUN, OTHER_RUN, Step(BONUS_RUN, is_excluded=True)])
        yield world

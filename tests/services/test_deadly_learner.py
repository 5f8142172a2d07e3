"""A learner whose evaluation kills every worker stops no other learner."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from demo.lms.models import AssignmentCategory, CourseRun, Score
from learning_credentials.models import HostMessage, LearnerCertificate
from learning_credentials.services.common import messages
from tests.factories import CredentialConfigurationFactory
from tests.services.deadly import DEADLY
from tests.services.world import RUN_KEY, enrol_learners

if TYPE_CHECKING:
    from tests.services.processes import Processes

pytestmark = [pytest.mark.services]

LEARNERS = 40


@pytest.fixture
def settings_module() -> str:
    return "tests.services.deadly_settings"


@pytest.mark.parametrize("is_one_message", [True, False], ids=["in one message", "in messages of their own"])
def test_all_others_are_evaluated(processes: Processes, is_one_message: bool) -> None:
    enrol_learners(LEARNERS)
    category = AssignmentCategory.objects.create(run=CourseRun.objects.get(key=RUN_KEY), name="Exam", weight=100)
    CredentialConfigurationFactory(
        learning_context_key=RUN_KEY,
        credential_type__retrieval_func="learning_credentials.processors.retrieve_course_certificates",
        credential_type__generation_func="tests.plugins.generate_text_credential",
        next_run_at=timezone.now() + timedelta(days=10),  # no schedule makes up for anything
    )
    users = list(get_user_model().objects.order_by("pk"))
    Score.objects.bulk_create(Score(user=user, category=category, percent=90) for user in users)
    deadly = users[17]
    get_user_model().objects.filter(pk=deadly.pk).update(username=DEADLY)
    keys = [user.pk for user in users]
    for some in [keys] if is_one_message else [[key] for key in keys]:
        messages.put_message("grade_passing", RUN_KEY, some)

    processes.start_worker()
    processes.start_beat()
    others = {key for key in keys if key != deadly.pk}
    processes.wait_until(
        lambda: set(LearnerCertificate.objects.values_list("user_id", flat=True)) == others, "the others are evaluated"
    )
    processes.wait_until(lambda: HostMessage.objects.count() == 1, "one message is left")
    assert HostMessage.objects.get().payload["user_ids"] == [deadly.pk]

"""Provide learners and configurations of the demo LMS for these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from demo.lms.models import Course, CourseRun, Enrolment, LearnerProfile
from tests.factories import CredentialConfigurationFactory

if TYPE_CHECKING:
    from learning_credentials.models import CredentialConfiguration

RUN_KEY = "run:TST100+real-servers"


def make_configuration(generation_func: str, *, is_enabled: bool = False, **options: Any) -> CredentialConfiguration:
    """Return a configuration under which everyone enrolled in the tests' run is eligible."""
    return CredentialConfigurationFactory(
        learning_context_key=RUN_KEY,
        credential_type__retrieval_func="tests.plugins.retrieve_everyone",
        credential_type__generation_func=generation_func,
        credential_type__custom_options=options,
        is_enabled=is_enabled,
        next_run_at=None if is_enabled else timezone.now(),
    )


def enrol_learners(count: int) -> None:
    """Enrol new learners in the tests' run."""
    course, _ = Course.objects.get_or_create(key="TST100", defaults={"name": "Testing"})
    run, _ = CourseRun.objects.get_or_create(
        key=RUN_KEY, defaults={"course": course, "name": "Testing on real servers"}
    )
    users = get_user_model().objects
    first = users.count()
    usernames = [f"learner{number}" for number in range(first, first + count)]
    users.bulk_create(users.model(username=name, email=f"{name}@example.com", password="!") for name in usernames)
    ids = users.filter(username__in=usernames).values_list("pk", "username")
    LearnerProfile.objects.bulk_create(LearnerProfile(user_id=pk, display_name=f"Learner {name}") for pk, name in ids)
    Enrolment.objects.bulk_create(Enrolment(user_id=pk, run=run) for pk, _name in ids)

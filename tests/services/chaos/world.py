"""Define the learners and configurations of a chaos run.

Learners enrol in waves, under one configuration with PDFs and one with slow texts. The same learners are enrolled in a graded run with
course certificates. No schedule issues these. They follow only from the host's signals, which are sent in the transactions that change
grades and modes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from demo.lms.events import tell_grades, tell_mode
from demo.lms.models import AssignmentCategory, CourseRun, Enrolment, Score
from learning_credentials import signals
from learning_credentials.models import Credential, CredentialConfiguration, LearnerCertificate
from tests.factories import CredentialConfigurationFactory
from tests.services.world import RUN_KEY, enrol_learners, make_configuration

if TYPE_CHECKING:
    from random import Random

    from django.db.models import QuerySet

GENERATORS = ("tests.services.plugins.generate_slowly", "learning_credentials.generators.generate_pdf_credential")
GRADED_KEY = "run:TST100+graded"
PASSING, FAILING = 90, 10
#: The number of learners in one transaction of the host.
TOLD_AT_ONCE = 8


def make_configurations() -> None:
    """Create the two configurations, and the one of the graded run, which is never due."""
    for generator in GENERATORS:
        make_configuration(generator, is_enabled=True)
    CredentialConfigurationFactory(
        learning_context_key=GRADED_KEY,
        credential_type__retrieval_func="learning_credentials.processors.retrieve_course_certificates",
        credential_type__generation_func="tests.plugins.generate_text_credential",
        is_enabled=True,
        next_run_at=timezone.now() + timedelta(days=10),
    )


def list_scheduled() -> QuerySet[CredentialConfiguration]:
    """Return the configurations that the schedule issues to everyone."""
    return CredentialConfiguration.objects.filter(learning_context_key=RUN_KEY)


def enrol(count: int) -> None:
    """Enrol more learners and make the schedule due. In the graded run, a third of them begin in audit mode."""
    enrol_learners(count)
    new = list(get_user_model().objects.filter(username__startswith="learner").order_by("-pk")[:count])
    graded, is_new = CourseRun.objects.get_or_create(
        key=GRADED_KEY, defaults={"course": CourseRun.objects.get(key=RUN_KEY).course, "name": "Testing with grades"}
    )
    if is_new:
        AssignmentCategory.objects.create(run=graded, name="Exam", weight=100)
    Enrolment.objects.bulk_create(
        Enrolment(user=user, run=graded, mode="honor" if user.pk % 3 else "audit") for user in new
    )
    come_due()


def come_due() -> None:
    """Make the schedule due."""
    list_scheduled().update(next_run_at=None)


@transaction.atomic
def change_grades(random: Random) -> None:
    """Let some learners pass or fail, and send signals about it."""
    category = AssignmentCategory.objects.select_related("run").get(run__key=GRADED_KEY)
    user_ids = list(Enrolment.objects.filter(run__key=GRADED_KEY).order_by("pk").values_list("user_id", flat=True))
    scores = []
    for user_id in random.sample(user_ids, min(TOLD_AT_ONCE, len(user_ids))):
        percent = PASSING if random.random() < 0.6 else FAILING
        score, _is_new = Score.objects.update_or_create(
            user_id=user_id, category=category, defaults={"percent": percent}
        )
        scores.append(score)
    tell_grades(scores)


@transaction.atomic
def change_modes(random: Random) -> None:
    """Change some learners from audit to a mode with certificates, and send signals about it."""
    auditing = list(Enrolment.objects.filter(run__key=GRADED_KEY, mode="audit").select_related("run").order_by("pk"))
    for enrolment in random.sample(auditing, min(TOLD_AT_ONCE, len(auditing))):
        enrolment.mode = "honor"
        enrolment.save()
        tell_mode(enrolment)


@transaction.atomic
def verify_identities(random: Random) -> None:
    """Send signals that learners' identities were verified. They change nothing here but cause work in every run."""
    users = list(get_user_model().objects.filter(username__startswith="learner").order_by("pk"))
    for user in random.sample(users, min(TOLD_AT_ONCE, len(users))):
        signals.identity_verified.send(sender=None, user_id=user.pk)


def count_wrong_standings() -> dict[str, int]:
    """Compare standings and their credentials with the host's current grades and modes."""
    passing = set(
        Score.objects.filter(category__run__key=GRADED_KEY, percent=PASSING).values_list("user_id", flat=True)
    )
    earning = set(Enrolment.objects.filter(run__key=GRADED_KEY).exclude(mode="audit").values_list("user_id", flat=True))
    granted = set(
        LearnerCertificate.objects.filter(
            course_certificate__course_key=GRADED_KEY, status=LearnerCertificate.Status.DOWNLOADABLE
        ).values_list("user_id", flat=True)
    )
    live = Credential.objects.filter(learning_context_key=GRADED_KEY, is_current=True)
    holders = list(live.filter(status=Credential.Status.AVAILABLE).values_list("user_id", flat=True))
    return {
        "standings that differ from the host's grades": len(granted ^ (passing & earning)),
        "course certificates that differ from standings": len(granted ^ set(holders)) + live.count() - len(holders),
    }

"""The main job with a real beat and a real worker: a schedule comes due, and everyone eligible gets one credential."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from demo.lms.expected import list_expected_holders
from demo.lms.seed import seed_demo
from learning_credentials import api
from learning_credentials.models import Credential, CredentialConfiguration, GenerationRun
from learning_credentials.services.course_runs import are_visible

if TYPE_CHECKING:
    from tests.services.processes import Processes

pytestmark = [pytest.mark.services]

LEARNERS = 60


def test_what_is_due_is_issued_once_to_exactly_those_who_earned_it(processes: Processes) -> None:
    seed_demo(learners=LEARNERS)
    configurations = list(CredentialConfiguration.objects.filter(is_enabled=True).select_related("credential_type"))

    processes.start_worker()
    processes.start_beat()
    processes.wait_until(lambda: _count_finished_runs() == len(configurations), "the first runs finish")

    for configuration in configurations:
        assert _list_holders(configuration) == Counter(list_expected_holders(configuration)), str(configuration)
    issued = Credential.objects.count()
    assert issued > LEARNERS
    assert not Credential.objects.filter(status__in=(Credential.Status.GENERATING, Credential.Status.ERROR)).exists()
    _assert_artifacts_are_whole()

    CredentialConfiguration.objects.update(next_run_at=None)
    processes.wait_until(lambda: _count_finished_runs() == 2 * len(configurations), "the second runs finish")

    assert Credential.objects.count() == issued
    assert GenerationRun.objects.filter(total__gt=0).count() <= len(configurations)


def _count_finished_runs() -> int:
    return GenerationRun.objects.filter(finished_at__isnull=False).count()


def _list_holders(configuration: CredentialConfiguration) -> Counter[int | None]:
    # Not of the learner whom the registrar bars: that credential was issued and invalidated while the LMS was seeded.
    held = configuration.credentials.exclude(status=Credential.Status.INVALIDATED)
    return Counter(held.values_list("user_id", flat=True))


def _assert_artifacts_are_whole() -> None:
    rows = list(Credential.objects.filter(status=Credential.Status.AVAILABLE).order_by("pk")[:40])
    visible = are_visible(rows)  # one run shows its credentials from a date to come
    assert sum(visible.values()) > 10
    for credential in (row for row in rows if visible[row.pk]):
        answer = api.verify_credential(credential.verify_uuid)
        assert answer.is_valid
        assert answer.user_full_name == credential.user_full_name
        file, media_type, _filename = api.open_artifact(credential.verify_uuid)
        with file:
            start = file.read(5)
        assert (media_type, start) in {("application/pdf", b"%PDF-"), ("image/svg+xml", b"<svg ")}

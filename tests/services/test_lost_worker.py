"""A worker that is killed at work delays credentials and loses none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from learning_credentials.models import Credential, GenerationRun
from learning_credentials.storages import get_storage
from tests.services.plugins import get_trace_dir
from tests.services.world import enrol_learners, make_configuration

if TYPE_CHECKING:
    from tests.services.processes import Processes

pytestmark = [pytest.mark.services]

LEARNERS = 60


def test_killed_while_rendering(processes: Processes) -> None:
    enrol_learners(LEARNERS)
    configuration = make_configuration("tests.services.plugins.generate_slowly", is_enabled=True)
    processes.start_worker("first")
    processes.start_beat()
    processes.wait_until(lambda: _count_rendered() > _count_available(), "the worker renders")

    processes.kill("first")

    lost = Credential.objects.filter(status=Credential.Status.GENERATING).exclude(generation_task_id="")
    assert lost.exists(), "the worker held nothing when it was killed"
    processes.start_worker("second")
    processes.wait_until(lambda: _count_available() == LEARNERS, "everyone is issued the credential")

    holders = configuration.credentials.values_list("user_id", flat=True)
    assert len(set(holders)) == len(holders) == LEARNERS
    processes.wait_until(lambda: not GenerationRun.objects.filter(finished_at=None).exists(), "the run finishes")
    run = GenerationRun.objects.get()
    assert (run.done, run.failed, run.total) == (LEARNERS, 0, LEARNERS)
    referred = set(Credential.objects.values_list("artifact_name", flat=True))
    assert {get_storage().path(name) for name in referred} == {str(path) for path in _list_artifacts()}


def _count_available() -> int:
    return Credential.objects.filter(status=Credential.Status.AVAILABLE).count()


def _count_rendered() -> int:
    return len(list(get_trace_dir().glob("*")))


def _list_artifacts() -> list[Path]:
    artifacts = Path(settings.LEARNING_CREDENTIALS["OUTPUT_DIR"]) / "artifacts"
    return [path for path in artifacts.rglob("*") if path.is_file()]

"""Provide brokers, processes and learners for the tests on real servers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS_MODULE = "tests.services.settings"
#: The brokers, by the environment variable that names each.
BROKERS = {"redis": "TEST_REDIS_URL", "rabbitmq": "TEST_RABBITMQ_URL"}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Ignore these tests under the settings of the ordinary suite: they need the demo LMS and real servers."""
    is_test = collection_path.name.startswith("test_")
    return True if is_test and os.environ.get("DJANGO_SETTINGS_MODULE") != SETTINGS_MODULE else None


@pytest.fixture(autouse=True)
def _no_files() -> None:
    """Empty the storage before each test."""
    for name in ("credentials", "traces"):
        shutil.rmtree(Path(settings.VAR_DIR) / name, ignore_errors=True)


@pytest.fixture(params=sorted(BROKERS))
def real_broker_url(request: pytest.FixtureRequest) -> str:
    """Return the address of each broker in turn."""
    url = os.environ.get(BROKERS[request.param], "")
    if not url:
        pytest.skip(f"{BROKERS[request.param]} names no broker")
    return url


@pytest.fixture
def broker_url(real_broker_url: str) -> str:
    """Return the address at which processes reach the broker."""
    return real_broker_url


@pytest.fixture
def settings_module() -> str:
    """Return the settings module of the processes."""
    return SETTINGS_MODULE


@pytest.fixture
def processes(
    transactional_db: None, broker_url: str, real_broker_url: str, tmp_path: Path, settings_module: str
) -> Iterator[object]:
    """Yield an object that starts workers and beats. They use their own queue, which is removed afterwards."""
    from tests.services.processes import Processes

    queue = f"lcred-{uuid4().hex[:12]}"
    started = Processes(broker_url, queue, tmp_path, settings_module=settings_module)
    yield started
    started.kill_all()
    _remove_queue(real_broker_url, queue)


def _remove_queue(broker_url: str, queue: str) -> None:
    if broker_url.startswith("redis"):
        import redis

        with redis.Redis.from_url(broker_url) as client:
            for key in client.scan_iter(f"{queue}:*"):
                client.delete(key)
        return
    from kombu import Connection

    with Connection(broker_url) as connection, connection.channel() as channel:
        channel.queue_delete(queue)
        channel.exchange_delete(queue)

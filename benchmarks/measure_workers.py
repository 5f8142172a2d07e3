"""Measure a cohort with one and with two processes of a Celery worker.

The measurement begins with the message that starts the run and ends with the last e-mail.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import host
from benchmarks.timing import compare, interleave, time_per_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from learning_credentials.models import CredentialConfiguration

#: Seconds between two looks at the run, and seconds until the measurement is stopped.
POLL, PATIENCE = 0.02, 300
PROCESSES = (1, 2)


def measure(options: dict[str, Any], progress: Callable[[str], object]) -> dict[str, Any]:
    """Measure on this process's database, with a broker that needs no server."""
    host.start()
    from benchmarks.material import get_shipped_font, make_template

    learners = options["learners"]
    host.add_assets(make_template(), get_shipped_font("NotoSans-Regular.ttf"))
    host.add_learners(learners)
    numbers = count(1)

    with _workers() as workers:

        def issue(processes: int) -> float:
            configuration = host.add_configuration(f"workers{next(numbers)}", learners)
            queue = _get_queue(processes)
            return time_per_item(lambda: _issue(configuration, queue, learners, workers[queue]), learners)

        one, two = PROCESSES
        samples = interleave(
            lambda: issue(one),
            lambda: issue(two),
            options["rounds"],
            after_each=lambda: progress(f"{learners:,} learners"),
        )
    note = f"{learners:,} learners a round, PostgreSQL; {os.cpu_count()} cores for them and the database"
    row = compare("workers", "one process, two", samples, reading="times as long", note=note)
    return {"rows": [row.as_json()]}


def _get_queue(processes: int) -> str:
    return f"of_{processes}"


def _issue(configuration: CredentialConfiguration, queue: str, learners: int, worker: subprocess.Popen[bytes]) -> None:
    from learning_credentials.models import Credential
    from learning_credentials.tasks import generate_credentials_for_config_task

    generate_credentials_for_config_task.apply_async(args=[configuration.pk], queue=queue)
    told = Credential.objects.filter(configuration=configuration, status="available", notified_at__isnull=False)
    deadline = time.monotonic() + PATIENCE
    while told.count() < learners:
        if worker.poll() is not None:
            msg = f"the worker ended with {worker.returncode}"
            raise RuntimeError(msg)
        if time.monotonic() > deadline:
            msg = f"after {PATIENCE} seconds {told.count()} of {learners} learners have been told"
            raise RuntimeError(msg)
        time.sleep(POLL)


@contextmanager
def _workers() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Yield a worker of each size by its queue. Only this worker reads the queue, so the others wait."""
    running: dict[str, subprocess.Popen[bytes]] = {}
    logs = Path(os.environ["BENCH_DIR"])
    try:
        for processes in PROCESSES:
            queue = _get_queue(processes)
            command = [
                *(sys.executable, "-m", "celery", "-A", "benchmarks.celery", "worker", "--queues", queue),
                *("--concurrency", str(processes), "--hostname", f"{queue}@%h"),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ]
            with (logs / f"{queue}.log").open("wb") as log:
                # This program itself makes the command.
                running[queue] = subprocess.Popen(  # noqa: S603
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "BENCH_QUEUE": queue},
                )
        yield running
    except BaseException:
        for path in sorted(logs.glob("of_*.log")):
            print(f"--- {path.name} ends:\n{path.read_text(errors='replace')[-4000:]}", file=sys.stderr)
        raise
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait()

"""Start and watch Celery workers and beats as a host does, in separate processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 120


class Processes:
    """Workers and beats with one broker and this test's database."""

    def __init__(
        self, broker_url: str, queue: str, log_dir: Path, *, settings_module: str = "tests.services.settings"
    ) -> None:
        self._log_dir = log_dir
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings_module,
            "TEST_DATABASE_URL": get_database_url(),
            "TEST_SERVICES_VAR": str(settings.VAR_DIR),
            "TEST_BROKER_URL": broker_url,
            "TEST_BROKER_QUEUE": queue,
        }

    def start_worker(self, name: str = "worker") -> None:
        """Start a worker with two task processes."""
        self._start(
            name,
            "worker",
            "--concurrency=2",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            f"--hostname={name}@%h",
        )

    def start_beat(self) -> None:
        """Start the beat."""
        self._start("beat", "beat", "--pidfile=")

    def send_signals(self, *arguments: str) -> float:
        """Send a host's signals from a process of the host. Return how many seconds that took."""
        command = [sys.executable, "-m", "tests.services.send_signals", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=DEADLINE, check=False
        )
        if done.returncode:
            pytest.fail(f"The host's process failed:\n{done.stderr[-4000:]}")
        return float(done.stdout)

    def kill(self, name: str) -> list[int]:
        """Kill a process and its children without letting them clean up. Return the ids of the children."""
        process = self._running.pop(name)
        children = _list_children(process.pid)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return children

    def list_children(self, names: Iterable[str]) -> list[int]:
        """Return the ids of the task processes of these workers."""
        return [child for name in names if name in self._running for child in _list_children(self._running[name].pid)]

    def kill_children(self, names: Iterable[str], pids: Iterable[int]) -> list[int]:
        """Kill those of the processes that belong to these workers. Return which were killed."""
        killed = sorted({*pids}.intersection(self.list_children(names)))
        for pid in killed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return killed

    def take_ended(self) -> list[str]:
        """Remove the processes that ended by themselves. Return their names."""
        ended = [name for name, process in self._running.items() if process.poll() is not None]
        for name in ended:
            _kill_group(self._running.pop(name))
        return ended

    def kill_all(self) -> None:
        """Kill all processes at once. A worker that may end its work takes three seconds, and nobody looks at it any more."""
        for name in [*self._running]:
            self.kill(name)

    def stop(self) -> None:
        """Stop all processes."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                pass
            finally:
                _kill_group(process)
        self._running.clear()

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition. Fail with the logs if it takes too long or a process ends."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            ended = [name for name, process in self._running.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                why = f"{', '.join(ended)} ended" if ended else f"it did not happen within {DEADLINE} seconds"
                pytest.fail(f"{what}: {why}\n{self._read_logs()}")
            time.sleep(0.1)

    def _start(self, name: str, *arguments: str) -> None:
        command = [sys.executable, "-m", "celery", "-A", "demo.celery:app", *arguments, "--loglevel=INFO"]
        with (self._log_dir / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _read_logs(self) -> str:
        logs = sorted(self._log_dir.glob("*.log"))
        return "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}" for log in logs)


def _list_children(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:  # it has just ended
        return []
    return [int(child) for child in children.split()]


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def get_database_url() -> str:
    """Return the address of the tests' database, with the database's name during the tests."""
    parts = urlsplit(os.environ["TEST_DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{quote(str(connection.settings_dict['NAME']))}"))

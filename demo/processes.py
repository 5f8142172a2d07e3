"""Run the demo's worker, beat and web server as child processes. None of them is left at the end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections import deque
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType, TracebackType

STOP_TIMEOUT = 20
LOG_TAIL_LINES = 25
WORKERS = 2
# SIGINT must be set too: a shell lets background commands ignore Ctrl-C.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ProcessEndedError(Exception):
    """A child process ended by itself or did not do its work."""


class AlreadyRunningError(Exception):
    """Another demo uses the same files."""


class Processes:
    """Child processes, each with its own log and process group.

    This is a context manager. All processes have ended when it exits.
    """

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start_worker(self) -> None:
        """Start a Celery worker with two processes."""
        options = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", "demo@%h")
        self._start("worker", "celery", "-A", "demo", "worker", "--concurrency", str(WORKERS), "-l", "INFO", *options)

    def start_beat(self) -> None:
        """Start Celery beat."""
        self._start("beat", "celery", "-A", "demo", "beat", "-l", "INFO", "--pidfile=")

    def start_web(self, port: int) -> None:
        """Start the web server on the local address of this machine."""
        # --insecure serves static files although DEBUG is off.
        manage = ("django", "runserver", "--noreload", "--insecure", f"127.0.0.1:{port}")
        self._start("web", *manage, environment={"DEMO_PORT": str(port)})

    def check(self) -> None:
        """Check that all processes are alive.

        Raises:
            ProcessEndedError: one has ended. The message has the end of its log.
        """
        for name, process in self._running.items():
            if process.poll() is not None:
                msg = f"The {name} process ended with code {process.returncode}.\n{read_log_tail(name)}"
                raise ProcessEndedError(msg)

    def stop(self) -> None:
        """End all processes. Ask them first, then kill the rest of their groups."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._running.clear()

    def _start(self, name: str, *arguments: str, environment: dict[str, str] | None = None) -> None:
        variables = {
            "DJANGO_SETTINGS_MODULE": "demo.settings",
            "DEMO_VAR": str(settings.VAR_DIR),
            "PYTHONUNBUFFERED": "1",
        }
        with get_log_path(name).open("wb") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603  (our own interpreter and arguments)
                [sys.executable, "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=settings.BASE_DIR,
                env=os.environ | variables | (environment or {}),
                # Ctrl-C reaches only this process, which then ends the others in order.
                start_new_session=True,
            )


def get_log_path(name: str) -> Path:
    """Return the path of a process's log."""
    return settings.LOG_DIR / f"{name}.log"


def read_log_tail(*names: str) -> str:
    """Return the last lines of the logs, with their paths."""
    parts = []
    for name in names:
        path = get_log_path(name)
        if path.exists():
            with path.open(encoding="utf-8", errors="replace") as log:
                parts.append(f"--- {path} ends:\n{''.join(deque(log, LOG_TAIL_LINES))}")
    return "\n".join(parts)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Prevent two demos from using the same files.

    Raises:
        AlreadyRunningError: another demo is running.
    """
    with (settings.VAR_DIR / "running.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            msg = f"Another demo is running on {settings.VAR_DIR}. Stop it first."
            raise AlreadyRunningError(msg) from None
        yield


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Convert every stop signal to an exception, so that the children are ended on exit."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    previous = {number: signal.signal(number, interrupt) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)

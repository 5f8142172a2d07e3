"""Serve the demo LMS for trying it in a browser: ``manage.py serve_demo``."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.lms.setup import add_learners_argument, describe_logins, prepare
from demo.processes import AlreadyRunningError, ProcessEndedError, Processes, only_one, stopped_by_signals

if TYPE_CHECKING:
    from argparse import ArgumentParser

START_SECONDS = 30
#: Seconds for which e-mails of acts by staff wait.
MAIL_DELAY = 60


class Command(BaseCommand):
    """Serve the LMS with a worker and a beat until Ctrl-C."""

    help = "Serve the demo LMS with a Celery worker and beat. Ctrl-C ends all of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the number of learners and the port."""
        add_learners_argument(parser)
        parser.add_argument("--port", type=int, default=settings.PORT, help="of the web server (default: %(default)s)")

    def handle(self, *, learners: int, port: int, **_options: Any) -> None:
        """Serve until stopped."""
        try:
            with only_one(), stopped_by_signals(), Processes() as processes:
                if _answers(port):
                    msg = f"Port {port} is taken; choose another with --port."
                    raise CommandError(msg)
                prepare(learners, self.stdout)
                os.environ.setdefault("DEMO_MAIL_DELAY", str(MAIL_DELAY))
                processes.start_web(port)
                processes.start_worker()
                processes.start_beat()
                self._wait_for_web(processes, port)
                self._welcome(port)
                while True:
                    processes.check()
                    time.sleep(0.5)
        except (AlreadyRunningError, ProcessEndedError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _wait_for_web(self, processes: Processes, port: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            processes.check()
            if time.monotonic() > deadline:
                msg = f"The web server did not answer within {START_SECONDS} seconds."
                raise ProcessEndedError(msg)
            time.sleep(0.1)

    def _welcome(self, port: int) -> None:
        base = f"http://127.0.0.1:{port}"
        self.stdout.write(
            f"\nThe LMS          {base}/\nOwn credentials  {base}/credentials/\nThe admin        {base}/admin/\n\n"
            f"{describe_logins()}\n\nLogs are in {settings.LOG_DIR}. Ctrl-C stops everything.\n"
        )
        # Flush at once, so that a reader of a pipe sees it too.
        self.stdout.flush()


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        connection.settimeout(1)
        return connection.connect_ex(("127.0.0.1", port)) == 0

"""Run the whole process with a real worker and beat: ``manage.py run_demo``."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from demo.lms.progress import count_hidden, has_work, wait_for_announcements, wait_for_runs
from demo.lms.report import format_report, make_report
from demo.lms.setup import add_learners_argument, describe_logins, prepare
from demo.lms.standings import format_standings, list_programs
from demo.processes import (
    AlreadyRunningError,
    ProcessEndedError,
    Processes,
    only_one,
    read_log_tail,
    stopped_by_signals,
)
from learning_credentials import api
from learning_credentials.models import Credential, GenerationRun
from learning_credentials.storages import get_storage

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from uuid import UUID

    from django.contrib.auth.models import User

DEFAULT_TIMEOUT = 170


class Command(BaseCommand):
    """Fill the LMS, let the schedule issue what is due, compare the result with the expected one, and verify one credential."""

    help = (
        "Issue the demo's credentials with a real Celery beat and worker, print what was issued and one certificate with its "
        "verification, and end. Running it again issues nothing new."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the number of learners and the timeout."""
        add_learners_argument(parser)
        parser.add_argument(
            "--timeout",
            type=float,
            default=DEFAULT_TIMEOUT,
            help="seconds to wait for the worker (default: %(default)s)",
        )

    def handle(self, *, learners: int, timeout: float, **_options: Any) -> None:
        """Run the demo. The exit code says whether exactly the right learners have credentials."""
        try:
            with only_one(), stopped_by_signals():
                prepare(learners, self.stdout)
                self._issue(timeout)
        except (AlreadyRunningError, ProcessEndedError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run it again to go on from here.", returncode=130) from None
        self._report()

    def _issue(self, timeout: float) -> None:
        if not has_work():
            self.stdout.write("No configuration is due: nothing to issue.")
            return
        begun = time.monotonic()
        last = GenerationRun.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        watched = GenerationRun.objects.filter(
            Q(pk__gt=last) | Q(pk__in=list(GenerationRun.objects.filter(finished_at=None).values_list("pk", flat=True)))
        )
        self.stdout.write(f"Starting a Celery beat and worker (logs in {settings.LOG_DIR})")
        with Processes() as processes:
            processes.start_worker()
            processes.start_beat()
            if not wait_for_runs(watched, processes.check, begun + timeout):
                msg = f"Not done after {timeout:.0f} seconds.\n{read_log_tail('worker', 'beat')}"
                raise ProcessEndedError(msg)
            self.stdout.write(f"Issued in {time.monotonic() - begun:.1f} seconds.")
            unannounced = wait_for_announcements(processes.check)
        told = "all learners were told" if not unannounced else f"{unannounced} learners are still to be told"
        if hidden := count_hidden():
            told += f", but for {hidden} whose credential may not be seen yet"
        self.stdout.write(f"By e-mail, {told} (files in {settings.MAIL_DIR}).")
        for run in watched.exclude(error_code=""):
            self.stderr.write(f"{run}: {run.error_code}: {run.error_message}")

    def _report(self) -> None:
        lines = make_report()
        self.stdout.write(f"\n{format_report(lines)}\n\n")
        self.stdout.write(f"How some learners stand\n\n{format_standings()}\n\n")
        for learner, path_uuid, table in list_programs():
            self.stdout.write(f"{table}\n\n")
            self._ask_for_program(learner, path_uuid)
        self._show_one()
        self.stdout.write(f"\nTo click through it: make serve\n{describe_logins()}\n")
        if wrong := [line for line in lines if not line.is_right]:
            msg = f"{len(wrong)} of {len(lines)} configurations did not come out as they should have."
            raise CommandError(msg)

    def _ask_for_program(self, learner: User, path_uuid: UUID) -> None:
        """Show the endpoint's answer to the learner."""
        path = reverse("learning_credentials:v1:learner_program_status")
        body = {"username": learner.get_username(), "program_uuid": str(path_uuid)}
        client = Client(headers={"host": f"127.0.0.1:{settings.PORT}"})
        client.force_login(learner)
        response = client.post(path, body, content_type="application/json")
        client.logout()
        if response.status_code != 200:
            msg = f"POST {path} answered {response.status_code}: {response.content[:500]!r}"
            raise CommandError(msg)
        self.stdout.write(
            f"POST {path} {json.dumps(body)}\n                 200 {json.dumps(response.json(), ensure_ascii=False)}\n\n"
        )

    def _show_one(self) -> None:
        credential = (
            Credential.objects.filter(status=Credential.Status.AVAILABLE, artifact_media_type="application/pdf")
            .order_by("user_id", "configuration_id")
            .first()
        )
        if credential is None:
            raise CommandError("No certificate was issued.")
        answer = api.verify_credential(credential.verify_uuid)
        path = reverse("learning_credentials:v1:metadata", args=[credential.verify_uuid])
        response = Client(headers={"host": f"127.0.0.1:{settings.PORT}"}).get(path)
        if response.status_code != 200 or response.json()["user_full_name"] != answer.user_full_name:
            msg = f"GET {path} answered {response.status_code}: {response.content[:500]!r}"
            raise CommandError(msg)
        public = response.json()
        self.stdout.write(
            f"One certificate  {get_storage().path(credential.artifact_name)}\n"
            f"In the file      {_describe_file(credential)}\n"
            f"Verify it at     {answer.verify_url}\n"
            f"Or type its code {answer.verify_code} at {urljoin(answer.verify_url, reverse('learning_credentials:verify_file'))}\n"
            f"Its badge        {answer.verify_url}badge.json\n"
            f"Answer           {'valid' if answer.is_valid else 'NOT VALID'}: {answer.credential_type_name} of "
            f"{answer.user_full_name}, {answer.learning_context_name}, {answer.issuer.name}, {answer.issue_date}\n"
            f"GET {path}\n                 {response.status_code} {json.dumps(public, ensure_ascii=False)}"
        )


def _describe_file(credential: Credential) -> str:
    """Return what programs find in a certificate, from the entries of its catalog, which is not compressed."""
    with get_storage().open(credential.artifact_name) as file:
        content = file.read()
    known = {
        b"/StructTreeRoot": "tags for screen readers",
        b"/EmbeddedFiles": "the signed badge",
        b"/Encrypt": "protection against changes",
    }
    return ", ".join(name for entry, name in known.items() if entry in content)

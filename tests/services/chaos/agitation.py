"""Cause failures during a chaos run. The seed decides what happens and when, before the run begins."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import fields
from typing import TYPE_CHECKING

from django.db import connection

from learning_credentials import api, tasks
from learning_credentials.exceptions import CredentialsError
from learning_credentials.models import Credential, GenerationRun
from tests.services.chaos import world
from tests.services.chaos.mail import Manners, Sink
from tests.services.chaos.storage import Faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from tests.services.chaos.servers import Broker, Database
    from tests.services.processes import Processes

WORKERS = ("first", "second")
#: How often each event happens in a minute.
A_MINUTE = {
    "kill_task_process": 6,
    "kill_mailing_process": 6,
    "kill_worker": 3,
    "kill_beat": 1,
    "cut_database": 4,
    "cut_database_at_a_mail": 4,
    "cut_database_at_a_run": 3,
    "restart_broker": 1,
    "lose_messages": 2,
    "change_storage": 12,
    "change_mail": 10,
    "repeat_messages": 4,
    "tell_grades": 20,
    "tell_modes": 5,
    "tell_identities": 2,
    "reissue": 8,
    "invalidate": 3,
}


class Agitator:
    """Cause failures for a while, and record them."""

    def __init__(
        self,
        seed: int,
        processes: Processes,
        database: Database,
        broker: Broker,
        sink: Sink,
        *,
        queue: str,
        control: Path,
    ) -> None:
        self._seed = seed
        self._random = random.Random(seed)
        self._processes = processes
        self._database = database
        self._broker = broker
        self._sink = sink
        self._queue = queue
        self._control = control
        self._running: set[str] = set()
        self.done: Counter[str] = Counter()
        self.killed: set[int] = set()
        self.invalidated: set[UUID] = set()

    def start_processes(self) -> None:
        """Start the processes that do not run, as a host's supervisor would."""
        self._running.difference_update(self._processes.take_ended())
        for name in (*WORKERS, "beat"):
            if name not in self._running:
                if name == "beat":
                    self._processes.start_beat()
                else:
                    self._processes.start_worker(name)
                self._running.add(name)

    def run(self, seconds: float, learners: int) -> None:
        """Enrol the learners in waves, and cause failures meanwhile."""
        waves = 4
        plan: list[tuple[float, str, Callable[[], None]]] = [
            (seconds * wave / waves, "enrol", lambda: world.enrol(learners // waves)) for wave in range(waves)
        ]
        for name, often in A_MINUTE.items():
            times = [
                self._random.uniform(min(5, seconds / 4), seconds) for _ in range(max(1, round(often * seconds / 60)))
            ]
            plan += [(at, name, getattr(self, name)) for at in times]
        begun = time.monotonic()
        for at, name, act in sorted(plan, key=lambda item: item[:2]):
            while (wait := begun + at - time.monotonic()) > 0:
                time.sleep(min(wait, 1))
                self.start_processes()
            act()
            self.done[name] += 1
        self.calm_down()

    def calm_down(self) -> None:
        """Let everything work again.

        The schedule starts once more, for learners who enrolled during a run.
        """
        Faults().write(self._control, self._seed)
        self._sink.manners = Manners()
        self.start_processes()
        world.come_due()

    def kill_task_process(self) -> None:
        """Kill one of a worker's task processes."""
        children = self._processes.list_children(WORKERS)
        if children:
            pid = self._random.choice(children)
            self._processes.kill_children(WORKERS, [pid])
            self.killed.add(pid)

    def kill_mailing_process(self) -> None:
        """Kill the process that has just sent an e-mail to the server."""
        pid = self._await_mail()
        if pid and self._processes.kill_children(WORKERS, [pid]):
            self.killed.add(pid)

    def kill_worker(self) -> None:
        """Kill a worker with its processes."""
        self._kill(self._random.choice(WORKERS))

    def kill_beat(self) -> None:
        """Kill the beat."""
        self._kill("beat")

    def cut_database(self) -> None:
        """Close all connections of the workers to the database."""
        spared = connection.connection.info.backend_pid if connection.vendor == "postgresql" else self._get_thread_id()
        self.done["connections cut"] += self._database.cut_connections(spared)

    def cut_database_at_a_mail(self) -> None:
        """Close all connections of the workers just after the server accepted an e-mail."""
        self._await_mail()
        self.cut_database()

    def cut_database_at_a_run(self) -> None:
        """Close all connections of the workers while a run is evaluated."""
        world.enrol(10)
        evaluating = GenerationRun.objects.exclude(started_at=None).filter(evaluated_at=None)
        until = time.monotonic() + 10
        while not evaluating.exists():
            if time.monotonic() > until:
                return
            time.sleep(0.005)
        self.cut_database()
        self.done["runs cut"] += 1

    def restart_broker(self) -> None:
        """Kill the broker and start it again."""
        self._broker.restart()

    def lose_messages(self) -> None:
        """Delete all waiting messages."""
        with suppress(Exception):  # the broker may still be starting, or know no queue yet
            self._broker.lose_messages(self._queue)

    def change_storage(self) -> None:
        """Let the storage fail in one or two ways, or not at all."""
        names = [field.name for field in fields(Faults)]
        shares = {"deleting": 0.3, "listing": 0.3, "opening": 0.2, "hanging": 0.03}
        chosen = self._random.sample(names, self._random.choice((0, 1, 2, 3)))
        Faults(**{name: shares.get(name, 0.1) for name in chosen}).write(self._control, self._seed)

    def change_mail(self) -> None:
        """Let the mail server refuse or delay."""
        self._sink.manners = self._random.choice(
            [
                Manners(seconds=0.02),
                Manners(seconds=0.02, unreachable=0.5),
                Manners(seconds=0.02, refused=0.5),
                Manners(seconds=0.02, for_good=0.1),
                Manners(seconds=0.1),
                Manners(seconds=0.5, refused=0.1),
            ]
        )

    def repeat_messages(self) -> None:
        """Deliver messages three times."""
        waiting = [str(pk) for pk in Credential.objects.filter(status="generating").values_list("pk", flat=True)[:20]]
        untold = Credential.objects.filter(status="available", notified_at=None)
        for task, uuids in (
            (tasks.generate_credential_chunk_task, waiting),
            (tasks.send_credential_notification_task, [str(pk) for pk in untold.values_list("pk", flat=True)[:60]]),
        ):
            with suppress(Exception):  # the broker may still be starting
                for _ in range(3):
                    task.apply_async((uuids,), retry=False)

    def tell_grades(self) -> None:
        """Let learners of the graded run pass or fail, as the host's web process would."""
        world.change_grades(self._random)

    def tell_modes(self) -> None:
        """Change the mode of learners in the graded run."""
        world.change_modes(self._random)

    def tell_identities(self) -> None:
        """Verify learners' identities."""
        world.verify_identities(self._random)

    def reissue(self) -> None:
        """Reissue a credential in this process, with the storage as it is."""
        if credential := self._choose():
            with suppress(CredentialsError):
                api.reissue_credential(credential, reason="chaos")

    def invalidate(self) -> None:
        """Invalidate a credential permanently."""
        if credential := self._choose():
            with suppress(CredentialsError):
                api.invalidate_credential(credential, reason="chaos")
                self.invalidated.add(credential)

    def _await_mail(self) -> int:
        """Wait up to a second until the server accepts an e-mail. Return the process that sent it, or 0."""
        count = len(self._sink.taken)
        until = time.monotonic() + 1
        while len(self._sink.taken) == count:
            if time.monotonic() > until:
                return 0
            time.sleep(0.002)
        return self._sink.taken[-1].process

    def _choose(self) -> UUID | None:
        available = list(
            Credential.objects.filter(status="available", configuration__in=world.list_scheduled())
            .order_by("verify_uuid")
            .values_list("pk", flat=True)[:100]
        )
        return self._random.choice(available) if available else None

    def _kill(self, name: str) -> None:
        if name in self._running:
            self._running.discard(name)
            self.killed.update(self._processes.kill(name))

    def _get_thread_id(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT CONNECTION_ID()")
            number: int = cursor.fetchone()[0]
            return number

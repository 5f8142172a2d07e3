"""One chaos run after the other; the exit status is 0 only if nothing was wrong after any of them."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.services.chaos.servers import LINES, Broker, Database, all_servers


def main() -> int:
    """Run what the command line requests."""
    parser = argparse.ArgumentParser(prog="python -m tests.services.chaos", description=__doc__)
    parser.add_argument(
        "--line", action="append", choices=sorted(LINES), help="servers; repeat for several (default: all)"
    )
    parser.add_argument("--seed", action="append", type=int, help="seed; repeat for several (default: 1 and 2)")
    parser.add_argument("--seconds", type=float, default=90, help="how long things go wrong (default: 90)")
    parser.add_argument(
        "--drain", type=float, default=90, help="seconds that all may take to be done afterwards (default: 90)"
    )
    parser.add_argument("--learners", type=int, default=400, help="how many learners (default: 400)")
    options = parser.parse_args()
    runs = [(line, seed) for line in options.line or LINES for seed in options.seed or (1, 2)]
    if len(runs) == 1:
        return _run(*runs[0], options)
    # Each run has its own interpreter, because Django can be set up only once.
    return max([_run_apart(line, seed, options) for line, seed in runs])


def _run_apart(line: str, seed: int, options: argparse.Namespace) -> int:
    arguments = ["--line", line, "--seed", str(seed), "--seconds", str(options.seconds)]
    arguments += ["--drain", str(options.drain), "--learners", str(options.learners)]
    return subprocess.run([sys.executable, "-m", "tests.services.chaos", *arguments], check=False).returncode


def _run(line: str, seed: int, options: argparse.Namespace) -> int:
    database_kind, broker_kind = LINES[line]
    database, broker = Database(database_kind), Broker(broker_kind)
    directory = Path(tempfile.mkdtemp(prefix="lcred-chaos-"))
    is_clean = False
    try:
        found = f"{database.make()}, {broker.start()}"
        print(f"==> Chaos, seed {seed}, on {found}; files and logs in {directory}", flush=True)
        is_clean = _run_on(database, broker, seed, options, directory)
    finally:
        broker.stop()
        database.drop()
        if is_clean:
            shutil.rmtree(directory, ignore_errors=True)
    return 0 if is_clean else 1


def _run_on(database: Database, broker: Broker, seed: int, options: argparse.Namespace, directory: Path) -> bool:
    from tests.services.chaos.mail import Sink

    sink = Sink(seed)
    queue = "lcred-chaos"
    control = directory / "storage.json"
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.services.chaos.settings",
        "TEST_DATABASE_URL": database.url,
        "TEST_SERVICES_VAR": str(directory),
        "TEST_BROKER_URL": broker.url,
        "TEST_BROKER_QUEUE": queue,
        "CHAOS_CONTROL": str(control),
        "CHAOS_SMTP_PORT": str(sink.port),
    }
    import django

    django.setup()

    from django.core.checks import run_checks
    from django.core.management import call_command

    from demo.celery import app  # noqa: F401  whose tasks are sent from here too
    from tests.services.chaos import world
    from tests.services.chaos.agitation import Agitator
    from tests.services.chaos.count import count_work, count_wrongs, find_strays
    from tests.services.processes import Processes

    call_command("migrate", verbosity=0)
    world.make_configurations()
    processes = Processes(broker.url, queue, directory, settings_module="tests.services.chaos.settings")
    agitator = Agitator(seed, processes, database, broker, sink, queue=queue, control=control)
    wrongs: dict[str, int] = {}
    try:
        agitator.start_processes()
        agitator.run(options.seconds, options.learners)
        calm = time.monotonic()
        run_checks()  # as at the next start of a process: a check deletes what a killed one left
        while True:
            wrongs = count_wrongs(list(sink.taken), agitator.killed, agitator.invalidated)
            drained = time.monotonic() - calm
            if not any(wrongs.values()) or drained > options.drain:
                break
            agitator.start_processes()
            time.sleep(1)
    finally:
        processes.stop()
        sink.shutdown()
    failures = directory / "storage-faults.log"
    _print("what happened", {**agitator.done, "mails refused": sink.refused})
    _print("storage faults", Counter(failures.read_text().split() if failures.exists() else ()))
    _print("what was done", count_work(sink.taken))
    _print("what is wrong", wrongs)
    for name in find_strays()[:5]:
        print(f"  stray: {name}")
    is_clean = not any(wrongs.values())
    verdict = (
        f"drained after {drained:.0f} s, nothing wrong"
        if is_clean
        else f"NOT CLEAN {drained:.0f} s after the last fault"
    )
    print(f"==> Chaos, seed {seed}: {verdict}", flush=True)
    return is_clean


def _print(title: str, counts: dict[str, int]) -> None:
    print(title)
    for name, count in sorted(counts.items()):
        print(f"  {count:6} {name}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except all_servers.ServiceError as error:
        sys.exit(f"chaos: {error}")

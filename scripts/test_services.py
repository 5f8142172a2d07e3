"""Run the tests that need real servers or programs: PostgreSQL, MariaDB, Redis, RabbitMQ, readers of PDFs and badges, and a browser.

The script finds or starts the servers and installs the clients and programs. It runs everything even if something fails, and ends with a
list of results. The exit status is 0 only if everything ran and passed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import badge_verifiers
import browser_tools
import pdf_readers
import servers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    Database = servers.PostgreSQL | servers.MariaDB
    Servers = tuple[servers.PostgreSQL, servers.MariaDB, servers.Redis, servers.RabbitMQ]

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
STEP_TIMEOUT = 15 * 60
#: The name of everything that a run creates on a shared server.
TOKEN = f"lcred_{secrets.token_hex(4)}"
PYTEST = [PYTHON, "-m", "pytest", "-n", "auto", "-p", "no:cacheprovider"]
#: Each pytest worker creates its database once, because the tests leave nothing in it.
REUSING = [*PYTEST, "--reuse-db"]
#: One combination of servers and one seed. ``make chaos`` runs all.
CHAOS = [PYTHON, "-m", "tests.services.chaos", "--line=postgresql-redis", "--seed=1", "--seconds=60", "--drain=90"]
CHAOS += ["--learners=200"]
SERVICES = {"DJANGO_SETTINGS_MODULE": "tests.services.settings"}
SUITE = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
#: Tests that need programs but no database.
PDF_TESTS = "tests/services/test_pdf_*.py"
BADGE_TESTS = "tests/services/test_badges*.py"
PAGE_TESTS = "tests/browser/test_*.py"
BENCHMARKS = "tests/unit/test_benchmarks.py"


class ProgramTask(NamedTuple):
    """Tests that need programs but no database. ``install`` installs the programs."""

    name: str
    tests: str
    install: Callable[[], None]
    environment: dict[str, str]


PROGRAM_TASKS = (
    ProgramTask("certificates, read and drawn by other programs", PDF_TESTS, pdf_readers.install, SERVICES),
    ProgramTask("badges, verified by other programs", BADGE_TESTS, badge_verifiers.install, SERVICES),
    ProgramTask("pages, in a browser", PAGE_TESTS, browser_tools.install, SUITE),
)


class Outcome(NamedTuple):
    """The result of one step."""

    name: str
    problem: str
    seconds: float


def main() -> int:
    """Run all steps and report."""
    outcomes = [_attempt("clients of the servers", install_clients)]
    if outcomes[0].problem:
        return _report(outcomes)
    all_servers = (servers.PostgreSQL(), servers.MariaDB(), servers.Redis(), servers.RabbitMQ())
    with ExitStack() as cleaning:
        for server in all_servers:
            cleaning.callback(server.stop)
        for database in all_servers[:2]:
            cleaning.callback(_drop_databases, database)
        # Servers and programs are installed while the suite runs: one after the other, because two runs of apt-get exclude each other.
        # Chaos and workers mostly wait, so they run beside what keeps the processors busy.
        with ThreadPoolExecutor(1) as installer, ThreadPoolExecutor(1) as beside:
            ready = [installer.submit(_attempt, server.name, partial(_make_ready, server)) for server in all_servers]
            programs = [
                (task, installer.submit(_attempt, f"programs for {task.name}", task.install)) for task in PROGRAM_TASKS
            ]
            outcomes += _run_everything(all_servers, ready, programs, beside)
    return _report(outcomes)


def _run_everything(
    all_servers: Servers,
    ready: Sequence[Future[Outcome]],
    programs: Sequence[tuple[ProgramTask, Future[Outcome]]],
    beside: ThreadPoolExecutor,
) -> list[Outcome]:
    postgres, mariadb, *brokers = all_servers
    outcomes = [ready[0].result()]
    waiting = [beside.submit(_attempt, "chaos on PostgreSQL and Redis", partial(_run_chaos, postgres))]
    if postgres.url:
        outcomes += _run_suite(postgres)
        waiting.append(beside.submit(_run_workers, postgres, brokers, ready))
    outcomes += [server.result() for server in ready[1:]]
    if mariadb.url:
        outcomes += _run_suite(mariadb)
        waiting.append(beside.submit(_run_workers, mariadb, brokers, ready))
    outcomes += [outcome for task, installed in programs for outcome in _use(task, installed.result())]
    outcomes.append(_attempt("slow tests on SQLite", lambda: _run([*PYTEST, "-m", "slow and not services"], SUITE)))
    outcomes.append(_attempt("benchmarks in tiny sizes", lambda: _run([*PYTEST, "-m", "services", BENCHMARKS], SUITE)))
    outcomes += [each.result() for each in waiting]
    if postgres.url or mariadb.url:
        outcomes += [
            Outcome(f"workers on {server.name}", "not run: there is no server", 0)
            for server in brokers
            if not server.url
        ]
    return outcomes


def _use(task: ProgramTask, programs: Outcome) -> list[Outcome]:
    """Run the tests that need some programs, after these were installed."""
    if programs.problem:
        return [programs, Outcome(task.name, "not run: programs are missing", 0)]
    files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(task.tests))
    return [programs, _attempt(task.name, lambda: _run([*PYTEST, "-m", "services", *files], task.environment))]


def _make_suite_environment(database: Database) -> dict[str, str]:
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DATABASE_URL": f"{database.url.rstrip('/')}/{TOKEN}",
    }
    if isinstance(database, servers.PostgreSQL):
        environment["TEST_DATABASE_TEMPLATE"] = TOKEN
        # Property tests run with more examples here than in `make test`, those without a database too.
        environment["HYPOTHESIS_PROFILE"] = "thorough"
    else:
        environment["HYPOTHESIS_PROFILE"] = "brief"
    return environment


def _run_suite(database: Database) -> list[Outcome]:
    """Run the migrations and then the suite on a database. `_run_workers` uses the same databases afterwards."""
    environment = _make_suite_environment(database)
    chosen = "database and not any_database and not services"
    if isinstance(database, servers.PostgreSQL):
        chosen = f"({chosen}) or (hypothesis and not services)"
    return [
        _attempt(f"migrations on {database.name}", lambda: _migrate(database, environment)),
        _attempt(f"suite on {database.name}", lambda: _run([*REUSING, "-m", chosen], environment)),
    ]


def _run_workers(database: Database, brokers: Sequence[servers.Server], ready: Sequence[Future[Outcome]]) -> Outcome:
    """Run the tests with workers, races and query counts, after all servers are ready."""
    wait(ready)
    urls = {server.variable: server.url for server in brokers if server.url}
    environment = {**_make_suite_environment(database), **urls, **SERVICES}
    ignored = [f"--ignore-glob={tests}" for tests in (PDF_TESTS, BADGE_TESTS)]
    command = [*REUSING, "-m", "services", *ignored, "tests/services"]
    return _attempt(f"workers, races and query counts on {database.name}", lambda: _run_quietly(command, environment))


def install_clients() -> None:
    """Install the clients of the servers, and the packages for compiling them."""
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        servers.install_packages("python3-dev")
    if shutil.which("gcc") is None or shutil.which("pkg-config") is None or not _has_mysql_headers():
        servers.install_packages("gcc", "pkg-config", "default-libmysqlclient-dev")
    print("==> Installing the clients of the servers into the environment", flush=True)
    _run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ".[services]"], {})


def _has_mysql_headers() -> bool:
    return any(
        subprocess.run(["pkg-config", "--exists", name], check=False).returncode == 0
        for name in ("mysqlclient", "libmariadb", "mariadb", "perconaserverclient")
    )


def _make_ready(server: servers.Server) -> None:
    print(f"==> {server.name}: {server.make_ready()}", flush=True)


def _migrate(database: Database, environment: dict[str, str]) -> None:
    options = " CHARACTER SET utf8mb4" if isinstance(database, servers.MariaDB) else ""
    database.execute(database.url, f"CREATE DATABASE {TOKEN}{options}")
    django = [PYTHON, "-W", "error", "-m", "django"]
    # A test of the suite checks that migrations can be reversed.
    for arguments in (
        ["migrate", "-v", "0"],
        ["makemigrations", "--check", "--dry-run"],
        ["check", "--database", "default"],
    ):
        _run([*django, *arguments], environment)


def _drop_databases(database: Database) -> None:
    if not database.url:
        return
    listing = "SHOW DATABASES" if isinstance(database, servers.MariaDB) else "SELECT datname FROM pg_database"
    for name, *_rest in database.execute(database.url, listing):
        if TOKEN in name:
            database.execute(database.url, f"DROP DATABASE {name}")


def _run_chaos(postgres: servers.PostgreSQL) -> None:
    if not postgres.url:
        msg = "there is no server"
        raise servers.ServiceError(msg)
    _run_quietly(CHAOS, {postgres.variable: postgres.url})


def _run_quietly(command: list[str], environment: dict[str, str]) -> None:
    """Show the output after the run has ended, in one piece, because other steps write meanwhile."""
    with tempfile.TemporaryFile("w+") as output:
        try:
            _run(command, environment, output)
        finally:
            output.seek(0)
            print(output.read(), flush=True)


def _run(command: list[str], environment: dict[str, str], output: IO[str] | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output and subprocess.STDOUT,
        timeout=STEP_TIMEOUT,
        check=False,
    )
    if done.returncode:
        msg = f"{' '.join(command[1:])} ended with {done.returncode}"
        raise servers.ServiceError(msg)


def _attempt(name: str, step: Callable[[], None]) -> Outcome:
    print(f"==> {name}", flush=True)
    started = time.monotonic()
    problem = ""
    try:
        step()
    except (servers.ServiceError, subprocess.TimeoutExpired, OSError) as error:
        problem = str(error)
        print(f"    failed: {problem}", flush=True)
    return Outcome(name, problem, time.monotonic() - started)


def _report(outcomes: list[Outcome]) -> int:
    print("\n==> What was run")
    for outcome in outcomes:
        print(f"  {'FAILED' if outcome.problem else 'ok':7} {outcome.name} ({outcome.seconds:.0f} s)")
    failed = [outcome.name for outcome in outcomes if outcome.problem]
    if failed:
        print(f"test-services: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

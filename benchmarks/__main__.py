"""Run all measurements, print one table and write one JSON file: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks import plots, report
from benchmarks.timing import MINIMUM_ROUNDS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
POSTGRES_VARIABLE = "TEST_POSTGRES_URL"
DEFAULT_POSTGRES_URL = "postgres://postgres@127.0.0.1:5432/postgres"
SECTIONS = ("pdf", "issuing", "workers", "growth", "rest")
#: The time limit for each learner's complete PDF in the growth section: 100,000 PDFs in four minutes.
FULL_GROWTH_SECONDS = 240
NO_MAIL = {"BENCH_EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
QUICK = {
    "learners": 200,
    "plain_learners": 10,
    "worker_learners": 200,
    "budget": 5.0,
    "growth": [100, 400],
    "requests_learners": 20,
    "query_chunks": [5, 20],
}


class MeasurementError(Exception):
    """A child process failed. Its own messages are on the terminal."""


def main() -> None:
    """Run what the command line requests."""
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="lcred-bench-") as directory:
        found = run(options, Path(directory))
    document = report.make_document(found, vars(options), ROOT)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(report.format_table(document))
    print(f"\n{options.output}")
    if options.docs:
        for path in plots.write(document, ROOT / "docs"):
            print(path)


def parse_options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that everything runs, says little")
    parser.add_argument("--rounds", type=int, default=MINIMUM_ROUNDS, help="samples of each side")
    parser.add_argument("--learners", type=int, default=5000, help="learners of each end-to-end round")
    parser.add_argument("--plain-learners", type=int, default=100, help="of these on the plain path")
    parser.add_argument("--worker-learners", type=int, default=2000, help="learners of each round with workers")
    parser.add_argument(
        "--budget", type=float, default=90, help="seconds for issuing on a database; shortens its rounds"
    )
    parser.add_argument("--growth", type=int, nargs="+", default=[1000, 10_000, 100_000], help="sizes of cohorts")
    parser.add_argument(
        "--growth-generator", choices=["auto", "pdf", "text"], default="auto", help="auto: pdf where it is fast enough"
    )
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="sections to measure")
    parser.add_argument("--output", type=Path, default=RESULTS / "latest.json", help="where the JSON goes")
    parser.add_argument("--docs", action="store_true", help="also write the plots and the table of the documentation")
    parser.set_defaults(requests_learners=200, query_chunks=[50, 250])
    options = parser.parse_args(arguments)
    if options.rounds < MINIMUM_ROUNDS:
        parser.error(f"--rounds must be at least {MINIMUM_ROUNDS}")
    if options.quick:
        vars(options).update(QUICK)
    return options


def run(options: argparse.Namespace, directory: Path) -> dict[str, Any]:
    """Run each measurement in a child process. Return rows, skipped measurements, and the growth by size."""
    found: dict[str, Any] = {"rows": [], "skipped": [], "growth": []}
    rounds = {"rounds": options.rounds}

    def take(part: dict[str, Any]) -> None:
        found["rows"] += part.get("rows", [])
        found["skipped"] += part.get("skipped", [])

    if "pdf" in options.only:
        take(measure("pdf", {**rounds, "label": "PDF"}, directory))
    if "issuing" in options.only:
        _measure_issuing(options, directory, take)
    if "workers" in options.only:
        _measure_workers(options, directory, take)
    if "growth" in options.only:
        _measure_growth(options, directory, found)
    if "rest" in options.only:
        take(measure("rest", {**rounds, "label": "REST", "learners": options.requests_learners}, directory))
    return found


def _measure_issuing(options: argparse.Namespace, directory: Path, take: Any) -> None:
    chosen = {
        name: getattr(options, name) for name in ("rounds", "learners", "plain_learners", "budget", "query_chunks")
    }
    take(measure("issuing", {**chosen, "label": "Issuing, SQLite", "database": "SQLite"}, directory))
    chosen |= {"label": "Issuing, PostgreSQL", "database": "PostgreSQL"}
    take(_measure_on_postgres("issuing", chosen, directory, "end to end, PostgreSQL"))


def _measure_workers(options: argparse.Namespace, directory: Path, take: Any) -> None:
    messages = directory / "messages"
    messages.mkdir()
    chosen = {"rounds": options.rounds, "learners": options.worker_learners, "label": "Workers"}
    # SQLite has one writer at a time, so workers would only wait for each other.
    take(
        _measure_on_postgres(
            "workers", chosen, directory, "one process, two", BENCH_BROKER_DIR=str(messages), **NO_MAIL
        )
    )


def _measure_on_postgres(
    section: str, chosen: dict[str, Any], directory: Path, row: str, **environment: str
) -> dict[str, Any]:
    try:
        with postgres_database() as url:
            return measure(section, chosen, directory, BENCH_DATABASE_URL=url, **environment)
    except PostgresMissingError as error:
        return {"skipped": [{"section": section, "name": row, "reason": str(error)}]}


def _measure_growth(options: argparse.Namespace, directory: Path, found: dict[str, Any]) -> None:
    sizes = sorted(options.growth)
    smallest, largest = sizes[0], sizes[-1]
    generator = options.growth_generator

    def grow(learners: int, *, with_noop: bool = False) -> dict[str, Any]:
        chosen = {
            "rounds": options.rounds,
            "learners": learners,
            "generator": generator,
            "with_noop": with_noop,
            "label": f"Growth, {learners:,}",
        }
        return measure("growth", chosen, directory, **NO_MAIL)

    if generator == "auto":
        generator = "pdf"
        trial = grow(smallest)
        generator = "pdf" if trial["seconds_per_learner"] * largest <= FULL_GROWTH_SECONDS else "text"
    repeats = {size: options.rounds if size <= smallest else 1 for size in sizes}
    by_size = {
        size: [grow(size, with_noop=size == largest and number == 0) for number in range(repeats[size])]
        for size in sizes
    }
    found["growth"] = [report.summarise_growth(parts) | {"generator": generator} for parts in by_size.values()]
    found["rows"] += [part["noop"] for parts in by_size.values() for part in parts if "noop" in part]
    found["rows"] += report.make_growth_rows(found["growth"])


def measure(name: str, chosen: dict[str, Any], directory: Path, **environment: str) -> dict[str, Any]:
    """Run one measurement in its own process, with its own files and SQLite database.

    The files stay until the whole run ends. After many files were deleted, ext4 needs ten times as long to create one for half a minute,
    because it skips every inode that was just freed. The next measurement would be slower.
    """
    own = tempfile.mkdtemp(prefix=f"{name}-", dir=directory)
    into = Path(own) / "found.json"
    # This program itself makes the command.
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.child", name, json.dumps(chosen), str(into)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings", "BENCH_DIR": own, **environment},
        check=False,
    )
    if done.returncode:
        msg = f"the measurement '{name}' ended with {done.returncode}"
        raise MeasurementError(msg)
    found: dict[str, Any] = json.loads(into.read_text(encoding="utf-8"))
    return found


class PostgresMissingError(Exception):
    """PostgreSQL cannot be measured here. The message says why."""


@contextmanager
def postgres_database() -> Iterator[str]:
    """Create a database for the duration of the context and yield its URL.

    Raises:
        PostgresMissingError: there is no driver or no server.
    """
    url = os.environ.get(POSTGRES_VARIABLE) or DEFAULT_POSTGRES_URL
    try:
        import psycopg
    except ImportError:
        raise PostgresMissingError("psycopg is not installed") from None
    name = f"lcred_bench_{os.getpid()}"
    parts = urlsplit(url)._replace(scheme="postgresql")
    try:
        connection = psycopg.connect(parts.geturl(), autocommit=True, connect_timeout=3)
    except psycopg.Error as error:
        msg = f"no server answers; {POSTGRES_VARIABLE} may name one ({str(error).splitlines()[0]})"
        raise PostgresMissingError(msg) from error
    with connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield parts._replace(path=f"/{name}").geturl()
    finally:
        with suppress(psycopg.Error), psycopg.connect(parts.geturl(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


if __name__ == "__main__":
    try:
        main()
    except MeasurementError as error:
        sys.exit(str(error))

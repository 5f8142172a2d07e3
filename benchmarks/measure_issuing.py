"""Measure the whole way until a cohort's credentials are rows, events, files and e-mails."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING, Any

from benchmarks import host
from benchmarks.timing import compare, interleave, time_per_item

if TYPE_CHECKING:
    from collections.abc import Callable

    from learning_credentials.models import CredentialConfiguration

CHUNKS_COUNTED = 2
#: The number of learners for estimating the time of a whole round.
TRIAL = 200


def measure(options: dict[str, Any], progress: Callable[[str], object]) -> dict[str, Any]:
    """Measure `issue_pending_credentials` against the simple program on this process's database."""
    host.start()
    from benchmarks.material import get_shipped_font, make_template
    from benchmarks.plain import PlainMethod, issue_plainly

    font = get_shipped_font("NotoSans-Regular.ttf")
    host.add_assets(make_template(), font)
    host.add_learners(max(options["learners"], TRIAL, CHUNKS_COUNTED * max(options["query_chunks"])))
    plain = PlainMethod(make_template(), font)
    numbers = count(1)

    def issue(learners: int) -> float:
        configuration = host.add_configuration(f"engine{next(numbers)}", learners)
        return time_per_item(lambda: _issue(configuration, learners), learners)

    def issue_plain(learners: int) -> float:
        configuration = host.add_configuration(f"plain{next(numbers)}", learners)
        seconds = time_per_item(lambda: issue_plainly(configuration, range(1, learners + 1), plain), learners)
        _check(configuration, learners)
        return seconds

    trial = min(TRIAL, options["learners"])
    issue(trial)
    estimate = issue(trial)
    fitting = int(options["budget"] / options["rounds"] / estimate)
    learners = min(options["learners"], max(fitting // 100 * 100, trial))
    sampled = min(options["plain_learners"], learners)
    samples = interleave(
        lambda: issue(learners),
        lambda: issue_plain(sampled),
        options["rounds"],
        warm_up=False,
        after_each=lambda: progress(options["database"]),
    )
    queries = _count_queries(options["query_chunks"])
    with host.counting_queries() as counted:
        issue_plain(min(10, sampled))
        plain_queries = counted() / min(10, sampled)
    note = f"{learners:,} learners a round, the plain path timed on {sampled:,} of them"
    details = {
        "learners_a_round": learners,
        "plain_learners_a_round": sampled,
        "queries_a_chunk": queries,
        "plain_queries_a_learner": plain_queries,
    }
    row = compare("issuing", f"end to end, {options['database']}", samples, note=note, details=details)
    return {"rows": [row.as_json()]}


def measure_growth(options: dict[str, Any], progress: Callable[[str], object]) -> dict[str, Any]:
    """Issue one cohort. Then search for pending learners when all have their credentials.

    Return the times and the peak of memory.
    """
    host.start()
    from benchmarks.material import get_shipped_font, make_template
    from benchmarks.plain import find_plainly

    learners = options["learners"]
    host.add_assets(make_template(), get_shipped_font("NotoSans-Regular.ttf"))
    host.add_learners(learners)
    is_pdf = options["generator"] == "pdf"
    configuration = host.add_configuration("growth", learners, host.PDF_GENERATOR if is_pdf else host.TEXT_GENERATOR)
    began = time.perf_counter()
    _issue(configuration, learners, progress)
    seconds = time.perf_counter() - began
    peak = host.get_peak_memory()
    found: dict[str, Any] = {"seconds_per_learner": seconds / learners, "peak_mb": peak, "learners": learners}
    if options["with_noop"]:
        sampled = range(1, min(learners, 1000) + 1)
        samples = interleave(
            lambda: time_per_item(lambda: _run(configuration), learners),
            lambda: time_per_item(lambda: find_plainly(configuration, sampled), len(sampled)),
            options["rounds"],
        )
        _check(configuration, learners)
        # Milliseconds for a thousand learners equal the seconds for one learner multiplied by a million.
        row = compare(
            "no-op run",
            f"{learners:,} holders",
            samples,
            note=f"{1e6 * sorted(samples.ours)[len(samples.ours) // 2]:.1f} ms for 1,000 learners",
        )
        found["noop"] = row.as_json()
        found["peak_mb_after_noop"] = host.get_peak_memory()
    return found


def _run(configuration: CredentialConfiguration, on_progress: Callable[[Any], None] | None = None) -> Any:
    from learning_credentials import api

    return api.issue_pending_credentials(configuration.pk, on_progress=on_progress)


def _issue(
    configuration: CredentialConfiguration, learners: int, progress: Callable[[str], object] | None = None
) -> None:
    run = _run(configuration, (lambda run: progress(f"{run.done:,} of {learners:,}")) if progress else None)
    if run.done != learners:
        msg = f"{run.done} of {learners} were issued, {run.failed} failed: {run.error_message}"
        raise RuntimeError(msg)
    if progress is None:
        _check(configuration, learners)


def _check(configuration: CredentialConfiguration, learners: int) -> None:
    """Check that both sides have produced the same. Counting takes a few queries on both sides."""
    from django.conf import settings

    from learning_credentials.models import Credential, CredentialEvent

    rows = Credential.objects.filter(configuration=configuration, status="available", notified_at__isnull=False)
    events = CredentialEvent.objects.filter(credential__configuration=configuration)
    left = {"rows": rows.count(), "events": events.count() / 2}
    if "locmem" in settings.MAIL_BACKEND:
        left["mails"] = host.forget_mail()
    if wrong := {name: number for name, number in left.items() if number != learners}:
        msg = f"{learners} learners should have one of each, and two events: {wrong}"
        raise RuntimeError(msg)


def _count_queries(sizes: list[int]) -> dict[str, float]:
    """Return the queries of one more chunk, by its size: the growth of a run by a batch, divided by the batch's chunks."""
    from django.test.utils import override_settings

    found: dict[str, float] = {}
    for size in sizes:
        counts = []
        chosen = _get_app_settings() | {"CHUNK_SIZE": size, "ELIGIBILITY_BATCH_SIZE": size}
        with override_settings(LEARNING_CREDENTIALS=chosen):
            for chunks in (1, CHUNKS_COUNTED):
                configuration = host.add_configuration(f"queries{size}x{chunks}", size * chunks)
                with host.counting_queries() as counted:
                    _run(configuration)
                    counts.append(counted())
                host.forget_mail()
        found[str(size)] = (counts[1] - counts[0]) / (CHUNKS_COUNTED - 1)
    return found


def _get_app_settings() -> dict[str, Any]:
    from django.conf import settings

    return dict(settings.LEARNING_CREDENTIALS)

"""Make the JSON document and the table."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.timing import Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FORMAT = 1
#: Packages whose versions influence the results.
PACKAGES = ("Django", "djangorestframework", "pypdf", "reportlab", "fonttools", "celery")
COLUMNS = ("", "ratio", "", "spread", "ours", "other", "")


def make_document(found: Mapping[str, Any], options: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """Return all results and a description of the machine."""
    return {
        "format": FORMAT,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": describe_commit(root),
        "machine": describe_machine(),
        "options": {name: value for name, value in options.items() if name not in {"output", "docs"}},
        **found,
    }


def describe_machine() -> dict[str, Any]:
    """Return the kind of this machine. The result contains nothing that identifies it."""
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def describe_commit(root: Path) -> str:
    """Return the measured commit. ``+`` means that the package was changed since."""
    if told := os.environ.get("BENCH_COMMIT"):
        return told

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603

    try:
        changed = git("status", "--porcelain", "--", "learning_credentials")
        return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def summarise_growth(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the medians of the runs of one size."""
    return {
        "learners": parts[0]["learners"],
        "runs": len(parts),
        "seconds_per_learner": median(part["seconds_per_learner"] for part in parts),
        "peak_mb": median(part["peak_mb"] for part in parts),
    }


def make_growth_rows(growth: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Compare the largest cohort with the smallest: time for each learner, and memory."""
    small, large = growth[0], growth[-1]
    name = f"{large['learners']:,} learners, {small['learners']:,}"
    rounds = min(small["runs"], large["runs"])
    artifact = "PDFs" if large["generator"] == "pdf" else "artifacts of one line"
    runs = f"{artifact}; {large['runs']} and {small['runs']} runs"
    rows = []
    for section, key, scale, unit in (("growth", "seconds_per_learner", 1000, "ms"), ("memory", "peak_mb", 1, "MB")):
        ratio = large[key] / small[key]
        note = runs if section == "growth" else f"{large[key] - small[key]:+.1f} MB; {runs}"
        rows.append(
            Row(
                section=section,
                name=name,
                ratio=ratio,
                reading="times as long" if section == "growth" else "times as much",
                ours=large[key] * scale,
                other=small[key] * scale,
                unit=unit,
                rounds=rounds,
                low=ratio,
                high=ratio,
                note=note,
            ).as_json()
        )
    return rows


def format_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a row as text: what, ratio, how to read it, spread, ours, the other side's, note."""
    spread = f"{row['low']:.3g} to {row['high']:.3g}" if row["low"] != row["high"] else ""
    return (
        f"{row['section']}: {row['name']}",
        f"{row['ratio']:.3g}",
        row["reading"],
        spread,
        f"{row['ours']:.3g} {row['unit']}",
        f"{row['other']:.3g} {row['unit']}",
        row["note"],
    )


def format_table(document: Mapping[str, Any]) -> str:
    """Return the table that is printed."""
    machine = document["machine"]
    lines = [COLUMNS, *(format_cells(row) for row in document["rows"])]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    skipped = [f"not measured: {item['section']}: {item['name']}: {item['reason']}" for item in document["skipped"]]
    about = (
        f"Commit {document['commit'] or 'unknown'}, Python {machine['python']}, {machine['cores']} cores "
        f"({machine['architecture']}), {document['measured_at']}"
    )
    return "\n".join([about, *table, *skipped, *_describe_queries(document["rows"])])


def _describe_queries(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for row in rows:
        if by_size := row["details"].get("queries_a_chunk"):
            told = ", ".join(f"{queries:.0f} for {size} learners" for size, queries in by_size.items())
            plain = row["details"]["plain_queries_a_learner"]
            lines.append(f"queries a chunk: {row['name']}: {told}; the plain path {plain:.0f} a learner")
    return lines

"""Write the charts and the table of the documentation from the JSON document."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from benchmarks.report import format_cells, format_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

WIDTH, LEFT, BAR, GAP = 820, 300, 26, 16
COLOURS = ("#1d4ed8", "#94a3b8")
TABLE = "references/benchmarks_measured.inc"


def write(document: Mapping[str, Any], docs: Path) -> list[Path]:
    """Write the charts and the table into the documentation's folder. Return the files."""
    speedups = [row for row in document["rows"] if row["reading"] == "times faster"]
    texts = {TABLE: make_rst(document)}
    if speedups:
        texts["images/bench_speed.svg"] = draw_bars(speedups)
    if len(document["growth"]) > 1:
        texts["images/bench_growth.svg"] = draw_growth(document["growth"])
    for name, text in texts.items():
        (docs / name).write_text(text, encoding="utf-8")
    return [docs / name for name in texts]


def draw_bars(rows: Sequence[Mapping[str, Any]]) -> str:
    """Draw how many times faster each row is, as bars."""
    top = max(row["ratio"] for row in rows)
    width = WIDTH - LEFT - 90
    parts = []
    for number, row in enumerate(rows):
        y = 60 + number * (BAR + GAP)
        length = max(2, width * row["ratio"] / top)
        label = escape(f"{row['section']}: {row['name']}")
        parts += [
            f'<text x="{LEFT - 12}" y="{y + 18}" text-anchor="end">{label}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="4" fill="{COLOURS[0]}"/>',
            f'<text x="{LEFT + length + 8:.1f}" y="{y + 18}" font-weight="600">{row["ratio"]:.3g}×</text>',
        ]
    at_one = LEFT + width / top
    height = 60 + len(rows) * (BAR + GAP) + 10
    parts.append(
        f'<path d="M{at_one:.1f} 50 V{height - 12}" stroke="{COLOURS[1]}" stroke-width="1.5" stroke-dasharray="4 4"/>'
    )
    heading = "Times faster than the plain method (dashed: as fast)"
    return _frame(height, heading, "; ".join(f"{row['name']} {row['ratio']:.3g}" for row in rows), parts)


def draw_growth(growth: Sequence[Mapping[str, Any]]) -> str:
    """Draw the time for each learner by the size of the cohort, on a logarithmic axis."""
    height, bottom, top = 340, 280, 80
    values = [item["seconds_per_learner"] * 1000 for item in growth]
    first, last = (math.log(growth[index]["learners"]) for index in (0, -1))
    most = max(values) * 1.25
    points = [
        (
            90 + (WIDTH - 180) * (math.log(item["learners"]) - first) / (last - first),
            bottom - (bottom - top) * value / most,
        )
        for item, value in zip(growth, values, strict=True)
    ]
    line = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    parts = [
        f'<path d="M60 {bottom} H{WIDTH - 40}" stroke="{COLOURS[1]}" stroke-width="1.5"/>',
        f'<path d="M{line}" fill="none" stroke="{COLOURS[0]}" stroke-width="2.5"/>',
    ]
    for (x, y), item, value in zip(points, growth, values, strict=True):
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{COLOURS[0]}"/>',
            f'<text x="{x:.1f}" y="{y - 14:.1f}" text-anchor="middle" font-weight="600">{value:.3g} ms</text>',
            f'<text x="{x:.1f}" y="{bottom + 24}" text-anchor="middle">{item["learners"]:,} learners</text>',
            f'<text x="{x:.1f}" y="{bottom + 44}" text-anchor="middle" fill="#475569">{item["peak_mb"]:.0f} MB</text>',
        ]
    told = "; ".join(
        f"{item['learners']:,} learners {value:.3g} ms" for item, value in zip(growth, values, strict=True)
    )
    return _frame(height, "Time for each learner, and peak memory, by size of the cohort", told, parts)


def _frame(height: float, heading: str, told: str, parts: Sequence[str]) -> str:
    body = "\n  ".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title" '
        'font-family="system-ui, sans-serif" font-size="14" fill="#0f172a">\n'
        f'  <title id="title">{escape(heading)}: {escape(told)}</title>\n'
        f'  <rect width="{WIDTH}" height="{height}" rx="12" fill="#ffffff"/>\n'
        f'  <text x="24" y="34" font-weight="600">{escape(heading)}</text>\n  {body}\n</svg>\n'
    )


def make_rst(document: Mapping[str, Any]) -> str:
    """Return, as reStructuredText, the time and the machine of the measurement and the table."""
    machine = document["machine"]
    lines = [
        (
            f"Measured on {document['measured_at'][:10]} at commit {document['commit'].rstrip('+') or 'unknown'}: "
            f"{machine['cores']} cores, {machine['architecture']}, {machine['system']}, Python {machine['python']}."
        ),
        "",
        ".. list-table::",
        "   :header-rows: 1",
        "   :widths: 30 16 12 10 10 22",
        "",
    ]
    heading = ("What", "Ratio", "Spread", "Ours", "Other", "Note")
    for cells in (heading, *(_join_ratio(format_cells(row)) for row in document["rows"])):
        lines += [f"   {'* -' if column == 0 else '  -'} {cell}".rstrip() for column, cell in enumerate(cells)]
    rest = format_table(document).splitlines()[2 + len(document["rows"]) :]
    lines += ["", *(f"* {line[0].upper()}{line[1:]}." for line in rest)]
    return "\n".join(lines) + "\n"


def _join_ratio(cells: tuple[str, ...]) -> tuple[str, ...]:
    what, ratio, reading, *others = cells
    return (what, f"{ratio} {reading}", *others)

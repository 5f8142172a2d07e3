"""Samples and what is told of them."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: A median of fewer samples says too little.
MINIMUM_ROUNDS = 5


@dataclass
class Samples:
    """Seconds per item, ours and the other side's, one of each a round."""

    ours: list[float] = field(default_factory=list)
    other: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """How many times as long the other side took, round by round."""
        return [other / ours for ours, other in zip(self.ours, self.other, strict=True)]


@dataclass(frozen=True)
class Row:
    """One line of the report. ``ratio`` is that of the medians; ``low`` and ``high`` are the extremes of single rounds."""

    section: str
    name: str
    ratio: float
    #: What the ratio says: ``times faster`` (more is better), ``times as long``, ``times as much`` (less is better).
    reading: str
    ours: float
    other: float
    unit: str
    rounds: int
    low: float
    high: float
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return it for the JSON file."""
        return asdict(self)


def time_per_item(work: Callable[[], object], items: int) -> float:
    """Return the seconds that each of the items took."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / items


def interleave(
    ours: Callable[[], float],
    other: Callable[[], float],
    rounds: int,
    *,
    warm_up: bool = True,
    after_each: Callable[[], object] = lambda: None,
) -> Samples:
    """Take samples in turns, so that whatever else the machine does meets both sides alike.

    Args:
        ours: takes one sample.
        other: takes one of the other side.
        rounds: how many of each; at least `MINIMUM_ROUNDS`.
        warm_up: begin with one of each that does not count.
        after_each: called after every sample that counts.
    """
    if rounds < MINIMUM_ROUNDS:
        msg = f"{rounds} rounds are too few for a median, take at least {MINIMUM_ROUNDS}"
        raise ValueError(msg)
    if warm_up:
        ours()
        other()
    samples = Samples()
    for _ in range(rounds):
        samples.ours.append(ours())
        after_each()
        samples.other.append(other())
        after_each()
    return samples


def compare(
    section: str,
    name: str,
    samples: Samples,
    *,
    reading: str = "times faster",
    note: str = "",
    details: dict[str, Any] | None = None,
) -> Row:
    """Make a row of samples: "times faster" divides the other side by ours, any other reading ours by the other side."""
    ours, other = median(samples.ours), median(samples.other)
    is_speedup = reading == "times faster"
    ratios = samples.ratios if is_speedup else [1 / ratio for ratio in samples.ratios]
    return Row(
        section=section,
        name=name,
        ratio=other / ours if is_speedup else ours / other,
        reading=reading,
        ours=ours * 1000,
        other=other * 1000,
        unit="ms",
        rounds=len(samples.ours),
        low=min(ratios),
        high=max(ratios),
        note=note,
        details=details or {},
    )

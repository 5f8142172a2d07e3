"""Take samples and summarise them."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: The smallest number of samples for a useful median.
MINIMUM_ROUNDS = 5


@dataclass
class Samples:
    """Seconds per item for our side and the other side. Each round gives one sample of each."""

    ours: list[float] = field(default_factory=list)
    other: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Return how many times as long the other side took, for each round."""
        return [other / ours for ours, other in zip(self.ours, self.other, strict=True)]


@dataclass(frozen=True)
class Row:
    """One line of the report.

    ``ratio`` is the ratio of the medians. ``low`` and ``high`` are the extremes of single rounds.
    """

    section: str
    name: str
    ratio: float
    #: The meaning of the ratio: ``times faster`` (more is better), ``times as long`` or ``times as much`` (less is better).
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
        """Return the row for the JSON file."""
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
    """Take samples of both sides in turns, so that other load of the machine affects both sides equally.

    Args:
        ours: takes one sample of our side.
        other: takes one sample of the other side.
        rounds: how many samples of each side. At least `MINIMUM_ROUNDS` are taken.
        warm_up: whether to begin with one sample of each that does not count.
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
    """Make a row from samples.

    "Times faster" divides the other side by ours. All other ratios divide ours by the other side.
    """
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

"""Generate the learners of the demo college and their results. Each learner depends only on the seed and the learner's number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from demo.lms.cast import CAST, Role
from demo.lms.catalogue import PATHS, RUNS, RunPlan
from demo.lms.models import Mode
from demo.lms.names import make_name

if TYPE_CHECKING:
    from datetime import datetime

#: Visitors can sign in as this learner, who is enrolled in everything and has good results.
DEMO_LEARNER_NUMBER = 1
MODES = (Mode.HONOR, Mode.VERIFIED, Mode.AUDIT)


@dataclass
class RunRecord:
    """One learner's results in one run.

    Scores and completion are whole per cent. A missing score means that the category was never attempted.
    """

    mode: str
    is_active: bool
    scores: dict[str, int | None]
    completion: int
    finished_at: datetime | None


@dataclass
class Person:
    """One learner."""

    username: str
    language: str
    name: str
    is_active: bool = True
    certificates_allowed: bool = True
    is_verified: bool | None = None
    runs: dict[str, RunRecord] = field(default_factory=dict)
    paths: dict[str, tuple[str, bool]] = field(default_factory=dict)


def make_username(number: int) -> str:
    """The account name of a learner."""
    return f"learner{number:04}"


def make_person(seed: int, number: int) -> Person:
    """Return one learner. The same arguments always give the same learner."""
    rng = Random(f"{seed}:{number}")
    if number == DEMO_LEARNER_NUMBER:
        return _demo_learner(rng)
    language, name = make_name(rng)
    person = Person(
        make_username(number),
        language,
        name,
        is_active=rng.random() >= 0.02,
        certificates_allowed=rng.random() >= 0.03,
        is_verified=rng.choice((True, True, False, None)),
    )
    ability, diligence = rng.triangular(35, 100, 80), rng.triangular(30, 115, 100)
    mode = rng.choices(MODES, (6, 3, 1))[0]
    for path in PATHS:
        if rng.random() < 0.45:
            person.paths[path.key] = (mode, rng.random() >= 0.05)
    in_path = {
        step.run_key for path in PATHS if path.key in person.paths for step in path.steps if not step.is_excluded
    }
    for run in RUNS:
        if rng.random() < (0.95 if run.key in in_path else 0.35):
            person.runs[run.key] = _record(rng, run, mode, ability, diligence)
    if number % 25 == 0:
        _put_at_the_limit(person)
    return person


def _demo_learner(rng: Random) -> Person:
    person = Person(make_username(DEMO_LEARNER_NUMBER), "en", "Zoë Ångström-Łuczak", is_verified=True)
    person.paths = {path.key: (Mode.VERIFIED, True) for path in PATHS}
    person.runs = {run.key: _record(rng, run, Mode.VERIFIED, ability=92, diligence=110) for run in RUNS}
    for record in person.runs.values():
        record.is_active = True
        record.scores = {name: max(score or 0, 82) for name, score in record.scores.items()}
    return person


def make_cast() -> list[Person]:
    """Return the learners of the cast, as their roles describe them."""
    return [_play(role) for role in CAST]


def _play(role: Role) -> Person:
    person = Person(role.username, "en", role.name, is_verified=role.is_verified)
    person.paths = dict.fromkeys(role.path_keys, (role.mode, True))
    weights = {run.key: run.weights for run in RUNS}
    person.runs = {
        key: RunRecord(role.mode, True, dict.fromkeys(weights[key], percent), completion=95, finished_at=None)
        for key, percent in role.percents.items()
    }
    return person


def _record(rng: Random, run: RunPlan, mode: str, ability: float, diligence: float) -> RunRecord:
    completion = _percent(rng.gauss(diligence, 8))
    days_left = rng.randint(-3, 40)
    return RunRecord(
        mode=mode,
        is_active=rng.random() >= 0.04,
        scores={name: None if rng.random() < 0.04 else _percent(rng.gauss(ability, 9)) for name in run.weights},
        completion=completion,
        finished_at=run.ends_at - timedelta(days=days_left) if completion == 100 else None,
    )


def _put_at_the_limit(person: Person) -> None:
    """Set results that are exactly at the limits. A learner at the limit meets the requirement."""
    for record in person.runs.values():
        record.scores = dict.fromkeys(record.scores, 70)
        record.completion, record.finished_at = 90, None


def _percent(value: float) -> int:
    return max(0, min(100, round(value)))

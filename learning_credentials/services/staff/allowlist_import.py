"""Imports an allowlist from CSV in batches, each all or nothing, with one result for each row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import IO, TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import IntegrityError

from learning_credentials.folding import compose
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import find_people, iter_csv
from learning_credentials.services.staff import allowlist, allowlist_csv, allowlist_obstacles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from learning_credentials.services.common import Actor, TextSink
    from learning_credentials.services.staff.allowlist import Target
    from learning_credentials.services.staff.allowlist_csv import CSVRow

BATCH_SIZE = 500
RESULT_COLUMNS = ("line", "identifier", "status", "message")


class RowStatus(StrEnum):
    """The result of a row. ``is_refusal`` says whether somebody must check it."""

    ADDED = "added"
    ALREADY = "already"
    UNKNOWN_USER = "unknown_user"
    AMBIGUOUS = "ambiguous"
    DUPLICATE = "duplicate"
    INVALIDATED = "invalidated"
    MALFORMED = "malformed"

    @property
    def is_refusal(self) -> bool:
        """Return whether somebody must check the row."""
        return self not in {RowStatus.ADDED, RowStatus.ALREADY}


@dataclass(frozen=True, slots=True)
class RowResult:
    """The result of one row.

    ``line`` is the first line of the row in the file, from 1. For a learner on the list, ``message`` also says what still prevents a
    credential.
    """

    line: int
    identifier: str
    status: RowStatus
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Match:
    """A row whose learner was found."""

    row: CSVRow
    user_id: int


def import_allowlist(
    context_key: str,
    file: IO[bytes] | IO[str],
    *,
    configuration_id: int | None = None,
    actor: Actor = None,
) -> list[RowResult]:
    """Add the learners of a file to the allowlist. Return the results. A row that cannot be added does not stop the others.

    The file has two columns: user name (matched exactly) or e-mail (without regard to case), and notes. Importing the same file again
    is safe, and completes an import that was interrupted.

    Args:
        context_key: the course run, or the context of the configuration.
        file: CSV, as bytes (UTF-8 or with a byte order mark) or text.
        configuration_id: the configuration to waive the criteria of. None: the course certificate of the course run.
        actor: who imports.

    Returns:
        A result for each row that is neither blank nor the header, in the order of the file.

    Raises:
        ConfigurationError, ContextNotFoundError, TransientError.
        ImportFileError: the file cannot be read as CSV, or is too large; nothing was imported.
    """
    context_key = compose(context_key)
    target = allowlist.get_target(context_key, configuration_id)
    rows = allowlist_csv.parse(file)
    results: dict[int, RowResult] = {}
    matches = _match(rows, results)
    for start in range(0, len(matches), BATCH_SIZE):
        batch = matches[start : start + BATCH_SIZE]
        _add(target, batch, actor, results)
        _tell_obstacles(target, batch, results)
    return [results[row.line] for row in rows]


def iter_results_csv(results: Iterable[RowResult], *, has_bom: bool = True) -> Iterable[str]:
    """Yield results as lines of CSV, one for each row."""
    cells = ((result.line, result.identifier, result.status.value, result.message) for result in results)
    return iter_csv(RESULT_COLUMNS, cells, has_bom=has_bom)


def write_allowlist_results(results: Iterable[RowResult], stream: TextSink) -> None:
    """Write the results of an import as CSV, one line for each row."""
    for line in iter_results_csv(results, has_bom=False):
        stream.write(line)


def _match(rows: Sequence[CSVRow], results: dict[int, RowResult]) -> list[_Match]:
    """Return the rows whose learner was found. Store a result for the others."""
    found = find_people({row.identifier for row in rows if not row.problem})
    first_lines: dict[int, int] = {}
    matches = []
    for row in rows:
        user_ids = found.get(row.identifier, set())
        if row.problem:
            _settle_row(results, row, RowStatus.MALFORMED, row.problem)
        elif not user_ids:
            _settle_row(results, row, RowStatus.UNKNOWN_USER, "no learner has this user name or e-mail address")
        elif len(user_ids) > 1:
            _settle_row(
                results,
                row,
                RowStatus.AMBIGUOUS,
                f"{len(user_ids)} learners have this e-mail address. Use the user name",
            )
        else:
            (user_id,) = user_ids
            if user_id in first_lines:
                message = f"the learner is already in line {first_lines[user_id]}"
                _settle_row(results, row, RowStatus.DUPLICATE, message)
            else:
                first_lines[user_id] = row.line
                matches.append(_Match(row, user_id))
    return matches


def _settle_row(results: dict[int, RowResult], row: CSVRow, status: RowStatus, message: str = "") -> None:
    results[row.line] = RowResult(row.line, row.identifier, status, message)


def _add(target: Target, matches: Sequence[_Match], actor: Actor, results: dict[int, RowResult]) -> None:
    """Add a batch. If somebody else added or deleted learners meanwhile, check again, and at last divide the batch."""
    left = list(matches)
    for _attempt in range(allowlist.MAX_TRIES):
        left = _settle(target, left, results)
        if not left:
            return
        try:
            allowlist.insert(target, {match.user_id: match.row.notes for match in left}, actor)
        except IntegrityError:
            continue
        for match in left:
            _settle_row(results, match.row, RowStatus.ADDED)
        return
    if len(left) == 1:
        _settle_row(
            results,
            left[0].row,
            RowStatus.UNKNOWN_USER,
            "the learner was changed several times at once. Import the row again",
        )
        return
    middle = len(left) // 2
    _add(target, left[:middle], actor, results)
    _add(target, left[middle:], actor, results)


def _tell_obstacles(target: Target, matches: Sequence[_Match], results: dict[int, RowResult]) -> None:
    """Add to the results of learners on the list what still prevents a credential, for new and earlier entries at once."""
    listed = [match for match in matches if not results[match.row.line].status.is_refusal]
    blocked = allowlist_obstacles.find_obstacles(target, [match.user_id for match in listed]) if listed else {}
    for match in listed:
        result = results[match.row.line]
        if obstacles := allowlist_obstacles.describe_allowlist_obstacles(blocked.get(match.user_id, [])):
            said = f"{result.message}. " if result.message else ""
            results[match.row.line] = replace(result, message=f"{said}{obstacles}")


def _settle(target: Target, matches: Sequence[_Match], results: dict[int, RowResult]) -> list[_Match]:
    """Store a result for learners who are gone, invalidated or on the list. Return the others. The number of queries is constant."""
    user_ids = [match.user_id for match in matches]
    existing: set[int] = set()
    held: set[int] = set()
    for batch in in_batches(user_ids):
        existing.update(get_user_model().objects.filter(pk__in=batch).values_list("pk", flat=True))
        held.update(target.list_active().filter(user_id__in=batch).order_by().values_list("user_id", flat=True))
    invalidations: Mapping[int, str] = allowlist.find_invalidations(target.context_key, user_ids)
    left = []
    for match in matches:
        if match.user_id not in existing:
            _settle_row(results, match.row, RowStatus.UNKNOWN_USER, "the learner was deleted at the same time")
        elif match.user_id in held:
            _settle_row(results, match.row, RowStatus.ALREADY, "the learner is already on the allowlist")
        elif match.user_id in invalidations:
            message = allowlist.describe_refusal(invalidations[match.user_id])
            _settle_row(results, match.row, RowStatus.INVALIDATED, message)
        else:
            left.append(match)
    return left

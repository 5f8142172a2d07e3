"""Finds the credentials and learners that the rows of a list mean. The number of queries does not grow with the rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from learning_credentials.models import Credential
from learning_credentials.models.batches import in_batches
from learning_credentials.services.common import find_people
from learning_credentials.verify_codes import read_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from learning_credentials.services.desk.bulk.given import GivenRow

_UUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)


class ShortCredential(NamedTuple):
    """The columns of a credential that a plan needs. Whole rows would need ten times the memory."""

    pk: UUID
    verify_uuid: UUID
    user_id: Any
    status: str
    is_current: bool | None
    issued_at: datetime | None
    expires_at: datetime | None
    user_full_name: str
    credential_type_name: str
    learning_context_name: str
    learning_context_key: str
    artifact_media_type: str

    def describe(self) -> str:
        """Return the credential in words."""
        return f"{self.credential_type_name} of {self.user_full_name} in {self.learning_context_name}"[:600]


@dataclass(frozen=True, slots=True)
class Found:
    """What a row means: a credential, or why it means none."""

    credential: ShortCredential | None = None
    code: str = ""
    message: str = ""


def load_credentials(uuids: Iterable[UUID]) -> dict[UUID, ShortCredential]:
    """Return credentials by their internal id."""
    return {row.pk: row for row in _load(Credential.objects.all(), "pk", list(uuids))}


def find_credentials(rows: Sequence[GivenRow], scope: QuerySet[Credential]) -> dict[int, Found]:
    """Return what each row without a problem means, by its line.

    A row names a credential by its id, its code or its address, or a learner by user name or e-mail address. For a learner it means
    the live credential, if there is only one.

    Args:
        rows: the rows.
        scope: among which credentials to look.
    """
    usable = [row for row in rows if not row.problem]
    found = _find_by_id(usable, scope)
    rest = [row for row in usable if row.line not in found]
    return found | _find_by_learner(rest, scope)


def _find_by_id(rows: Sequence[GivenRow], scope: QuerySet[Credential]) -> dict[int, Found]:
    ids: dict[int, UUID] = {}
    codes: dict[int, str] = {}
    for row in rows:
        if match := _UUID.search(row.identifier):
            ids[row.line] = UUID(match[0])
        elif (typed := read_code(row.identifier)) and not typed.problem:
            codes[row.line] = typed.code
    by_id: dict[UUID, ShortCredential] = {}
    for name in ("verify_uuid", "pk"):
        by_id |= {getattr(row, name): row for row in _load(scope, name, sorted(set(ids.values())))}
    wanted = sorted(set(codes.values()))
    pairs: dict[str, UUID] = {}
    for batch in in_batches(wanted):
        pairs.update(
            (str(code), pk) for code, pk in scope.filter(verify_code__in=batch).values_list("verify_code", "pk")
        )
    by_pk = {row.pk: row for row in _load(scope, "pk", sorted(set(pairs.values())))}
    found = {
        line: Found(by_id[key]) if key in by_id else Found(code="unknown", message="no credential has this id here")
        for line, key in ids.items()
    }
    # A user name can look like a code by chance. So a code that no credential has may still be a learner.
    return found | {line: Found(by_pk[pairs[code]]) for line, code in codes.items() if code in pairs}


def _find_by_learner(rows: Sequence[GivenRow], scope: QuerySet[Credential]) -> dict[int, Found]:
    people = find_people({row.identifier for row in rows})
    user_ids = sorted({user_id for found in people.values() if len(found) == 1 for user_id in found})
    live: dict[Any, list[ShortCredential]] = {}
    for credential in _load(scope.filter(is_current=True), "user_id", user_ids):
        live.setdefault(credential.user_id, []).append(credential)
    return {row.line: _choose(people.get(row.identifier, set()), live) for row in rows}


def _choose(user_ids: Collection[int], live: Mapping[Any, list[ShortCredential]]) -> Found:
    if not user_ids:
        return Found(
            code="unknown", message="nobody has this user name or e-mail address, and no credential has this code"
        )
    if len(user_ids) > 1:
        return Found(
            code="ambiguous", message=f"{len(user_ids)} accounts have this name or e-mail address. Use the user name"
        )
    credentials = live.get(next(iter(user_ids)), [])
    if not credentials:
        return Found(code="no_credential", message="the learner has no valid credential here")
    if len(credentials) > 1:
        message = f"the learner has {len(credentials)} credentials. Choose a configuration, or use the verification id"
        return Found(code="ambiguous", message=message)
    return Found(credentials[0])


def find_learners(rows: Sequence[GivenRow]) -> dict[int, Any]:
    """Return the learner whom each row without a problem names, by its line: the account's id, or a `Found` that says why there is none."""
    people = find_people({row.identifier for row in rows if not row.problem})
    learners: dict[int, Any] = {}
    for row in rows:
        if row.problem:
            continue
        user_ids = people.get(row.identifier, set())
        if len(user_ids) == 1:
            learners[row.line] = next(iter(user_ids))
        else:
            chosen = _choose(user_ids, {})
            message = chosen.message if user_ids else "nobody has this user name or e-mail address"
            learners[row.line] = Found(code=chosen.code, message=message)
    return learners


def _load(rows: QuerySet[Credential], name: str, keys: Sequence[Any]) -> list[ShortCredential]:
    return [
        ShortCredential(*values)
        for batch in in_batches(keys)
        for values in rows.filter(**{f"{name}__in": batch}).order_by("pk").values_list(*ShortCredential._fields)
    ]

"""Finds accounts by parts of names, on every database without regard to case and accents, and keeps the words that are searched.

A search text is divided into words. Each of them must begin a word of the account: of its user name, names or e-mail address, or of a name
on one of its credentials. Words of scripts without spaces are found by any part.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.db.models import BooleanField, Exists, OuterRef
from django.db.models.expressions import RawSQL

from learning_credentials.folding import fold
from learning_credentials.models import Credential, CredentialEvent, Learner
from learning_credentials.models.batches import in_batches
from learning_credentials.models.learners import MAX_WORDS
from learning_credentials.services.common.accounts import hold_accounts
from learning_credentials.services.common.database import ByKey, retry_on_contention

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: How many accounts one search finds. Staff who see so many type more.
MAX_FOUND = 500
#: How many words of a search text are used.
MAX_TYPED = 6
#: The indexed expression of PostgreSQL. It must be the same in the migration.
WORDS_VECTOR = "array_to_tsvector(string_to_array(ltrim(words), ' '))"
BATCH_SIZE = 500
_LONGEST_WORD = 60
#: The last event that a sweep looked at, in the cache. Without it, the last `_FIRST_EVENTS` are looked at.
_LAST_EVENT = "learning_credentials.people.last_event"
_FIRST_EVENTS = 50_000
#: Transactions can be committed in another order than their events are numbered.
_LATE_EVENTS = 5_000
_NAME_FIELDS = ("first_name", "last_name")
_INNER = re.compile(r"[-'.,_+@()/]+")
#: Scripts that are written without spaces between words: Thai, Lao, Khmer, Burmese, Chinese, Japanese, Korean.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def list_typed_words(text: str) -> list[str]:
    """Return the words of a search text in the form of `Learner.words`."""
    return [word[:_LONGEST_WORD] for word in fold(text.replace("\0", " ")).split()][:MAX_TYPED]


def find_learner_ids(text: str, limit: int = MAX_FOUND) -> list[Any]:
    """Return the ids of accounts with a word that begins with each word of the text, ordered by id. At most ``limit`` are returned."""
    words = list_typed_words(text)
    if not words:
        return []
    rows = Learner.objects.order_by()
    if connection.vendor == "postgresql":
        query = " & ".join(f"'{_quote(word)}':*" for word in words)
        rows = rows.filter(RawSQL(f"{WORDS_VECTOR} @@ %s::tsquery", [query], output_field=BooleanField()))  # noqa: S611
    else:
        for word in words:
            rows = rows.filter(words__contains=f" {word}")
    return sorted(rows.values_list("pk", flat=True)[:limit])


def _quote(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")


def refresh_learners(user_ids: Iterable[Any]) -> int:
    """Write the words of accounts. Return how many changed. Accounts that are gone are left out."""
    ids = sorted(set(user_ids))
    return sum(_refresh(ids[start : start + BATCH_SIZE]) for start in range(0, len(ids), BATCH_SIZE))


def refresh_missing_learners(limit: int | None = None) -> int:
    """Write the words of accounts that have none yet, such as accounts that were created in bulk. Return how many were written.

    Args:
        limit: how many accounts at most. None: all.
    """
    written = 0
    users = get_user_model()._default_manager  # noqa: SLF001
    last = None
    while limit is None or written < limit:
        missing = users.exclude(Exists(Learner.objects.filter(pk=OuterRef("pk")))).order_by("pk")
        missing = missing.filter(pk__gt=last) if last is not None else missing
        ids = list(missing.values_list("pk", flat=True)[:BATCH_SIZE])
        if not ids:
            break
        written += _refresh(ids)
        last = ids[-1]
    return written


def refresh_named_learners() -> int:
    """Write the words of learners whose latest credentials have names that are not among their words. Return how many changed.

    Issuing is not slowed down by it: the sweep calls this function, which looks at the events since the last sweep. Until then, the
    beginning of the name on the credential finds the learner.
    """
    newest = CredentialEvent.objects.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        return 0
    since = min(cache.get(_LAST_EVENT, newest - _FIRST_EVENTS), newest) - _LATE_EVENTS
    events = CredentialEvent.objects.filter(
        pk__gt=since, action=CredentialEvent.Action.ISSUED, credential__user__isnull=False
    )
    named: dict[Any, set[str]] = {}
    for user_id, name in events.order_by().values_list("credential__user_id", "credential__search_name").iterator():
        named.setdefault(user_id, set()).add(name)
    stale = [user_id for user_id, words in _iter_words_of(sorted(named)) if _lacks(words, named[user_id])]
    changed = refresh_learners(stale)
    cache.set(_LAST_EVENT, newest, timeout=None)
    return changed


def _iter_words_of(user_ids: Sequence[Any]) -> Iterator[tuple[Any, str]]:
    for batch in in_batches(user_ids):
        words = dict(Learner.objects.filter(pk__in=batch).values_list("pk", "words"))
        yield from ((user_id, words.get(user_id, "")) for user_id in batch)


def _lacks(words: str, names: Iterable[str]) -> bool:
    present = set(words.split())
    return len(words) < MAX_WORDS - _LONGEST_WORD and not all(present.issuperset(name.split()) for name in names)


@retry_on_contention
def _refresh(user_ids: Sequence[Any]) -> int:
    for _try in range(3):
        try:
            return _write(user_ids)
        except IntegrityError:  # another process wrote one of the rows first, or the account was deleted
            continue
    return 0


@transaction.atomic
def _write(user_ids: Sequence[Any]) -> int:
    held = sorted(hold_accounts(user_ids))
    # Lock first and read then: whoever comes second reads what the first one could not know.
    stored: dict[Any, str] = {}
    for batch in in_batches(held):
        rows = Learner.objects.select_for_update().filter(pk__in=batch).order_by("pk")
        stored.update(rows.values_list("pk", "words"))
    present = _collect_words(held)
    changed = {pk: words for pk, words in present.items() if pk in stored and stored[pk] != words}
    for batch in in_batches(sorted(changed), params_each=3):
        values = {pk: changed[pk] for pk in batch}
        Learner.objects.filter(pk__in=batch).update(words=ByKey(Learner, "words", values))
    new = [Learner(user_id=pk, words=words) for pk, words in sorted(present.items()) if pk not in stored]
    Learner.objects.bulk_create(new)
    return len(changed) + len(new)


def _collect_words(user_ids: Sequence[Any]) -> dict[Any, str]:
    users = get_user_model()
    email = users.get_email_field_name()
    fields = [name for name in (users.USERNAME_FIELD, *_NAME_FIELDS, email) if _has_field(name)]
    texts: dict[Any, list[str]] = {}
    for batch in in_batches(user_ids):
        for pk, *values in users._default_manager.filter(pk__in=batch).values_list("pk", *fields):  # noqa: SLF001
            texts[pk] = [str(value) for value in values if value]
        named = Credential.objects.filter(user_id__in=batch).order_by().values_list("user_id", "search_name").distinct()
        for pk, name in named:
            if pk in texts and name:
                texts[pk].append(name)
    return {pk: make_words(values) for pk, values in texts.items()}


def _has_field(name: str) -> bool:
    try:
        get_user_model()._meta.get_field(name)  # noqa: SLF001  a public interface in spite of its name
    except FieldDoesNotExist:
        return False
    return True


def make_words(texts: Iterable[str]) -> str:
    """Return the words of an account's texts in the form that is searched."""
    words = dict.fromkeys(word[:_LONGEST_WORD] for text in texts for word in _iter_words(text))
    joined = ""
    for word in words:
        if len(joined) + len(word) + 1 <= MAX_WORDS:
            joined += f" {word}"
    return joined


def _iter_words(text: str) -> Iterator[str]:
    tokens = fold(text.replace("\0", " ")).split()
    yield from tokens
    for token in tokens:
        # The host of an e-mail address would be a word of everybody.
        yield from filter(None, _INNER.split(token.partition("@")[0]))
        if _UNSPACED.search(token):
            yield from (token[start:] for start in range(1, len(token)))

"""Limit how many codes of credentials can be tried without success, by one caller and by all callers together.

Pages and REST count together. A code that leads to a credential does not count. One that its check character refuses counts only for the
caller, because it is not looked up and tells nothing.
"""

from __future__ import annotations

import logging
import time
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache

from learning_credentials.conf import get_settings
from learning_credentials.http.throttles import get_network
from learning_credentials.verify_codes import read_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.core.cache.backends.base import BaseCache
    from django.http import HttpRequest

    from learning_credentials.data import Inspection

logger = logging.getLogger(__name__)

_SECONDS = {"s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}
#: Counts while the site's cache does not work: in each process alone, so that codes can neither be guessed nor cease to work.
_spare = LocMemCache("learning_credentials_codes", {"OPTIONS": {"MAX_ENTRIES": 10_000}})


class TooManyCodesError(Exception):
    """Too many codes failed. ``seconds`` says when the next one can be tried."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__("too many codes failed")


class _Counter(NamedTuple):
    """A count of failed codes in one stretch of time."""

    key: str
    most: int
    seconds: int
    seconds_left: float

    def take(self) -> BaseCache:
        """Count one more code. Return the cache that counted.

        Raises:
            TooManyCodesError: there were too many already.
        """
        try:
            found: BaseCache = cache
            count = self._add(found)
        except Exception:  # each cache raises its own errors
            logger.warning("The cache does not count failed codes, so each process counts alone", exc_info=True)
            found = _spare
            count = self._add(found)
        if count > self.most:
            raise TooManyCodesError(self.seconds_left)
        return found

    def give_back(self, counted: BaseCache) -> None:
        """Count one code less."""
        try:
            counted.decr(self.key)
        except Exception:  # as above. Without this, a caller has one code less until the time is over.
            logger.warning("The cache does not count failed codes", exc_info=True)

    def _add(self, where: BaseCache) -> int:
        where.add(self.key, 0, self.seconds)
        count = where.incr(self.key)
        # Some caches forget the time of a value that they change.
        where.touch(self.key, self.seconds)
        return count


def answer_limited(request: HttpRequest, text: str, answer: Callable[[str], Inspection]) -> Inspection:
    """Return the answer about a typed text. If the text is a code and the answer names no credential, count it.

    The code is counted before it is looked up, and not counted any more if it leads to a credential. So many requests at once cannot
    exceed the limit.

    Raises:
        TooManyCodesError: too many codes failed.
    """
    typed = read_code(text)
    if typed is None:
        return answer(text)
    taken: list[tuple[_Counter, BaseCache]] = []
    has_failed = False
    try:
        for counter in _list_counters(request, is_looked_up=typed.problem is None):
            taken.append((counter, counter.take()))  # noqa: PERF401  each is counted before the next, which may raise
        found = answer(text)
        has_failed = found.verification is None
    finally:
        if not has_failed:
            for counter, counted in taken:
                counter.give_back(counted)
    return found


def _list_counters(request: HttpRequest, *, is_looked_up: bool) -> Iterator[_Counter]:
    settings = get_settings()
    if settings.FAILED_CODES_RATE:
        caller = sha256(get_network(request).encode()).hexdigest()[:32]
        yield _make_counter(caller, settings.FAILED_CODES_RATE)
    if is_looked_up and settings.FAILED_CODES_SITE_RATE:
        yield _make_counter("site", settings.FAILED_CODES_SITE_RATE)


def _make_counter(name: str, rate: str) -> _Counter:
    number, period = rate.split("/")
    seconds = _SECONDS[period[0]]
    now = time.time()
    key = f"learning_credentials_codes_{name}_{seconds}_{int(now // seconds)}"
    return _Counter(key, int(number), seconds, seconds - now % seconds)

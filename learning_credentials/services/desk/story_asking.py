"""Asks the LMS for the page of one learner. The page is shown even if the LMS is down or slow."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, TypeVar

from learning_credentials.exceptions import ConfigurationError, ContextNotFoundError, TransientError, UnexpectedError
from learning_credentials.failures import describe

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

R = TypeVar("R")

#: For how many seconds the LMS is asked for one page. After that, the page says which configurations were not asked about.
BUDGET = 8.0
SLOW = "the LMS answers slowly"


class Asking:
    """Asks the LMS one question after the other, until it fails or the time is over."""

    def __init__(self) -> None:
        self._ends_at = time.monotonic() + BUDGET
        #: Why the LMS is not asked any more. Empty while it answers.
        self.problem = ""

    def ask(self, question: Callable[[], R]) -> R | None:
        """Return the answer, or None if the LMS cannot answer.

        Raises:
            ConfigurationError, ContextNotFoundError, UnexpectedError: the question is the problem. The next question can have an answer.
        """
        if not self.problem and time.monotonic() > self._ends_at:
            self.problem = SLOW
        if self.problem:
            return None
        try:
            return question()
        except (ConfigurationError, ContextNotFoundError, UnexpectedError):
            raise
        except TransientError as error:
            self.problem = describe(error)
        except Exception as error:
            # The backend is the host's code, and staff must see what is known anyway.
            logger.exception("The LMS backend failed for the page of a learner")
            self.problem = describe(error)
        return None

"""Provide an LMS that kills the worker that asks for one learner's grade, and its settings."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from demo.lms.backend import DemoLMS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from learning_credentials.lms import Grade

#: No worker survives asking for this learner's grade, as if it needed more memory than there is.
DEADLY = "deadly"


class DeadlyLMS(DemoLMS):
    """The demo's LMS with one deadly learner."""

    def get_grades(self, context_key: str, user_ids: Collection[int]) -> Mapping[int, Grade]:
        """Return the grades, or kill the process."""
        if get_user_model().objects.filter(username=DEADLY, pk__in=list(user_ids)).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return super().get_grades(context_key, user_ids)

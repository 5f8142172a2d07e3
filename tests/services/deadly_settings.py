"""Settings of workers that are killed by one learner's grade."""

from tests.services.settings import *  # noqa: F403
from tests.services.settings import LEARNING_CREDENTIALS

LEARNING_CREDENTIALS = {**LEARNING_CREDENTIALS, "LMS_BACKEND": "tests.services.deadly.DeadlyLMS", "CLAIM_TIMEOUT": 2}

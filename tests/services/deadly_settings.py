"""Settings of workers that one learner's grade kills."""

from tests.services.settings import *  # noqa: F403
from tests.services.settings import LEARNING_CREDENTIALS

LEARNING_CREDENTIALS = {**LEARNING_CREDENTIALS, "LMS_BACKEND": "tests.services.deadly.DeadlyLMS", "CLAIM_TIMEOUT": 2}

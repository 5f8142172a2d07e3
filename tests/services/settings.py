"""Settings of the demo LMS on a real database. The processes that the tests start also use a real broker.

``TEST_DATABASE_URL`` names the database. A started process also gets ``TEST_SERVICES_VAR`` (the directory for files), ``TEST_BROKER_URL``
and ``TEST_BROKER_QUEUE`` (a queue and prefix that separate it from other users of the broker).
"""

import atexit
import os
import shutil
import tempfile

# Each process that runs tests has a new directory, because a sweep must not see the files of another database.
os.environ["DEMO_VAR"] = os.environ.get("TEST_SERVICES_VAR") or tempfile.mkdtemp(prefix="lcred-services-")
if "TEST_SERVICES_VAR" not in os.environ:
    atexit.register(shutil.rmtree, os.environ["DEMO_VAR"], ignore_errors=True)

from demo.settings import *  # noqa: F403
from demo.settings import LEARNING_CREDENTIALS
from learning_credentials.beat import beat_schedule
from tests.settings import DATABASES  # noqa: F401

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECRET_KEY = "tests-only"

LEARNING_CREDENTIALS = {
    **LEARNING_CREDENTIALS,
    "PROCESSOR_MODULES": [*LEARNING_CREDENTIALS["PROCESSOR_MODULES"], "tests.plugins"],
    "GENERATOR_MODULES": [*LEARNING_CREDENTIALS["GENERATOR_MODULES"], "tests.plugins", "tests.services.plugins"],
    # Short, so that the sweep soon continues the work of a killed worker. A live worker renews its lease in time.
    "CLAIM_TIMEOUT": 6,
    "CHUNK_SIZE": 20,
    "MAX_ATTEMPTS": 10,
}

QUEUE = os.environ.get("TEST_BROKER_QUEUE", "lcred-tests")
CELERY_BROKER_URL = os.environ.get("TEST_BROKER_URL", "memory://")
CELERY_BROKER_TRANSPORT = None  # the one of the URL
CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{QUEUE}:"} if CELERY_BROKER_URL.startswith("redis") else {}
CELERY_TASK_DEFAULT_QUEUE = QUEUE

CELERY_BEAT_SCHEDULE = beat_schedule(tick=1, sweep=1)

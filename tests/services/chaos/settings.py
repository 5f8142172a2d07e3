"""Settings of the workers and the beat in a chaos run: a storage and a mail server that fail, and short leases.

The process that runs the chaos sets ``CHAOS_CONTROL`` (the file that says how the storage fails now) and ``CHAOS_SMTP_PORT``.
"""

import os
from pathlib import Path

import django

from tests.services.settings import *  # noqa: F403
from tests.services.settings import DATABASES, LEARNING_CREDENTIALS, VAR_DIR

CONTROL_FILE = Path(os.environ.get("CHAOS_CONTROL") or VAR_DIR / "storage.json")
STORAGE_DIR = VAR_DIR / "storage"

# A worker must notice soon that its database connection is lost.
DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 5

_MAIL = "tests.services.chaos.mail.EmailBackend"
_PORT = int(os.environ.get("CHAOS_SMTP_PORT") or 25)
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": _MAIL, "OPTIONS": {"host": "127.0.0.1", "port": _PORT, "timeout": 20}}}
else:
    EMAIL_BACKEND = _MAIL
    EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = "127.0.0.1", _PORT, 20

LEARNING_CREDENTIALS = {
    **LEARNING_CREDENTIALS,
    "STORAGE": {
        "BACKEND": "tests.services.chaos.storage.FaultyStorage",
        "OPTIONS": {"location": str(STORAGE_DIR), "control": str(CONTROL_FILE)},
    },
    "OUTPUT_DIR": "files",
    "CLAIM_TIMEOUT": 6,
    "CHUNK_SIZE": 20,
    "ELIGIBILITY_BATCH_SIZE": 40,
    "MAX_ATTEMPTS": 5,
    "NOTIFICATION_CLAIM_TIMEOUT": 2,
}
CELERY_BROKER_CONNECTION_MAX_RETRIES = None

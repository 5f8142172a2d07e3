"""Settings of the measured host.

``BENCH_DATABASE_URL`` sets a PostgreSQL database, ``BENCH_DIR`` the directory for files, and ``BENCH_BROKER_DIR`` the directory for
messages to workers. Without the last one, tasks run in the process that sends them, so one process does all the measured work.
"""

import os
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import django

BASE_DIR = Path(os.environ.get("BENCH_DIR") or tempfile.gettempdir())
SECRET_KEY = "benchmarks-only"  # noqa: S105
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "benchmarks.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MAIL_BACKEND = os.environ.get("BENCH_EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": MAIL_BACKEND}}
else:
    EMAIL_BACKEND = MAIL_BACKEND
DEFAULT_FROM_EMAIL = "credentials@example.org"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# Refusals and redirects are intended here. The measurements check errors by their status.
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"django.request": {"level": "CRITICAL"}}}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "drf_spectacular",
    "learning_credentials",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]


def _database() -> dict[str, object]:
    url = os.environ.get("BENCH_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": BASE_DIR / "bench.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
    }


DATABASES = {"default": _database()}

BROKER_DIR = os.environ.get("BENCH_BROKER_DIR", "")
if BROKER_DIR:
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT = "demo.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": BROKER_DIR,
        "data_folder_out": BROKER_DIR,
        "control_folder": f"{BROKER_DIR}/control",
        "polling_interval": 0.02,
    }
    CELERY_TASK_DEFAULT_QUEUE = os.environ.get("BENCH_QUEUE", "celery")
    CELERY_TASK_IGNORE_RESULT = True
    CELERY_WORKER_PREFETCH_MULTIPLIER = 1
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
else:
    CELERY_TASK_ALWAYS_EAGER = True
    CELERY_TASK_EAGER_PROPAGATES = True

LEARNING_CREDENTIALS = {
    "LMS_BACKEND": "benchmarks.lms.GeneratedLMS",
    "GENERATOR_MODULES": ["benchmarks.plugins"],
    "OUTPUT_DIR": "files",
    "BASE_URL": "https://credentials.example.org",
    # All measured requests come from one address.
    "PUBLIC_THROTTLE_RATE": None,
    "LEARNER_THROTTLE_RATE": None,
}

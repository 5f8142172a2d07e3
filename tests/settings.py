"""Settings of the test host: the app in its own project with the fake LMS. ``TEST_DATABASE_URL`` sets another database."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import django

BASE_DIR = Path(tempfile.mkdtemp(prefix="lcred-tests-"))
atexit.register(shutil.rmtree, BASE_DIR, ignore_errors=True)
SECRET_KEY = "tests-only"
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
if django.VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
else:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DEFAULT_FROM_EMAIL = "credentials@example.org"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "learning_credentials",
    "demo.lms",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}

ENGINES = {"postgres": "postgresql", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}


def _database() -> dict[str, object]:
    # No test cuts the power, so nothing waits until data is on the disk, and SQLite keeps its journal in memory. MariaDB has this setting
    # only for the whole server.
    url = os.environ.get("TEST_DATABASE_URL", "")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": BASE_DIR / "db.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA synchronous=OFF;PRAGMA journal_mode=MEMORY",
            },
            "TEST": {"NAME": BASE_DIR / "test.sqlite3"},
        }
    parts = urlsplit(url)
    database: dict[str, object] = {
        "ENGINE": f"django.db.backends.{ENGINES[parts.scheme]}",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }
    if ENGINES[parts.scheme] == "postgresql":
        database["OPTIONS"] = {"options": "-c synchronous_commit=off"}
        # Creating a migrated database from a copy takes a tenth of the time.
        if template := os.environ.get("TEST_DATABASE_TEMPLATE"):
            database["TEST"] = {"TEMPLATE": template}
    else:
        database["OPTIONS"] = {"charset": "utf8mb4"}
        database["TEST"] = {"CHARSET": "utf8mb4"}
    return database


DATABASES = {"default": _database()}

CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True

LEARNING_CREDENTIALS = {
    "LMS_BACKEND": "learning_credentials.lms.fake.FakeLMS",
    "PROCESSOR_MODULES": ["tests.plugins"],
    "GENERATOR_MODULES": ["tests.plugins"],
    "OUTPUT_DIR": "files",
    "BASE_URL": "https://credentials.example.org",
    # The checks of files are the same in this process. tests/integration/test_hostile_assets.py uses child processes.
    "CHECK_FILES_IN_CHILD": False,
    # Write visits at once, so that a test can read them after a request.
    "VISIT_WRITE_INTERVAL": 0,
}

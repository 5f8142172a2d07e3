"""Settings of the demo LMS. They show how a host installs the app with nothing except Python.

The demo writes everything to ``demo/var``, or to the directory in the environment variable ``DEMO_VAR``.
"""

import os
from pathlib import Path

import django

from demo.local_secrets import load_badge_key, load_secrets
from learning_credentials.beat import beat_schedule

PROJECT_DIR = Path(__file__).resolve().parent
BASE_DIR = PROJECT_DIR.parent
VAR_DIR = Path(os.environ.get("DEMO_VAR") or PROJECT_DIR / "var").resolve()
LOG_DIR = VAR_DIR / "log"
BROKER_DIR = VAR_DIR / "broker"
MAIL_DIR = VAR_DIR / "mail"
for directory in (VAR_DIR, LOG_DIR, BROKER_DIR / "messages", BROKER_DIR / "control", MAIL_DIR):
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)

LOCAL_SECRETS = load_secrets(VAR_DIR)
SECRET_KEY = LOCAL_SECRETS.secret_key
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
PORT = int(os.environ.get("DEMO_PORT") or 8000)

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
ROOT_URLCONF = "demo.urls"
WSGI_APPLICATION = "demo.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
LOGIN_URL = "demo_lms:login"
LOGIN_REDIRECT_URL = "demo_lms:home"
LOGOUT_REDIRECT_URL = "demo_lms:home"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "demo",
    # This app comes before Learning credentials, so that the college's header appears on its pages.
    "demo.lms",
    "learning_credentials",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR_DIR / "demo.sqlite3",
        "OPTIONS": {
            # The web server and several workers write to one file. With WAL, readers do not wait for writers. A transaction that will write
            # says so at its beginning. It then waits for its turn and does not fail half-way.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
        },
    }
}

# Since Django 6.1 there can be several ways to send e-mails. Before, there was one.
if django.VERSION >= (6, 1):
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(MAIL_DIR)},
        }
    }
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(MAIL_DIR)
DEFAULT_FROM_EMAIL = "credentials@meridian.example"

# There is no proxy before the demo, so headers about the caller's address are ignored.
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema", "NUM_PROXIES": 0}
SPECTACULAR_SETTINGS = {"TITLE": "Meridian Open College", "VERSION": "1.0.0"}

LEARNING_CREDENTIALS = {
    "LMS_BACKEND": "demo.lms.backend.DemoLMS",
    "PROCESSOR_MODULES": ["demo.lms.credentials"],
    "GENERATOR_MODULES": ["demo.lms.credentials"],
    "OUTPUT_DIR": str(VAR_DIR / "credentials"),
    # In the verified mode, a course certificate needs an identity verification.
    "IDENTITY_REQUIRED": True,
    "BASE_URL": f"http://127.0.0.1:{PORT}",
    # This key is made for this installation. A host stores its key with its other secrets.
    "SIGNING_KEYS": [{"private_key": load_badge_key(VAR_DIR), "is_active": True}],
    # Short, so that an interrupted demo continues soon after its next start.
    "CLAIM_TIMEOUT": 30,
    "CHUNK_SIZE": 50,
    # While the demo is served, e-mails of acts by staff wait, and can be called back. The demo that ends by itself sends them at once.
    "MAIL_DELAY": int(os.environ.get("DEMO_MAIL_DELAY") or 0),
}

# Verifiers elsewhere cannot reach a demo on this machine, and need not. No learner of the demo has a name that needs the extra cjk.
SILENCED_SYSTEM_CHECKS = ["learning_credentials.W004", "learning_credentials.W030"]

# A broker that needs no server: messages are files.
CELERY_BROKER_URL = "filesystem://"
CELERY_BROKER_TRANSPORT = "demo.broker:Transport"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "data_folder_in": str(BROKER_DIR / "messages"),
    "data_folder_out": str(BROKER_DIR / "messages"),
    "control_folder": str(BROKER_DIR / "control"),
    "store_processed": False,
    "polling_interval": 0.1,
}
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# With messages in files, workers of older versions of Celery that hold so many for each process look for more only every two seconds.
CELERY_WORKER_PREFETCH_MULTIPLIER = 8
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = beat_schedule(tick=1, sweep=5)

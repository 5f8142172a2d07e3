"""``manage.py check`` names every broken setting with a hint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import django
import pytest
from celery import current_app
from django.core.checks import CheckMessage, run_checks

from learning_credentials.beat import beat_schedule

TAG = "learning_credentials"


@pytest.fixture
def check(app_settings):
    """Run the checks with some settings changed."""

    def run(**changes: object):
        app_settings(**changes)
        return {message.id: message for message in run_checks(tags=[TAG], databases=[])}

    return run


@pytest.fixture
def schedule():
    """The beat schedule of the project, to be changed at will."""
    before = current_app.conf.beat_schedule
    current_app.conf.beat_schedule = beat_schedule()
    yield current_app.conf.beat_schedule
    current_app.conf.beat_schedule = before


@pytest.mark.usefixtures("schedule")
def test_a_sound_project_has_nothing_to_hear(check):
    assert check() == {}


class TestMail:
    """A mail server that never answers must not hold a worker permanently."""

    @pytest.fixture
    def mail(self, settings):
        def use(backend, timeout=None):
            path = f"django.core.mail.backends.{backend}.EmailBackend"
            if django.VERSION >= (6, 1):
                options = {"host": "mail.example.org"} if backend == "smtp" else {}
                options |= {"timeout": timeout} if timeout else {}
                settings.MAILERS = {"default": {"BACKEND": path, "OPTIONS": options}}
            else:
                settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = path, timeout

        return use

    @pytest.mark.parametrize(
        ("backend", "timeout", "is_told"), [("smtp", None, True), ("smtp", 600, False), ("locmem", None, False)]
    )
    def test_of_the_timeout(self, check, mail, backend, timeout, is_told):
        mail(backend, timeout)
        assert (f"{TAG}.W035" in check()) == is_told

    def test_not_without_mails(self, check, mail):
        mail("smtp")
        assert f"{TAG}.W035" not in check(NOTIFY_LEARNERS=False)

    def test_settings_of_mail_that_are_wrong_are_djangos_to_tell(self, check, settings):
        if django.VERSION >= (6, 1):
            settings.MAILERS = {"default": {"BACKEND": "nowhere.Backend"}}
        else:
            settings.EMAIL_BACKEND = "nowhere.Backend"
        assert f"{TAG}.W035" not in check()


@pytest.mark.usefixtures("schedule")
@pytest.mark.parametrize(
    ("changes", "code", "names"),
    [
        ({"LMS_BACKENDS": "x"}, "E001", "LMS_BACKENDS"),
        ({"CHUNK_SIZE": "200"}, "E001", "LEARNING_CREDENTIALS['CHUNK_SIZE']: Input should be a valid integer"),
        ({"CHUNK_SIZE": 0}, "E001", "CHUNK_SIZE"),
        ({"PROCESSOR_MODULES": "myhost.credentials"}, "E001", "PROCESSOR_MODULES"),
        ({"PUBLIC_THROTTLE_RATE": "many"}, "E001", "PUBLIC_THROTTLE_RATE"),
        ({"LMS_BACKEND": ""}, "E002", "not set"),
        ({"LMS_BACKEND": "nowhere.Backend"}, "E002", "nowhere.Backend"),
        ({"LMS_BACKEND": "learning_credentials.lms.fake.NoSuch"}, "E002", "NoSuch"),
        ({"LMS_BACKEND": "django.contrib.auth.models.User"}, "E002", "LMSBackend"),
        ({"LMS_OPTIONS": {"port": 1}}, "E002", ""),
        ({"PROCESSOR_MODULES": ["no.such.module"]}, "E003", "no.such.module"),
        ({"GENERATOR_MODULES": ["no.such.module"]}, "E004", "no.such.module"),
        ({"BASE_URL": ""}, "E005", "not set"),
        ({"BASE_URL": "lms.example.org"}, "E005", "lms.example.org"),
        ({"BASE_URL": "ftp://lms.example.org"}, "E005", "ftp://"),
        ({"BASE_URL": "http://lms.example.org"}, "W001", "http://lms.example.org"),
        ({"STORAGE": "no-such-alias"}, "E006", "no-such-alias"),
        ({"OUTPUT_DIR": "/proc/no/such/place"}, "E006", "cannot write"),
        ({"FALLBACK_FONTS": ["/no/such/font.ttc#2"]}, "E007", "/no/such/font.ttc#2"),
    ],
)
def test_each_broken_setting_is_named_with_a_hint(check, changes, code, names):
    messages = check(**changes)
    assert set(messages) == {f"{TAG}.{code}"}
    message = messages[f"{TAG}.{code}"]
    assert names in message.msg
    assert message.hint


@pytest.mark.usefixtures("schedule")
def test_settings_that_are_no_dict(settings):
    settings.LEARNING_CREDENTIALS = ["LMS_BACKEND"]
    assert [message.id for message in run_checks(tags=[TAG], databases=[])] == [f"{TAG}.E001"]


@pytest.mark.usefixtures("schedule")
def test_a_publicly_served_storage(check, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    assert set(check(OUTPUT_DIR=str(tmp_path / "credentials"))) == {f"{TAG}.W002"}
    assert set(check(OUTPUT_DIR=str(tmp_path.parent / f"{tmp_path.name}-private"))) == set()


@pytest.mark.usefixtures("schedule")
def test_a_project_without_time_zones_is_told(check, settings):
    settings.USE_TZ = False
    assert "USE_TZ" in check()["learning_credentials.E010"].msg


def test_the_check_leaves_no_file_behind(check, tmp_path):
    check(OUTPUT_DIR=str(tmp_path))
    assert [path for path in Path(tmp_path).rglob("*") if path.is_file()] == []


def test_missing_periodic_jobs(check, schedule):
    del schedule["learning-credentials-sweep"]
    message = check()[f"{TAG}.W003"]
    assert "sweep_stale_credentials_task" in message.msg
    assert "generate_all" not in message.msg
    assert "beat_schedule()" in message.hint


@pytest.mark.usefixtures("schedule")
def test_a_limit_that_anyone_gets_around(check, settings):
    assert f"{TAG}.W007" not in check(), "it is for deployments"

    def check_deployment(proxies: int | None) -> CheckMessage | None:
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
        found = {
            message.id: message for message in run_checks(tags=[TAG], databases=[], include_deployment_checks=True)
        }
        return found.get(f"{TAG}.W007")

    message = check_deployment(None)
    assert message
    assert "NUM_PROXIES" in message.msg
    assert "X-Forwarded-For" in message.hint
    assert check_deployment(0) is None
    assert check_deployment(2) is None
    check(PUBLIC_THROTTLE_RATE=None, FAILED_CODES_RATE=None)
    assert check_deployment(None) is None


@pytest.mark.parametrize("url", ["sqs://", "nonsense://127.0.0.1", "kafka://127.0.0.1:9092"])
def test_a_broker_that_nothing_here_can_speak_to(check, url, monkeypatch):
    monkeypatch.setattr(current_app.conf, "broker_url", url)
    message = check()[f"{TAG}.E012"]
    assert url.partition(":")[0] in message.msg
    assert "CELERY_BROKER_URL" in message.hint


def test_a_broker_whose_library_is_missing():
    program = """
import sys
sys.modules["redis"] = None
import django
django.setup()
from celery import current_app
from django.core.checks import run_checks
for url in ("redis://127.0.0.1:1/0", "rediss://127.0.0.1:1/0", "amqp://127.0.0.1:1"):
    current_app.conf.broker_url = url
    print(url, sorted(m.msg + m.hint for m in run_checks(tags=["learning_credentials"], databases=[]) if m.id.endswith("E012")))
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    redis, rediss, amqp = done.stdout.splitlines()
    assert "pip install redis" in redis
    assert "rediss" in rediss
    assert amqp.endswith("[]")

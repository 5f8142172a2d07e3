"""Measure two endpoints against views that do nothing, through the host's WSGI application with its complete middleware."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from benchmarks import host
from benchmarks.timing import compare, interleave, time_per_item

if TYPE_CHECKING:
    from collections.abc import Callable

#: Requests to each endpoint in a round, unless the options say otherwise.
REQUESTS = 100
RUNS_ASKED_ABOUT = 3
BASE = "/api/learning_credentials/v1"


def measure(options: dict[str, Any], progress: Callable[[str], object]) -> dict[str, Any]:
    """Measure `metadata` and `learner_cert_status`."""
    host.start()
    from django.core.wsgi import get_wsgi_application

    from benchmarks.material import get_shipped_font, make_template
    from learning_credentials.models import Credential

    application = get_wsgi_application()
    host.add_assets(make_template(), get_shipped_font("NotoSans-Regular.ttf"))
    host.add_learners(options["learners"])
    keys = _issue(options["learners"])
    verify_uuid = Credential.objects.values_list("verify_uuid", flat=True).first()
    cookie = _sign_in()
    body = json.dumps({"username": "learner1", "course_runs": keys, "include_unearned": True}).encode()
    number = options.get("requests", REQUESTS)
    rows = []
    for name, ours, other in (
        ("metadata", _request("GET", f"{BASE}/metadata/{verify_uuid}/"), _request("GET", "/empty/")),
        (
            "learner_cert_status",
            _request("POST", f"{BASE}/learner_cert_status/", body, cookie),
            _request("POST", "/empty_learner/", body, cookie),
        ),
    ):
        with host.counting_queries() as counted:
            _call(application, ours)
            queries = counted()
            _call(application, other)
            other_queries = counted() - queries
        samples = interleave(
            lambda request=ours: _time(application, request, number),
            lambda request=other: _time(application, request, number),
            options["rounds"],
            after_each=lambda name=name: progress(name),
        )
        details = {"queries": {name: queries, "empty": other_queries}}
        note = f"{queries} and {other_queries} queries"
        row = compare("REST", f"{name}, empty view", samples, reading="times as long", note=note, details=details)
        rows.append(row.as_json())
    return {"rows": rows}


def _issue(learners: int) -> list[str]:
    """Issue credentials to the learners, and add standings in a few runs. Return the runs' keys."""
    from benchmarks.lms import make_key
    from learning_credentials import api
    from learning_credentials.models import CourseCertificate, LearnerCertificate

    api.issue_pending_credentials(host.add_configuration("rest", learners).pk)
    host.forget_mail()
    keys = [make_key(f"status{number}", learners) for number in range(RUNS_ASKED_ABOUT)]
    for key in keys:
        course = CourseCertificate.objects.create(course_key=key)
        LearnerCertificate.objects.bulk_create(
            LearnerCertificate(
                user_id=user_id, course_certificate=course, status="downloadable", mode="honor", grade=0.9
            )
            for user_id in range(1, learners + 1)
        )
    return keys


def _sign_in() -> str:
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    # The learners have chosen ids, and PostgreSQL's sequence does not know them.
    client.force_login(User.objects.create(pk=10**9, username="registrar", is_superuser=True))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _request(method: str, path: str, body: bytes = b"", cookie: str = "") -> tuple[dict[str, Any], bytes]:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "credentials.example.org",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_ACCEPT": "application/json",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "https",
        "wsgi.version": (1, 0),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if cookie:
        # A program that signs in like a browser also sends the CSRF token.
        token = "b" * 32
        environ |= {
            "HTTP_COOKIE": f"{cookie}; csrftoken={token}",
            "HTTP_X_CSRFTOKEN": token,
            "HTTP_REFERER": "https://credentials.example.org/",
        }
    return environ, body


def _call(application: Callable[..., Any], request: tuple[dict[str, Any], bytes]) -> bytes:
    environ, body = request
    statuses: list[str] = []
    response = application(
        {**environ, "wsgi.input": io.BytesIO(body)}, lambda status, _headers, *_info: statuses.append(status)
    )
    content = b"".join(response)
    response.close()
    if not statuses[0].startswith("200"):
        msg = f"{environ['PATH_INFO']} answered {statuses[0]}: {content[:500]!r}"
        raise RuntimeError(msg)
    return content


def _time(application: Callable[..., Any], request: tuple[dict[str, Any], bytes], number: int) -> float:
    return time_per_item(lambda: [_call(application, request) for _ in range(number)], number)

"""Measure public answers and a status endpoint against views that do nothing, through the host's complete WSGI application."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from benchmarks import host
from benchmarks.timing import compare, interleave, time_per_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    _Request = tuple[dict[str, Any], bytes]

#: Requests to each endpoint in a round, unless the options say otherwise.
REQUESTS = 100
RUNS_ASKED_ABOUT = 3
#: Badges that are signed for the first time in a round.
FIRST_BADGES = 5
BASE = "/api/learning_credentials/v1"


def measure(options: dict[str, Any], progress: Callable[[str], object]) -> dict[str, Any]:
    """Measure the public answers and `learner_cert_status`."""
    host.start()
    from django.core.wsgi import get_wsgi_application

    from benchmarks.material import get_shipped_font, make_template

    application = get_wsgi_application()
    _sign_badges()
    host.add_assets(make_template(), get_shipped_font("NotoSans-Regular.ttf"))
    host.add_learners(max(options["learners"], _count_badges(options)))
    keys = _issue(options["learners"])
    row = _Measuring(application, options, progress)
    return {"rows": [*_measure_answers(row, keys), *_measure_badges(row, options)]}


def _measure_answers(measuring: _Measuring, keys: list[str]) -> Iterator[dict[str, Any]]:
    from learning_credentials.models import Credential

    pages = [f"/credentials/{key}/" for key in Credential.objects.values_list("verify_uuid", flat=True)]
    page = pages[0]
    # There are more than the process keeps, so each of them is drawn for the first time.
    codes = cycle([_request("GET", f"{other}qr.svg") for other in pages[1:]])
    metadata = f"{BASE}/metadata/{page.split('/')[2]}/"
    cookie = _sign_in()
    body = json.dumps({"username": "learner1", "course_runs": keys, "include_unearned": True}).encode()
    yield measuring.take("metadata", _request("GET", metadata))
    status = _request("POST", f"{BASE}/learner_cert_status/", body, cookie)
    yield measuring.take("learner_cert_status", status, _request("POST", "/empty_learner/", body, cookie))
    yield measuring.take("page", _request("GET", page, accept="text/html"))
    code = _request("GET", f"{page}qr.svg")
    yield measuring.take("qr.svg, first", code, many=lambda: list(islice(codes, REQUESTS)))
    yield measuring.take("qr.svg, again", code)


def _measure_badges(measuring: _Measuring, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Measure badges that are signed for the first time, each of a credential of its own, and one that was signed before."""
    from learning_credentials import api
    from learning_credentials.models import Credential, StatusList

    configuration = host.add_configuration("badges", _count_badges(options), host.TEXT_GENERATOR)
    api.issue_pending_credentials(configuration.pk)
    host.forget_mail()
    rows = Credential.objects.filter(configuration=configuration).values_list("verify_uuid", flat=True)
    requests = [_request("GET", f"/credentials/{verify_uuid}/badge.json") for verify_uuid in rows]
    first, *others = requests
    fresh = iter(others)
    yield measuring.take("badge.json, first", first, many=lambda: list(islice(fresh, FIRST_BADGES)))
    yield measuring.take("badge.json, again", first)
    yield measuring.take("status list", _request("GET", f"/credentials/status/{StatusList.objects.first().pk}/"))


def _count_badges(options: dict[str, Any]) -> int:
    """Return how many badges are measured: one to count queries, a round to warm up, and those of the rounds."""
    return 1 + (1 + options["rounds"]) * FIRST_BADGES


@dataclass
class _Measuring:
    """Compares requests with empty views."""

    application: Callable[..., Any]
    options: dict[str, Any]
    progress: Callable[[str], object]

    def take(
        self,
        name: str,
        ours: _Request,
        other: _Request | None = None,
        many: Callable[[], list[_Request]] | None = None,
    ) -> dict[str, Any]:
        """Return a row.

        Args:
            name: of the row.
            ours: the request that is measured.
            other: one to the empty view.
            many: returns the requests of a round, if each can be sent only once.
        """
        number = self.options.get("requests", REQUESTS)
        other = other or _request("GET", "/empty/")
        if not many:
            # The first visit of a process is written at once.
            _call(self.application, ours)
        with host.counting_queries() as counted:
            _call(self.application, ours)
            queries = counted()
            _call(self.application, other)
            other_queries = counted() - queries
        samples = interleave(
            lambda: _time(self.application, many() if many else [ours] * number),
            lambda: _time(self.application, [other] * number),
            self.options["rounds"],
            after_each=lambda: self.progress(name),
        )
        details = {"queries": {name: queries, "empty": other_queries}}
        note = f"{queries} and {other_queries} queries"
        return compare(
            "REST", f"{name}, empty view", samples, reading="times as long", note=note, details=details
        ).as_json()


def _sign_badges() -> None:
    """Give the host a key of its own, so that credentials have badges."""
    from django.conf import settings
    from django.test import override_settings

    from learning_credentials.badges.keys import create_key

    keys = [{"private_key": create_key().export(), "is_active": True}]
    override_settings(LEARNING_CREDENTIALS={**settings.LEARNING_CREDENTIALS, "SIGNING_KEYS": keys}).enable()


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


def _request(
    method: str, path: str, body: bytes = b"", cookie: str = "", *, accept: str = "application/json"
) -> _Request:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SERVER_NAME": "credentials.example.org",
        "SERVER_PORT": "443",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_ACCEPT": accept,
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


def _call(application: Callable[..., Any], request: _Request) -> bytes:
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


def _time(application: Callable[..., Any], requests: list[_Request]) -> float:
    return time_per_item(lambda: [_call(application, request) for request in requests], len(requests))

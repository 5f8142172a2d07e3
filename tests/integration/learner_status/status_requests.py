"""Provide helpers for tests of the learner status API: a course with two runs, a learner with a certificate, and requests."""

from __future__ import annotations

import json
from uuid import UUID

from django.core.cache import cache
from rest_framework.test import APIClient

from tests.factories import CourseCertificateFactory, LearnerCertificateFactory

BASE = "/api/learning_credentials/v1"
KEY = "course-v1:Org+CS101+2026"
OTHER_KEY = "course-v1:Org+CS101+2027"
COURSE_UUID = UUID("5a0c1f0e-6d1b-4a43-9f5e-0c0d6b7a9e21")
RUN_UUID = UUID("c3d1a5b8-2f64-4be0-8d35-7e1f5b0a4c96")
PROGRAM_UUID = UUID("91f0e7d4-1c2b-4a57-b7f3-3f9d2a6c8e50")
RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"
NAMES = {"course_runs": [KEY]}


def add_course(world):
    """Add the course to the LMS and reset the request limits."""
    cache.clear()
    world.add_course_run(KEY, uuid=RUN_UUID, parent_course_key="Org+CS101", parent_course_uuid=COURSE_UUID)
    world.add_course_run(OTHER_KEY, parent_course_key="Org+CS101", parent_course_uuid=COURSE_UUID)
    return world


def make_run():
    return CourseCertificateFactory(course_key=KEY, available_date="2026-06-01T00:00:00Z")


def award(learner, run):
    return LearnerCertificateFactory(
        user=learner, course_certificate=run, mode="verified", grade=0.92, letter_grade="A"
    )


def client_of(user=None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_login(user)
    return client


def ask(client, body, endpoint="learner_cert_status"):
    return client.post(f"{BASE}/{endpoint}/", json.dumps(body), content_type="application/json")


def ask_about(client, *keys, username="ada", **body):
    response = ask(client, {"username": username, "course_runs": list(keys), **body})
    assert response.status_code == 200, response.content
    return response.json()["status"]


def statuses(client, *keys, **body):
    return [item["status"] for item in ask_about(client, *keys, include_unearned=True, **body)]


def code_of(response):
    return response.status_code, response.json()["code"]

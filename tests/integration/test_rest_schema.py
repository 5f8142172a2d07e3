"""The OpenAPI description, and independence from the host's own REST framework settings."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from tests.factories import CredentialFactory

BASE = "/api/learning_credentials/v1"
PATHS = {
    f"{BASE}/metadata/{{verify_uuid}}/",
    f"{BASE}/verify/",
    f"{BASE}/configured/{{context_key}}/",
    f"{BASE}/eligibility/{{context_key}}/",
    f"{BASE}/eligibility/{{context_key}}/{{configuration_id}}/",
    f"{BASE}/learner_cert_status/",
    f"{BASE}/bulk_learner_cert_status/",
    f"{BASE}/learner_program_status/",
    f"{BASE}/course_certificates/",
    f"{BASE}/course_certificates/{{course_key}}/",
}


def test_the_description_is_valid_without_a_warning(tmp_path):
    target = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(target))
    assert set(yaml.safe_load(target.read_text())["paths"]) >= PATHS


def test_it_is_served_and_names_every_error(client):
    schema = client.get(f"{BASE}/schema/").json()
    assert set(schema["paths"]) == PATHS
    assert schema["info"]["title"] == "Learning credentials"
    answers = schema["paths"][f"{BASE}/eligibility/{{context_key}}/{{configuration_id}}/"]["post"]["responses"]
    assert set(answers) == {"202", "400", "401", "403", "404", "409", "429", "503"}
    for operations in schema["paths"].values():
        for operation in operations.values():
            assert operation["description"]
            for answer in operation["responses"].values():
                assert next(iter(answer["content"].values()))["examples"]
    assert schema["paths"][f"{BASE}/metadata/{{verify_uuid}}/"]["get"].get("security", [{}]) == [{}]


def test_it_is_served_as_yaml(client):
    response = client.get(f"{BASE}/schema/", headers={"accept": "application/yaml"})
    assert set(yaml.safe_load(response.content)["paths"]) == PATHS


HOSTILE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
from django.conf import settings
settings.REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.StaticHTMLRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.FileUploadParser"],
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.ScopedRateThrottle"],
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.AcceptHeaderVersioning",
    "ALLOWED_VERSIONS": ["7"],
    "EXCEPTION_HANDLER": "tests.no_such_handler",
    "DATETIME_FORMAT": "%d.%m.%Y",
    "DATE_FORMAT": "%d.%m.%Y",
    "UNAUTHENTICATED_USER": None,
}
import django
django.setup()
from django.core.management import call_command
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
from django.db import connection
connection.settings_dict["TEST"]["MIGRATE"] = False
connection.creation.create_test_db(verbosity=0)
from tests.factories import CredentialFactory
row = CredentialFactory(available=True)
base = "/api/learning_credentials/v1"
found = Client().get(f"{base}/metadata/{row.verify_uuid}/")
assert found.status_code == 200, found.content
assert found.json()["created"] == "2026-06-01T12:00:00Z", found.json()
assert found.json()["issue_date"] == "2026-06-01"
missing = Client().get(f"{base}/metadata/x/")
assert (missing.status_code, missing.json()["code"]) == (404, "credential_not_found")
refused = Client().get(f"{base}/configured/x/")
assert (refused.status_code, refused.json()["code"]) == (403, "not_authenticated"), refused.content
assert len(Client().get(f"{base}/schema/").json()["paths"]) == 10
call_command("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)
print("as it should be")
"""


@pytest.mark.slow
def test_the_hosts_own_defaults_change_nothing():
    """In a process of its own: DRF reads its defaults when its classes are made."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", "-c", HOSTILE], capture_output=True, text=True, check=False, timeout=600
    )
    assert "as it should be" in done.stdout, done.stderr


@pytest.mark.django_db
def test_any_client_reads_json_without_saying_so():
    row = CredentialFactory(available=True)
    for accept in ("*/*", "application/json", ""):
        response = Client().get(f"{BASE}/metadata/{row.verify_uuid}/", headers={"accept": accept} if accept else {})
        assert response["Content-Type"] == "application/json"
    assert APIClient().get(f"{BASE}/metadata/{row.verify_uuid}/", headers={"accept": "image/png"}).status_code == 406


def test_a_page_for_people(client):
    address = "/api/learning_credentials/v1/schema/"
    page = client.get(address, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.status_code == 200
    assert page["Content-Type"] == "text/html; charset=utf-8"
    text = page.content.decode()
    description = client.get(address, headers={"accept": "application/json"}).json()
    for path, operations in description["paths"].items():
        for method in operations:
            assert f"{method.upper()} {path}</code>" in text
    assert "<script" not in text
    # Names in backticks are code; lines that are only wrapped in the source are not broken.
    assert "<code>Retry-After</code> says" in text
    assert "`" not in text
    assert "<br>" not in text
    assert client.get(address)["Content-Type"].startswith("application/")
    refused = client.post(address, headers={"accept": "text/html"})
    assert refused.status_code == 405

"""The main job from end to end: ``manage.py run_demo`` with a real Celery beat and worker, looked at from outside."""

from __future__ import annotations

import html
import io
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import unicodedata
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from learning_credentials.badges.baking import unbake
from learning_credentials.badges.keys import VerifyingKey
from learning_credentials.badges.signing import verify_proof

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
LEARNERS = 15
#: Seconds. A quiet machine needs twenty, but others may be busy.
PATIENCE = 600
CONFIGURATIONS = 13
GEOLOGY = "run:GEO130+2026-summer"

# Asked in the demo's own process: plain arithmetic over its tables, which shares nothing with the processors.
EXPECTED = """
import json
from demo.lms.expected import list_expected_holders
from learning_credentials.models import CredentialConfiguration
rows = CredentialConfiguration.objects.select_related("credential_type")
print(json.dumps({row.pk: sorted(list_expected_holders(row)) for row in rows}))
"""


class Demo:
    """A demo in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = os.environ | {"DEMO_VAR": str(directory), "DJANGO_SETTINGS_MODULE": "demo.settings"}

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        with subprocess.Popen(  # noqa: S603  (our own interpreter and arguments)
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                stdout, stderr = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                # Killed at once, it would leave its worker and beat running.
                process.terminate()
                stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)

    def run(self) -> subprocess.CompletedProcess[str]:
        return self.manage("run_demo", "--learners", str(LEARNERS), "--timeout", str(PATIENCE - 20))

    def list_expected(self) -> dict[int, list[int]]:
        answer = self.manage("shell", "--no-imports", "-c", EXPECTED)
        assert answer.returncode == 0, answer.stderr
        return {int(pk): user_ids for pk, user_ids in json.loads(answer.stdout.splitlines()[-1]).items()}

    def query(self, sql: str, *values: str) -> list[tuple]:
        with closing(sqlite3.connect(f"file:{self.directory / 'demo.sqlite3'}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    @contextmanager
    def serve(self):
        """The demo served on a free port until the block ends; yields its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "manage.py", "serve_demo", "--learners", str(LEARNERS), "--port", str(port)]
        with subprocess.Popen(  # noqa: S603  (our own interpreter and arguments)
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                said = ""
                while "Ctrl-C stops everything" not in said:
                    line = process.stdout.readline()
                    assert line, said
                    said += line
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()
                process.stdout.read()
        assert process.returncode == 0

    def list_processes(self) -> list[str]:
        """Command lines of processes that work on this demo's files."""
        marker = f"DEMO_VAR={self.directory}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if marker in (entry / "environ").read_bytes().split(b"\0"):
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue  # it ended meanwhile, or is not ours
        return found


#: The courses of the programme, which its transcript lists.
STEPS = ("Astronomy for Everyone", "Foundations of Statistics", "Writing for the Sciences")


class Holder(NamedTuple):
    """What the database says of one credential."""

    verify_uuid: str
    name: str
    context: str
    artifact: str
    type_name: str
    is_hidden: int


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return Demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def first_run(demo):
    answer = demo.run()
    assert answer.returncode == 0, f"{answer.stdout}\n{answer.stderr}"
    return answer.stdout


@pytest.fixture(scope="module")
def certificates(demo, first_run):
    rows = demo.query(
        "SELECT verify_uuid, user_full_name, learning_context_name, artifact_name, credential_type_name,"
        " learning_context_key = ? AS is_hidden FROM lcred_credential"
        " WHERE artifact_media_type = 'application/pdf' AND status = 'available'"
        " ORDER BY issued_at, uuid",
        GEOLOGY,
    )
    assert rows
    return [Holder(*row) for row in rows]


def read_pdf(demo, holder: Holder) -> bytes:
    return (demo.directory / "credentials" / holder.artifact).read_bytes()


def choose_some(holders: list[Holder]) -> list[Holder]:
    """Every third certificate, and the first one of each course."""
    first = {holder.context: holder for holder in reversed(holders)}
    return sorted({*holders[::3], *first.values()})


def squeeze(text: str) -> str:
    """Without white space, and composed: how a name is spaced and encoded does not matter."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))


def test_exactly_the_right_learners_hold_a_credential(demo, first_run):
    everything = demo.query("SELECT configuration_id, user_id, status, is_current FROM lcred_credential")
    held = [row for row in everything if row[2] != "invalidated"]

    assert {(status, current) for _, _, status, current in held} == {("available", 1)}
    assert len(everything) - len(held) == 1  # what staff invalidated
    expected = {(pk, user_id) for pk, user_ids in demo.list_expected().items() for user_id in user_ids}
    assert sorted((pk, user_id) for pk, user_id, _, _ in held) == sorted(expected)
    assert len({pk for pk, _ in expected}) == CONFIGURATIONS


def test_the_schedule_did_it(demo, first_run):
    runs = demo.query("SELECT requested_by_id, total, done, failed, finished_at IS NOT NULL, error_code FROM lcred_run")

    assert len(runs) == CONFIGURATIONS
    assert all(row == (None, row[1], row[1], 0, 1, "") for row in runs)


def test_every_learner_is_told_but_of_what_may_not_be_seen_yet(demo, first_run):
    available = "SELECT COUNT(*) FROM lcred_credential WHERE status = 'available'"
    assert demo.query(f"{available} AND notified_at IS NULL AND learning_context_key <> ?", GEOLOGY) == [(0,)]
    assert demo.query(f"{available} AND notified_at IS NOT NULL AND learning_context_key = ?", GEOLOGY) == [(0,)]
    ((hidden,),) = demo.query(f"{available} AND learning_context_key = ?", GEOLOGY)
    assert f"all learners were told, but for {hidden} whose credential may not be seen yet" in first_run
    assert list((demo.directory / "mail").iterdir())


@pytest.mark.parametrize(
    ("learner", "standing", "answer"),
    [
        ("Oriel Fenwick-Saar", "downloadable", "not_yet_available, from 2031-01-15"),
        ("Marisol Quintavar", "downloadable", "awarded (58 %)"),
        ("Casimir Holloway-Fenn", "unavailable", "unavailable"),
        ("Ngaire Abernethy-Lund", "unverified", "unverified"),
        ("Teodor Ashgrove-Vale", "downloadable", "awarded (84 %)"),
    ],
)
def test_the_report_shows_how_special_learners_stand(first_run, learner, standing, answer):
    assert re.search(rf"^{re.escape(learner)} .* {standing} +{re.escape(answer)}", first_run, re.MULTILINE)


def test_the_report_shows_the_run_that_the_path_excludes(first_run):
    answer = re.search(r"^POST .*/learner_program_status/ .*\n +200 (.+)$", first_run, re.MULTILINE)
    runs = {run["course_run"]["key"]: run for run in json.loads(answer[1])["status"]}
    assert len(runs) == 4
    excluded = runs.pop("run:AST101+2025-pilot")
    assert (excluded["status"], excluded["excluded"]) == ("awarded", True)
    assert {run["excluded"] for run in runs.values()} == {False}
    assert runs["run:AST101+2026-spring"]["status"] == "not_earned"


def test_the_report_shows_the_answer_for_one_certificate(demo, first_run, certificates):
    path = Path(re.search(r"^One certificate +(.+)$", first_run, re.MULTILINE)[1])
    url = re.search(r"^Verify it at +(.+)$", first_run, re.MULTILINE)[1]

    holder = next(item for item in certificates if path.samefile(demo.directory / "credentials" / item.artifact))
    assert url.startswith("http://127.0.0.1:8000/credentials/")
    assert holder.verify_uuid in url.replace("-", "")
    assert re.search(rf"^Answer +valid: .* of {re.escape(holder.name)}", first_run, re.MULTILINE)
    assert re.search(r"^In the file +tags for screen readers, (the signed badge, )?protection", first_run, re.MULTILINE)
    assert '"status": "available"' in first_run
    assert first_run.count("as expected") == CONFIGURATIONS


def test_secrets_are_kept_from_others(demo, first_run):
    secrets = demo.directory / "secrets.json"

    for path in (secrets, demo.directory / "badge-key"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert (demo.directory / "badge-key").read_text().strip() not in first_run
    assert json.loads(secrets.read_text())["admin_password"] in first_run


def test_certificates_are_sound_pdfs(demo, certificates):
    for holder in choose_some(certificates):
        with pikepdf.open(io.BytesIO(read_pdf(demo, holder))) as pdf:
            assert not pdf.check_pdf_syntax(), holder


def test_only_programmes_have_a_transcript_on_a_second_page(demo, certificates):
    programmes = 0
    for holder in certificates:
        pages = PdfReader(io.BytesIO(read_pdf(demo, holder))).pages
        if holder.type_name == "Programme Certificate":
            programmes += 1
            transcript = squeeze(pages[1].extract_text())
            assert all(squeeze(step) in transcript for step in STEPS), holder
        else:
            assert len(pages) == 1, holder
    assert programmes


def test_every_certificate_names_the_learner_and_the_course(demo, certificates):
    for holder in certificates:
        text = squeeze(PdfReader(io.BytesIO(read_pdf(demo, holder))).pages[0].extract_text())
        assert squeeze(holder.name) in text, holder
        assert squeeze(holder.context) in text, holder


def test_qr_codes_lead_to_the_public_page(demo, certificates):
    for holder in choose_some(certificates):
        with closing(pypdfium2.PdfDocument(read_pdf(demo, holder))) as document:
            image = document[0].render(scale=2, grayscale=True).to_pil()
        codes = zxingcpp.read_barcodes(image, try_rotate=False, try_downscale=False, try_invert=False)
        assert [code.text.replace("-", "") for code in codes] == [
            f"http://127.0.0.1:8000/credentials/{holder.verify_uuid}/"
        ], holder


def test_every_badge_holds_by_the_demos_own_key(demo, first_run):
    """Read out of the pictures that were handed out, and checked with the document that the site publishes."""
    rows = demo.query(
        "SELECT verify_uuid, artifact_name FROM lcred_credential"
        " WHERE credential_type_name = 'Peer Reviewer' AND status = 'available'"
    )
    assert rows
    answer = demo.manage(
        "shell",
        "--no-imports",
        "-c",
        "import json; from learning_credentials.services.public import get_did_document; print(json.dumps(get_did_document()))",
    )
    (method,) = json.loads(answer.stdout.splitlines()[-1])["verificationMethod"]
    key = VerifyingKey(method["publicKeyMultibase"])
    for verify_uuid, artifact in rows:
        text = unbake((demo.directory / "credentials" / artifact).read_bytes())
        badge = json.loads(text)
        verify_proof(badge, {method["id"]: key}.get)
        assert badge["id"] == f"urn:uuid:{UUID(verify_uuid)}"
        assert badge["credentialSubject"]["achievement"]["name"].startswith("Peer Reviewer")


def test_running_again_issues_nothing_and_leaves_no_process(demo, first_run):
    before = demo.query("SELECT * FROM lcred_credential ORDER BY uuid")

    again = demo.run()

    assert again.returncode == 0, again.stderr
    assert demo.query("SELECT * FROM lcred_credential ORDER BY uuid") == before
    assert again.stdout[again.stdout.index("learning context") :] == first_run[first_run.index("learning context") :]
    assert demo.list_processes() == []


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310  (our own server)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_served_demo_answers_the_public_and_ends_when_told(demo, certificates):
    with demo.serve() as address:
        status, home = fetch(f"{address}/")
        assert (status, "Astronomy for Everyone" in home) == (200, True)
        assert fetch(f"{address}/static/demo_lms/demo.css")[0] == 200
        assert "Meridian Open College" in fetch(f"{address}/login/")[1]
        shown = next(item for item in certificates if not item.is_hidden)
        status, page = fetch(f"{address}/credentials/{shown.verify_uuid}/")
        assert (status, html.escape(shown.name) in page) == (200, True)
        hidden = next(item for item in certificates if item.is_hidden)
        assert fetch(f"{address}/credentials/{hidden.verify_uuid}/")[0] == 404
        assert fetch(f"{address}/credentials/{'0' * 32}/")[0] == 404

    assert demo.list_processes() == []

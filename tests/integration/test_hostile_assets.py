"""Files of operators are checked by child processes: what hangs or bloats a reader neither hangs nor bloats the web process or a worker."""

from __future__ import annotations

import io
import resource
import sys
import time
import zlib
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image

from learning_credentials import api, children
from learning_credentials.children import Limits, NoAnswerError, Reason, Turns, checking
from learning_credentials.models import Credential, CredentialAsset, CredentialType
from tests.factories import CredentialAssetFactory, CredentialConfigurationFactory, UserFactory
from tests.unit.pdf.drawn_svgs import DRAWN, REFUSED
from tests.unit.pdf.support import make_pdf, make_png

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_database,
    pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are those of POSIX"),
]

QUESTION = Path(__file__).with_name("questions.py")
KEY = "course-v1:A+B+C"


@pytest.fixture(autouse=True)
def _with_children(app_settings):
    app_settings(CHECK_FILES_IN_CHILD=True)
    checking._accepted.clear()


def make_template(*objects: bytes, tail: bytes = b"") -> bytes:
    """A PDF of one page whose objects from the fourth on are given; the table of references is left for readers to mend."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << >> >>",
        *objects,
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, part) for number, part in enumerate(parts, start=1))
    return (
        b"%PDF-1.7\n"
        + body
        + b"trailer << /Root 1 0 R /Size %d >>\n" % (len(parts) + 1)
        + tail
        + b"startxref\n0\n%%EOF"
    )


def make_stream(content: bytes, name: bytes) -> bytes:
    return b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(content), name, content)


def deflate(size: int) -> bytes:
    """As many blanks, packed: the same piece again and again, since to pack them all takes long."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(1024 * 1024)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + piece * (size // 2**20) + packer.flush()


def make_endless_reference() -> bytes:
    content = make_template(make_stream(b"", b"/FlateDecode"))
    start = content.index(b"trailer")
    return content[
        :start
    ] + b"xref\n0 1\n0000000000 65535 f \ntrailer << /Root 1 0 R /Size 5 /Prev %d >>\nstartxref\n%d\n%%%%EOF" % (
        start,
        start,
    )


def make_large_png(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (side, side)).save(buffer, "PNG")
    return buffer.getvalue()


HOSTILE = {
    "run lengths": ("pdf_template", lambda: make_template(make_stream(b"\x81\0" * 7_500_000, b"/RunLengthDecode"))),
    "a gigabyte of blanks": ("pdf_template", lambda: make_template(make_stream(deflate(2**30), b"/FlateDecode"))),
    "packed twice": (
        "pdf_template",
        lambda: make_template(make_stream(zlib.compress(deflate(2**30)), b"[/FlateDecode /FlateDecode]")),
    ),
    "open dictionaries": (
        "pdf_template",
        lambda: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer <</Root " + b"<</A " * 3_000_000,
    ),
    "a page of endless pages": (
        "pdf_template",
        lambda: make_template(b"null").replace(b"/Kids [3 0 R]", b"/Kids [2 0 R 2 0 R]"),
    ),
    "too many pixels": ("image", lambda: make_large_png(20_000)),
    "rubbish for a font": ("font", lambda: b"\0\1\0\0" + bytes(range(256)) * 100_000),
    "a badge with too many pixels": ("badge_image", lambda: make_large_png(12_000)),
}


def check_use(own: resource.struct_rusage, others: resource.struct_rusage) -> None:
    """Compare what this process and its children took since then with what they may take."""
    now, after = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    assert now.ru_utime - own.ru_utime < 2
    assert after.ru_utime - others.ru_utime < checking.LIMITS.cpu_seconds + 2
    # In kilobytes. The upload itself is held some times over.
    assert now.ru_maxrss - own.ru_maxrss < 150_000


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_uploads_are_refused_within_bounds(name):
    kind, make = HOSTILE[name]
    asset = CredentialAsset(slug="bomb", kind=kind, file=ContentFile(make(), name="bomb"))
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)

    with pytest.raises(ValidationError) as caught:
        asset.full_clean()

    assert list(caught.value.message_dict) == ["file"]
    assert len(str(caught.value)) < 500
    check_use(own, others)


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        make_endless_reference,
        lambda: make_template(make_stream(b"", b"/X"), b"[" * 1_000_000),
        lambda: make_template(make_stream(b"", b"/FlateDecode"), *[b"<< /A 4 0 R >>"] * 100_000),
        lambda: make_template(b"[" * 1_000_000),
    ],
    ids=["a table of references that names itself", "deep objects", "100,000 objects", "deep contents"],
)
def test_odd_templates_are_read_or_refused_within_bounds(make):
    asset = CredentialAsset(slug="odd", kind="pdf_template", file=ContentFile(make(), name="odd.pdf"))
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)

    try:
        asset.full_clean()
    except ValidationError as error:
        assert list(error.message_dict) == ["file"]  # noqa: PT017
    check_use(own, others)


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("pdf_template", make_pdf),
        ("image", make_png),
        ("image", lambda: make_large_png(6_000)),
        ("badge_image", lambda: make_png(64, 64)),
        ("font", (Path(children.__file__).parents[1] / "pdf/fonts/NotoSansThai-Regular.ttf").read_bytes),
    ],
)
def test_ordinary_files_pass_and_are_checked_once(kind, make):
    content = make()
    asset = CredentialAsset(slug="fine", kind=kind, file=ContentFile(content, name="fine"))
    own = resource.getrusage(resource.RUSAGE_SELF)

    asset.full_clean()

    assert asset.sha256
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - own.ru_maxrss < 100_000
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    asset.full_clean()
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime == before.ru_utime


def test_a_template_that_was_stored_unchecked_is_checked_before_a_worker_opens_it(world):
    world.add_course_run(KEY, "Algebra")
    CredentialAssetFactory(slug="bomb", kind="pdf_template", content=HOSTILE["open dictionaries"][1]())
    configuration = CredentialConfigurationFactory(
        learning_context_key=KEY,
        credential_type__retrieval_func="tests.plugins.retrieve_everyone",
        credential_type__generation_func="learning_credentials.generators.generate_pdf_credential",
    )
    CredentialType.objects.update(custom_options={"template": "bomb"})
    world.enrol(UserFactory().pk, KEY)
    start = time.process_time()

    api.issue_pending_credentials(configuration.pk)

    credential = Credential.objects.get()
    assert (credential.status, credential.error_code) == (Credential.Status.ERROR, "asset_unusable")
    assert time.process_time() - start < 5


def test_drawings_are_converted_in_a_child_too():
    CredentialAsset(slug="logo", kind="image", file=ContentFile(DRAWN["masks"], name="logo.svg")).full_clean()
    for name in ("too many details", "entities", "copies of copies"):
        content, reason = REFUSED[name]
        with pytest.raises(ValidationError, match=reason):
            CredentialAsset(slug="bad", kind="image", file=ContentFile(content, name="bad.svg")).full_clean()


def test_while_too_many_files_are_checked_an_upload_is_asked_to_wait(monkeypatch):
    turns = Turns(1)
    turns.acquire(0)
    monkeypatch.setattr(checking, "_turns", turns)
    monkeypatch.setattr(checking, "WAITING_TIME", 0.1)
    asset = CredentialAsset(slug="fine", kind="image", file=ContentFile(make_png(), name="fine.png"))

    with pytest.raises(ValidationError, match="Try again later: the server is reading too many files at the moment"):
        asset.full_clean()
    turns.release()
    asset.full_clean()


def test_without_an_interpreter_files_are_checked_in_the_process_with_a_warning(monkeypatch, tmp_path, caplog):
    monkeypatch.setattr(sys, "executable", "/usr/sbin/uwsgi")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    children.find_python.cache_clear()
    try:
        CredentialAsset(slug="fine", kind="image", file=ContentFile(make_png(), name="fine.png")).full_clean()
        with pytest.raises(ValidationError, match="not a PNG, JPEG, WebP or SVG"):
            CredentialAsset(slug="bad", kind="image", file=ContentFile(b"GIF89a", name="bad.png")).full_clean()
    finally:
        monkeypatch.undo()
        children.find_python.cache_clear()
    assert "checked without limits of time and memory" in caplog.text


_HALF_A_GIGABYTE = 512 * 1024 * 1024


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "reason", "limits"),
    [
        ("spin", Reason.TIME, Limits(1, _HALF_A_GIGABYTE, 15)),
        ("eat", Reason.MEMORY, Limits(10, _HALF_A_GIGABYTE, 15)),
        ("sleep", Reason.OVERDUE, Limits(10, _HALF_A_GIGABYTE, 1)),
        ("abort", Reason.CRASH, Limits(10, _HALF_A_GIGABYTE, 15)),
        ("write", Reason.CRASH, Limits(10, _HALF_A_GIGABYTE, 15)),
    ],
)
def test_a_child_keeps_to_its_limits(act, reason, limits):
    start = time.monotonic()
    with pytest.raises(NoAnswerError) as caught:
        children.ask(QUESTION, b"abc", limits=limits, arguments=[act])
    assert caught.value.reason is reason
    assert time.monotonic() - start < 20


def test_a_child_gets_the_file_and_nothing_else(monkeypatch):
    monkeypatch.setenv("SECRET_THING", "x")
    answer = children.ask(QUESTION, b"abc", limits=Limits(5, 512 * 1024 * 1024, 20), arguments=["say"])
    assert answer["length"] == 3
    assert "SECRET_THING" not in answer["environment"]

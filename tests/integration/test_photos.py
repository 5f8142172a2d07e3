"""Photographs and scans of certificates are verified by their QR codes, in a child process, and nothing is kept."""

from __future__ import annotations

import io
import logging
import socket
import struct
import zlib
from datetime import timedelta

import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from learning_credentials import api, scans
from learning_credentials.children import Turns
from learning_credentials.exceptions import TransientError
from learning_credentials.models import Credential
from learning_credentials.scans import Medium, Obstacle, read_codes
from learning_credentials.storages import get_output_dir
from tests.factories import CourseCertificateFactory, CredentialFactory
from tests.integration.web_pages import Outline
from tests.photos import draw_page, save, take_photo

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_database,
    pytest.mark.usefixtures("no_requests_counted"),
]

URL = "/api/learning_credentials/v1/verify/"
PAGE = "/credentials/verify/"
SITE = "https://credentials.example.org"


def draw_code(text: str, scale: int = 8) -> Image.Image:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels = code.to_image(scale=scale, add_quiet_zones=True)
    return Image.frombytes("L", pixels.shape[::-1], bytes(memoryview(pixels))).convert("RGB")


def put_beside(*pictures: Image.Image) -> Image.Image:
    sheet = Image.new(
        "RGB", (sum(one.width + 40 for one in pictures), max(one.height for one in pictures) + 80), "white"
    )
    left = 20
    for one in pictures:
        sheet.paste(one, (left, 40))
        left += one.width + 40
    return sheet


def address(row, site: str = SITE) -> str:
    return f"{site}/credentials/{row.verify_uuid}/"


def send(client, content, name="photo.jpg"):
    response = client.post(URL, {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 200
    return response.json()


@pytest.fixture
def row():
    return CredentialFactory(available=True, user_full_name="Ada Example")


@pytest.fixture
def issued(course, enrol):
    """A certificate, and its file."""
    course.credential_type.generation_func = "learning_credentials.generators.generate_pdf_credential"
    course.credential_type.save()
    enrol("Ada")
    api.issue_pending_credentials(course.pk)
    row = Credential.objects.get()
    file, _media_type, _name = api.open_artifact(row.verify_uuid)
    with file:
        return row, file.read()


def test_a_printed_certificate_photographed_at_an_angle(issued, client):
    row, pdf = issued
    answer = send(client, save(take_photo(draw_page(pdf))))
    assert {name: answer[name] for name in ("is_valid", "verdict", "finding", "kind", "compared")} == {
        "is_valid": True,
        "verdict": "unchanged",
        "finding": "known_credential",
        "kind": "jpeg",
        "compared": "code",
    }
    assert answer["credential"]["verify_uuid"] == str(row.verify_uuid)
    assert answer["compared_message"] == (
        "The QR code leads to this credential. Compare the name and the date with the paper. Nothing else on it was checked."
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "photo",
    [
        {"size": (4000, 3000), "tilt": 0.3, "blur": 2},
        {"size": (2400, 1800), "tilt": 0.3, "blur": 1.8},
        {"size": (2000, 1500), "tilt": 0.1, "blur": 1.2, "noise": 30},
        {"size": (1600, 1200), "tilt": 0.2, "blur": 0.6},
        {"turn": 90},
        {"turn": 180},
        {"turn": 23},
    ],
    ids=str,
)
def test_other_photographs(issued, client, photo):
    row, pdf = issued
    answer = send(client, save(take_photo(draw_page(pdf), **photo)))
    assert answer["credential"]["verify_uuid"] == str(row.verify_uuid)


def test_on_the_page(issued, client):
    _row, pdf = issued
    photo = SimpleUploadedFile("photo.jpg", save(take_photo(draw_page(pdf))))
    page = Outline(client.post(PAGE, {"file": photo}))
    assert "This credential is valid" in page.text
    assert "unchanged" not in page.text
    assert "Nothing else on it was checked." in page.text
    assert "Ada Tester" in page.text


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp")])
def test_each_format(row, client, kind, name):
    answer = send(client, save(draw_code(address(row)), kind))
    assert (answer["kind"], answer["is_valid"]) == (name, True)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_that_says_how_it_was_held(row, client, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert send(client, save(draw_code(address(row)), exif=exif.tobytes()))["is_valid"]


def test_a_code_on_nothing(row, client):
    code = draw_code(address(row)).convert("L")
    clear = Image.merge("LA", (Image.new("L", code.size, 0), code.point(lambda level: 255 - level)))
    assert send(client, save(clear, "PNG"))["is_valid"]


class TestPDFs:
    def test_the_file_itself_is_answered_as_before(self, issued, client):
        _row, pdf = issued
        answer = send(client, pdf)
        assert (answer["finding"], answer["compared"], answer["is_valid"]) == ("same_file", "file", True)

    def test_one_that_was_edited_and_still_names_it_is_changed(self, issued, client):
        _row, pdf = issued
        writer = PdfWriter(clone_from=io.BytesIO(pdf))
        writer.pages[0].rotate(180)
        saved = io.BytesIO()
        writer.write(saved)
        answer = send(client, saved.getvalue())
        assert (answer["finding"], answer["compared"], answer["is_valid"]) == ("other_content", "file", False)

    def test_one_that_a_program_wrote_again_leads_to_the_credential_but_is_changed(self, issued, client):
        row, pdf = issued
        writer = PdfWriter()
        writer.add_page(PdfReader(io.BytesIO(pdf)).pages[0])
        saved = io.BytesIO()
        writer.write(saved)
        answer = send(client, saved.getvalue())
        assert (answer["kind"], answer["finding"], answer["is_valid"]) == ("pdf", "other_content", False)
        assert answer["credential"]["verify_uuid"] == str(row.verify_uuid)

    @pytest.mark.parametrize("kind", ["a page", "a photo"])
    def test_a_scan_is_answered_by_its_code(self, issued, client, kind):
        row, pdf = issued
        page = draw_page(pdf)
        answer = send(client, save(take_photo(page) if kind == "a photo" else page, "PDF", resolution=216))
        assert (answer["kind"], answer["finding"], answer["compared"]) == ("pdf", "known_credential", "code")
        assert (answer["is_valid"], answer["credential"]["verify_uuid"]) == (True, str(row.verify_uuid))

    def test_a_scan_with_text_that_the_scanner_recognised_is_a_scan(self, issued, client):
        _row, pdf = issued
        text = io.BytesIO()
        page = Canvas(text, pagesize=(842, 595))
        page.beginText()
        recognised = page.beginText(100, 100)
        recognised.setTextRenderMode(3)
        recognised.textLine("Ada Tester")
        page.drawText(recognised)
        page.save()
        writer = PdfWriter(clone_from=io.BytesIO(save(draw_page(pdf), "PDF", resolution=216)))
        writer.pages[0].merge_page(PdfReader(text).pages[0])
        saved = io.BytesIO()
        writer.write(saved)
        assert send(client, saved.getvalue())["is_valid"]

    def test_a_scan_with_the_certificate_on_its_third_page(self, issued, client):
        row, pdf = issued
        page = take_photo(draw_page(pdf), tilt=0.03, blur=0.8, noise=8)
        blank = Image.new("RGB", page.size, "white")
        scan = save(blank, "PDF", save_all=True, append_images=[blank, page], resolution=200)
        assert send(client, scan)["credential"]["verify_uuid"] == str(row.verify_uuid)

    def test_without_the_extra_it_says_so(self, row, client, monkeypatch):
        monkeypatch.setattr(scans, "find_spec", lambda name: None)
        answer = send(client, save(draw_code(address(row)), "PDF"))
        assert (answer["verdict"], answer["finding"]) == ("unknown", "unknown_file")
        assert "this site reads no QR codes in PDFs" in answer["message"]

    def test_one_without_a_code_is_not_known(self, client):
        answer = send(client, save(Image.new("RGB", (600, 800), "white"), "PDF"))
        assert (answer["finding"], answer["credential"]) == ("unknown_file", None)


class TestWhatCodesSay:
    def test_of_several_the_one_of_this_site(self, row, client):
        codes = [draw_code(text) for text in ("https://example.net/", "WIFI:S:guests;;", address(row), "4006381333931")]
        assert send(client, save(put_beside(*codes)))["credential"]["verify_uuid"] == str(row.verify_uuid)

    def test_of_several_credentials_the_one_that_looks_worst(self, row, client):
        gone = CredentialFactory(available=True)
        api.invalidate_credential(gone.pk, reason="Issued in error.")
        answer = send(client, save(put_beside(draw_code(address(row)), draw_code(address(gone)))))
        assert (answer["verdict"], answer["credential"]["verify_uuid"]) == ("revoked", str(gone.verify_uuid))

    @pytest.mark.parametrize("site", ["https://evil.example", "http://credentials.example.org.evil.example", "ftp://x"])
    def test_one_that_leads_elsewhere(self, row, client, site):
        photo = save(draw_code(address(row, site)))
        for content in (photo, save(draw_code(address(row, site)), "PDF")):
            answer = send(client, content)
            assert (answer["finding"], answer["is_valid"], answer["credential"]) == ("leads_elsewhere", False, None)
        assert answer["message"].startswith("The QR code leads to another site.")
        response = client.post(PAGE, {"file": SimpleUploadedFile("x.jpg", photo)})
        assert "evil" not in response.content.decode()
        assert "The QR code leads elsewhere" in Outline(response).text

    @pytest.mark.parametrize(
        "site", ["http://credentials.example.org", "HTTPS://Credentials.Example.Org:443", "https://old.example.net"]
    )
    def test_other_addresses_of_this_site(self, row, client, app_settings, site):
        app_settings(FORMER_BASE_URLS=["https://old.example.net"])
        assert send(client, save(draw_code(address(row, site))))["is_valid"]

    def test_an_id_without_an_address(self, row, client):
        assert send(client, save(draw_code(row.verify_uuid.urn)))["is_valid"]

    def test_codes_to_type_are_not_read_because_guesses_are_limited(self, row, client):
        assert send(client, save(draw_code(row.verify_code)))["finding"] == "no_code"

    def test_unknown_and_hidden_ones_are_answered_alike(self, client):
        hidden = CredentialFactory(available=True)
        CourseCertificateFactory(
            course_key=hidden.learning_context_key, available_date=timezone.now() + timedelta(days=1)
        )
        answers = [
            send(client, save(draw_code(address(one))))
            for one in (hidden, CredentialFactory(), CredentialFactory.build())
        ]
        for answer in answers:
            answer.pop("sha256")
        assert answers[0] == answers[1] == answers[2]
        assert answers[0]["finding"] == "unknown_credential"
        assert answers[0]["message"] == "The QR code leads to no credential that is known here."

    def test_a_revoked_one(self, row, client):
        api.invalidate_credential(row.pk, reason="Issued in error.")
        assert send(client, save(draw_code(address(row))))["verdict"] == "revoked"

    def test_a_picture_without_a_code(self, client):
        for kind in ("JPEG", "WEBP"):
            answer = send(client, save(Image.new("RGB", (300, 300), "white"), kind))
            assert (answer["finding"], answer["compared"]) == ("no_code", "nothing")
            assert answer["message"].startswith("No QR code could be read in the picture.")

    def test_a_png_without_a_code_may_be_a_badge(self, client):
        assert send(client, save(Image.new("RGB", (300, 300), "white"), "PNG"))["finding"] == "unknown_file"

    def test_a_format_that_is_not_read(self, client):
        answer = send(client, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(2000))
        assert answer["kind"] == "heic"
        assert answer["message"].startswith("Pictures in the format HEIC cannot be read.")


def test_no_address_is_fetched_and_nothing_is_kept_or_logged(row, client, monkeypatch, caplog):
    def refuse(*args):
        raise AssertionError("no connection is needed")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    caplog.set_level(logging.DEBUG)
    before = sorted(get_output_dir().rglob("*"))
    photo = save(put_beside(draw_code(address(row)), draw_code("https://evil.example/")))
    assert send(client, photo)["is_valid"]
    assert sorted(get_output_dir().rglob("*")) == before
    assert "evil.example" not in caplog.text
    assert str(row.verify_uuid) not in caplog.text


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def make_png(width: int, height: int) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10_000_000))) + chunk(b"IEND", b"")


def make_large_jpeg(width: int, height: int) -> bytes:
    """Return a small JPEG whose head says that it is large."""
    content = bytearray(save(Image.new("L", (8, 8), "white")))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


HOSTILE = {
    "a PNG of 60,000 pixels a side": (make_png(60_000, 60_000), Medium.PICTURE, Obstacle.TOO_LARGE),
    "a JPEG of 65,000 pixels a side": (make_large_jpeg(65_000, 65_000), Medium.PICTURE, Obstacle.TOO_LARGE),
    "a JPEG that ends early": (make_large_jpeg(12_000, 9_000), Medium.PICTURE, None),
    "a head alone": (b"\xff\xd8\xff\xe0", Medium.PICTURE, Obstacle.UNREADABLE),
    "no picture": (b"RIFF\0\0\0\0WEBPVP8 " + bytes(100), Medium.PICTURE, Obstacle.UNREADABLE),
    "no PDF": (b"%PDF-1.7\nrubbish", Medium.PDF, Obstacle.UNREADABLE),
    "nothing": (b"", Medium.PICTURE, Obstacle.UNREADABLE),
}


@pytest.mark.parametrize(("content", "medium", "obstacle"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_cost_little(content, medium, obstacle, client):
    scan = read_codes(content, medium)
    assert (scan.texts, scan.obstacle) == ((), obstacle)


def test_a_page_of_any_size_is_drawn_small(row):
    picture = draw_code(address(row), scale=4)
    writer = PdfWriter(clone_from=io.BytesIO(save(picture, "PDF")))
    writer.pages[0].scale_by(40)
    saved = io.BytesIO()
    writer.write(saved)
    assert read_codes(saved.getvalue(), Medium.PDF).texts == (address(row),)


def test_a_very_large_photo_is_read(row):
    code = draw_code(address(row), scale=20)
    photo = Image.new("L", (14_000, 10_000), "white")
    photo.paste(code.convert("L"), (9_000, 7_000))
    assert read_codes(save(photo), Medium.PICTURE).texts == (address(row),)


def test_what_takes_too_long_is_given_up(monkeypatch, client):
    monkeypatch.setattr(scans, "LIMITS", scans.LIMITS._replace(memory=60 * 1024 * 1024))
    answer = send(client, save(Image.new("RGB", (7_000, 7_000), "white"), "PNG"))
    assert answer["verdict"] == "unknown"
    assert answer["message"].startswith(("The picture is too large", "The file cannot be read"))


def test_while_too_many_files_are_read_it_asks_to_come_back(client, monkeypatch):
    monkeypatch.setattr(scans, "WAITING_TIME", 0.1)
    monkeypatch.setattr(scans, "_readers", Turns(1))
    scans._readers.acquire(0)
    with pytest.raises(TransientError, match="reading too many files"):
        read_codes(b"\xff\xd8\xff", Medium.PICTURE)
    response = client.post(URL, {"file": SimpleUploadedFile("x.jpg", b"\xff\xd8\xff")})
    assert (response.status_code, response["Retry-After"]) == (503, "30")


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda item: st.lists(item) | st.dictionaries(st.sampled_from(["texts", "obstacle"]), item),
    )
)
@example(answer={"texts": None, "obstacle": []})
def test_a_child_that_a_file_took_over_can_answer_anything(answer):
    scan = scans._read_answer(answer)
    assert all(isinstance(text, str) for text in scan.texts)

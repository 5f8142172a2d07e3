"""Names under which files are saved: as written, in every script, with a name in ASCII for old clients."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from django.test import Client

from learning_credentials.filenames import MAX_NAME_BYTES, clean_file_name, get_attachment_disposition, make_file_name
from learning_credentials.page_options import find_page_problems
from tests.factories import CredentialAssetFactory, CredentialFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

NAMES = [
    "คณิตศาสตร์",
    "น้ำ",
    "गणित",
    "தமிழ்",
    "বাংলা",
    "မြန်မာ",
    "ភាសាខ្មែរ",
    "می‌خواهم",
    "עִבְרִית",
    "العَرَبِيَّة",
    "数学",
    "математика",
    "수학",
    "café",
]


def read_names(header):
    """The name for today's clients and the one for old ones."""
    new = re.search(r"filename\*=utf-8''([^;]+)", header)
    old = re.search(r'filename="([^"]+)"', header)
    return unquote(new[1]) if new else "", old[1] if old else ""


def get_disposition(client, url):
    """The header of an answer that is read to its end."""
    response = client.get(url)
    assert response.status_code == 200
    response.getvalue()
    response.close()
    return response["Content-Disposition"]


@pytest.mark.parametrize(
    "name", [*NAMES, "Certificate of Achievement", "MATLAB für Anfänger", "C++ & C#", "iOS 19.1 (β)"]
)
def test_a_download_has_the_name_as_written(client, name):
    row = CredentialFactory(available=True, credential_type_name=name, learning_context_name="Kurs A")
    header = get_disposition(client, f"/credentials/{row.verify_uuid}/download/")
    new, old = read_names(header)
    assert (new or old) == f"{name} - Kurs A.txt"
    assert re.fullmatch(r"[A-Za-z0-9 .,()+&#-]+\.txt", old)
    assert old.endswith("Kurs A.txt")
    assert header.isascii()


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (["learner", "type"], "ليلى النجار - Certificate of Completion"),
        (["learner"], "ليلى النجار"),
        (["context", "learner"], "Marine Biology - ليلى النجار"),
    ],
)
def test_a_type_can_put_the_name_of_the_learner_first(client, parts, name):
    credential = CredentialFactory(
        available=True,
        user_full_name="ليلى النجار",
        credential_type_name="Certificate of Completion",
        learning_context_name="Marine Biology",
        configuration__credential_type__page_options={"file_name": parts},
    )
    extension = credential.artifact_name.rpartition(".")[2]
    found, _ = read_names(get_disposition(client, f"/credentials/{credential.verify_uuid}/download/"))
    assert found == f"{name}.{extension}"


@pytest.mark.parametrize(
    ("parts", "problem"),
    [(["learner", "learner"], "each part can be there once"), ([], "at least 1"), (["grade"], "'learner'")],
)
def test_other_parts_are_refused(parts, problem):
    found = find_page_problems({"file_name": parts})
    assert all(item.path.startswith("file_name") for item in found)
    assert problem in " ".join(item.message for item in found)


@pytest.mark.parametrize("name", NAMES)
def test_a_decomposed_name_is_composed(name):
    expected = f"{unicodedata.normalize('NFC', name)}.pdf"
    assert make_file_name(unicodedata.normalize("NFD", name), extension="pdf") == expected
    assert clean_file_name(unicodedata.normalize("NFD", f"{name}.pdf")) == expected


@pytest.mark.parametrize("name", NAMES)
def test_no_letter_loses_a_mark_where_a_name_is_cut(name):
    long = unicodedata.normalize("NFC", f"{name}x" * 60)
    one, two = make_file_name(long, long, extension="pdf"), clean_file_name(f"{long}.pdf")
    for whole in (one, two):
        assert len(whole.encode()) <= MAX_NAME_BYTES
    for part in (*one.removesuffix(".pdf").split(" - "), two.removesuffix(".pdf")):
        assert part
        assert long.startswith(part)
        assert unicodedata.category(long[len(part)])[0] != "M"


def test_a_long_text_leaves_room_for_the_other():
    name = make_file_name("証" * 255, "Algebra", extension="pdf")
    assert name.startswith("証" * 40)
    assert name.endswith(" - Algebra.pdf")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Math/Physics", "Math-Physics"),
        ("Intro: part 1", "Intro - part 1"),
        ("A | B \\ C", "A - B - C"),
        ('What is "AI"?', "What is 'AI'"),
        ("<b>*</b>", "b-b"),
        ("100 % done", "100 % done"),
        ("CON", "_CON"),
        ("lpt1", "_lpt1"),
        ("Connie", "Connie"),
        ("..hidden.", "hidden"),
        (" \t\u202ea\n\nb\x00 ", "a b"),
        ("...", "credential"),
        ("", "credential"),
    ],
)
def test_a_name_is_valid_in_every_file_system(text, name):
    assert make_file_name(text, extension="pdf") == f"{name}.pdf"
    new, old = read_names(get_attachment_disposition(f"{name}.pdf"))
    assert (new or old) == f"{name}.pdf"
    assert not set(new + old) & set('\\/:*?"<>|')


@pytest.mark.parametrize(
    ("name", "old"),
    [
        ("Größe", "Grosse"),
        ("Łódź", "Lodz"),
        ("Année – l’été", "Annee - l'ete"),
        ("100 %; done", "100 done"),
        ("数学", "credential"),
        ("数学 A", "A"),
    ],
)
def test_the_name_for_old_clients(name, old):
    header = get_attachment_disposition(f"{name}.pdf")
    assert read_names(header) == (f"{name}.pdf", f"{old}.pdf")


@pytest.mark.parametrize("name", ["गणित", "คณิตศาสตร์", "Mathe"])
@pytest.mark.parametrize("kind", ["export", "file"])
def test_exports_and_files_of_the_admin(name, kind):
    client = Client()
    client.force_login(UserFactory(superuser=True))
    row = CredentialFactory(
        available=True,
        configuration__learning_context_key=f"course-v1:Uni+{name}+2026",
        credential_type_name=name,
        learning_context_name="Kurs A",
    )
    address = "/admin/learning_credentials"
    slug = row.configuration.credential_type.slug
    path, expected = {
        "export": (
            f"credentialconfiguration/{row.configuration_id}/issued.csv",
            f"Issued - course-v1-Uni+{name}+2026 - {slug}.csv",
        ),
        "file": (f"credential/{row.pk}/artifact/", f"{name} - Kurs A.txt"),
    }[kind]
    new, old = read_names(get_disposition(client, f"{address}/{path}"))
    assert (new or old) == expected
    assert old.isascii()


def test_an_asset_is_shown_in_place_under_its_name():
    header = get_attachment_disposition("ลายเซ็น.png", is_inline=True)
    assert header.startswith("inline; filename=")
    assert read_names(header)[0] == "ลายเซ็น.png"
    client = Client()
    client.force_login(UserFactory(superuser=True))
    asset = CredentialAssetFactory(slug="Blue-Template", filename="ลายเซ็น.pdf")
    header = get_disposition(client, f"/admin/learning_credentials/credentialasset/{asset.pk}/file/")
    assert header == 'inline; filename="Blue-Template.pdf"'

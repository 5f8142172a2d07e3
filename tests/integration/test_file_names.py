"""Names under which files are saved: as written, in every script, with a name in ASCII for old clients."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

import pytest
from django.test import Client

from learning_credentials.filenames import MAX_NAME_BYTES, clean_file_name, get_attachment_disposition, make_stem
from tests.factories import CredentialAssetFactory, CredentialFactory, UserFactory

pytestmark = pytest.mark.django_db

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


@pytest.mark.parametrize("name", NAMES)
def test_a_download_has_the_name_as_written(client, name):
    row = CredentialFactory(available=True, credential_type_name=name, learning_context_name="Kurs")
    header = get_disposition(client, f"/credentials/{row.verify_uuid}/download/")
    new, old = read_names(header)
    assert new == f"{name}-kurs.txt"
    assert re.fullmatch(r"[a-z-]+\.txt", old)
    assert header.isascii()


@pytest.mark.parametrize("name", NAMES)
def test_a_decomposed_name_is_composed(name):
    assert make_stem(unicodedata.normalize("NFD", name)) == make_stem(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", NAMES)
def test_no_letter_loses_a_mark_where_a_name_is_cut(name):
    for part in (make_stem(name * 30), clean_file_name(f"{name * 30}.pdf").removesuffix(".pdf")):
        assert part
        assert len(part.encode()) <= 3 * MAX_NAME_BYTES
        rest = unicodedata.normalize("NFC", name * 30)[len(part) :]
        assert not rest or unicodedata.category(rest[0])[0] != "M"


@pytest.mark.parametrize("name", ["गणित", "คณิตศาสตร์", "mathe"])
def test_exports_and_files_of_the_admin(name):
    client = Client()
    client.force_login(UserFactory(superuser=True))
    row = CredentialFactory(available=True, configuration__learning_context_key=f"course-v1:Uni+{name}+2026")
    header = get_disposition(
        client, f"/admin/learning_credentials/credentialconfiguration/{row.configuration_id}/issued.csv"
    )
    new, old = read_names(header)
    assert f"course-v1-uni-{name}-2026" in (new or old)
    assert old.endswith(".csv")
    assert old.isascii()


def test_an_asset_is_shown_in_place_under_its_name():
    header = get_attachment_disposition("ลายเซ็น.png", is_inline=True)
    assert header.startswith("inline; filename=")
    assert read_names(header)[0] == "ลายเซ็น.png"
    client = Client()
    client.force_login(UserFactory(superuser=True))
    asset = CredentialAssetFactory()
    header = get_disposition(client, f"/admin/learning_credentials/credentialasset/{asset.pk}/file/")
    assert header.startswith('inline; filename="asset-')

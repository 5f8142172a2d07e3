"""The pages in a real browser: what keeps people out, what they do without scripts, on a phone, on paper, by keyboard."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.browser import showcase
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import CredentialFactory, UserFactory

EXPIRED = datetime(2020, 1, 1, tzinfo=UTC)
LOOKS = [
    pytest.param({"color_scheme": scheme, "locale": locale, "size": size}, id=f"{locale}-{scheme}-{name}")
    for locale in ("en", "ar")
    for scheme in ("light", "dark")
    for name, size in (("desktop", DESKTOP), ("phone", PHONE))
]


def url_of(row) -> str:
    return f"/credentials/{row.verify_uuid}/"


def make(locale, **kwargs):
    return (showcase.make_arabic if locale == "ar" else showcase.make_credential)(**kwargs)


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_keeps_anyone_out_of_the_page(visit, list_barriers, look):
    page = visit(url_of(make(look["locale"], expires_at=datetime(2099, 1, 1, tzinfo=UTC))), **look)
    assert page.locator("html").get_attribute("dir") == ("rtl" if look["locale"] == "ar" else "ltr")
    assert page.locator(".verdict").is_visible()
    assert list_barriers(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_keeps_anyone_out_of_what_no_longer_holds(visit, list_barriers, look):
    row = make(look["locale"], state="invalidated", invalidation_reason="The examination was repeated.")
    CredentialFactory(user=row.user, configuration=row.configuration, available=True, replaces=row)
    assert list_barriers(visit(url_of(row), **look)) == []
    expired = make(look["locale"], expires_at=EXPIRED, type_name="Another", type_slug="another")
    assert list_barriers(visit(url_of(expired), **look)) == []


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_keeps_anyone_out_of_the_list(visit, list_barriers, look):
    user = UserFactory()
    kinds = {
        "One": {},
        "Two": {"is_indexable": True},
        "Three": {"state": "invalidated"},
        "Four": {"expires_at": EXPIRED},
    }
    for name, more in kinds.items():
        make(look["locale"], user=user, type_name=name, **more)
    page = visit("/credentials/", user=user, **look)
    assert page.locator(".credential-list > li").count() == 4
    assert list_barriers(page) == []
    assert list_barriers(visit("/credentials/", user=UserFactory(), **look)) == []


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_keeps_anyone_out_of_the_messages(visit, list_barriers, look):
    refused = make(look["locale"], type_download_policy="owner", type_name="Private")
    revoked = make(look["locale"], state="invalidated", type_name="Revoked")
    for path, status in (
        ("/credentials/unknown/", 404),
        (f"{url_of(refused)}download/", 403),
        (f"{url_of(revoked)}download/", 410),
    ):
        assert list_barriers(visit(path, status=status, **look)) == []


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_keeps_anyone_out_of_checking_a_file(visit, list_barriers, look):
    certificate = b"%PDF-1.7 as it was issued"
    CredentialFactory(available=True, content=certificate, artifact_media_type="application/pdf")
    for content in (None, certificate, b"anything else"):
        page = visit("/credentials/verify/", **look)
        if content:
            page.locator("#file").set_input_files({"name": "a.pdf", "mimeType": "", "buffer": content})
            page.locator("form button").click()
            page.locator(".verdict").wait_for()
        assert list_barriers(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_keeps_anyone_out_of_typing_a_code(visit, list_barriers, look):
    row = CredentialFactory(available=True)
    for typed in (row.verify_code, f"{row.verify_code[:-1]}U", "anything else"):
        page = visit("/credentials/verify/", **look)
        page.locator("#code").fill(typed)
        page.locator("#code").press("Enter")
        page.locator(".verdict").wait_for()
        assert list_barriers(page) == []


@pytest.mark.parametrize(("is_phone", "is_offered"), [(True, True), (False, False)])
def test_a_phone_offers_its_camera(visit, is_phone, is_offered):
    page = visit("/credentials/verify/", **({"has_touch": True, "is_mobile": True} if is_phone else {}))
    assert page.locator("#photo").is_visible() == is_offered


@pytest.mark.parametrize("accent", ["#ffff00", "#000000", "#ffffff", "#ff0066"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_any_accent_leaves_the_page_readable(visit, list_barriers, accent, scheme):
    page = visit(url_of(showcase.make_credential(type_page_options={"accent": accent})), color_scheme=scheme)
    assert list_barriers(page) == []


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_the_longest_words_fit_a_small_phone(visit, locale):
    row = CredentialFactory(
        available=True, user_full_name="W" * 255, learning_context_name="م" * 255, credential_type_name="証" * 255
    )
    page = visit(url_of(row), size={"width": 320, "height": 600}, locale=locale)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_images_are_there(visit):
    page = visit(url_of(showcase.make_credential()))
    sizes = page.evaluate(
        "[...document.images].map((image) => [image.getAttribute('src').split('/')[3], image.naturalWidth])"
    )
    assert [name for name, _width in sizes] == ["logo", "qr.svg", "picture"]
    assert all(width > 0 for _name, width in sizes)


def test_the_address_is_copied(visit, site):
    row = showcase.make_credential()
    page = visit(url_of(row), permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("The address was copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}{url_of(row)}"


def test_without_scripts_the_address_is_there_to_be_copied_by_hand(visit, site):
    row = showcase.make_credential()
    page = visit(url_of(row), java_script_enabled=False)
    assert page.get_by_label("Address of this page").input_value() == f"{site}{url_of(row)}"
    assert not page.get_by_text("Copy", exact=True).is_visible()


def test_the_keyboard_goes_past_the_head_and_through_all_links(visit):
    page = visit(url_of(showcase.make_credential()))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id"))
    places = [reached.index(name) for name in ("Example University", "Download", "address", "Copy", "Share on X")]
    assert places == sorted(places)


def test_arabic_runs_from_right_to_left(visit):
    page = visit(url_of(showcase.make_arabic()), locale="ar")
    heading, code = (page.locator(place).bounding_box() for place in ("h1", ".qr"))
    assert code["x"] < heading["x"]
    assert page.get_by_text("تم التحقق: هذه الشهادة سارية").is_visible()


def test_paper_has_what_verifies_and_no_buttons(visit):
    row = showcase.make_credential()
    page = visit(url_of(row), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator(".button").first.is_visible()
    assert not page.locator(".share").is_visible()
    for place in (".verdict", ".facts", ".qr"):
        assert page.locator(place).is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"


def test_a_learner_lets_search_engines_in_by_a_button(visit):
    user = UserFactory()
    row = showcase.make_credential(user=user)
    page = visit("/credentials/", user=user)
    page.get_by_role("button", name="Let search engines list it: Certificate of Achievement").click()
    page.get_by_text("Search engines may list its page.").wait_for()
    row.refresh_from_db()
    assert row.is_indexable is True


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_keeps_anyone_out_of_the_description_of_the_rest_api(visit, list_barriers, scheme, size):
    page = visit("/api/learning_credentials/v1/schema/", color_scheme=scheme, size=size)
    assert list_barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.get_by_role("navigation").get_by_role("link", name="/verify/").click()
    assert page.evaluate("location.hash && document.querySelector(location.hash) !== null")

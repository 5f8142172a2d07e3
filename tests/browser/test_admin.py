"""Pages of the app's own in the admin in a real browser: nothing keeps operators out, and they look like the pages around them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.browser.conftest import DESKTOP
from tests.factories import (
    CourseCertificateFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    CredentialTypeFactory,
    IssuerFactory,
    UserFactory,
)

NARROW = {"width": 390, "height": 800}
LOOKS = [
    pytest.param({"color_scheme": scheme, "size": size}, id=f"{scheme}-{name}")
    for scheme in ("light", "dark")
    for name, size in (("desktop", DESKTOP), ("phone", NARROW))
]
# Django names a warning about time zones that it shows only where there is one.
DANGLING = """() => [...document.querySelectorAll("[aria-describedby]")].flatMap((element) => element.getAttribute("aria-describedby")
    .split(" ").filter((id) => id && !id.includes("timezone_warning") && !document.getElementById(id)))"""


@pytest.fixture
def operator(transactional_db):
    return UserFactory(superuser=True, username="ada")


def url(row, page="change", **query):
    return reverse(f"admin:learning_credentials_{row._meta.model_name}_{page}", args=[row.pk])


def list_url(name, page="changelist"):
    return reverse(f"admin:learning_credentials_{name}_{page}")


def select(page, action):
    """Select all rows of a list, and choose what to do to them."""
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(action)
    page.locator("button[name=index]").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_keeps_anyone_out_of_pages_that_ask(visit, list_barriers, operator, look):
    credential = CredentialFactory(available=True)
    pages = [
        *(url(credential, page) for page in ("invalidate", "reissue", "change_expiry", "override_date")),
        url(credential.configuration, "copy"),
        list_url("certificateinvalidation", "add"),
        list_url("coursecertificate", "add"),
        url(CourseCertificateFactory()),
    ]
    for path in pages:
        page = visit(path, user=operator, **look)
        assert list_barriers(page) == []
        assert page.evaluate(DANGLING) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= look["size"]["width"]


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_keeps_anyone_out_of_results(visit, list_barriers, operator, look):
    configuration = CredentialConfigurationFactory()
    rows = [CredentialFactory(available=True, configuration=configuration) for _ in range(2)]
    page = visit(list_url("credential"), user=operator, **look)
    select(page, "invalidate_selected")
    other = visit(url(rows[0], "invalidate"), user=operator)
    other.locator("textarea").fill("Issued twice.")
    other.locator(".submit-row input").click()
    other.get_by_text("1 credential was revoked.").wait_for()
    page.locator("textarea").fill("The work was copied.")
    page.locator(".submit-row input").click()
    page.locator("#left-out").wait_for()
    assert list_barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= look["size"]["width"]


@pytest.mark.parametrize("look", LOOKS)
def test_the_way_to_a_page_looks_as_on_every_other_page(visit, operator, look):
    row = CredentialFactory(available=True)
    paint = """() => { const style = getComputedStyle(document.querySelector(".breadcrumbs"));
        return [style.backgroundColor, style.color, style.paddingTop]; }"""
    theirs = visit(list_url("credential"), user=operator, **look).evaluate(paint)
    assert visit(url(row, "invalidate"), user=operator, **look).evaluate(paint) == theirs


def test_a_date_is_picked_from_a_calendar(visit, operator):
    row = CredentialFactory(available=True)
    page = visit(url(row, "override_date"), user=operator)
    icon = page.locator(".date-icon")
    icon.wait_for()
    assert icon.bounding_box()["width"] >= 16
    icon.click()
    page.locator(".calendarbox").wait_for()


@pytest.mark.parametrize("make", [IssuerFactory, CredentialTypeFactory, CourseCertificateFactory])
def test_a_conflict_stands_in_a_frame(visit, operator, make):
    row = make()
    name = "certificate_type" if make is CourseCertificateFactory else "name"
    page = visit(url(row), user=operator)
    type(row).objects.filter(pk=row.pk).update(**{name: "verified"})
    page.locator("input[name=_save]").first.click()
    conflict = page.locator(".lcred-conflict")
    conflict.wait_for()
    assert conflict.evaluate("(element) => getComputedStyle(element).borderTopWidth") == "2px"


def test_long_tables_scroll_by_keyboard(visit, list_barriers, operator):
    row = CredentialFactory(available=True)
    page = visit(url(row), user=operator, size=NARROW)
    assert [line for line in list_barriers(page) if "scrollable" in line] == []
    assert page.locator("#history").get_attribute("tabindex") == "0"

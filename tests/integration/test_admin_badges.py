"""The admin of what verification needs: pictures of badges, looks of the page, status lists, and what was looked at how often."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from learning_credentials.badges.baking import PNG, SVG, get_default_image
from learning_credentials.badges.keys import create_key
from learning_credentials.models import CredentialAsset, CredentialType, DailyCount, Issuer, StatusList, TypeBadgeImage
from learning_credentials.services.credentials import status_lists
from tests.factories import CredentialAssetFactory, CredentialFactory, CredentialTypeFactory
from tests.integration.admin_pages import count_queries, form_errors, staff_with
from tests.integration.admin_types import change_url, form

pytestmark = pytest.mark.django_db

ADD_TYPE = reverse("admin:learning_credentials_credentialtype_add")
ADD_ASSET = reverse("admin:learning_credentials_credentialasset_add")
CREDENTIALS = reverse("admin:learning_credentials_credential_changelist")
LISTS = reverse("admin:learning_credentials_statuslist_changelist")


@pytest.fixture
def pictures():
    return [CredentialAssetFactory(kind="badge_image", slug=slug) for slug in ("bronze", "gold")]


def url(model, row, page="change"):
    return reverse(f"admin:learning_credentials_{model}_{page}", args=[row.pk])


# Types


def test_a_type_is_saved_with_its_pictures_and_looks(admin, pictures):
    response = admin.post(
        ADD_TYPE,
        form(
            **{
                "description": "Can dive.",
                "criteria": "Dive.",
                "image": pictures[0].pk,
                "badge_shows_results": "on",
                "download_policy": "owner",
                "page_options": '{"accent": "#1D5FA8", "modes": {"honor": {"logo": "hidden"}}}',
                "badge_images-TOTAL_FORMS": "1",
                "badge_images-0-mode": "verified",
                "badge_images-0-image": pictures[1].pk,
            }
        ),
    )
    assert response.status_code == 302, response.context["adminform"].form.errors
    saved = CredentialType.objects.get()
    assert (saved.image, saved.badge_shows_results, saved.download_policy) == (pictures[0], True, "owner")
    assert saved.page_options["modes"] == {"honor": {"logo": "hidden"}}
    assert [(place.mode, place.image) for place in saved.badge_images.all()] == [("verified", pictures[1])]
    page = admin.get(change_url(saved)).content.decode()
    for picture in pictures:
        assert f'<img class="lcred-thumbnail" src="{url("credentialasset", picture, "file")}"' in page


def test_only_badge_images_are_offered_and_taken(admin, pictures):
    logo = CredentialAssetFactory(kind="image", slug="logo")
    page = admin.get(ADD_TYPE)
    assert list(page.context["adminform"].form.fields["image"].queryset) == pictures
    response = admin.post(ADD_TYPE, form(image=logo.pk))
    assert form_errors(response, "image")
    response = admin.post(
        ADD_TYPE,
        form(
            **{
                "badge_images-TOTAL_FORMS": "1",
                "badge_images-0-mode": "verified",
                "badge_images-0-image": logo.pk,
            }
        ),
    )
    assert response.status_code == 200
    assert not CredentialType.objects.exists()


def test_two_pictures_for_one_mode_are_refused(admin, pictures):
    rows = {
        f"badge_images-{index}-{name}": value
        for index in (0, 1)
        for name, value in (("mode", "honor"), ("image", pictures[index].pk))
    }
    response = admin.post(ADD_TYPE, form(**rows, **{"badge_images-TOTAL_FORMS": "2"}))
    assert response.status_code == 200
    assert not TypeBadgeImage.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"accent": "blue"}', "accent: 'blue' is not a colour"),
        ('{"acent": "#112233"}', "acent"),
        ('{"modes": {"honor": {"logo": "left"}}}', "modes.honor.logo"),
        ('{"intro": {"English": "Hello"}}', "intro"),
        ("[1]", "must be a JSON object"),
        ('{"a": }', "line 1, column 7"),
    ],
)
def test_mistakes_in_page_options_are_named_with_their_place(admin, text, said):
    (problem, *_others) = form_errors(admin.post(ADD_TYPE, form(page_options=text)), "page_options")
    assert said in problem


def test_page_options_are_explained(admin):
    page = admin.get(ADD_TYPE).content.decode()
    for name in ("accent", "sections", "intro", "modes"):
        assert f"<code>{name}</code>" in page
    assert "Different options for single enrolment modes" in page


# Assets


@pytest.mark.parametrize(("media_type", "name"), [(PNG, "badge.png"), (SVG, "badge.svg")])
def test_badge_images_are_uploaded_and_shown(admin, media_type, name):
    content = get_default_image(media_type).content
    data = {"slug": "diver", "kind": "badge_image", "file": SimpleUploadedFile(name, content)}
    assert admin.post(ADD_ASSET, data).status_code == 302
    asset = CredentialAsset.objects.get()
    page = admin.get(url("credentialasset", asset)).content.decode()
    assert f'<img class="lcred-thumbnail" src="{url("credentialasset", asset, "file")}"' in page
    response = admin.get(url("credentialasset", asset, "file"))
    assert (response["Content-Type"], response.getvalue()) == (media_type, content)
    assert response["X-Content-Type-Options"] == "nosniff"
    if media_type == SVG:
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><script>alert(1)</script></svg>"],
)
def test_what_is_no_badge_image_is_refused(admin, content):
    data = {"slug": "diver", "kind": "badge_image", "file": SimpleUploadedFile("badge.svg", content)}
    assert form_errors(admin.post(ADD_ASSET, data), "file")
    assert not CredentialAsset.objects.exists()


def test_a_picture_of_a_mode_names_its_type_and_cannot_be_deleted(admin, pictures):
    place = TypeBadgeImage.objects.create(credential_type=CredentialTypeFactory(), mode="verified", image=pictures[1])
    page = admin.get(url("credentialasset", pictures[1])).content.decode()
    assert url("credentialtype", place.credential_type) in page
    assert "verified" in page
    admin.post(url("credentialasset", pictures[1], "delete"), {"post": "yes"})
    assert CredentialAsset.objects.filter(slug="gold").exists()


# Status lists


def make_revoked(number: int) -> None:
    for _ in range(number):
        row = CredentialFactory(invalidated=True)
        status_lists.ensure_place(row)


def test_status_lists_tell_how_full_they_are_and_what_was_revoked(admin):
    make_revoked(2)
    row = CredentialFactory(available=True)
    list_id, index = status_lists.ensure_place(row)
    page = admin.get(LISTS).content.decode()
    assert "3 of 65,536" in page
    (target,) = re.findall(r'href="([^"]*status_list__id__exact[^"]*)"', page)
    found = admin.get(target.replace("&amp;", "&"))
    assert found.status_code == 200
    assert found.context["cl"].result_count == 2
    page = admin.get(url("credential", row)).content.decode()
    assert f"place {index} in list {list_id}" in page
    assert url("statuslist", StatusList.objects.get()) in page


def test_status_lists_are_for_reading_and_show_no_secret(admin):
    made = StatusList.objects.create(is_mirrored=False, allocated=70_000, closed_at=timezone.now())
    page = admin.get(url("statuslist", made))
    assert page.status_code == 200
    assert "70,000 of 131,072" in page.content.decode()
    assert "lost credentials" not in page.content.decode()
    made.revoked_places.create(index=5)
    assert "and 1 of lost credentials" in admin.get(url("statuslist", made)).content.decode()
    assert made.secret not in page.content.decode()
    assert admin.get(reverse("admin:learning_credentials_statuslist_add")).status_code == 403
    assert admin.post(url("statuslist", made), {"allocated": 0}).status_code == 403
    assert admin.get(url("statuslist", made, "delete")).status_code == 403


def test_the_lists_take_as_many_queries_for_many(admin):
    make_revoked(1)
    before = count_queries(admin, LISTS)
    for _ in range(3):
        StatusList.objects.create()
    assert count_queries(admin, LISTS) == before


# Credentials


def test_the_badge_is_linked_where_there_is_one(admin, app_settings):
    row = CredentialFactory(available=True)
    status_lists.ensure_place(row)
    assert "it has no key" in admin.get(url("credential", row)).content.decode()
    key = {"private_key": create_key().export(), "is_active": True}
    app_settings(SIGNING_KEYS=[key])
    page = admin.get(url("credential", row)).content.decode()
    for name in ("badge.json", "badge.png", "badge.svg"):
        address = f"/credentials/{row.verify_uuid}/{name}"
        assert f'href="{address}"' in page
        assert admin.get(address).status_code == 200
    revoked = CredentialFactory(invalidated=True)
    status_lists.ensure_place(revoked)
    assert "badge.json" not in admin.get(url("credential", revoked)).content.decode()


def test_what_was_achieved_is_shown_as_it_was_issued(admin):
    row = CredentialFactory(available=True, achievement={"type": "diver", "description": "Can dive."})
    assert "Can dive." in admin.get(url("credential", row)).content.decode()


def visit(row, ago, verifications, downloads=0):
    day = timezone.localdate() - timedelta(days=ago)
    DailyCount.objects.create(credential=row, day=day, verifications=verifications, downloads=downloads)


def test_visits_are_told_in_numbers_and_as_a_chart(admin):
    row = CredentialFactory(available=True)
    visit(row, 40, 30, 2)
    visit(row, 29, 6)
    visit(row, 0, 3, 3)
    page = admin.get(url("credential", row)).content.decode()
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["39", "5"]
    assert "9 verifications, 3 downloads" in page, "of the last thirty days"
    assert "The latest visits can take some seconds to appear." in page
    assert page.count('class="lcred-day"') == 30
    assert page.count('class="lcred-verifications" width') == 2
    heights = [
        float(height) for height in re.findall(r'class="lcred-\w+" (?:y="[\d.]+" )?width="8" height="([\d.]+)"', page)
    ]
    assert max(heights) <= 48
    assert "39 / 5" in admin.get(CREDENTIALS).content.decode()


def test_an_unfinished_credential_has_no_visits(admin):
    assert "lcred-chart" not in admin.get(url("credential", CredentialFactory())).content.decode()


def test_the_list_tells_visits_by_one_query_for_all(admin):
    rows = [CredentialFactory(available=True)]
    visit(rows[0], 3, 12, 4)
    visit(rows[0], 0, 1)
    before = count_queries(admin, CREDENTIALS)
    assert "13 / 4" in admin.get(CREDENTIALS).content.decode()
    rows += CredentialFactory.create_batch(4, available=True)
    for row in rows[1:]:
        visit(row, 0, 2)
    assert count_queries(admin, CREDENTIALS) == before


def test_who_may_look_may_look_at_visits_and_lists(client):
    client.force_login(staff_with("view_credential", "view_statuslist"))
    row = CredentialFactory(available=True)
    status_lists.ensure_place(row)
    assert client.get(url("credential", row)).status_code == 200
    assert client.get(LISTS).status_code == 200


@pytest.mark.parametrize(
    "address", ["ftp://example.org/", "FTPS://example.org/", "javascript:alert(1)", "mailto:a@b.example"]
)
def test_an_issuer_has_an_address_that_a_browser_opens(admin, address):
    form = {"name": "Example University", "url": address, "email": "", "key_ids": "[]"}
    response = admin.post("/admin/learning_credentials/issuer/add/", form)
    assert response.status_code == 200
    assert "url" in response.context["adminform"].form.errors
    assert not Issuer.objects.filter(name="Example University").exists()
    for good in ("https://example.org/", "http://example.org/a?b#c", "HTTPS://EXAMPLE.ORG"):
        response = admin.post("/admin/learning_credentials/issuer/add/", {**form, "url": good})
        assert response.status_code == 302, good

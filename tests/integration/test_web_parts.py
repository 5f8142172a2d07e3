"""What the public page tells beside the verdict, and what a type's options make of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test.utils import override_script_prefix
from django.utils import timezone

from learning_credentials.page_options import find_page_problems
from learning_credentials.web.colours import DARK_SURFACE, LEAST_CONTRAST, LIGHT_SURFACE, get_contrast, make_theme
from tests.factories import CourseCertificateFactory, CredentialAssetFactory, CredentialFactory, make_png
from tests.integration.web_pages import Outline, page_url

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = "https://credentials.example.org"
EVIDENCE = {"current_grades": {"Exam": 0.5, "Total": 0.92}, "letter_grade": "A", "current_completion": 0.8}


def make(**kwargs):
    """An available credential whose type has the given ``type_…`` values."""
    return CredentialFactory(
        available=True,
        **{
            f"configuration__credential_type__{key[5:]}" if key.startswith("type_") else key: value
            for key, value in kwargs.items()
        },
    )


def get_page(client, row, **headers) -> Outline:
    response = client.get(page_url(row.verify_uuid), headers=headers)
    assert response.status_code == 200
    return Outline(response)


# What was achieved


def test_what_was_achieved_is_told_as_it_was_at_the_issue(client):
    row = make(
        achievement={"description": "Then.\nIn two lines.", "criteria": "Then an exam.", "image": ""},
        type_description="Now.",
        type_criteria="Now an essay.",
    )
    text = get_page(client, row).text
    assert "Then." in text
    assert "Then an exam." in text
    assert "Now" not in text


def test_credentials_without_that_record_tell_what_their_type_says(client):
    text = get_page(client, make(type_description="Now.", type_criteria="Now an essay.")).text
    assert "Now." in text
    assert "Now an essay." in text


def test_nothing_is_said_where_there_is_nothing_to_say(client):
    page = get_page(client, make())
    assert "What was achieved" not in page.text
    assert "How it is earned" not in page.text


@pytest.mark.parametrize(("language", "grade"), [("en", "92%"), ("fr", "92 %")])
def test_results_are_shown_where_the_type_says_so(client, language, grade):
    row = make(evidence=EVIDENCE, type_badge_shows_results=True)
    text = " ".join(get_page(client, row, accept_language=language).text.split())
    assert grade in text
    assert re.search(r"80\s?%", text)
    assert "Exam" not in text  # grades of parts are nobody else's business
    assert not re.search(r"50\s?%", text)


def test_results_are_nobodys_business_otherwise(client):
    text = get_page(client, make(evidence=EVIDENCE)).text
    assert "92%" not in text
    assert "Grade" not in text


@pytest.mark.parametrize(
    "evidence", [{"grade": "B+"}, {"current_grades": {"Total": None}}, {"current_grades": []}, [], {"mode": 3}]
)
def test_evidence_of_any_shape_breaks_nothing(client, evidence):
    text = get_page(client, make(evidence=evidence, type_badge_shows_results=True)).text
    assert ("B+" in text) == (evidence == {"grade": "B+"})


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("certificate_status:notpassing", "no longer meets the requirements"),
        ("certificate_status:unverified", "identity of the holder"),
        ("certificate_status:something", "no longer entitled"),
        ("Copied <b>everything</b>.", "Copied <b>everything</b>."),
    ],
)
def test_reasons_are_words(client, stored, shown):
    row = CredentialFactory(invalidated=True, invalidation_reason=stored)
    text = get_page(client, row).text
    assert shown in text
    assert "certificate_status" not in text


# Replaced


def test_a_successor_is_linked_only_once_it_may_be_seen(client, visits_are_gathered, django_assert_max_num_queries):
    row = CredentialFactory(invalidated=True)
    successor = CredentialFactory(
        available=True,
        user=row.user,
        configuration=row.configuration,
        replaces=row,
        learning_context_key="course-v1:Later+1+1",
    )
    run = CourseCertificateFactory(
        course_key=successor.learning_context_key, available_date=timezone.now() + timedelta(days=1)
    )
    url = page_url(successor.verify_uuid)
    page = get_page(client, row)
    assert url not in page.links()
    assert "It was revoked on June 1, 2026" in page.text
    assert client.get(page_url(row.verify_uuid), headers={"accept": "application/json"}).json()["replaced_by"] is None
    run.available_date = timezone.now()
    run.save()
    with django_assert_max_num_queries(2):
        page = get_page(client, row)
    assert url in page.links()
    assert "It was replaced on June 1, 2026" in page.text


def test_an_unfinished_successor_is_not_linked(client):
    row = CredentialFactory(invalidated=True)
    successor = CredentialFactory(user=row.user, configuration=row.configuration, replaces=row, is_current=None)
    assert page_url(successor.verify_uuid) not in get_page(client, row).links()


@pytest.mark.parametrize("count", [0, 5])
def test_the_page_asks_one_question_whatever_it_shows(client, visits_are_gathered, django_assert_num_queries, count):
    row = make(
        evidence=EVIDENCE,
        type_badge_shows_results=True,
        type_description="Words.",
        type_image=CredentialAssetFactory(),
        type_page_options={"accent": "#aa0000", "intro": {"default": "Hello."}},
        issuer={"name": "Institute", "url": "", "email": "", "logo": CredentialAssetFactory().slug},
    )
    for _ in range(count):
        make(configuration=row.configuration)
    with django_assert_num_queries(1):
        get_page(client, row)


# Share


def test_share_links_are_plain_addresses_of_the_page(client):
    row = make(
        credential_type_name="Certificate & more",
        learning_context_name="Maths 1/2",
        issuer={"name": "Institute", "url": "", "email": "", "logo": ""},
        expires_at=datetime(2099, 3, 31, tzinfo=UTC),
    )
    page = get_page(client, row)
    url = f"{SITE}{page_url(row.verify_uuid)}"
    links = {urlsplit(link).netloc + urlsplit(link).path: parse_qs(urlsplit(link).query) for link in page.links()}
    assert links["www.linkedin.com/profile/add"] == {
        "startTask": ["CERTIFICATION_NAME"],
        "name": ["Certificate & more: Maths 1/2"],
        "organizationName": ["Institute"],
        "issueYear": ["2026"],
        "issueMonth": ["6"],
        "expirationYear": ["2099"],
        "expirationMonth": ["3"],
        "certUrl": [url],
        "certId": [str(row.verify_uuid)],
    }
    assert links["www.facebook.com/sharer/sharer.php"] == {"u": [url]}
    assert links["x.com/intent/post"] == {"url": [url], "text": ["Certificate & more: Maths 1/2"]}
    assert links["www.linkedin.com/sharing/share-offsite/"] == {"url": [url]}
    field = next(attrs for attrs in page.all("input") if attrs["id"] == "address")
    assert (field["value"], "readonly" in field) == (url, True)
    button = next(attrs for attrs in page.all("button") if "data-copies" in attrs)
    assert "hidden" in button  # until the script can do what it says


@pytest.mark.parametrize(
    "row",
    [{"invalidated": True}, {"available": True, "expires_at": datetime(2020, 1, 1, tzinfo=UTC)}],
    ids=["revoked", "expired"],
)
def test_what_does_not_hold_is_not_offered_for_sharing(client, row):
    page = get_page(client, CredentialFactory(**row))
    assert not any("linkedin" in link for link in page.links())
    assert page.all("script") == page.all("input") == []
    assert page.meta("og:title").startswith(("No longer valid", "Expired"))


def test_open_graph(client):
    row = make(content=make_png(), artifact_media_type="image/png", user_full_name='A "quoted" name')
    page = get_page(client, row)
    assert page.meta("og:url") == f"{SITE}{page_url(row.verify_uuid)}"
    assert page.meta("og:image") == f"{SITE}{page_url(row.verify_uuid, 'picture/')}"
    assert page.meta("og:title").endswith('A "quoted" name')
    assert page.meta("og:image:alt") == "Picture of the certificate"


# Search engines


def test_the_learner_lets_search_engines_in(client):
    row = make(is_indexable=True)
    response = client.get(page_url(row.verify_uuid))
    assert response["X-Robots-Tag"] == "all"
    assert Outline(response).meta("robots") is None
    row.is_indexable = False
    row.save()
    response = client.get(page_url(row.verify_uuid))
    assert (response["X-Robots-Tag"], Outline(response).meta("robots")) == ("noindex", "noindex")


def test_what_does_not_hold_is_never_collected(client):
    for row in (
        CredentialFactory(invalidated=True, is_indexable=True),
        make(is_indexable=True, expires_at=datetime(2020, 1, 1, tzinfo=UTC)),
    ):
        response = client.get(page_url(row.verify_uuid))
        assert (response["X-Robots-Tag"], Outline(response).meta("robots")) == ("noindex", "noindex")


# Options of the page


def test_sections_can_be_left_out_but_not_what_verifies(client):
    row = make(
        content=make_png(),
        artifact_media_type="image/png",
        type_description="Words.",
        type_criteria="More.",
        evidence=EVIDENCE,
        type_badge_shows_results=True,
        type_page_options={"sections": []},
    )
    page = get_page(client, row)
    for text in ("Words.", "More.", "92%", "Share"):
        assert text not in page.text
    assert page.all("img") == []
    for text in ("this credential is valid", row.user_full_name, row.credential_type_name, "June 1, 2026"):
        assert text in page.text


def test_a_mode_has_a_look_of_its_own(client):
    options = {
        "accent": "#336699",
        "intro": {"default": "For everyone.", "fr": "Pour tous."},
        "modes": {"verified": {"accent": "#993366", "intro": {"default": "For the verified."}}},
    }
    verified = make(evidence={"mode": "verified"}, type_page_options=options)
    honor = make(evidence={"mode": "honor"}, type_page_options=options)
    sheets = [
        [a["href"] for a in get_page(client, row).all("link") if "theme" in a["href"]] for row in (verified, honor)
    ]
    assert sheets == [["/credentials/theme/993366.css"], ["/credentials/theme/336699.css"]]
    assert "For the verified." in get_page(client, verified).text
    assert "For everyone." in get_page(client, honor).text
    for row in (verified, honor):
        assert "Pour tous." in get_page(client, row, accept_language="fr-ca").text


def test_the_addresses_follow_the_path_that_the_server_mounts_the_site_at(client):
    row = make(evidence=EVIDENCE, type_page_options={"accent": "#336699"})
    for prefix in ("", "/campus", "/school", ""):
        with override_script_prefix(f"{prefix}/"):
            page = Outline(client.get(f"/credentials/{row.verify_uuid}/"))
        addresses = {a.get("href", "") for name in ("a", "link") for a in page.all(name)}
        for expected in (
            "/credentials/theme/336699.css",
            "/credentials/verify/",
            f"/credentials/{row.verify_uuid}/download/",
        ):
            assert f"{prefix}{expected}" in addresses


def test_options_that_cannot_be_read_break_no_page(client, caplog):
    for options in ({"accent": "red"}, {"modes": 3}, {"modes": {"verified": []}}, [], {"intro": "x"}):
        row = make(evidence={"mode": "verified"}, type_page_options=options)
        assert "this credential is valid" in get_page(client, row).text


def test_mistakes_in_options_are_named_by_their_path():
    options = {
        "accent": "red",
        "logo": "up",
        "sections": ["qr", "verdict"],
        "intro": {"FR": "Bonjour", "default": 3},
        "modes": {"verified": {"accent": "#12", "colour": "#123456"}, "honor": {"modes": {}}},
        "theme": "dark",
    }
    paths = [problem.path for problem in find_page_problems(options)]
    assert sorted(paths) == sorted(
        [
            "accent",
            "logo",
            "sections.1",
            "intro.FR",
            "intro.default",
            "modes.verified.accent",
            "modes.verified.colour",
            "modes.honor.modes",
            "theme",
        ]
    )
    assert (
        find_page_problems(
            {
                "accent": "#A1b2C3",
                "logo": "centre",
                "sections": ["qr"],
                "modes": {"verified": {"intro": {"pt-br": "Olá"}}},
            }
        )
        == []
    )
    assert [problem.path for problem in find_page_problems([])] == [""]


@pytest.mark.parametrize("accent", ["000000", "ffffff", "ffff00", "0000ff", "7f7f7f", "1d5fa8"])
def test_any_accent_can_be_read(client, accent):
    response = client.get(f"/credentials/theme/{accent}.css")
    assert (response.status_code, response["Content-Type"]) == (200, "text/css; charset=utf-8")
    sheet = response.content.decode()
    assert sheet == make_theme(accent)
    light, dark = [part.split(";")[0] for part in sheet.split("--link: ")[1:]]
    for found, surface in ((light, LIGHT_SURFACE), (dark, DARK_SURFACE)):
        colour = tuple(int(found[i : i + 2], 16) for i in (1, 3, 5))
        assert get_contrast(colour, surface) >= LEAST_CONTRAST


@pytest.mark.parametrize("accent", ["red", "FFFFFF", "12345", "123456;}", "}%0A"])
def test_what_is_no_colour_gets_no_style_sheet(client, accent):
    assert client.get(f"/credentials/theme/{accent}.css").status_code == 404


def test_every_block_that_a_host_can_replace_is_documented():
    described = (ROOT / "docs/howtos/public_page.rst").read_text()
    for template in ("base", "credential", "credential_list", "message"):
        source = (ROOT / f"learning_credentials/templates/learning_credentials/{template}.html").read_text()
        for block in re.findall(r"{% block (\w+)", source):
            assert f"``{block}``" in described, block


# Logo, badge


def test_the_logo_of_the_issuer(client):
    logo = CredentialAssetFactory(content=make_png(8, 8))
    row = make(issuer={"name": "Institute", "url": "", "email": "", "logo": logo.slug})
    assert {"src": page_url(row.verify_uuid, "logo/"), "alt": "Institute"} in get_page(client, row).all("img")
    response = client.get(page_url(row.verify_uuid, "logo/"))
    assert (response["Content-Type"], response.content) == ("image/png", make_png(8, 8))
    assert "sandbox" in response["Content-Security-Policy"]
    row = make(issuer={"name": "I", "url": "", "email": "", "logo": logo.slug}, type_page_options={"logo": "hidden"})
    assert page_url(row.verify_uuid, "logo/") not in [image["src"] for image in get_page(client, row).all("img")]


def test_no_badges_are_linked_where_the_site_signs_none(client):
    page = get_page(client, make())
    assert not any("badge" in link for link in page.links())


def test_badges_are_linked_where_the_site_signs_them(client, app_settings):
    app_settings(SIGNING_KEYS=[{"private_key": "x"}])
    row = make()
    links = get_page(client, row).links()
    assert {page_url(row.verify_uuid, "badge.json"), page_url(row.verify_uuid, "badge.png")} <= set(links)
    hidden = make(type_page_options={"sections": ["share"]})
    revoked = CredentialFactory(invalidated=True)
    for row in (hidden, revoked):
        assert not any("badge" in link for link in get_page(client, row).links())


def test_results_that_were_not_public_at_the_issue_stay_so(client):
    achievement = {"description": "", "criteria": "", "image": "", "shows_results": False}
    row = make(evidence=EVIDENCE, achievement=achievement, type_badge_shows_results=True)
    assert "92%" not in get_page(client, row).text


def test_results_of_what_was_revoked_are_nobodys_business(client):
    row = CredentialFactory(
        invalidated=True, evidence=EVIDENCE, configuration__credential_type__badge_shows_results=True
    )
    assert "92%" not in get_page(client, row).text

"""Delegate a course to a colleague, as a registrar does, and see what the colleague sees."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from learning_credentials.lms.fake import fake_lms
from learning_credentials.models import ContextGrant
from learning_credentials.services.staff import give_grant
from tests.factories import CourseCertificateFactory, CredentialConfigurationFactory, CredentialFactory, UserFactory

MATHS, ART = "course-v1:Uni+MATH101+2026", "course-v1:Uni+ART200+2026"
PHONE = {"width": 390, "height": 844}
SEEN = ("credential", "credentialconfiguration", "credentialtype", "coursecertificate", "generationrun")


@pytest.fixture
def courses(transactional_db):
    with fake_lms() as world:
        for key, title in ((MATHS, "Linear Algebra"), (ART, "History of Art")):
            world.add_course_run(key, title)
            CourseCertificateFactory(course_key=key)
            configuration = CredentialConfigurationFactory(
                learning_context_key=key, credential_type__name=f"{title} certificate"
            )
            learner = UserFactory(
                username=key[-11:-5].strip("+").lower(), first_name=title.split()[0], last_name="Student"
            )
            CredentialFactory(available=True, configuration=configuration, user=learner, learning_context_name=title)
        yield world


@pytest.fixture
def role(transactional_db):
    group = Group.objects.get_or_create(name="Credentials: registrar")[0]
    names = [*(f"view_{model}" for model in SEEN), "invalidate_credential", "start_run", "view_contextgrant"]
    group.permissions.set(Permission.objects.filter(codename__in=names))
    return group


@pytest.fixture
def registrar(transactional_db):
    return UserFactory(superuser=True, username="ada")


@pytest.fixture
def colleague(transactional_db):
    return UserFactory(staff=True, username="noor", first_name="Noor", last_name="Haddad")


def open_run(visit, user, key=MATHS, **options):
    from learning_credentials.models import CourseCertificate

    row = CourseCertificate.objects.get(course_key=key)
    return visit(reverse("admin:learning_credentials_coursecertificate_change", args=[row.pk]), user=user, **options)


def test_a_course_is_delegated(visit, courses, role, registrar, colleague):
    page = open_run(visit, registrar)
    page.get_by_role("link", name="Delegate this course…").click()
    assert page.locator("#id_context_key").input_value() == MATHS
    page.get_by_label("User:").press_sequentially("noo")
    page.wait_for_selector("#user-suggestions option[value=noor]", state="attached")
    page.get_by_label("User:").fill("noor")
    page.get_by_label("Role:").select_option(label="Credentials: registrar")
    page.get_by_label("Notes:").fill("She teaches the course.")
    page.get_by_role("button", name="Give").click()
    page.wait_for_selector("text=was given")
    assert ContextGrant.objects.get().user == colleague

    page.get_by_role("link", name="What this person may do").click()
    revoke = page.get_by_role("row").filter(has_text="Revoke credentials")
    assert "role “Credentials: registrar”" in revoke.inner_text()
    assert MATHS in revoke.inner_text()

    mine = visit(reverse("admin:learning_credentials_credential_changelist"), user=colleague)
    assert "Linear Student" in mine.locator("#result_list").inner_text()
    assert "ART200" not in mine.content()
    assert "History Student" not in mine.content()
    mine = open_run(visit, colleague)
    assert "noor" in mine.locator("#administrators").inner_text()
    assert mine.get_by_role("link", name="Delegate this course…").count() == 0


def test_a_grant_is_taken_back(visit, courses, role, registrar, colleague):
    grant = give_grant(MATHS, user_id=colleague.pk, role_id=role.pk, actor=registrar)
    page = open_run(visit, registrar)
    page.locator("#administrators").get_by_role("link", name="noor").click()
    page.get_by_role("link", name="End…").click()
    page.get_by_label("Notes:").fill("She left.")
    page.get_by_role("button", name="End").click()
    page.wait_for_selector("text=1 grant was ended")
    grant.refresh_from_db()
    assert grant.end_notes == "She left."
    mine = visit(reverse("admin:index"), user=colleague)
    assert "Credentials" not in mine.locator("#content").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_have_no_barriers(visit, courses, role, registrar, colleague, list_barriers, scheme):
    grant = give_grant(MATHS, user_id=colleague.pk, role_id=role.pk, actor=registrar)
    rights = reverse("admin:learning_credentials_contextgrant_rights")
    for path in (
        reverse("admin:learning_credentials_contextgrant_add"),
        reverse("admin:learning_credentials_contextgrant_changelist"),
        reverse("admin:learning_credentials_contextgrant_change", args=[grant.pk]),
        rights,
        f"{rights}?person=noor&context_key={MATHS.replace('+', '%2B')}",
    ):
        assert list_barriers(visit(path, user=registrar, color_scheme=scheme)) == [], path
    page = open_run(visit, registrar, color_scheme=scheme)
    # Django's own breadcrumbs are links in a text.
    assert [line for line in list_barriers(page) if "link-in-text-block" not in line] == []


def test_a_grant_is_given_without_scripts_and_on_a_phone(visit, courses, role, registrar, colleague):
    add = reverse("admin:learning_credentials_contextgrant_add")
    page = visit(add, user=registrar, size=PHONE, java_script_enabled=False)
    page.get_by_label("User:").fill("noor")
    page.get_by_role("radio", name="all whose key begins so, such as those of an organisation").check()
    page.get_by_label("Key:").fill("course-v1:Uni+")
    page.get_by_role("button", name="Give").click()
    page.wait_for_url("**/change/")
    assert ContextGrant.objects.get().is_prefix
    rights = f"{reverse('admin:learning_credentials_contextgrant_rights')}?person=noor"
    for path in (add, rights):
        page = visit(path, user=registrar, size=PHONE)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path

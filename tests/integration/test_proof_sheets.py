"""The proof sheet: before a run, staff see the hardest names of the learners as the certificates print them."""

from __future__ import annotations

import tracemalloc
from types import SimpleNamespace

import pypdfium2
import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from learning_credentials.exceptions import ConfigurationError, ContextNotFoundError, LMSUnavailableError
from learning_credentials.lms import LearnerProfile
from learning_credentials.models import Credential
from learning_credentials.services import desk
from learning_credentials.services.desk.hard_names import HardNames, Reason
from tests.factories import CredentialConfigurationFactory, UserFactory
from tests.integration.admin_pages import staff_with
from tests.unit.pdf.support import assert_sound, draw, find_ink, read_with_pdfium

LONG = "Maximiliana Konstantinopolitanische-Sesquipedalia von und zu Hinterzartenbach-Oberunterammergau"
NAMES = {
    "longest": LONG + " von und zu Weitenfelden-Hohenlinden",
    "second": LONG,
    "arabic": "ليلى بنت سالم الزهراني",
    "mixed": "Иван Example",
    "undrawable": "Ada \ue000\ue001",
    "word": "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwaren Jr",
    "marks": "Lê Thị Nguye\u0302\u0303\u0323n",
    "shortest": "Li",
    "usual": "Ada Example",
}
GENERATOR = "learning_credentials.generators.generate_pdf_credential"


@pytest.fixture
def configuration(world):
    found = CredentialConfigurationFactory(
        credential_type__generation_func=GENERATOR,
        credential_type__name="Certificate of Achievement",
        credential_type__retrieval_func="tests.plugins.retrieve_everyone",
    )
    world.add_course_run(found.learning_context_key, "Marine Biology")
    return found


@pytest.fixture
def enrol_names(world, configuration):
    def enrol(**names):
        for username, name in names.items():
            user = UserFactory(username=username)
            world.enrol(user.pk, configuration.learning_context_key)
            world.set_profile(user.pk, display_name=name)

    return enrol


@pytest.mark.django_db
def test_the_sheet_shows_the_hardest_names_and_says_why(configuration, enrol_names):
    enrol_names(**NAMES)
    sheet = desk.make_proof_sheet(configuration.pk)
    assert (sheet.compared, sheet.is_whole) == (len(NAMES), True)
    assert_sound(sheet.content)
    text = " ".join(read_with_pdfium(sheet.content).split())
    for said in (
        "Proof sheet: Certificate of Achievement, Marine Biology",
        "9 names of enrolled learners were compared.",
        "1 run from right to left, 1 have letters of several scripts, 1 have characters that no font can draw.",
        "the longest name, with",
        "uns from right to left",
        "as letters of several scripts",
        "as the longest word",
        "as the most marks on one letter",
        "s the shortest name",
        "o font can draw \ufffd (U+E000, private use), \ufffd (U+E001, private use)",
        "Not issued: no font can draw these characters of the learner's name",
    ):
        assert said in text, said
    for username in ("longest", "arabic", "mixed", "undrawable", "word", "marks", "shortest"):
        assert f"· {username}" in text
    assert "· usual" not in text
    assert not Credential.objects.exists(), "a proof issues nothing"


@pytest.mark.django_db
def test_the_letters_of_the_longest_name_are_the_smallest(configuration, enrol_names):
    enrol_names(longest=NAMES["longest"], usual="Ada Example", other="Bob Example")
    text = " ".join(read_with_pdfium(desk.make_proof_sheet(configuration.pk).content).split())
    assert "Is printed in the smallest letters; the longest name" in text
    assert "32.0 points" in text, "the size of a usual name on the built-in page"


@pytest.mark.django_db
def test_each_picture_is_a_certificate_and_no_pixels(configuration, enrol_names):
    configuration.custom_options = {"text_elements": {"name": {"color": "#c00000"}, "heading": {"color": "#00a000"}}}
    configuration.save()
    enrol_names(longest=NAMES["longest"], usual="Ada Example")
    content = desk.make_proof_sheet(configuration.pk).content
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == 1
        kinds = [item.type for item in document[0].get_objects(max_depth=3)]
    assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds
    assert kinds.count(pypdfium2.raw.FPDF_PAGEOBJ_FORM) >= 2
    # Both certificates are in the upper row: their headings are side by side, above the names.
    left, _top, right, bottom = find_ink(content, "#00a000", dpi=144)
    assert right - left > draw(content, dpi=144).width / 2
    assert bottom < find_ink(content, "#c00000", dpi=144)[3]


@pytest.mark.django_db
def test_a_learner_without_a_name_is_shown_with_the_reason(configuration, enrol_names):
    enrol_names(nameless="nobody@example.com", usual="Ada Example")
    text = " ".join(read_with_pdfium(desk.make_proof_sheet(configuration.pk).content).split())
    assert "The LMS has no name that can be printed. Not issued: the learner has no name" in text
    assert "1 cannot be printed because the LMS has no name." in text
    assert "nobody@example.com" not in text


@pytest.mark.django_db
def test_nobody_enrolled_is_said(configuration):
    text = read_with_pdfium(desk.make_proof_sheet(configuration.pk).content)
    assert "0 names of enrolled learners were compared." in text


@pytest.mark.django_db
def test_only_those_who_would_get_a_certificate_are_compared(configuration, enrol_names):
    enrol_names(**NAMES)
    configuration.credential_type.retrieval_func = "tests.plugins.retrieve_nobody_with_fields"
    configuration.credential_type.save()
    sheet = desk.make_proof_sheet(configuration.pk, only_eligible=True)
    assert sheet.compared == 0
    assert "0 names of learners who would get a certificate now" in read_with_pdfium(sheet.content)
    assert desk.make_proof_sheet(configuration.pk).compared == len(NAMES)


@pytest.mark.django_db
def test_the_time_is_limited_and_the_sheet_says_so(configuration, enrol_names, app_settings):
    app_settings(ELIGIBILITY_BATCH_SIZE=2)
    enrol_names(**NAMES)
    sheet = desk.make_proof_sheet(configuration.pk, most_seconds=0)
    assert (sheet.compared, sheet.is_whole) == (2, False)
    assert "There was no time for more names." in read_with_pdfium(sheet.content)


@pytest.mark.django_db
def test_problems_are_errors_that_name_the_cause(configuration, enrol_names, world):
    enrol_names(**NAMES)
    configuration.credential_type.generation_func = "tests.plugins.generate_text_credential"
    configuration.credential_type.save()
    with pytest.raises(ConfigurationError, match="shows PDFs only"):
        desk.make_proof_sheet(configuration.pk)
    world.outage = True
    with pytest.raises(LMSUnavailableError):
        desk.make_proof_sheet(configuration.pk)


@pytest.mark.django_db
def test_a_course_that_the_lms_does_not_know_is_an_error():
    with pytest.raises(ContextNotFoundError):
        desk.make_proof_sheet(CredentialConfigurationFactory(credential_type__generation_func=GENERATOR).pk)


@pytest.mark.django_db
def test_staff_make_it_from_the_page_of_the_configuration(admin, configuration, enrol_names):
    enrol_names(**NAMES)
    page = admin.get(reverse("admin:learning_credentials_credentialconfiguration_change", args=[configuration.pk]))
    address = reverse("admin:learning_credentials_credentialconfiguration_proof", args=[configuration.pk])
    assert address in page.content.decode()
    assert "Make the proof sheet" in admin.get(address).content.decode()
    response = admin.post(address, {"learners": "enrolled"})
    assert response["Content-Type"] == "application/pdf"
    assert "Proof sheet" in read_with_pdfium(b"".join(response.streaming_content))
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["Made a proof sheet"]


@pytest.mark.django_db
def test_an_error_is_shown_on_the_form(admin, configuration, world):
    world.outage = True
    address = reverse("admin:learning_credentials_credentialconfiguration_proof", args=[configuration.pk])
    response = admin.post(address, {"learners": "eligible"})
    assert response.status_code == 200
    assert response.context["form"].non_field_errors()


@pytest.mark.django_db
@pytest.mark.parametrize(("permission", "status"), [("view_credentialconfiguration", 403), ("start_run", 200)])
def test_only_staff_who_can_start_runs_see_the_names(client, configuration, permission, status):
    client.force_login(staff_with("view_credentialconfiguration", permission))
    address = reverse("admin:learning_credentials_credentialconfiguration_proof", args=[configuration.pk])
    assert client.get(address).status_code == status
    assert client.post(address, {"learners": "enrolled"}).status_code == status


def _people(count):
    for number in range(count):
        yield LearnerProfile(number + 1, f"learner{number}", f"Learner Number {number % 977} Example")


def test_the_hardest_names_do_not_depend_on_the_order():
    people = [
        LearnerProfile(number, "", name) for number, name in enumerate([*NAMES.values(), *NAMES.values()], start=1)
    ]
    found = []
    for order in (people, people[::-1]):
        names = HardNames()
        for profile in order:
            names.add(profile)
        found.append({reason: [item.profile.user_id for item in names.get(reason)] for reason in Reason})
    assert found[0] == found[1]
    assert found[0][Reason.LONGEST] == [1, 10], "the learner with the smaller id comes first"


@pytest.mark.slow
def test_a_hundred_thousand_names_need_no_more_memory_than_a_thousand():
    peaks = SimpleNamespace(small=0, large=0)
    for attribute, count in (("small", 1_000), ("large", 100_000)):
        names = HardNames()
        tracemalloc.start()
        for profile in _people(count):
            names.add(profile)
        setattr(peaks, attribute, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert names.total == count
    assert peaks.large < peaks.small + 200_000


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_learners(
    configuration, enrol_names, django_assert_max_num_queries
):
    enrol_names(**NAMES)
    with django_assert_max_num_queries(30) as few:
        desk.make_proof_sheet(configuration.pk)
    enrol_names(**{f"more{number}": f"Learner {number}" for number in range(30)})
    with django_assert_max_num_queries(30) as many:
        desk.make_proof_sheet(configuration.pk)
    assert len(many) <= len(few)

"""Transcripts: certificates with several pages and a table of what the processors found."""

from __future__ import annotations

import io
import json

import pikepdf
import pypdfium2
import pytest
from django.urls import reverse

from learning_credentials import api
from learning_credentials.badges.keys import create_key
from learning_credentials.models import Credential, CredentialType
from tests.app_settings import override_app_settings
from tests.factories import CredentialAssetFactory, CredentialConfigurationFactory, UserFactory
from tests.integration.admin_pages import form_errors
from tests.integration.admin_types import form
from tests.integration.web_pages import page_url
from tests.unit.pdf.structures import check_parent_tree
from tests.unit.pdf.support import make_pdf, read_with_pdfium

pytestmark = pytest.mark.django_db(transaction=True)

PDF = "learning_credentials.generators.generate_pdf_credential"
GRADES = "learning_credentials.processors.retrieve_subsection_grades"
PATH = "path-v1:Demo+Sea+2026"
ADD = reverse("admin:learning_credentials_credentialtype_add")
TABLE = {
    "rows": "steps",
    "page": 2,
    "x": 60,
    "y": 700,
    "width": 475,
    "bottom": 72,
    "continues_on": 3,
    "columns": [
        {"heading": "Course run", "value": "name", "share": 4},
        {"heading": "Grade", "value": "grade", "align": "end"},
    ],
}
OPTIONS = {
    "template": "diploma",
    "defaults": {"font": "NotoSans"},
    "text_elements": {
        "title": {"text": "Transcript of {name}", "page": 2, "y": 750, "role": "heading"},
        "more": {"text": "{name}, {verify_code}", "page": 3, "y": 750},
    },
    "tables": {"transcript": TABLE},
    "qr": {"page": 2, "x": 500, "y": 10, "size": 60},
}


@pytest.fixture(autouse=True)
def diploma():
    return CredentialAssetFactory(slug="diploma", kind="pdf_template", content=make_pdf(595, 842, pages=3, text=""))


@pytest.fixture
def issue(world):
    """Issue the credential of a learning path with so many course runs to one learner. Return it with its file."""

    def issue_one(runs, options=OPTIONS, criteria=None):
        keys = [f"course-v1:Demo+Sea{number}+2026" for number in range(1, runs + 1)]
        learner = UserFactory(first_name="Ada", last_name="Example")
        for number, key in enumerate(keys, start=1):
            world.add_course_run(key, f"Sea number {number}.", categories={"Labs": 0.25, "Exam": 0.75})
            world.enrol(learner.pk, key)
            world.set_grade(learner.pk, key, {"Labs": 1.0, "Exam": 0.8})
        world.add_learning_path(PATH, "Sea", steps=keys)
        world.enrol(learner.pk, PATH)
        configuration = CredentialConfigurationFactory(
            learning_context_key=PATH,
            credential_type__retrieval_func=GRADES,
            credential_type__generation_func=PDF,
            credential_type__custom_options={**options, **(criteria or {"required_grades": {"Total": 0.5}})},
        )
        api.issue_pending_credentials(configuration.pk)
        row = Credential.objects.get()
        return row, read(row) if row.status == Credential.Status.AVAILABLE else b""

    return issue_one


def read(row):
    with api.open_artifact(row.verify_uuid)[0] as file:
        return file.read()


def read_pages(content):
    with pypdfium2.PdfDocument(content) as document:
        count = len(document)
    return [read_with_pdfium(content, page) for page in range(1, count + 1)]


class TestIssuing:
    def test_the_course_runs_of_a_path_are_printed_with_their_grades(self, issue):
        _, content = issue(3)
        first, second = read_pages(content)
        assert "Ada Example" in first
        assert "Transcript of Ada Example" in second
        for number in (1, 2, 3):
            assert f"Sea number {number}. 85%" in " ".join(second.split())
        check_parent_tree(content)

    def test_a_long_path_goes_on_on_further_pages(self, issue):
        row, content = issue(110)
        pages = read_pages(content)
        assert len(pages) == 4
        assert sum(page.count("Sea number") for page in pages) == 110
        assert all("Ada Example" in page for page in pages)
        check_parent_tree(content)
        assert api.verify_credential(row.verify_uuid).is_valid

    def test_the_categories_of_a_course_run_have_their_weights(self, issue):
        columns = [{"value": value, "heading": value} for value in ("course", "name", "weight", "grade")]
        options = {**OPTIONS, "tables": {"transcript": {**TABLE, "rows": "grades", "columns": columns}}}
        row, content = issue(2, options, {"required_grades": {"Total": 0.5}, "record_categories": True})
        text = " ".join(read_pages(content)[1].split())
        assert "Sea number 1. Labs 25% 100%" in text
        assert "Sea number 2. Exam 75% 80%" in text
        # The public answer has no grades but the total.
        assert "categories" not in str(api.verify_credential(row.verify_uuid))

    def test_too_many_rows_are_an_error_that_names_the_table(self, issue):
        row, _ = issue(110, {**OPTIONS, "tables": {"transcript": {**TABLE, "most_pages": 2}}})
        assert (row.status, row.error_code) == (Credential.Status.ERROR, "text_does_not_fit")
        assert "tables.transcript: its 110 rows need more than 2 pages" in row.error_message

    def test_a_credential_without_rows_has_a_warning(self, issue):
        options = {**OPTIONS, "tables": {"transcript": {**TABLE, "rows": "evidence.modules"}}}
        row, content = issue(2, options)
        assert len(read_pages(content)) == 2
        (detail,) = [detail for detail in row.events.values_list("detail", flat=True) if "warnings" in detail]
        assert detail["warnings"] == ["tables.transcript: the credential has no rows for this table, so it is left out"]

    def test_a_reissue_has_the_same_rows(self, issue):
        row, content = issue(3)
        successor = api.reissue_credential(row.pk, reason="The seal was missing")
        assert read_pages(read(successor))[1].count("85%") == read_pages(content)[1].count("85%") == 3

    def test_badges_are_attached_to_documents_with_several_pages(self, issue):
        key = {"private_key": create_key().export(), "is_active": True}
        with override_app_settings(SIGNING_KEYS=[key]):
            _, content = issue(110, {**OPTIONS, "attach_badge": True})
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert len(pdf.pages) == 4
            assert list(pdf.attachments) == ["badge.json"]


class TestPublicPage:
    def test_it_says_that_there_are_more_pages_than_it_shows(self, issue, client):
        row, _ = issue(110)
        assert row.artifact_pages == api.verify_credential(row.verify_uuid).pages == 4
        assert "Page 1 of 4" in client.get(page_url(row.verify_uuid)).content.decode()
        assert (
            "Página 1 de 4" in client.get(page_url(row.verify_uuid), headers={"accept-language": "es"}).content.decode()
        )

    def test_it_says_nothing_about_one_page(self, issue, client):
        row, _ = issue(1, {})
        assert row.artifact_pages is None
        assert api.verify_credential(row.verify_uuid).pages == 1
        assert "Page 1 of" not in client.get(page_url(row.verify_uuid)).content.decode()


class TestPreviews:
    @pytest.mark.parametrize(
        "table",
        [
            TABLE,
            {**TABLE, "rows": "grades"},
            {**TABLE, "rows": "evidence.modules", "columns": [{"heading": "ECTS", "value": "credits"}]},
        ],
        ids=["steps", "grades", "evidence"],
    )
    def test_a_preview_has_sample_rows(self, world, table):
        configuration = CredentialConfigurationFactory(
            credential_type__generation_func=PDF,
            credential_type__custom_options={**OPTIONS, "tables": {"transcript": table}},
        )
        world.add_course_run(configuration.learning_context_key, "Algebra")
        pages = read_pages(api.preview_credential(configuration.pk).content)
        heading = table["columns"][0]["heading"]
        assert [f"{heading} {number}" in pages[1] for number in range(1, 7)] == [True] * 5 + [False]


class TestAdmin:
    def save(self, admin, options):
        return admin.post(ADD, form(generation_func=PDF, custom_options=json.dumps(options)), follow=True)

    def test_a_right_design_is_saved(self, admin, world):
        self.save(admin, OPTIONS)
        assert CredentialType.objects.get().custom_options["tables"]["transcript"]["continues_on"] == 3

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            (
                {"page": 4, "continues_on": 5},
                "tables.transcript.page: there is no page 4. the template 'diploma' has 3 pages",
            ),
            ({"continues_on": 2}, "tables.transcript.continues_on: must be a page after that of the table"),
            ({"width": 600}, "tables.transcript.width: 600 goes beyond the right edge of page 2"),
            ({"columns": [{"value": "mark"}]}, "tables.transcript.columns.0.value: 'mark' is not a value of steps"),
        ],
        ids=str,
    )
    def test_mistakes_are_shown_with_their_path(self, admin, world, change, problem):
        response = self.save(admin, {**OPTIONS, "tables": {"transcript": {**TABLE, **change}}})
        assert problem in " ".join(form_errors(response, "custom_options"))
        assert not CredentialType.objects.exists()

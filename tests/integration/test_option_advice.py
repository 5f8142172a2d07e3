"""Operators hear what screen readers leave out of a certificate, and cannot claim what is known to be wrong."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from learning_credentials.models import CredentialType
from tests.factories import CredentialAssetFactory, CredentialTypeFactory
from tests.integration.admin_pages import form_errors, messages_of
from tests.integration.admin_types import form
from tests.unit.pdf.support import make_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("world")]

ADD = reverse("admin:learning_credentials_credentialtype_add")
PDF = {"generation_func": "learning_credentials.generators.generate_pdf_credential"}
EMBEDDED = {"defaults": {"font": "NotoSans"}}


@pytest.fixture(autouse=True)
def assets():
    CredentialAssetFactory(slug="frame", kind="pdf_template", content=make_pdf(842, 595, text="Awarded by the senate"))
    CredentialAssetFactory(slug="plain", kind="pdf_template", content=make_pdf(842, 595, text=""))
    CredentialAssetFactory(slug="seal")


def save(client, options):
    return client.post(ADD, form(**PDF, custom_options=json.dumps(options)), follow=True)


def advice_of(response):
    return [text.partition("You can make it better: ")[2] for text in messages_of(response) if "better" in text]


class TestAdvice:
    def test_text_in_a_template_is_named(self, admin):
        (advice,) = advice_of(save(admin, {"template": "frame"}))
        assert advice.startswith("template_alternative_text: ")
        assert "'Awarded by the senate'" in advice

    def test_an_image_that_nobody_described_is_named(self, admin):
        image = {"asset": "seal", "x": 10, "y": 10, "width": 50}
        options = {"template": "plain", "images": {"seal": image, "other": {**image, "alternative_text": ""}}}
        (advice,) = advice_of(save(admin, options))
        assert advice.startswith("images.seal.alternative_text: ")

    @pytest.mark.parametrize(
        "options",
        [{}, {"template": "plain"}, {"template": "frame", "template_alternative_text": "Awarded by the senate"}],
    )
    def test_there_is_none_where_nothing_is_left_out(self, admin, options):
        assert advice_of(save(admin, options)) == []
        assert CredentialType.objects.exists()

    def test_a_configuration_is_read_with_its_type(self, admin, world):
        world.add_course_run("course-v1:Demo+Algebra+2026", "Algebra")
        credential_type = CredentialTypeFactory(**PDF, custom_options={"template": "plain"})
        data = {
            "learning_context_key": "course-v1:Demo+Algebra+2026",
            "credential_type": credential_type.pk,
            "interval": "1 day",
            "custom_options": '{"template": "frame"}',
        }
        response = admin.post(reverse("admin:learning_credentials_credentialconfiguration_add"), data, follow=True)
        assert [text.split(":")[0] for text in advice_of(response)] == ["template_alternative_text"]


class TestClaims:
    @pytest.mark.parametrize("options", [{}, {"template": "plain", **EMBEDDED}])
    def test_a_design_without_known_faults_may_claim(self, admin, options):
        save(admin, {**options, "claims_pdf_ua": True})
        assert CredentialType.objects.get().custom_options["claims_pdf_ua"]

    def test_a_template_with_text_may_not(self, admin):
        """An alternative text is no tag of the text itself."""
        options = {"template": "frame", "template_alternative_text": "A frame", "claims_pdf_ua": True, **EMBEDDED}
        (error,) = form_errors(save(admin, options), "custom_options")
        assert "claims_pdf_ua: template has text of its own, which is not tagged: 'Awarded by the senate'" in error
        assert not CredentialType.objects.exists()

    def test_a_font_that_is_not_embedded_may_not(self, admin):
        errors = form_errors(save(admin, {"template": "plain", "claims_pdf_ua": True}), "custom_options")
        assert len(errors) == 3
        assert all("has the font Helvetica, which is not embedded" in error for error in errors)

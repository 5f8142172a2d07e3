"""The addresses that the designer asks: pictures of unsaved options, the mistakes in them, and what the panel offers."""

from __future__ import annotations

import base64
import html
import io
import json
import re

import pytest
from PIL import Image

from learning_credentials.models import CredentialConfiguration
from tests.factories import (
    CredentialAssetFactory,
    CredentialConfigurationFactory,
    CredentialTypeFactory,
    TypeSignatoryFactory,
    UserFactory,
    make_png,
)

pytestmark = pytest.mark.django_db(transaction=True)

PDF = "learning_credentials.generators.generate_pdf_credential"
BASE = "/admin/learning_credentials"
EVERYONE = "tests.plugins.retrieve_everyone"


def ask(client, row, options, **entered):
    text = options if isinstance(options, str) else json.dumps(options)
    url = f"{BASE}/{row._meta.model_name}/design/?object={row.pk}"
    response = client.post(url, {"custom_options": text, "scale": 50, **entered})
    assert response.status_code == 200
    return response.json()


def find(answer, path):
    return next(each for each in answer["elements"] if each["path"] == path)


def read_picture(answer):
    return Image.open(io.BytesIO(base64.b64decode(answer["picture"])))


@pytest.fixture
def made_type(db):
    return CredentialTypeFactory(generation_func=PDF)


@pytest.fixture
def designed(world):
    row = CredentialConfigurationFactory(
        credential_type__generation_func=PDF,
        credential_type__custom_options={"text_elements": {"motto": {"text": "Per mare", "y": 200, "x": 300}}},
    )
    world.add_course_run(row.learning_context_key, "Marine Biology")
    return row


def test_a_page_is_drawn_for_options_that_are_not_saved(admin, made_type):
    TypeSignatoryFactory(credential_type=made_type)
    answer = ask(admin, made_type, {"text_elements": {"own": {"text": "Harbour", "x": 300, "y": 100}}})
    assert answer["problems"] == answer["notes"] == []
    picture = read_picture(answer)
    assert picture.format == "PNG"
    assert picture.size == pytest.approx((421, 298), abs=2)
    assert len(picture.getcolors(200_000)) > 100
    assert find(answer, "text_elements.own")["anchor"] == [300, 100]
    assert find(answer, "signatures")["boxes"]
    made_type.refresh_from_db()
    assert made_type.custom_options == {}


def test_inherited_elements_are_there_and_named(admin, designed):
    answer = ask(admin, designed, {"text_elements": {"motto": {"y": 240}}})
    assert answer["inherited"] == designed.credential_type.custom_options
    assert find(answer, "text_elements.motto")["anchor"] == [300, 240]


def test_problems_are_those_of_the_save(admin, made_type):
    options = {
        "text_elements": {"own": {"text": "A", "y": 2000, "color": "purplish"}, "bad": {"y": 1}},
        "images": {"crest": {"asset": "nothing", "x": 1, "y": 1, "width": 9}},
        "nonsense": 1,
    }
    found = []
    while True:
        answer = ask(admin, made_type, options)
        form = {"custom_options": json.dumps(options), "name": "A", "slug": "a", "retrieval_func": EVERYONE}
        page = admin.post(
            f"{BASE}/credentialtype/add/",
            {
                **form,
                "generation_func": PDF,
                "custom_fields": "[]",
                "page_options": "{}",
                "download_policy": "anyone",
                "type_signatories-TOTAL_FORMS": 0,
                "type_signatories-INITIAL_FORMS": 0,
                "badge_images-TOTAL_FORMS": 0,
                "badge_images-INITIAL_FORMS": 0,
            },
        )
        errors = page.context["adminform"].form.errors.get("custom_options", []) if page.context else []
        assert [each["text"] for each in answer["problems"]] == list(errors)
        # Everything else is drawn.
        assert find(answer, "text_elements.name")["boxes"]
        assert read_picture(answer).size[0] > 300
        if not errors:
            break
        found += errors
        first = answer["problems"][0]["path"].split(".")
        del options[first[0]]
    assert len(set(found)) == 3


def test_what_issuing_would_refuse_is_a_note_on_the_element(admin, made_type):
    # A second address of the code is as long as a page is wide. The name cannot be printed where nobody sees it.
    answer = ask(admin, made_type, {"text_elements": {"name": {"x": 2, "align": "right", "y": 300}}}, sample="long")
    assert answer["problems"] == []
    notes = [note for note in answer["notes"] if note["path"] == "text_elements.name"]
    assert notes or find(answer, "text_elements.name")["boxes"]
    answer = ask(admin, made_type, {"template": "gone"})
    assert [each["path"] for each in answer["problems"]] == ["template"]
    assert answer["picture"]


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1, "a": 2}', "NaN", "7"])
def test_broken_json_has_the_sentence_of_the_save(admin, made_type, text):
    answer = ask(admin, made_type, text)
    assert len(answer["problems"]) == 1
    assert "picture" not in answer


@pytest.mark.parametrize(
    "options",
    [
        {"text_elements": {"a.b.c": {"text": "A", "y": "high"}}},
        {"text_elements": []},
        {"text_elements": {"name": None}},
        {"tables": {"t": {"rows": "grades", "columns": [{"value": 3}], "x": 1, "y": 2, "width": 3}}},
        {"defaults": {"font": "nothing"}, "qr": {"size": 1}},
        {"background": {"asset": "nothing"}},
        {"images": {"a": {"x": 1, "y": 1, "width": 3}}},
        {"text_elements": {"name": {"font": "nothing#Bold", "fonts": ["nothing"]}}},
        {"images": {"far": {"issuer_logo": True, "x": 1, "y": 1, "width": 30, "page": 7}}},
    ],
)
def test_what_cannot_be_drawn_is_left_out(admin, made_type, options):
    answer = ask(admin, made_type, options)
    assert answer["problems"]
    assert answer["picture"]


def test_a_new_type_is_drawn_too(admin, db):
    response = admin.post(
        f"{BASE}/credentialtype/design/",
        {"custom_options": "", "generation_func": PDF, "retrieval_func": "", "name": "Diploma"},
    )
    assert find(response.json(), "text_elements.heading")["boxes"]
    response = admin.post(
        f"{BASE}/credentialtype/design/",
        {"custom_options": "", "generation_func": "tests.plugins.generate_text_credential", "retrieval_func": EVERYONE},
    )
    assert response.json() == {"applies": False}


def test_a_new_configuration_is_drawn_when_a_type_is_chosen(admin, designed):
    url = f"{BASE}/credentialconfiguration/design/"
    assert admin.post(url, {"custom_options": "", "credential_type": ""}).json() == {"applies": False}
    chosen = designed.credential_type_id
    answer = admin.post(
        url, {"custom_options": "", "credential_type": chosen, "learning_context_key": "no:such"}
    ).json()
    assert find(answer, "text_elements.motto")


def test_the_panel_has_a_field_for_each_option(admin, made_type):
    CredentialAssetFactory(slug="crest", content=make_png(), description="Coat of arms")
    made_type.custom_fields = [{"name": "hours", "label": "Hours", "kind": "number"}]
    made_type.save()
    answer = admin.post(f"{BASE}/credentialtype/design/panel/?object={made_type.pk}").json()
    fields = {name: {field["name"]: field for field in listed} for name, listed in answer["fields"].items()}
    assert {"text", "x", "y", "font", "color", "fit", "language", "date_format", "link"} <= set(fields["text"])
    assert fields["text"]["fit"]["choices"] == ["shrink", "wrap"]
    assert fields["text"]["color"]["kind"] == "colour"
    assert fields["qr"]["size"]["min"] == 30
    assert fields["table"]["columns"]["kind"] == "columns"
    assert "text_elements" not in fields["page"]
    assert answer["images"] == [{"name": "crest", "label": "Coat of arms"}]
    assert answer["placeholders"][0]["name"] == "field.hours"
    assert {font["name"] for font in answer["fonts"]} >= {"NotoSerif-Bold", "Helvetica"}


def test_a_font_shows_itself(admin, made_type):
    url = f"{BASE}/credentialtype/design/font/"
    pictures = {name: admin.get(url, {"name": name}).content for name in ("NotoSerif-Bold", "Courier")}
    assert all(content.startswith(b"\x89PNG") for content in pictures.values())
    assert len(set(pictures.values())) == 2
    assert admin.get(url, {"name": "nothing"}).status_code == 404


def test_learners_are_those_of_the_course_and_only_for_those_who_may_see_them(client, world, designed):
    inside, outside = UserFactory(username="quill"), UserFactory(username="quillon")
    world.enrol(inside.pk, designed.learning_context_key)
    for user in (inside, outside):
        world.set_profile(user.pk, display_name=f"Robin {user.username}")
    url = f"{BASE}/credentialconfiguration/design/learners/?object={designed.pk}&q=quil"
    may_design = UserFactory(staff=True, permissions=["change_credentialconfiguration"])
    client.force_login(may_design)
    assert client.get(url).status_code == 403
    page = client.get(f"{BASE}/credentialconfiguration/{designed.pk}/change/").content.decode()
    assert "design-url" in page
    assert "learners-url" not in page
    usual = ask(client, designed, {})
    named = ask(client, designed, {}, sample=f"learner:{inside.pk}")
    assert find(named, "text_elements.name")["boxes"] == find(usual, "text_elements.name")["boxes"]
    client.force_login(UserFactory(staff=True, permissions=["change_credentialconfiguration", "view_credential"]))
    assert [each["name"] for each in client.get(url).json()["learners"]] == ["Robin quill"]
    for sample, has_changed in ((f"learner:{inside.pk}", True), (f"learner:{outside.pk}", False), ("longest", True)):
        named = ask(client, designed, {}, sample=sample)
        is_same = find(named, "text_elements.name")["boxes"] == find(usual, "text_elements.name")["boxes"]
        assert is_same is not has_changed, sample


def test_nobody_else_asks(client, designed):
    made_type = designed.credential_type
    pages = [
        ("post", f"{BASE}/credentialtype/design/?object={made_type.pk}"),
        ("post", f"{BASE}/credentialtype/design/panel/?object={made_type.pk}"),
        ("get", f"{BASE}/credentialtype/design/font/?name=Courier"),
        ("post", f"{BASE}/credentialconfiguration/design/?object={designed.pk}"),
        ("post", f"{BASE}/credentialconfiguration/design/panel/"),
        ("get", f"{BASE}/credentialconfiguration/design/learners/?object={designed.pk}&q=le"),
    ]
    for method, url in pages:
        client.logout()
        assert getattr(client, method)(url).status_code == 302, url
        client.force_login(UserFactory(staff=True, permissions=["view_credential"]))
        assert getattr(client, method)(url).status_code == 403, url
    client.force_login(UserFactory(superuser=True))
    for method, url in pages:
        other = "get" if method == "post" else "post"
        assert getattr(client, other)(url).status_code == 405, url


def test_a_form_that_cannot_be_saved_has_no_designer(client, designed):
    client.force_login(UserFactory(staff=True, permissions=["view_credentialconfiguration"]))
    page = client.get(f"{BASE}/credentialconfiguration/{designed.pk}/change/").content.decode()
    assert "data-design-url" not in page


def test_the_form_says_which_functions_draw_a_design(admin, designed):
    for row in (designed, designed.credential_type):
        page = admin.get(f"{BASE}/{row._meta.model_name}/{row.pk}/change/").content.decode()
        said = html.unescape(re.search(r'data-design-functions="([^"]*)"', page).group(1))
        assert PDF in said.split()
        assert "tests.plugins.generate_text_credential" not in said


def test_the_number_of_queries_does_not_grow(admin, designed, django_assert_max_num_queries):
    options = {"text_elements": {f"e{number}": {"text": "{name}", "y": 10 + number} for number in range(60)}}
    ask(admin, designed, options)
    with django_assert_max_num_queries(14):
        ask(admin, designed, options)
    assert CredentialConfiguration.objects.get().custom_options == {}

"""The options as a form, driven like a registrar does it: nobody types JSON, and what the form does not know stays as it is."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning_credentials.lms.fake import fake_lms
from learning_credentials.models import CredentialConfiguration, CredentialType
from tests.browser.conftest import DESKTOP
from tests.factories import CredentialConfigurationFactory, CredentialTypeFactory, IssuerFactory, UserFactory

NARROW = {"width": 390, "height": 800}
HOST = "tests.integration.option_plugins"
RUN = "course-v1:Uni+Maths+2026"
GRADES = "learning_credentials.processors.retrieve_subsection_grades"
COMPLETIONS = "learning_credentials.processors.retrieve_completions"
BADGE = "learning_credentials.generators.generate_open_badge"
PDF = "learning_credentials.generators.generate_pdf_credential"
STRICT = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"


@pytest.fixture
def operator(transactional_db):
    return UserFactory(superuser=True, username="ada")


@pytest.fixture
def host(app_settings):
    app_settings(PROCESSOR_MODULES=[HOST, "tests.plugins"], GENERATOR_MODULES=[HOST, "tests.plugins"])


@pytest.fixture
def world():
    with fake_lms() as fake:
        yield fake


@pytest.fixture
def course(world):
    world.add_course_run(RUN, "Mathematics for biologists", categories={"Homework": 0.4, "Exam": 0.6})


@pytest.fixture
def books(host):
    """Return a function that makes a type with the host's plug-ins."""
    return lambda **options: CredentialTypeFactory(
        retrieval_func=f"{HOST}.retrieve_readers", generation_func=f"{HOST}.generate_cover", custom_options=options
    )


def change_url(row):
    return reverse(f"admin:learning_credentials_{row._meta.model_name}_change", args=[row.pk])


def add_url(model):
    return reverse(f"admin:learning_credentials_{model._meta.model_name}_add")


def read(page):
    return json.loads(page.locator("#id_custom_options").input_value() or "{}")


def form_of(page):
    return page.locator("#id_custom_options-panel-form")


def save(page):
    page.locator("input[name=_save]").first.click()
    page.wait_for_load_state()


def test_a_type_and_a_configuration_are_made_without_json(visit, operator, course):
    IssuerFactory(name="Uni")
    page = visit(add_url(CredentialType), user=operator)
    form = form_of(page)
    assert "Choose above who gets it" in form.inner_text()
    page.locator("#id_name").fill("Honours")
    page.locator("#id_retrieval_func").select_option(label="Grades in the course")
    assert page.locator(".field-retrieval_func .lcred-path").inner_text() == GRADES
    page.locator("#id_generation_func").select_option(label="PDF certificate")
    form.get_by_label("Suggest categories of the course").fill(RUN)
    form.get_by_label("Suggest categories of the course").blur()
    form.locator(".lcred-option-title", has_text="Mathematics for biologists").wait_for()
    grades = form.get_by_role("group", name="Required grades").first
    grades.get_by_role("option", name="Exam (counts 60%)").wait_for(state="attached")
    grades.get_by_label("Add a category").select_option("Exam")
    page.keyboard.type("40")
    grades.get_by_label("Add a category").select_option("Total")
    page.keyboard.type("67.5")
    form.get_by_label("Attach the Open Badge").select_option("Yes")
    form.get_by_label("Decimals of grades").fill("1")
    assert form.get_by_text("counts 60%", exact=True).is_visible()
    save(page)
    made = CredentialType.objects.get()
    assert made.custom_options == {
        "required_grades": {"Exam": 0.4, "Total": 0.675},
        "attach_badge": True,
        "grade_decimals": 1,
    }

    page = visit(add_url(CredentialConfiguration), user=operator)
    page.locator("#id_learning_context_key").fill(RUN)
    page.locator(".field-credential_type .select2-selection").click()
    page.locator(".select2-results__option", has_text="Honours").click()
    form = form_of(page)
    exam = form.get_by_role("group", name="Exam")
    exam.wait_for()
    assert exam.locator("input").get_attribute("placeholder") == "40"
    exam.locator("input").fill("45")
    assert form.get_by_label("Attach the Open Badge").locator("option").first.inner_text() == "As the type says (yes)"
    save(page)
    assert CredentialConfiguration.objects.get().custom_options == {"required_grades": {"Exam": 0.45}}


def test_every_kind_of_field_writes_its_value(visit, operator, books, course):
    page = visit(change_url(books()), user=operator)
    form = form_of(page)
    form.get_by_label("Share of the book").fill("7")
    form.get_by_label("Course with the book").fill(RUN)
    form.get_by_label("Lent for").fill("18 months")
    form.get_by_label("Reminded before").fill("2 weeks 1 day 3 hours")
    form.get_by_label("Pages").fill("12")
    form.get_by_label("Only new books").select_option("Yes")
    form.get_by_label("Colour of the cover", exact=False).first.fill("#abc")
    form.get_by_label("Size").select_option("Large")
    form.get_by_label("Printed").fill("2026-12-31")
    words = form.get_by_role("group", name="Words")
    words.get_by_role("button", name="Add to Words").click()
    page.keyboard.type("loud")
    words.get_by_role("button", name="Move Words 2 up").click()
    form.get_by_label("back").check()
    greetings = form.get_by_role("group", name="Greetings")
    greetings.get_by_role("option", name="French").wait_for(state="attached")
    greetings.get_by_label("Add a language").select_option("French")
    page.keyboard.type("Bonjour")
    greetings.get_by_label("Add a language").select_option("Another one…")
    page.keyboard.type("de-at")
    page.keyboard.press("Enter")
    page.keyboard.type("Servus")
    shelf = form.get_by_role("group", name="Shelf shelf")
    shelf.get_by_label("Room").fill("Cellar")
    shelves = form.get_by_role("group", name="More shelves")
    shelves.get_by_label("Add an entry").fill("low")
    page.keyboard.press("Enter")
    shelves.get_by_label("Height").fill("0,5")
    notes = form.get_by_role("group", name="Notes")
    notes.get_by_role("button", name="Add to Notes").click()
    notes.get_by_label("Room").fill("Attic")
    form.get_by_label("Summary").fill("One\nTwo")
    assert read(page) == {
        "share": 0.07,
        "course": RUN,
        "lent_for": "18 months",
        "reminded": "P2W1DT3H",
        "pages": 12,
        "is_new": True,
        "cover": "#abc",
        "size": "large",
        "printed": "2026-12-31",
        "words": ["loud", "calm"],
        "parts": ["front", "back"],
        "greetings": {"fr": "Bonjour", "de-at": "Servus"},
        "shelf": {"room": "Cellar"},
        "shelves": {"low": {"height": 0.5}},
        "notes": [{"room": "Attic"}],
        "summary": "One\nTwo",
    }
    form.locator(".lcred-option-title", has_text="Mathematics for biologists").wait_for()
    shelves.get_by_role("button", name="Rename low").click()
    page.keyboard.type("lowest")
    page.keyboard.press("Enter")
    assert read(page)["shelves"] == {"lowest": {"height": 0.5}}
    shelves.get_by_role("button", name="Remove lowest").click()
    assert "shelves" not in read(page)
    notes.get_by_role("button", name="Remove Notes 1").click()
    assert read(page)["notes"] == []
    save(page)
    assert CredentialType.objects.get().custom_options["reminded"] == "P2W1DT3H"


def test_changing_the_function_changes_the_fields_at_once(visit, operator):
    page = visit(change_url(CredentialTypeFactory(retrieval_func=COMPLETIONS, generation_func=BADGE)), user=operator)
    form = form_of(page)
    form.get_by_label("Required completion").first.fill("80")
    page.locator("#id_retrieval_func").select_option(GRADES)
    assert form.get_by_label("Required completion").count() == 0
    assert form.get_by_role("group", name="Required grades").is_visible()
    assert "not changed by this form: required_completion." in form.inner_text()
    assert read(page) == {"required_completion": 0.8}
    page.locator("#id_retrieval_func").select_option("tests.plugins.retrieve_everyone")
    assert "does not describe its options" in form.inner_text()
    page.locator("#id_generation_func").select_option("tests.plugins.generate_flaky")
    assert page.locator("#id_custom_options").is_visible(), "neither function describes its options: the JSON is shown"


def test_the_text_about_the_criteria_follows_the_form(visit, operator):
    page = visit(change_url(CredentialTypeFactory(retrieval_func=COMPLETIONS, generation_func=BADGE)), user=operator)
    form_of(page).get_by_label("Required completion").first.fill("82")
    page.locator(".lcred-criteria").get_by_text("At least 82% of the course completed.").first.wait_for()


def test_a_path_with_many_courses_asks_in_few_questions(visit, operator, world):
    keys = [f"course-v1:Uni+Course{number}+2026" for number in range(60)]
    for key in keys:
        world.add_course_run(key, f"Title of {key}", categories={"Exam": 1.0})
    steps = {key: {"required_grades": {"Exam": 0.5}} for key in keys}
    row = CredentialTypeFactory(retrieval_func=GRADES, generation_func=BADGE, custom_options={"steps": steps})
    asked = []
    page = visit(change_url(row), user=operator)
    page.on("request", lambda request: asked.append(request.url) if "option-sources" in request.url else None)
    page.reload(wait_until="networkidle")
    form_of(page).get_by_text(f"Title of {keys[-1]}", exact=True).wait_for()
    assert len(asked) <= 6
    assert max(map(len, asked)) < 4000
    # The 60 rows do not slow down what is typed elsewhere.
    spent = page.evaluate("""() => {
        const input = [...document.querySelectorAll(".lcred-option-line input")].at(-1);
        const start = performance.now();
        input.value = "61";
        input.dispatchEvent(new Event("input", { bubbles: true }));
        return performance.now() - start;
    }""")
    assert spent < 500
    assert read(page)["steps"][keys[-1]] == {"required_grades": {"Exam": 0.61}}


def test_the_json_changes_the_form_and_mistakes_are_shown_there(visit, operator, books):
    page = visit(change_url(books()), user=operator)
    form = form_of(page)
    page.get_by_role("tab", name="JSON").first.click()
    text = '{"share": 0.35, "unknown": {"2": 1, "1": [1.50]}, "pages": 900, "words": ["a", "b"], "lent_for": "P1Y6M", "anything": 1e2}'
    page.locator("#id_custom_options").fill(text)
    page.get_by_role("tab", name="Form").first.click()
    assert form.get_by_label("Share of the book").input_value() == "35"
    assert form.get_by_label("Lent for").input_value() == "1 year 6 months"
    assert form.get_by_text("Enter 500 or less.").is_visible()
    assert "not changed by this form: unknown." in form.inner_text()
    form.get_by_label("Share of the book").fill("abc")
    assert form.get_by_text("Enter a number, such as 70.").is_visible()
    assert read(page)["share"] == "abc", "what was typed is not lost; the server refuses it"
    form.get_by_label("Share of the book").fill("12.50")
    written = page.locator("#id_custom_options").input_value()
    assert '"2": 1,\n    "1": [\n      1.50\n    ]' in written
    assert list(read(page)) == ["share", "unknown", "pages", "words", "lent_for", "anything"]
    assert '"share": 0.125' in written
    form.get_by_label("Share of the book").fill("")
    assert "share" not in read(page)
    lent = form.get_by_label("Lent for")
    lent.fill("6 months until 31 December")
    assert lent.get_attribute("aria-invalid") == "false"
    lent.fill("until 31 Dece")
    assert lent.get_attribute("aria-invalid") == "true"


def test_mistakes_that_the_server_finds_stand_at_their_fields(visit, operator, books):
    page = visit(change_url(books(grades={"Exam": 0.5})), user=operator)
    form = form_of(page)
    form.get_by_role("group", name="Exam").locator("input").fill("140")
    form.get_by_label("Lent for").fill("soon")
    save(page)
    assert (
        "grades.Exam: Input should be less than or equal to 1"
        in page.locator(".field-custom_options .errorlist").inner_text()
    )
    exam = form.get_by_role("group", name="Exam")
    assert exam.get_by_text("Input should be less than or equal to 1").is_visible()
    assert exam.locator("input").get_attribute("aria-invalid") == "true"
    assert form.get_by_text("'soon' is not a period").is_visible()
    exam.locator("input").fill("90")
    assert exam.locator("input").get_attribute("aria-invalid") == "false"
    form.get_by_label("Lent for").fill("2 years")
    save(page)
    assert CredentialType.objects.get().custom_options == {"grades": {"Exam": 0.9}, "lent_for": "2 years"}


def test_a_configuration_goes_back_to_what_the_type_says(visit, operator, books):
    used = books(share=0.6, grades={"Exam": 0.5}, words=["a", "b"], is_new=True, shelf={"room": "Hall 2"})
    options = {
        "share": 0.7,
        "grades": {"Exam": 0.6, "Lab": 0.1},
        "words": ["c"],
        "is_new": False,
        "shelf": {"room": "Cellar"},
    }
    row = CredentialConfigurationFactory(credential_type=used, custom_options=options)
    page = visit(change_url(row), user=operator)
    form = form_of(page)
    share = form.locator(".lcred-value", has=page.get_by_label("Share of the book"))
    assert "The type says: 60 %." in share.inner_text()
    share.get_by_role("button", name="Use the type’s value").click()
    assert "As the type says: 60 %." in share.inner_text()
    assert form.get_by_label("Share of the book").get_attribute("placeholder") == "60"
    exam = form.get_by_role("group", name="Exam")
    assert exam.get_by_role("button", name="Remove Exam").count() == 0, "it comes from the type"
    exam.get_by_role("button", name="Use the type’s value").click()
    form.get_by_role("button", name="Remove Lab").click()
    assert exam.is_visible()
    form.get_by_role("group", name="Words").get_by_role("button", name="Use the type’s value").click()
    form.get_by_label("Only new books").select_option("As the type says (yes)")
    form.get_by_role("group", name="Shelf shelf").get_by_role("button", name="Use the type’s value").click()
    assert read(page) == {}
    save(page)
    assert CredentialConfiguration.objects.get().custom_options == {}


def test_an_lms_that_does_not_answer_is_told_and_names_can_be_typed(visit, operator, world):
    used = CredentialTypeFactory(retrieval_func=GRADES, generation_func=BADGE)
    row = CredentialConfigurationFactory(credential_type=used, learning_context_key=RUN)
    world.outage = True
    page = visit(change_url(row), user=operator)
    grades = form_of(page).get_by_role("group", name="Required grades").first
    grades.get_by_text("The LMS does not answer").wait_for()
    grades.get_by_label("Add a category").select_option("Another one…")
    page.keyboard.type("Essay")
    page.keyboard.press("Enter")
    page.keyboard.type("55")
    assert read(page) == {"required_grades": {"Essay": 0.55}}


def test_the_page_of_a_type_is_designed_in_a_form(visit, operator):
    row = CredentialTypeFactory(page_options={"accent": "#0f7b8a", "intro": {"default": "Hello"}})
    page = visit(change_url(row), user=operator)
    form = page.locator("#id_page_options-panel-form")
    form.get_by_label("Buttons to share").uncheck()
    form.get_by_label("Add a language").select_option("French")
    page.keyboard.type("Bonjour")
    assert form.get_by_role("group", name="All other languages").locator("textarea").input_value() == "Hello"
    save(page)
    saved = CredentialType.objects.get().page_options
    assert saved["intro"] == {"default": "Hello", "fr": "Bonjour"}
    assert set(saved["sections"]) == {"picture", "description", "criteria", "results", "badge", "qr"}


def test_the_form_is_used_by_keyboard_alone(visit, operator, course):
    row = CredentialTypeFactory(retrieval_func=GRADES, generation_func=BADGE)
    page = visit(change_url(row), user=operator)
    page.locator("#id_custom_options-tab-form").focus()
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.closest('.lcred-option-form') !== null"))
        if page.evaluate(
            "document.activeElement.tagName === 'SELECT' && document.activeElement.textContent.includes('Another')"
        ):
            break
    assert all(seen), "the cursor stays in the form"
    page.keyboard.press("End")  # the last choice is another name
    page.keyboard.type("Exam")
    page.keyboard.press("Enter")
    page.keyboard.type("60")
    assert read(page) == {"required_grades": {"Exam": 0.6}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "phone"])
def test_nothing_keeps_anyone_out_of_the_form(visit, list_barriers, operator, books, course, scheme, size):
    used = books(share=2, grades={"Exam": 0.5}, words=["a"], shelves={"low": {}}, greetings={"fr": "Salut"}, course=RUN)
    row = CredentialConfigurationFactory(credential_type=used, custom_options={"share": 0.7, "notes": [{"room": "x"}]})
    for url in (change_url(used), change_url(row)):
        page = visit(url, user=operator, size=size, color_scheme=scheme)
        form_of(page).locator(".lcred-option-title", has_text="Mathematics for biologists").wait_for()
        # Tables of inlines with empty headers and the links above the heading are Django's own.
        assert [line for line in list_barriers(page) if "original" not in line and ">Home<" not in line] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_form_works_under_a_strict_policy(visit, operator, course):
    row = CredentialTypeFactory(retrieval_func=GRADES, generation_func=PDF, page_options={"accent": "#0f7b8a"})
    page = visit(change_url(row), user=operator)

    def add_policy(route):
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, "content-security-policy": STRICT})

    page.route("**/change/", add_policy)
    page.reload()
    form = form_of(page)
    form.get_by_label("Add a category").first.select_option("Total")
    page.keyboard.type("50")
    assert read(page) == {"required_grades": {"Total": 0.5}}


SIMPLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
ANYTHING = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
FITTING = {
    "share": st.one_of(st.floats(0, 1), st.integers(0, 1)),
    "grades": st.dictionaries(st.sampled_from(["Exam", "2", "1", "Total"]), st.floats(0, 1), max_size=3),
    "lent_for": st.sampled_from(["18 months", "P1Y", "1 day, 2 hours"]),
    "reminded": st.sampled_from(["P2DT3H", "P1W"]),
    "pages": st.integers(1, 500),
    "is_new": st.booleans(),
    "cover": st.sampled_from(["#abc", "#A1B2C3"]),
    "size": st.sampled_from(["small", "large"]),
    "printed": st.sampled_from(["2026-12-31", "0001-01-01"]),
    "words": st.lists(st.text(max_size=5), max_size=3),
    "parts": st.lists(st.sampled_from(["back", "spine", "front"]), unique=True),
    "shelf": st.fixed_dictionaries({}, optional={"room": st.text(max_size=5), "height": st.floats(0, 3)}),
    "notes": st.lists(st.fixed_dictionaries({}, optional={"room": st.text(max_size=5)}), max_size=2),
    "greetings": st.dictionaries(st.sampled_from(["fr", "de", "xx"]), st.text(max_size=5)),
}
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.one_of(value, ANYTHING) for name, value in FITTING.items()},
        "anything": ANYTHING,
        "other": ANYTHING,
    },
)
TOUCH = """(text) => {
    const area = document.getElementById("id_custom_options");
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    // As if an operator had gone through all of the fields, and changed none.
    for (const input of document.querySelectorAll(
        "#id_custom_options-panel-form :is(.lcred-value, .lcred-option-check) :is(input, select, textarea):not([type=color])")) {
        input.dispatchEvent(new Event("input", { bubbles: true }));
        input.dispatchEvent(new Event("change", { bubbles: true }));
    }
    return area.value;
}"""


def test_options_that_pass_through_the_form_stay_as_they_are(visit, operator, books):
    page = visit(change_url(books()), user=operator)
    assert form_of(page).is_visible()
    page.wait_for_load_state("networkidle")

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(options=OPTIONS, indent=st.sampled_from([None, 2]))
    def check(options, indent):
        text = json.dumps(options, indent=indent, ensure_ascii=False)
        assert page.evaluate(TOUCH, text) == text

    check()
    # Writing one value leaves all others as they were, in their order.
    written = st.floats(0, 100).map(lambda number: f"{number:.2f}")

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(options=OPTIONS, typed=written)
    def check_writing(options, typed):
        page.evaluate(TOUCH, json.dumps(options, ensure_ascii=False))
        form_of(page).get_by_label("Share of the book").fill(typed)
        after = json.loads(page.locator("#id_custom_options").input_value())
        assert after.pop("share") == pytest.approx(float(typed) / 100)
        before = {key: value for key, value in options.items() if key != "share"}
        assert json.dumps(after) == json.dumps(before)

    check_writing()

"""The tabs of the editor of options: views that others register, mistakes in the JSON, the keyboard, and the functions of types."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from learning_credentials.models import CredentialType
from tests.factories import CredentialConfigurationFactory, CredentialTypeFactory, UserFactory

REGISTER = """async (path) => {
    const { registerOptionsView } = await import(path);
    registerOptionsView({
        name: "probe", title: "Probe", order: 5,
        isFor: ({ field, functions }) => field === "custom_options" && functions.generation_func.includes("text"),
        mount(panel, store) {
            const area = document.createElement("p");
            panel.append(area);
            window.probe = { store, seen: [] };
            return {
                update() { area.textContent = JSON.stringify(store.value); window.probe.seen.push("update"); },
                show() { window.probe.seen.push("show"); },
                hide() { window.probe.seen.push("hide"); },
            };
        },
    });
}"""
MODULE = "/static/learning_credentials/admin/options_tabs.js"
TEXT = '{\n  "10": 1.0,\n  "2": 12345678901234567890,\n  "a": [],\n  "b": {\n    "ü": "\\u0001\\""\n  }\n}'


@pytest.fixture
def operator(transactional_db):
    return UserFactory(superuser=True, username="ada")


def change_url(row):
    return reverse(f"admin:learning_credentials_{row._meta.model_name}_change", args=[row.pk])


def read(page):
    return page.locator("#id_custom_options").input_value()


def test_a_view_and_the_json_are_kept_in_step(visit, operator):
    row = CredentialTypeFactory(custom_options=json.loads(TEXT))
    page = visit(change_url(row), user=operator)
    page.evaluate(REGISTER, MODULE)
    assert page.locator("#id_custom_options").is_hidden(), "the view is the first one, so it is open"
    assert page.get_by_role("tab", name="Probe").get_attribute("aria-selected") == "true"
    # What databases keep of the order differs, so the text is typed.
    page.get_by_role("tab", name="JSON").first.click()
    page.locator("#id_custom_options").fill(TEXT)
    page.get_by_role("tab", name="Probe").click()
    page.evaluate("probe.store.set(['b', 'new', 'deep'], [true, null])")
    assert json.loads(page.locator("[role=tabpanel]:visible p").first.inner_text())["b"]["new"] == {
        "deep": [True, None]
    }
    assert read(page) == TEXT.replace(
        '"\n  }\n}', '",\n    "new": {\n      "deep": [\n        true,\n        null\n      ]\n    }\n  }\n}'
    )
    page.evaluate("probe.store.rename(['2'], '1')")
    page.evaluate("probe.store.remove(['b', 'new'])")
    page.evaluate("probe.store.remove(['nothing', 'there'])")
    assert read(page) == TEXT.replace('"2"', '"1"')
    assert page.evaluate("probe.seen")[:3] == ["update", "show", "hide"]
    page.locator("input[name=_save]").first.click()
    page.wait_for_load_state()
    assert CredentialType.objects.get().custom_options["b"] == {"ü": '\x01"'}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1,\n "b" 2}', "line 2, column 6: A colon must stand here."),
        ('{"a": 1,\n "a": 2}', "line 2, column 2: The key “a” is used twice in one object."),
        ('{"a": [1 2]}', "line 1, column 10: A comma or ] must stand here."),
        ('{"a": "x\ny"}', "line 1, column 7: This text has no closing quotation mark"),
        ('{"a": NaN}', "line 1, column 7: A value must stand here."),
        ('{"a": 1', "line 1, column 8: A comma or } must stand here."),
        ('{"a": 1} x', "line 1, column 10: Nothing may follow the last bracket."),
        ("[1]", "The options must be a JSON object"),
    ],
)
def test_a_mistake_in_the_json_closes_the_other_tabs(visit, operator, text, sentence):
    page = visit(change_url(CredentialTypeFactory()), user=operator)
    page.evaluate(REGISTER, MODULE)
    page.get_by_role("tab", name="JSON").first.click()
    page.locator("#id_custom_options").fill(text)
    assert sentence in page.locator("#id_custom_options-problem").inner_text()
    tab = page.get_by_role("tab", name="Probe")
    assert tab.get_attribute("aria-disabled") == "true"
    tab.click(force=True)
    assert page.locator("#id_custom_options").is_visible()
    page.locator("#id_custom_options").fill("{}")
    tab.click()
    assert page.locator("#id_custom_options").is_hidden()
    assert page.locator("#id_custom_options-problem").is_hidden()


def test_a_view_can_load_the_module_under_another_address(visit, operator):
    page = visit(change_url(CredentialTypeFactory()), user=operator)
    page.evaluate(REGISTER, f"{MODULE}?of=a-storage-with-hashes")
    assert page.get_by_role("tab", name="Probe").get_attribute("aria-selected") == "true"
    assert page.locator("[role=tablist]").count() == 3, (
        "one each for the options, the custom fields and the page options"
    )


def test_tabs_are_reached_with_the_keyboard(visit, operator, list_barriers):
    page = visit(change_url(CredentialTypeFactory()), user=operator)
    page.evaluate(REGISTER, MODULE)
    page.get_by_role("tab", name="Probe").focus()
    page.keyboard.press("End")
    assert page.locator("#id_custom_options").is_visible()
    page.keyboard.press("ArrowRight")
    assert page.locator("#id_custom_options").is_hidden()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "id_custom_options"
    # Django's own tables of inlines have empty headers.
    assert [line for line in list_barriers(page) if "original" not in line] == []


def test_the_tab_that_was_open_is_open_again_after_saving(visit, operator):
    page = visit(change_url(CredentialTypeFactory()), user=operator)
    page.evaluate(REGISTER, MODULE)
    page.get_by_role("tab", name="JSON").first.click()
    page.locator("input[name=_continue]").first.click()
    page.wait_for_load_state()
    page.evaluate(REGISTER, MODULE)
    assert page.locator("#id_custom_options").is_visible()


def test_the_functions_of_another_type_are_followed(visit, operator):
    row = CredentialConfigurationFactory(credential_type__custom_options={"size": 3})
    other = CredentialTypeFactory(custom_options={"size": 4}, generation_func="tests.plugins.generate_flaky")
    page = visit(change_url(row), user=operator)
    page.evaluate(REGISTER, MODULE)
    assert page.evaluate("probe.store.getInherited(['size'])") == 3
    page.locator(f"#id_credential_type option[value='{row.credential_type_id}']").evaluate(
        """(option, other) => { option.value = other; django.jQuery(option.parentNode).trigger("change"); }""", other.pk
    )
    page.wait_for_function("probe.store.getInherited(['size']) === 4")
    assert page.get_by_role("tab", name="Probe").is_hidden()
    assert page.locator("#id_custom_options").is_visible()

"""Discovery finds what a host offers and names what it cannot use."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from learning_credentials import discovery
from learning_credentials.data import Artifact, StaticAssets
from learning_credentials.exceptions import ConfigurationError, UnknownFunctionError
from learning_credentials.processors.completions import CompletionsOptions
from tests import plugins
from tests.app_settings import override_app_settings


def with_modules(*, processors=(), generators=()):
    return override_app_settings(PROCESSOR_MODULES=list(processors), GENERATOR_MODULES=list(generators))


@pytest.fixture
def make_module(monkeypatch):
    """Make an importable module of source text; each has a name of its own, as discovery remembers modules."""
    made = []

    def make(source, name=None):
        name = name or f"host_plugins_{len(made)}_{abs(hash(source))}"
        module = ModuleType(name)
        exec(compile(source, name, "exec"), vars(module))  # noqa: S102
        monkeypatch.setitem(sys.modules, name, module)
        made.append(name)
        return name

    return make


BUILT_IN_PROCESSORS = {
    "learning_credentials.processors.retrieve_completions",
    "learning_credentials.processors.retrieve_completions_and_grades",
    "learning_credentials.processors.retrieve_subsection_grades",
}


def test_built_in_processors_and_a_hosts_own_are_found():
    found = discovery.list_processors()

    assert set(found) >= BUILT_IN_PROCESSORS
    assert {path for path in found if path.startswith("tests.")} == {
        "tests.plugins.retrieve_everyone",
        "tests.plugins.retrieve_nobody_with_fields",
        "tests.plugins.retrieve_one_by_one",
        "tests.plugins.retrieve_with_fields",
    }


def test_a_hosts_own_generators_are_found_beside_the_built_in_one():
    found = discovery.list_generators()

    assert "learning_credentials.generators.generate_pdf_credential" in found
    assert {path for path in found if path.startswith("tests.")} == {
        "tests.plugins.generate_field_list",
        "tests.plugins.generate_flaky",
        "tests.plugins.generate_text_credential",
    }


def test_a_host_without_plug_ins_has_the_built_in_functions():
    with with_modules():
        paths = [*discovery.list_processors(), *discovery.list_generators()]

    assert paths
    assert all(path.startswith("learning_credentials.") for path in paths)
    assert set(paths) >= BUILT_IN_PROCESSORS


def test_what_a_plug_in_says_of_itself():
    everyone = discovery.get_processor("tests.plugins.retrieve_everyone")
    one_by_one = discovery.get_processor("tests.plugins.retrieve_one_by_one")
    completions = discovery.get_processor("learning_credentials.processors.retrieve_completions")

    assert (everyone.label, everyone.summary) == ("Everyone", "Everyone who is enrolled.")
    assert discovery.get_generator("learning_credentials.generators.generate_pdf_credential").label == "PDF credential"
    assert (everyone.accepts_user_ids, one_by_one.accepts_user_ids) == (True, False)
    assert (everyone.options_model, completions.options_model) == (None, CompletionsOptions)
    assert everyone.function is plugins.retrieve_everyone


def test_a_generator_may_offer_to_be_prepared():
    flaky = discovery.get_generator("tests.plugins.generate_flaky")
    plain = discovery.get_generator("tests.plugins.generate_text_credential")
    plugins.PREPARE_CALLS.clear()

    renderer = flaky.prepare({"a": 1}, StaticAssets())

    assert callable(renderer)
    assert plugins.PREPARE_CALLS == [{"a": 1}]
    assert plain.prepare is None


def test_an_unknown_path_is_an_error_that_says_where_to_list_it():
    with pytest.raises(UnknownFunctionError, match=r"tests\.plugins\.retrieve_nobody.*PROCESSOR_MODULES"):
        discovery.get_processor("tests.plugins.retrieve_nobody")
    with pytest.raises(UnknownFunctionError, match="GENERATOR_MODULES"):
        discovery.get_generator("tests.plugins.retrieve_everyone")


def test_imported_and_private_functions_are_not_offered(make_module):
    name = make_module(
        "from tests.plugins import retrieve_everyone, generate_flaky\n"
        "RETRIEVE = 1\n"
        "retrieve_value = 2\n"
        "class retrieve_class: pass\n"
        "def retrieve_mine(learning_context_key, options, user_id=None): return {}\n"
        "def _retrieve_hidden(learning_context_key, options, user_id=None): return {}\n"
        "def helper(learning_context_key): return {}\n"
    )

    with with_modules(processors=[name], generators=[name]):
        assert [path for path in discovery.list_processors() if path.startswith(name)] == [f"{name}.retrieve_mine"]
        assert not [path for path in discovery.list_generators() if path.startswith(name)]


def test_a_module_may_offer_what_it_imports_by_naming_it(make_module):
    name = make_module(
        "from tests.plugins import retrieve_everyone, retrieve_one_by_one\n__all__ = ['retrieve_everyone']\n"
    )

    with with_modules(processors=[name]):
        plugin = discovery.get_processor(f"{name}.retrieve_everyone")
        assert f"{name}.retrieve_one_by_one" not in discovery.list_processors()

    assert plugin.function is plugins.retrieve_everyone


@pytest.mark.parametrize(
    ("source", "processors"),
    [
        ("def retrieve_x(): pass", True),
        ("def retrieve_x(learning_context_key): pass", True),
        ("def retrieve_x(learning_context_key, options): pass", True),
        ("def retrieve_x(learning_context_key, options, learner=None): pass", True),
        ("def retrieve_x(learning_context_key, options, user_id=None, *, more): pass", True),
        ("def generate_x(credential): pass", False),
        ("def generate_x(credential, options, more): pass", False),
    ],
)
def test_a_function_that_cannot_be_called_is_named(make_module, source, processors):
    name = make_module(source)
    kind = "processors" if processors else "generators"
    function = "retrieve_x" if processors else "generate_x"

    with (
        with_modules(**{kind: [name]}),
        pytest.raises(ConfigurationError, match=rf"'{name}\.{function}' must be callable as"),
    ):
        getattr(discovery, f"list_{kind}")()


@pytest.mark.parametrize(
    "source",
    [
        "def retrieve_x(learning_context_key, options, user_id=None): pass",
        "def retrieve_x(learning_context_key, options, user_id=None, user_ids=None): pass",
        "def retrieve_x(learning_context_key, options, user_id=None, *, user_ids=None): pass",
        "def retrieve_x(key, config, **kwargs): pass",
    ],
)
def test_every_form_that_can_be_called_is_taken(make_module, source):
    name = make_module(source)

    with with_modules(processors=[name]):
        assert discovery.get_processor(f"{name}.retrieve_x").accepts_user_ids is ("user_ids" in source)


@pytest.mark.parametrize(("kind", "prefix"), [("processors", "retrieve"), ("generators", "generate")])
def test_a_module_that_cannot_be_imported_is_named(kind, prefix):
    with (
        with_modules(**{kind: [f"host.no_such_{prefix}"]}),
        pytest.raises(ConfigurationError, match=rf"'host\.no_such_{prefix}' cannot be imported: ModuleNotFoundError"),
    ):
        getattr(discovery, f"list_{kind}")()


def test_a_module_that_fails_on_import_is_named_with_the_reason(tmp_path, monkeypatch):
    (tmp_path / "host_plugin_with_an_accident.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)

    with (
        with_modules(processors=["host_plugin_with_an_accident"]),
        pytest.raises(
            ConfigurationError, match=r"'host_plugin_with_an_accident' cannot be imported: ZeroDivisionError"
        ),
    ):
        discovery.list_processors()


def test_the_order_is_stable():
    with with_modules(processors=["tests.plugins"]):
        first = list(discovery.list_processors())
    with with_modules(processors=["tests.plugins"]):
        assert list(discovery.list_processors()) == first
    own = [path for path in first if path.startswith("tests.")]
    assert own == first[-len(own) :]
    assert own[0] == "tests.plugins.retrieve_everyone"


def test_the_text_generator_writes_what_it_is_given(make_credential):
    artifact = plugins.generate_text_credential(make_credential(), {})

    assert artifact == Artifact(
        b"A Learner\nAlgebra\n2026-06-01\nhttps://credentials.example.org/credentials/x/", "text/plain", "txt"
    )


@pytest.fixture
def make_credential():
    from datetime import UTC, date, datetime
    from uuid import UUID

    from learning_credentials.data import CredentialData

    def make(name="A Learner"):
        return CredentialData(
            verify_uuid=UUID(int=1),
            verify_url="https://credentials.example.org/credentials/x/",
            user_full_name=name,
            learning_context_key="course-v1:Unit+Algebra+2026",
            learning_context_name="Algebra",
            credential_type_name="Certificate",
            issued_at=datetime(2026, 6, 1, tzinfo=UTC),
            issue_date=date(2026, 6, 1),
            assets=StaticAssets(),
        )

    return make

"""Plug-ins declared by decorators: how discovery finds them, what a misuse is told, and that type checkers understand them."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from learning_credentials import discovery
from learning_credentials.exceptions import ConfigurationError
from learning_credentials.options import Options
from learning_credentials.plugins import generator, processor
from tests.app_settings import override_app_settings

ROOT = Path(__file__).parents[2]
HEADER = """
import functools
from learning_credentials.data import Artifact
from learning_credentials.options import Options
from learning_credentials.plugins import generator, processor

class Mine(Options):
    "Own options."

def prepare(options, assets):
    return lambda credential: Artifact(b"prepared", "text/plain", "txt")
"""
PROCESSOR = "def retrieve_x(learning_context_key, options, user_id=None): return {}"
GENERATOR = "def generate_x(credential, options): return Artifact(b'', 'text/plain', 'txt')"


class Mine(Options):
    """Own options."""


class Writer:
    """Writes criteria."""

    def collect(self, source):
        """Return nothing."""

    def write(self, facts, language):
        """Return nothing."""


class Mute:
    """Has no methods."""


class Narrow(Writer):
    """Its method cannot be called as the app does."""

    def write(self, facts):
        """Return nothing."""


@pytest.mark.parametrize(
    ("writer", "said"),
    [
        (Writer, r"criteria must be an object, not the class itself. Write Writer\(\)"),
        (Mute(), r"criteria must have the method collect\(source\)"),
        (Narrow(), r"criteria.write must be callable as \(facts, language\)"),
        ("text", r"criteria must have the method collect"),
    ],
    ids=["class", "mute", "narrow", "text"],
)
def test_a_wrong_writer_of_criteria_is_refused(writer, said):
    with pytest.raises(ConfigurationError, match=rf"@processor on '.*retrieve_x': {said}"):

        @processor(criteria=writer)
        def retrieve_x(learning_context_key, options, user_id=None):
            return {}


def test_a_writer_of_criteria_is_found(find):
    source = "class Writer:\n    def collect(self, source): ...\n    def write(self, facts, language): ...\n"
    module, found = find(f"{source}@processor(criteria=Writer())\n{PROCESSOR}")
    assert isinstance(found["retrieve_x"].criteria, module.Writer)
    _, found = find(f"@processor\n{PROCESSOR}")
    assert found["retrieve_x"].criteria is None
    _, found = find(f"{PROCESSOR}\nretrieve_x.criteria = 'not a writer'")
    assert found["retrieve_x"].criteria is None


@pytest.fixture
def find(tmp_path, monkeypatch, request):
    """Write a host's module and return what discovery finds in it, by name."""
    monkeypatch.syspath_prepend(tmp_path)

    def find(source):
        name = f"host_{abs(hash((request.node.nodeid, source)))}"
        (tmp_path / f"{name}.py").write_text(HEADER + source + "\n")
        modules = {"PROCESSOR_MODULES": [name], "GENERATOR_MODULES": [name]}
        with override_app_settings(**modules):
            plugins = {**discovery.list_processors(), **discovery.list_generators()}
        own = sys.modules.pop(name)
        found = {path.rpartition(".")[2]: plugin for path, plugin in plugins.items() if path.startswith(f"{name}.")}
        return own, found

    return find


def test_what_the_decorators_declare_is_found(find):
    module, found = find(
        f"@processor(options=Mine)\n{PROCESSOR}\n@generator(options=Mine, prepare=prepare, needs_badge=True)\n{GENERATOR}"
    )
    retrieve, generate = found["retrieve_x"], found["generate_x"]
    assert (retrieve.options_model, generate.options_model) == (module.Mine, module.Mine)
    assert generate.prepare is module.prepare
    assert generate.needs_badge({}) is True
    assert retrieve.function is module.retrieve_x


def test_options_can_decide_whether_there_is_a_badge(find):
    _, found = find(f"@generator(needs_badge=lambda options: options['signed'])\n{GENERATOR}")
    generate = found["generate_x"]
    assert (generate.needs_badge({"signed": True}), generate.needs_badge({"signed": False})) == (True, False)


@pytest.mark.parametrize("parentheses", ["", "()"])
def test_a_decorator_can_declare_nothing(find, parentheses):
    _, found = find(f"@processor{parentheses}\n{PROCESSOR}\n@generator{parentheses}\n{GENERATOR}")
    assert found["retrieve_x"].options_model is None
    generate = found["generate_x"]
    assert (generate.options_model, generate.prepare, generate.needs_badge({})) == (None, None, False)


def test_functions_without_a_decorator_work_as_before(find):
    module, found = find(
        f"{PROCESSOR}\n{GENERATOR}\n"
        "def generate_y(credential, options): return generate_x(credential, options)\n"
        "retrieve_x.options_model = generate_x.options_model = Mine\n"
        "generate_x.prepare = prepare\n"
        "generate_x.needs_badge = True\n"
    )
    assert found["retrieve_x"].options_model is module.Mine
    by_hand = found["generate_x"]
    assert (by_hand.options_model, by_hand.prepare, by_hand.needs_badge({})) == (module.Mine, module.prepare, True)
    plain = found["generate_y"]
    assert (plain.options_model, plain.prepare, plain.needs_badge({})) == (None, None, False)


def test_a_function_remains_what_it_was():
    def retrieve_x(learning_context_key, options, user_id=None, user_ids=None):
        """Find nobody."""
        return {}

    assert processor(options=Mine)(retrieve_x) is retrieve_x
    assert retrieve_x("key", {}) == {}


def test_nothing_is_left_of_a_plug_in_that_another_one_wraps():
    def prepare(options, assets):
        return None

    @generator(options=Mine, prepare=prepare, needs_badge=True)
    def generate_inner(credential, options):
        return None

    @generator
    @functools.wraps(generate_inner)
    def generate_outer(credential, options):
        return generate_inner(credential, options)

    assert (generate_outer.options_model, generate_outer.prepare, generate_outer.needs_badge) == (None, None, False)
    assert generate_inner.prepare is prepare


MISUSES = {
    "a class": (
        "@processor()\nclass retrieve_x: pass",
        r"@processor on '{0}\.retrieve_x': this is a class, not a function\. Decorate",
    ),
    "a bare class": (
        "@generator\nclass generate_x: pass",
        r"@generator on '{0}\.generate_x': this is a class, not a function\.",
    ),
    "an object": (
        "retrieve_x = processor()(functools.partial(print))",
        r"this is a partial, not a function\. Decorate a function",
    ),
    "a method": (
        "class Host:\n @processor\n def retrieve_x(learning_context_key, options, user_id=None): return {}",
        r"'{0}\.Host\.retrieve_x': this is a method of Host\. Move the function",
    ),
    "a name without the prefix": (
        "@processor(options=Mine)\ndef helpful(learning_context_key, options, user_id=None): return {}",
        r"'{0}\.helpful': the name must begin with 'retrieve_'\. Rename the function, for example 'retrieve_helpful'",
    ),
    "a private name": (
        "@generator\ndef _card(credential, options): pass",
        r"must begin with 'generate_'\. Rename the function, for example 'generate_card'",
    ),
    "the other decorator": (f"@generator\n{PROCESSOR}", r"use @processor for this function, or begin its name"),
    "the wrong processor": (
        "@processor\ndef retrieve_x(learner): pass",
        r"must be callable as \(learning_context_key, ",
    ),
    "a processor that needs user_id": (
        "@processor\ndef retrieve_x(key, options, user_id, user_ids=None): pass",
        r"must be callable as \(learning_context_key, options, user_id=None\): missing",
    ),
    "the wrong generator": (
        "@generator\ndef generate_x(): pass",
        r"must be callable as \(credential, options\): too many",
    ),
    "an async function": (f"@generator\nasync {GENERATOR}", "must be a plain function, not an async one"),
    "an undecorated async function": (f"async {GENERATOR}", "must be a plain function, not an async one"),
    "options of another kind": (
        f"@processor(options=dict)\n{PROCESSOR}",
        r"options must be a class derived from learning_credentials\.options\.Options, not <class 'dict'>",
    ),
    "an object of options": (
        f"@processor(options=Mine())\n{PROCESSOR}",
        r"options must be a class derived .*, not Mine\(\)",
    ),
    "options without a name": (
        f"@processor(Mine)\n{PROCESSOR}",
        r"@processor: name the argument: @processor\(options=Mine\)",
    ),
    "no function to prepare": (f"@generator(prepare=3)\n{GENERATOR}", "prepare must be a function, not 3"),
    "a wrong function to prepare": (
        f"@generator(prepare=lambda options: None)\n{GENERATOR}",
        r"prepare must be callable as \(options, assets\): too many positional arguments",
    ),
    "a badge by its name": (
        f"@generator(needs_badge='yes')\n{GENERATOR}",
        "needs_badge must be True, False or a function, not 'yes'",
    ),
    "a badge by a wrong function": (
        f"@generator(needs_badge=lambda: True)\n{GENERATOR}",
        r"needs_badge must be callable as \(options\): too many positional arguments",
    ),
    "an argument of generators": (f"@processor(prepare=prepare)\n{PROCESSOR}", "unexpected keyword argument 'prepare'"),
    "a misspelled argument": (f"@generator(option=Mine)\n{GENERATOR}", "unexpected keyword argument 'option'"),
}


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_misuse_is_told_with_the_name_of_the_function(find, misuse):
    source, message = MISUSES[misuse]
    with pytest.raises(ConfigurationError) as caught:
        find(source)
    text = str(caught.value)
    name = text.partition("'")[2].partition("'")[0].partition(".")[0]
    assert name.startswith("host_")
    caught.match(message.format(name) if "{0}" in message else message)


TYPED = """
from collections.abc import Collection, Mapping
from typing import Any, TypedDict, assert_type

from learning_credentials.data import Artifact, AssetReader, CredentialData
from learning_credentials.options import Options
from learning_credentials.plugins import generator, processor


class Mine(Options):
    number: int = 1


class Progress(TypedDict):
    is_eligible: bool
    current_posts: int


def prepare(options: Mapping[str, Any], assets: AssetReader) -> Any:
    return None


@processor(options=Mine)
def retrieve_batches(
    learning_context_key: str, options: Mapping[str, Any], user_id: int | None = None, user_ids: Collection[int] | None = None
) -> dict[int, Progress]:
    return {}


@processor
def retrieve_singles(key: str, options: dict[str, object], *, user_id: int | None = None) -> dict[int, dict[str, bool]]:
    return {}


@processor()
def retrieve_any(key: str, options: dict[str, Any], **kwargs: Any) -> dict[int, dict[str, Any]]:
    return {}


@generator(options=Mine, prepare=prepare, needs_badge=True)
def generate_card(credential: CredentialData, options: Mapping[str, Any], colour: str = "red") -> Artifact:
    return Artifact(b"", "text/plain", "txt")


def call(credential: CredentialData) -> None:
    assert_type(retrieve_batches("key", {}, user_ids=[1]), dict[int, Progress])
    assert_type(retrieve_singles("key", {}, user_id=1), dict[int, dict[str, bool]])
    assert_type(generate_card(credential, {}, colour="blue"), Artifact)
    # Strict type checkers complain of the comments below if there is nothing to ignore.
    retrieve_batches("key", {}, learner=1)  # type: ignore[call-arg]
    retrieve_singles("key", {}, 1)  # type: ignore[call-arg]
    generate_card(credential, {}, colour=1)  # type: ignore[arg-type]
"""
WRONG = """
from typing import Any

from learning_credentials.data import Artifact, CredentialData
from learning_credentials.plugins import generator, processor


@processor  # E
def retrieve_text(key: str, options: dict[str, Any], user_id: int | None = None) -> str:
    return ""


@processor()  # E
def retrieve_number(key: int, options: dict[str, Any], user_id: int | None = None) -> dict[int, dict[str, Any]]:
    return {}


@generator()  # E
def generate_bytes(credential: CredentialData, options: dict[str, Any]) -> bytes:
    return b""


@generator(options=dict)  # E
def generate_dict(credential: CredentialData, options: dict[str, Any]) -> Artifact:
    return Artifact(b"", "text/plain", "txt")
"""


@pytest.fixture(scope="module")
def check_types(tmp_path_factory):
    """Run a type checker as strictly as a host may, without settings of this project; return its lines."""
    pytest.importorskip("mypy")
    directory = tmp_path_factory.mktemp("host")
    (directory / "mypy.ini").write_text(f"[mypy]\nstrict = true\nfollow_imports = silent\nmypy_path = {ROOT}\n")

    def check(*paths):
        command = [sys.executable, "-m", "mypy", "--no-error-summary", "--cache-dir", str(directory / "cache"), *paths]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)  # noqa: S603
        assert not done.stderr
        return done.stdout.splitlines()

    return directory, check


@pytest.mark.slow
def test_a_typed_module_of_a_host_has_no_errors_and_keeps_its_signatures(check_types):
    directory, check = check_types
    (directory / "host.py").write_text(TYPED)
    assert check("host.py") == []


@pytest.mark.slow
def test_a_function_that_is_no_plug_in_is_an_error_of_types(check_types):
    directory, check = check_types
    (directory / "wrong.py").write_text(WRONG)
    expected = [number for number, line in enumerate(WRONG.splitlines(), 1) if line.endswith("# E")]
    lines = [line for line in check("wrong.py") if ": error: " in line]
    assert sorted({int(line.split(":")[1]) for line in lines}) == expected


@pytest.mark.slow
def test_the_templates_of_the_documentation_have_no_errors_of_types(check_types):
    directory, check = check_types
    for path in (ROOT / "docs/howtos/templates").glob("*.py"):
        shutil.copy(path, directory)
    assert check("processor_template.py", "generator_template.py") == []

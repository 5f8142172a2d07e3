"""What the project says of itself agrees with what it is."""

from __future__ import annotations

import dataclasses
import inspect
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from learning_credentials import api, exceptions, signals
from learning_credentials.conf import Settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "learning_credentials"


def read(path: str) -> str:
    """Return a file of the project."""
    return (ROOT / path).read_text(encoding="utf-8")


def list_errors(error: type[exceptions.CredentialsError] = exceptions.CredentialsError) -> list[type]:
    """The error tree, as far as the app's own module defines it."""
    own = [error] if error.__module__ == exceptions.__name__ else []
    return own + [found for child in error.__subclasses__() for found in list_errors(child)]


def list_targets() -> set[str]:
    """The documented targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+):.*## \S", read("Makefile"), flags=re.MULTILINE))


@pytest.mark.parametrize("key", [item.name for item in dataclasses.fields(Settings)])
def test_every_setting_has_a_comment_for_the_reference(key: str) -> None:
    assert re.search(rf"^    #: .+\n    {key}: ", read("learning_credentials/conf.py"), flags=re.MULTILINE)


@pytest.mark.parametrize("signal", [name for name, value in vars(signals).items() if isinstance(value, signals.Signal)])
def test_every_signal_names_its_arguments(signal: str) -> None:
    comment = re.search(rf"((?:^#: .+\n)+){signal} = ", read("learning_credentials/signals.py"), flags=re.MULTILINE)

    assert comment
    assert "Arguments: " in comment[1]


@pytest.mark.parametrize("page", [str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.rst"))])
def test_every_function_of_the_facade_that_a_page_names_is_public(page: str) -> None:
    is_history = "/decisions/" in page
    named = set(re.findall(r"\bapi\.([a-z_]+)\b(?!\.)", read(page)))

    assert is_history or named <= set(api.__all__)


def test_the_reference_of_the_facade_has_a_section_for_each_room() -> None:
    rooms = {getattr(api, name).__module__.split(".")[2] for name in api.__all__}
    sections = read("docs/references/python.rst").partition(".. facade-reference::")[2].partition("Values\n------")[0]

    assert set(re.findall(r"^   (\w+): ", sections, flags=re.MULTILINE)) >= rooms


@pytest.mark.parametrize("path", sorted((ROOT / "demo").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_demo_needs_only_what_is_public_to_hosts(path: Path) -> None:
    assert "learning_credentials.services" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", api.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    member = getattr(api, name)
    annotations = inspect.signature(member).parameters if inspect.isfunction(member) else {}

    assert member.__doc__
    assert all(each.annotation is not each.empty for each in annotations.values())


def test_every_error_has_a_code_of_its_own() -> None:
    errors = list_errors()
    codes = [error.code for error in errors]

    assert len(errors) > 10
    assert sorted(set(codes)) == sorted(codes)
    assert all(re.fullmatch("[a-z_]+", code) and len(code) <= 64 for code in codes)


def test_every_error_is_documented() -> None:
    assert [error.__name__ for error in list_errors() if not (error.__doc__ or "").strip()] == []


def test_only_errors_that_derive_from_transient_error_are_retried() -> None:
    retried = {error.__name__ for error in list_errors() if issubclass(error, exceptions.TransientError)}

    assert {"LMSUnavailableError", "StorageUnavailableError"} <= retried
    assert "GenerationError" not in retried


def test_the_readme_and_the_docs_name_targets_that_exist() -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.rst", *ROOT.glob("docs/**/*.rst")])
    named = set(re.findall(r"(?:``|^ +)make ([a-z-]+)", texts, flags=re.MULTILINE))

    assert {"demo", "serve", "test"} <= named
    assert named <= list_targets()


def test_pictures_and_pages_that_the_readme_names_exist() -> None:
    readme = read("README.rst")
    named = re.findall(r"<([\w/.-]+\.rst)>", readme) + re.findall(r"^\.\. image:: (\S+)", readme, flags=re.MULTILINE)

    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_checks_that_are_documented_are_those_that_there_are() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.glob("checks/*.py")))
    made = set(re.findall(r'[".]([EW]\d{3})"', text))
    documented = set(re.findall(r"learning_credentials\.([EW]\d{3})", read("docs/references/checks.rst")))

    assert documented == made != set()


def test_every_top_level_module_has_its_place_in_the_layers_and_in_the_layout() -> None:
    modules = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    modules -= {"__init__", "migrations"}
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = set(re.findall(r"\w+", " ".join(contracts[0]["layers"])))
    layout = read("docs/references/layout.rst")

    assert modules <= layers
    assert [module for module in sorted(modules) if f"``{module}``" not in layout] == []


def test_every_management_command_says_what_it_does() -> None:
    from django.core.management import load_command_class

    own = [name for name, app in get_commands().items() if app == "learning_credentials"]

    assert own
    assert [name for name in own if not load_command_class("learning_credentials", name).help] == []


def test_tox_covers_what_the_package_says_it_supports() -> None:
    classifiers = " ".join(tomllib.loads(read("pyproject.toml"))["project"]["classifiers"])
    environments = re.search(r"^env_list = (.+)$", read("tox.ini"), flags=re.MULTILINE)

    assert environments
    assert environments[1].startswith("lowest, ")
    for python in re.findall(r"Python :: 3\.(\d+)", classifiers):
        assert f"3{python}" in environments[1]
    for django in re.findall(r"Django :: (\d)\.(\d)", classifiers):
        assert f"django{''.join(django)}" in environments[1]


def test_what_hosts_pin_is_within_what_the_package_declares() -> None:
    """A floor above a version that a line of Open edX pins would replace the package in the host's environment."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    declared = [
        *project["dependencies"],
        *project["optional-dependencies"]["preview"],
        *project["optional-dependencies"]["sign"],
    ]
    requirements = {canonicalize_name(made.name): made.specifier for made in map(Requirement, declared)}
    checked = 0
    for line in ("ulmo", "verawood"):
        for pin in map(Requirement, re.findall(r"^[a-z].*", read(f"scripts/open_edx/{line}.txt"), flags=re.MULTILINE)):
            version = str(pin.specifier).removeprefix("==")
            if canonicalize_name(pin.name) in requirements:
                assert version in requirements[canonicalize_name(pin.name)], f"{line}: {pin}"
                checked += 1
    assert checked > 15


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_import_no_tests_and_change_settings_in_one_way(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    has_own_way = re.search(r"\*\*\w*settings\.LEARNING_CREDENTIALS", source) is not None and path.name not in {
        "app_settings.py",
        "conftest.py",
    }

    assert not re.search(r"^\s*(?:from|import) tests\S*\.test_", source, flags=re.MULTILINE)
    assert not has_own_way or path == Path(__file__)


GIT = shutil.which("git") or ""


@pytest.mark.skipif(not (ROOT / ".git").exists() or not GIT, reason="this is no checkout")
def test_the_top_level_has_nothing_that_does_not_belong_there():
    command = [GIT, "ls-files"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  no input in it
    listed = done.stdout.splitlines()
    assert {path.partition("/")[0] for path in listed} == {
        ".ci",
        ".gitignore",
        "CHANGELOG.rst",
        "LICENSE",
        "Makefile",
        "README.rst",
        "benchmarks",
        "demo",
        "docs",
        "learning_credentials",
        "manage.py",
        "pyproject.toml",
        "scripts",
        "tests",
        "tox.ini",
    }

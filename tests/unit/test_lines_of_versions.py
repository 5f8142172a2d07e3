"""The script that runs the suite on the versions of hosts finds interpreters, and says clearly what it could not run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts import test_versions as command

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "test_versions.py"
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
#: What pyenv puts on PATH for a version that no file selects.
SHIM = f"#!/bin/sh\necho 'pyenv: python{VERSION}: command not found' >&2\nexit 127\n"


def write_program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def link_python(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(sys._base_executable)
    return path


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose only programs are those that a test puts there."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(command, "UV", str(write_program(tmp_path / "uv", "#!/bin/sh\nexit 2\n")))
    return tmp_path


def run(machine: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Run the script with a Python that has a uv beside it, which knows no interpreter."""
    python = link_python(machine / "environment" / "bin" / "python")
    write_program(machine / "environment" / "bin" / "uv", '#!/bin/sh\ntest "$1 $2" = "pip compile"\n')
    return subprocess.run([python, SCRIPT, *names], capture_output=True, text=True, check=False)  # noqa: S603


def test_an_interpreter_on_the_path_is_found(machine):
    link_python(machine / "bin" / f"python{VERSION}")

    assert Path(command.find_python(VERSION)).samefile(sys._base_executable)


def test_an_interpreter_is_found_behind_one_that_does_not_run(machine, monkeypatch):
    write_program(machine / "bin" / f"python{VERSION}", SHIM)
    link_python(machine / "other" / f"python{VERSION}")
    monkeypatch.setenv("PATH", f"{machine / 'bin'}:{machine / 'other'}")

    assert Path(command.find_python(VERSION)).samefile(sys._base_executable)


@pytest.mark.parametrize("shim", [SHIM, "no program at all", "#!/nowhere/bash\n"])
def test_an_interpreter_of_pyenv_is_found_though_its_shim_does_not_run(machine, shim):
    write_program(machine / "bin" / f"python{VERSION}", shim)
    link_python(machine / "pyenv" / "versions" / f"{VERSION}.1" / "bin" / f"python{VERSION}")

    assert Path(command.find_python(VERSION)).samefile(sys._base_executable)


def test_an_interpreter_of_another_version_is_not_taken(machine):
    link_python(machine / "bin" / "python3.7")

    assert command.find_python("3.7") == ""


def test_a_missing_interpreter_is_named_and_the_other_lines_still_run(machine):
    done = run(machine, "ulmo", "master")

    assert done.returncode == 1
    assert "not run: needs Python 3.11, which is not on this machine" in done.stdout
    assert [line.split()[:2] for line in done.stdout.partition("What was run\n")[2].splitlines()] == [
        ["FAILED", "ulmo"],
        ["ok", "master"],
    ]
    assert done.stderr == "test_versions: failed: ulmo\n"


def test_a_line_that_does_not_exist_is_refused_with_those_that_do(machine):
    done = run(machine, "ulmo", "sumac")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "test_versions: there is no line 'sumac'. Choose from: lowest, ulmo, verawood, master\n"


def test_a_missing_uv_is_named_with_what_installs_it(machine):
    python = link_python(machine / "bin" / "python")

    done = subprocess.run([python, SCRIPT, "lowest"], capture_output=True, text=True, check=False)  # noqa: S603

    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no uv beside" in done.stderr
    assert "-m pip install '.[versions]'" in done.stderr

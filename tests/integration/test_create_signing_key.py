"""The command that makes keys for badges."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from learning_credentials.badges.keys import create_key, load_keys
from learning_credentials.conf import get_settings


def make(*arguments: str) -> tuple[str, str]:
    out, beside = StringIO(), StringIO()
    call_command("create_signing_key", *arguments, stdout=out, stderr=beside)
    return out.getvalue().strip(), beside.getvalue()


def test_a_key_is_printed_alone_and_fits_the_setting(app_settings):
    private, beside = make()
    app_settings(SIGNING_KEYS=[{"private_key": private, "is_active": True}])
    keys = load_keys(get_settings())
    assert keys.signing_key.verifying_key.multikey in beside
    assert private not in beside
    assert make()[0] != private


def test_a_key_is_written_for_its_owner_only_and_over_nothing(tmp_path):
    path = tmp_path / "key"
    printed, beside = make("--file", str(path))
    assert printed == ""
    assert path.read_text().strip().startswith("z3u2")
    assert path.read_text().strip() not in beside
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    with pytest.raises(CommandError, match="cannot be made"):
        make("--file", str(path))
    assert path.read_text() == before


def test_rotating_keeps_the_keys_that_signed_before(app_settings):
    old, older = create_key(), create_key()
    keys = [
        {"private_key": old.export(), "is_active": True},
        {"public_key": older.verifying_key.multikey},
    ]
    app_settings(SIGNING_KEYS=keys)
    private, beside = make()
    assert old.export() not in beside
    # What is printed can be pasted, with the secret in its place.
    pasted = eval("{" + beside.partition("\n")[2].replace("…", repr(private)) + "}")  # noqa: S307
    app_settings(**pasted)
    ring = load_keys(get_settings())
    assert ring.signing_key.export() == private
    assert ring.listed[1:] == (old.verifying_key, older.verifying_key)


def test_settings_that_are_wrong_are_named_and_stop_no_new_key(app_settings):
    app_settings(SIGNING_KEYS=[{"private_key": "z"}])
    private, beside = make()
    assert private.startswith("z3u2")
    assert "SIGNING_KEYS[0]" in beside


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "is_refused"), [(0o644, True), (0o660, True), (0o600, False)])
def test_the_secret_is_not_redirected_into_a_file_that_others_can_read(tmp_path, mode, is_refused):
    path = tmp_path / "key"
    path.touch()
    path.chmod(mode)
    code = "import django; django.setup(); from django.core.management import call_command; call_command('create_signing_key')"
    with path.open("w") as out:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", code],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=600,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        )
    assert (path.read_text() == "") is is_refused, done.stderr
    assert ("Use --file" in done.stderr) is is_refused

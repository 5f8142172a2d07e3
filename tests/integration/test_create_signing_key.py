"""The command that makes keys for badges."""

from __future__ import annotations

import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from learning_credentials.badges.keys import load_keys
from learning_credentials.conf import get_settings


def make(*arguments: str) -> tuple[str, str]:
    out, beside = StringIO(), StringIO()
    call_command("create_signing_key", *arguments, stdout=out, stderr=beside)
    return out.getvalue().strip(), beside.getvalue()


def test_a_key_is_printed_alone_and_fits_the_setting(settings):
    private, beside = make()
    settings.LEARNING_CREDENTIALS = {
        **settings.LEARNING_CREDENTIALS,
        "SIGNING_KEYS": [{"private_key": private, "is_active": True}],
    }
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

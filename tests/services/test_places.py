"""Places in status lists, taken by processes that know nothing of each other."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import connection

from learning_credentials.badges.status_list import find_mirror
from learning_credentials.models import StatusList
from tests.services.processes import ROOT, get_database_url

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

FILLED = StatusList.SIZE // 4
PROCESSES = 4
EACH = 25_000
#: Few enough at once that the processes meet all the time.
AT_ONCE = 50


def test_a_hundred_thousand_places_are_handed_out_once() -> None:
    # So far filled that the processes also meet at its end.
    StatusList.objects.create(allocated=FILLED)
    connection.close()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.services.settings",
        "TEST_DATABASE_URL": get_database_url(),
    }
    command = [sys.executable, "-m", "tests.services.allocate_places", str(EACH), str(AT_ONCE)]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    outputs = [process.communicate(timeout=300) for process in started]
    assert [errors for process, (_, errors) in zip(started, outputs, strict=True) if process.returncode] == []

    places = [tuple(map(int, line.split())) for output, _ in outputs for line in output.splitlines()]
    assert len(places) == PROCESSES * EACH
    assert len(set(places)) == len(places)
    assert all(0 <= index < StatusList.SIZE for _, index in places)
    assert not set(places) & {(list_id, find_mirror(index)) for list_id, index in places}
    allocated = sum(StatusList.objects.values_list("allocated", flat=True))
    assert allocated == FILLED + len(places)

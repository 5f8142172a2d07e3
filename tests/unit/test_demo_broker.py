"""The demo's broker hands out whole messages, however closely it is read."""

from concurrent.futures import ThreadPoolExecutor
from queue import Empty

import pytest
from kombu import Connection

COUNT = 400
TEXT = "x" * 20_000


@pytest.fixture
def connect(tmp_path):
    options = {
        "data_folder_in": str(tmp_path),
        "data_folder_out": str(tmp_path),
        "control_folder": str(tmp_path / "control"),
    }

    def make():
        return Connection("filesystem://", transport="demo.broker:Transport", transport_options=options)

    return make


def test_no_message_is_seen_before_it_is_whole(connect):
    def put():
        with connect() as connection, connection.SimpleQueue("numbers") as queue:
            for number in range(COUNT):
                queue.put({"number": number, "text": TEXT})

    def take(channel):
        found = []
        while len(found) < COUNT:
            try:
                found.append(channel._get("numbers"))
            except Empty:
                continue
        return found

    with connect() as connection, ThreadPoolExecutor(2) as pool:
        taking = pool.submit(take, connection.default_channel)
        pool.submit(put).result()
        messages = taking.result(timeout=60)

    assert all(len(message["body"]) > len(TEXT) for message in messages)

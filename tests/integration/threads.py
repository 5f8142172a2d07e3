"""Run functions at the same moment, in threads with their own database connections."""

from __future__ import annotations

import threading

from django.db import connections


def at_once(*functions):
    """Start the functions at the same moment. Return what each returned or raised."""
    barrier = threading.Barrier(len(functions))
    results: list[object] = [None] * len(functions)

    def work(index, function):
        try:
            barrier.wait(timeout=20)
            results[index] = function()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=item) for item in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    return results


def assert_no_errors(results):
    assert [result for result in results if isinstance(result, Exception)] == []

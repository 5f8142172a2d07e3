"""Enqueue Celery tasks without waiting long for the broker.

A learner's request or a host's transaction may be waiting for the call. If a broker accepts connections and never answers, it would
otherwise block the caller for minutes, or permanently. The periodic tasks find the work that was not enqueued.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from celery.exceptions import Retry
from kombu import Producer, pools

from learning_credentials.conf import get_settings

if TYPE_CHECKING:
    from celery import Celery, Task

logger = logging.getLogger(__name__)

#: After the broker did not answer in time, this process does not try it again for this many seconds. One request may enqueue many tasks,
#: and each would wait as long.
PAUSE = 15.0
#: One retry without a pause: if the broker restarted, a pooled connection fails at its first use.
RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}

_paused_until: dict[str, float] = {}


def enqueue(task: Task[Any, Any], *args: object) -> bool:
    """Enqueue a task. Return whether the broker accepted it.

    This function never raises. It waits little longer than ``BROKER_TIMEOUT`` seconds.
    """
    app: Any = task.app
    if app.conf.task_always_eager:
        return _run(task, args)
    url = str(app.conf.broker_write_url or "")
    if time.monotonic() < _paused_until.get(url, 0):
        logger.warning(
            "The task %s was not enqueued, because the broker did not answer a moment ago. A periodic task "
            "will do the work",
            task.name,
        )
        return False
    timeout = get_settings().BROKER_TIMEOUT
    began = time.monotonic()
    try:
        _publish(app, task, args, timeout)
    except Exception:
        if time.monotonic() - began > timeout / 2:
            _paused_until[url] = time.monotonic() + PAUSE
        logger.exception("The task %s could not be enqueued. A periodic task will do the work", task.name)
        return False
    return True


def _run(task: Task[Any, Any], args: tuple[object, ...]) -> bool:
    """Run the task at once, because the host's settings ask for that."""
    try:
        task.delay(*args)
    except Retry:
        pass  # it was tried again at once; the periodic tasks find the rest
    except Exception:
        logger.exception("The task %s failed. A periodic task will do the work", task.name)
        return False
    return True


def _publish(app: Celery, task: Task[Any, Any], args: tuple[object, ...], timeout: int) -> None:
    limits = _get_limits(app.connection_for_write(), timeout)
    connection = app.connection_for_write(connect_timeout=timeout, transport_options=limits)
    if not app.conf.broker_pool_limit:  # the host wants no pooled connections
        with connection, Producer(connection) as producer:
            task.apply_async(args, producer=producer, retry=True, retry_policy=RETRY_POLICY)
        return
    # Do not share Celery's own connections: they have the host's limits. Kombu keeps a separate pool for each set of connection arguments.
    with pools.producers[connection].acquire(block=True, timeout=timeout) as producer:
        task.apply_async(args, producer=producer, retry=True, retry_policy=RETRY_POLICY)


def _get_limits(connection: Any, timeout: int) -> dict[str, float]:
    """Return the time limits under the names that the broker's client uses.

    If the host has set shorter limits, keep them. Clients that this function does not know keep their own limits.
    """
    names = {
        "amqp": ("read_timeout", "write_timeout"),
        "redis": ("socket_timeout", "socket_connect_timeout"),
    }.get(connection.transport.driver_type, ())
    given = connection.transport_options or {}
    return {name: min(timeout, given.get(name) or timeout) for name in names}

"""Send a host's signals as a web process of the host: ``python -m tests.services.send_signals COURSE_KEY NAME=USER_ID…``.

All signals are sent in one transaction. Print how many seconds that took, including the work after the commit.
"""

from __future__ import annotations

import sys
import time

import django


def main(course_key: str, *told: str) -> None:
    """Send the signals."""
    django.setup()
    from django.db import transaction

    import demo.celery  # noqa: F401  as every process of a host
    from learning_credentials import signals

    began = time.monotonic()
    with transaction.atomic():
        for item in told:
            name, _, user_id = item.partition("=")
            arguments = {} if name == "identity_verified" else {"course_key": course_key}
            getattr(signals, name).send(None, user_id=int(user_id), **arguments)
    print(time.monotonic() - began)  # noqa: T201  its output is its result


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Allocate places in status lists, as one of several processes: ``python -m tests.services.allocate_places COUNT SIZE``.

Allocate COUNT places, SIZE at a time, and print each as ``list index``.
"""

from __future__ import annotations

import sys

import django


def main(count: int, size: int) -> None:
    """Allocate the places and print them."""
    django.setup()
    from learning_credentials.services.credentials.status_lists import Allocator

    allocator = Allocator()
    for _ in range(0, count, size):
        for list_id, index in allocator.allocate(size):
            print(list_id, index)  # noqa: T201  its output is its result


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))

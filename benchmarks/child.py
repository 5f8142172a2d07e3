"""Run one measurement in its own process, so that it does not use caches or memory of another measurement."""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pathlib import Path

from tqdm import tqdm

#: All measurements: a module and its function.
MEASUREMENTS = {
    "pdf": ("measure_pdf", "measure"),
    "issuing": ("measure_issuing", "measure"),
    "workers": ("measure_workers", "measure"),
    "growth": ("measure_issuing", "measure_growth"),
    "rest": ("measure_rest", "measure"),
}


def main(name: str, options: str, into: str) -> None:
    """Run the measurement and write the result as JSON."""
    module, function = MEASUREMENTS[name]
    chosen = json.loads(options)
    began = time.monotonic()
    with tqdm(desc=chosen.get("label", name), unit=" samples", leave=False, disable=None) as bar:

        def progress(what: str) -> None:
            bar.set_postfix_str(what, refresh=False)
            bar.update()

        found = getattr(import_module(f"benchmarks.{module}"), function)(chosen, progress)
    found["took_seconds"] = round(time.monotonic() - began, 1)
    Path(into).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

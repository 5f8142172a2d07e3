"""Collect the names and formats of calendars that Babel does not have, from the JSON files of Unicode's CLDR.

Usage: ``python scripts/calendar_names.py DIRECTORY``. The directory contains the packages ``cldr-cal-buddhist-full``,
``cldr-cal-islamic-full``, ``cldr-cal-japanese-full``, ``cldr-cal-persian-full`` and ``cldr-cal-roc-full``.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "learning_credentials" / "pdf" / "calendars" / "data"
#: The eras that dates can be in, by calendar. The years before them are not printed.
ERAS = {
    "buddhist": ("0",),
    "islamic": ("0",),
    "japanese": ("232", "233", "234", "235", "236"),
    "persian": ("0",),
    "roc": ("1",),
}
#: The calendars that have months of their own. The others have those of the Gregorian calendar, which Babel knows.
HAVE_MONTHS = ("islamic", "persian")
FORMATS = ("full", "long", "medium", "short")
WIDTHS = {"wide": "eraNames", "abbreviated": "eraAbbr", "narrow": "eraNarrow"}
#: The locale without a language. Older versions call it ``root``.
ROOTS = ("und", "root")


def main(directory: Path) -> None:
    """Write one file for each calendar."""
    TARGET.mkdir(exist_ok=True)
    for calendar in ERAS:
        package = directory / f"cldr-cal-{calendar}-full"
        version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
        paths = sorted((package / "main").iterdir())
        locales = {"und" if path.name in ROOTS else path.name: _read(path, calendar) for path in paths}
        path = TARGET / f"{calendar}.json"
        numbers, entries = _pack(locales)
        lines = ",\n".join(map(_dump, entries))
        text = f'{{"cldr":{_dump(version)},\n"locales":{_dump(numbers)},\n"entries":[\n{lines}\n]}}\n'
        path.write_text(text, encoding="utf-8")
        shutil.copyfile(package / "LICENSE", TARGET / f"{calendar}.LICENSE.txt")


def _read(path: Path, calendar: str) -> dict[str, Any]:
    """Return what is printed of a calendar in one locale."""
    content = json.loads((path / f"ca-{calendar}.json").read_text(encoding="utf-8"))
    found = content["main"][path.name]["dates"]["calendars"][calendar]
    formats = {name: _unpack(found["dateFormats"][name]) for name in FORMATS}
    formats["numeric"] = _unpack(found["dateTimeFormats"]["availableFormats"]["yyyyMd"])
    eras = {width: [found["eras"][key][index] for index in ERAS[calendar]] for width, key in WIDTHS.items()}
    result: dict[str, Any] = {"formats": formats, "eras": eras}
    if calendar in HAVE_MONTHS:
        months = found["months"]["format"]
        result["months"] = {width: list(months[width].values()) for width in ("wide", "abbreviated")}
    return result


def _unpack(pattern: str | dict[str, str]) -> str:
    """Return a pattern with the letters that the app accepts. Years of weeks are mistakes there, and days have one form."""
    text = pattern if isinstance(pattern, str) else pattern["_value"]
    return text.replace("cccc", "EEEE").replace("Y", "y")


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _pack(locales: dict[str, dict[str, Any]]) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Return the number of the entry of each locale, and each different entry once. A locale equal to its parent is left out."""
    entries: list[dict[str, Any]] = []
    numbers: dict[str, int] = {}
    for name, entry in locales.items():
        parent = name
        while parent := parent.rpartition("-")[0]:
            if parent in locales:
                break
        if name != ROOTS[0] and entry == locales[parent or ROOTS[0]]:
            continue
        if entry not in entries:
            entries.append(entry)
        numbers[name] = entries.index(entry)
    return numbers, entries


if __name__ == "__main__":
    main(Path(sys.argv[1]))

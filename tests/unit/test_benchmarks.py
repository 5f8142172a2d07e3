"""What the benchmarks tell of their samples, and that they run."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from benchmarks import __main__ as command
from benchmarks import material, names, plots, report
from benchmarks.plain import PlainMethod
from benchmarks.timing import Samples, compare, interleave
from learning_credentials.pdf.text import lines as text

ROOT = Path(__file__).resolve().parents[2]
GROWTH = [
    {"learners": 100, "runs": 5, "seconds_per_learner": 0.002, "peak_mb": 80.0, "generator": "text"},
    {"learners": 400, "runs": 1, "seconds_per_learner": 0.001, "peak_mb": 90.0, "generator": "text"},
]


def make_document():
    row = compare("PDF", "some font", Samples([0.001, 0.002, 0.004], [0.01, 0.02, 0.08]), note="a note")
    rows = [row.as_json(), *report.make_growth_rows(GROWTH)]
    found = {"rows": rows, "skipped": [{"section": "PDF", "name": "another", "reason": "no font"}], "growth": GROWTH}
    return report.make_document(found, {"rounds": 5, "output": Path("there.json")}, ROOT)


def test_sides_take_turns_after_a_warm_up_that_does_not_count():
    taken = []

    def take(side, seconds):
        taken.append(side)
        return seconds

    samples = interleave(lambda: take("ours", len(taken)), lambda: take("other", len(taken)), 5)

    assert taken == ["ours", "other"] * 6
    assert samples.ours == [2, 4, 6, 8, 10]
    assert samples.other == [3, 5, 7, 9, 11]


@pytest.mark.parametrize("script", names.LANGUAGE)
def test_no_learner_has_the_name_of_one_whom_a_process_remembers(script):
    """What is kept of the text of one learner would otherwise be all that the next one costs."""
    most = 2 * text.make_line.cache_info().maxsize

    made = [names.get_name(number, script) for number in range(most)]

    assert len(set(made)) == most
    assert set().union(*made) <= names.list_characters(script)
    assert all(first.split()[0] != second.split()[0] for first, second in pairwise(made))


def test_too_few_rounds_for_a_median_are_refused():
    with pytest.raises(ValueError, match="4 rounds are too few"):
        interleave(lambda: 1.0, lambda: 1.0, 4)
    with pytest.raises(SystemExit):
        command.parse_options(["--rounds", "4"])


def test_a_row_is_the_ratio_of_medians_with_the_spread_of_rounds():
    samples = Samples([0.001, 0.002, 0.004], [0.01, 0.02, 0.08])

    faster = compare("PDF", "a", samples)
    longer = compare("REST", "a", samples, reading="times as long")

    assert (faster.ratio, faster.ours, faster.other) == pytest.approx((10, 2, 20))
    assert (faster.low, faster.high, faster.rounds) == (pytest.approx(10), pytest.approx(20), 3)
    assert (longer.ratio, longer.low, longer.high) == pytest.approx((0.1, 0.05, 0.1))


def test_growth_compares_the_largest_cohort_with_the_smallest():
    growth, memory = report.make_growth_rows(GROWTH)

    assert (growth["ratio"], growth["ours"], growth["other"], growth["unit"]) == (0.5, 1.0, 2.0, "ms")
    assert memory["ratio"] == 1.125
    assert memory["note"].startswith("+10.0 MB")


def test_the_document_is_json_and_does_not_name_the_machine():
    document = json.loads(json.dumps(make_document()))

    assert set(document) == {
        "format", "measured_at", "commit", "machine", "options", "rows", "skipped", "growth",
    }  # fmt: skip
    assert set(document["machine"]) == {"cores", "architecture", "system", "python", "packages"}
    assert document["options"] == {"rounds": 5}
    assert os.uname().nodename not in json.dumps(document["machine"])


def test_the_table_has_every_row_and_what_was_not_measured():
    table = report.format_table(make_document())

    assert "PDF: some font" in table
    assert "not measured: PDF: another: no font" in table


def test_pictures_are_sound_and_say_in_words_what_they_show(tmp_path):
    for folder in ("images", "references"):
        (tmp_path / folder).mkdir()

    written = plots.write(make_document(), tmp_path)

    assert {path.name for path in written} == {"bench_speed.svg", "bench_growth.svg", "benchmarks_measured.inc"}
    titles = [ElementTree.parse(path).getroot()[0].text for path in written if path.suffix == ".svg"]  # noqa: S314
    assert "some font 10" in titles[0]
    assert "400 learners 1 ms" in titles[1]


def test_the_plain_method_makes_the_certificate_that_it_is_timed_for():
    font = material.get_shipped_font("NotoSans-Regular.ttf")

    content = PlainMethod(material.make_template(), font)("Zoë Example", "Marine Biology", "November 22, 2026")

    reader = PdfReader(io.BytesIO(content))
    assert reader.is_encrypted
    text = reader.pages[0].extract_text()
    assert "Zoë Example" in text
    assert "Certificate of Achievement" in text


TINY = {
    "issuing": {"learners": 4, "plain_learners": 2, "budget": 1, "query_chunks": [1, 2], "database": "SQLite"},
    "rest": {"learners": 2, "requests": 3},
    "workers": {"learners": 2},
}


@pytest.mark.services  # for the time that it takes: it needs no server
@pytest.mark.parametrize(("name", "count"), [("issuing", 1), ("rest", 8), ("workers", 1)])
def test_it_runs_in_tiny_sizes(name, count, tmp_path):
    into = tmp_path / "found.json"
    messages = tmp_path / "messages"
    messages.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BENCH_")}
    environment |= {"BENCH_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    if name == "workers":
        environment["BENCH_BROKER_DIR"] = str(messages)

    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.child", name, json.dumps({"rounds": 5, **TINY[name]}), str(into)],
        cwd=ROOT,
        env=environment,
        check=True,
    )

    rows = json.loads(into.read_text())["rows"]
    assert len(rows) == count
    assert all(row["ratio"] > 0 and row["rounds"] == 5 for row in rows)

"""The designer's document: random layouts and random changes in the browser. Nothing is lost, and undo leads back."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning_credentials import options as option_tools
from tests.factories import UserFactory

MODULE = "/static/learning_credentials/admin/designer/design_document.js"
#: Describes the elements of a document as the server does, and carries out steps on it.
RUN = """async ([text, inherited, steps]) => {
  const { DesignDocument, split } = await import(MODULE);
  const KINDS = { text_elements: "text", images: "image", tables: "table", qr: "qr", image: "image" };
  const document = new DesignDocument(text, JSON.parse(inherited));
  const describe = (path) => {
    const values = document.getMerged(split(path));
    const anchor = [values.x, values.y].every((number) => typeof number === "number") ? [values.x, values.y] : null;
    return { path, kind: KINDS[split(path)[0]], values, base: {}, anchor, field: "" };
  };
  const list = () => document.listPaths().filter((path) => path !== "background").map(describe);
  const results = [];
  for (const [act, index, dx, dy] of steps) {
    const elements = list();
    const chosen = elements.length ? [elements[index % elements.length]] : [];
    const before = document.text;
    if (act === "move") { document.move(chosen, dx, dy); }
    if (act === "set" && chosen.length) { document.set([...split(chosen[0].path), "size"], Math.abs(dx)); }
    if (act === "unset" && chosen.length) { document.unset([...split(chosen[0].path), "size"]); }
    if (act === "duplicate") { document.duplicate(chosen); }
    if (act === "remove") { document.remove(chosen); }
    if (act === "add") { document.add("text_elements", "text", { text: "Text", x: dx, y: dy }); }
    if (act === "rename" && chosen.length) { document.rename(chosen[0].path, `renamed ${index}`); }
    if (act === "shift" && chosen.length) { document.shift(chosen[0].path, index % 2 ? 1 : -1); }
    if (act === "undo") { document.undo(); }
    if (act === "redo") { document.redo(); }
    results.push({ act, before, after: document.text, path: chosen.length ? chosen[0].path : null,
      anchor: chosen.length ? chosen[0].anchor : null });
  }
  while (document.history.canRedo) { document.redo(); }
  const end = document.text;
  while (document.history.canUndo) { document.undo(); }
  const first = document.text;
  while (document.history.canRedo) { document.redo(); }
  return { results, first, last: document.text, end, value: document.value };
}""".replace("MODULE", f'"{MODULE}"')

NAMES = st.sampled_from(("name", "a.b", "é", "1", "10", "__proto__", 'with "quotes"', "constructor", "🌊"))
NUMBERS = st.one_of(st.integers(-500, 900), st.floats(-500, 900, allow_nan=False).map(lambda number: round(number, 2)))
PLACED = st.fixed_dictionaries(
    {"x": NUMBERS, "y": NUMBERS},
    optional={"size": NUMBERS, "text": st.text(max_size=8), "own": st.lists(NUMBERS, max_size=2)},
)
ELEMENTS = st.dictionaries(
    NAMES, st.one_of(PLACED, st.just(False), st.fixed_dictionaries({"text": st.just("A")})), max_size=4
)
LAYOUTS = st.fixed_dictionaries(
    {},
    optional={
        "text_elements": ELEMENTS,
        "images": ELEMENTS,
        "tables": ELEMENTS,
        "qr": st.one_of(PLACED, st.just(False)),
        "unknown": st.dictionaries(NAMES, NUMBERS, max_size=3),
        "big": st.just(12345678901234567890),
    },
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("move", "set", "unset", "duplicate", "remove", "add", "rename", "shift", "undo", "redo")),
        st.integers(0, 20),
        NUMBERS,
        NUMBERS,
    ),
    max_size=12,
)
LOOKS = st.sampled_from(
    (
        {"indent": 2},
        {"indent": None},
        {"indent": 1, "separators": (" ,", " :")},
        {"indent": None, "separators": (",", ":")},
    )
)


@pytest.fixture
def page(visit):
    return visit("/admin/login/", user=UserFactory(superuser=True))


def split(path):
    section, _, name = path.partition(".")
    return (section, name) if name else (section,)


def find(value, keys):
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def test_random_changes_lose_nothing(page):
    @settings(max_examples=settings().max_examples * 4, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(LAYOUTS, LAYOUTS, LOOKS, STEPS)
    def check(own, inherited, look, steps):
        inherited.pop("big", None)
        text = json.dumps(own, ensure_ascii=False, **look)
        found = page.evaluate(RUN, [text, json.dumps(inherited), steps])
        assert found["first"] == text
        assert found["last"] == found["end"]
        for result in found["results"]:
            before, after = json.loads(result["before"]), json.loads(result["after"])
            # What is no element is never touched, and keeps its order.
            for key in ("unknown", "big"):
                assert json.dumps(after.get(key)) == json.dumps(before.get(key))
        for result, (act, _, dx, dy) in zip(found["results"], steps, strict=True):
            if act == "move" and result["anchor"]:
                merged = option_tools.merge(inherited, json.loads(result["after"]))
                moved = find(merged, split(result["path"]))
                x, y = result["anchor"]
                assert moved["x"] == pytest.approx(x + dx, abs=0.006)
                assert moved["y"] == pytest.approx(y + dy, abs=0.006)

    check()


READ = """async ([text, path, value]) => {
  const { listKeys, parse, removeAt, setAt, toValue } = await import("/static/learning_credentials/admin/designer/json_text.js");
  const changed = setAt(text, path, JSON.parse(value));
  return { value: JSON.stringify(toValue(parse(text))), native: JSON.stringify(JSON.parse(text)),
    same: path.length ? setAt(changed, path, JSON.parse(value)) === changed : true, changed, removed: removeAt(changed, path) };
}"""
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.floats(-1e9, 1e9), st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=12,
)


def test_any_json_is_read_and_changed_in_one_place_only(page):
    @settings(max_examples=settings().max_examples * 4, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.dictionaries(NAMES, VALUES, max_size=4), LOOKS, st.lists(NAMES, min_size=1, max_size=3), VALUES)
    def check(options, look, path, value):
        text = json.dumps(options, **look)
        found = page.evaluate(READ, [text, path, json.dumps(value)])
        assert found["value"] == found["native"]
        assert found["same"]
        after = json.loads(found["changed"])
        assert find(after, path) == pytest.approx(value) if isinstance(value, float) else find(after, path) == value
        others = [key for key in options if key != path[0]]
        assert [json.dumps(after[key]) for key in others] == [json.dumps(options[key]) for key in others]
        assert list(after)[: len(options)] == list(options)
        removed = json.loads(found["removed"])
        for key in path[:-1]:
            removed = removed[key]
        assert path[-1] not in removed

    check()


@pytest.mark.parametrize(
    "text", ["{", "[1", '{"a": 01}', '{"a" 1}', '{"a": 1,}', "{} x", '{"a": "\n"}', "tru", '{"a": +1}']
)
def test_broken_json_stays_as_it_was_typed(page, text):
    found = page.evaluate(RUN, [text, "{}", [["add", 1, 1, 1], ["move", 1, 1, 1]]])
    assert found["first"] == found["end"] == text
    assert found["value"] is None

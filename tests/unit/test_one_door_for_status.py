"""Only `transitions` writes the status of credentials."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import learning_credentials

PACKAGE = Path(learning_credentials.__file__).parent
DOOR = PACKAGE / "services" / "credentials" / "transitions.py"
#: Changes what an answer shows, and saves nothing.
SHOWN_ONLY = PACKAGE / "rest_api" / "v1" / "queries.py"
#: Calls that name columns by text.
WRITES = {"update", "bulk_update", "save", "setattr"}


def find_writers(source: str) -> list[int]:
    """Return the lines that write a column ``status`` in a module that uses the model of credentials."""
    tree = ast.parse(source)
    if "Credential" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
        return []
    return sorted({*_find_calls(tree), *_find_assignments(tree)})


def _find_calls(tree: ast.Module) -> list[int]:
    """Calls such as ``rows.update(status=…)``, ``update_claimed(…, status=…)``, and dicts with a status that are unpacked into one."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            keywords = {keyword.arg for keyword in node.keywords}
            is_update = name.startswith(("update", "bulk_update")) and "status" in keywords
            names_column = name in WRITES and any("'status'" in ast.unparse(value) for value in _list_values(node))
            if is_update or names_column:
                found.append(node.lineno)
        elif isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            values = [ast.unparse(value) for value in node.values]
            if "status" in keys and any(re.fullmatch(r"(Credential\.)?Status\.[A-Z]+", value) for value in values):
                found.append(node.lineno)
    return found


def _list_values(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in {"update_fields", "fields"})]


def _find_assignments(tree: ast.Module) -> list[int]:
    targets = [
        target
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return [target.lineno for target in targets if isinstance(target, ast.Attribute) and target.attr == "status"]


def test_only_transitions_writes_the_status_of_credentials():
    modules = [
        path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts and path not in {DOOR, SHOWN_ONLY}
    ]
    writers = {str(path.relative_to(PACKAGE)): find_writers(path.read_text("utf-8")) for path in modules}
    assert {name: lines for name, lines in writers.items() if lines} == {}


def test_the_door_itself_is_found():
    assert len(find_writers(DOOR.read_text("utf-8"))) >= 4


def test_each_way_to_write_is_found():
    head = "Status = Credential.Status\n"
    for line in (
        "Credential.objects.filter(pk=1).update(status=Status.ERROR)",
        "update_claimed(token, outcomes, {}, status=Status.AVAILABLE)",
        "Credential.objects.update(status='error')",
        "row.status = Status.ERROR",
        "row.save(update_fields=['status'])",
        "Credential.objects.bulk_update(rows, ['status'])",
        "same = {'status': Status.ERROR}",
    ):
        assert find_writers(head + line) == [2], line

"""The table of the reference's tests names tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TABLE = (ROOT / "tests" / "reference.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", TABLE)))


@pytest.mark.parametrize(("path", "name"), NAMED, ids="::".join)
def test_what_the_table_names_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = {
        node.name
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    assert not name or name in functions


def test_every_row_names_a_test_or_a_reason() -> None:
    rows = re.findall(r"^\| (?!-|line|seen|test of)(.*) \|$", TABLE, re.MULTILINE)
    assert len(rows) > 250
    assert not [row for row in rows if not row.rsplit(" | ", 1)[1].strip()]

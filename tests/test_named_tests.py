"""The tables that name tests name tests that exist, and leave no row without one."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAME = re.compile(r"`(tests/[\w/.]+)(?:::(\w+))?`")

# Each with the number of rows that it has at least.
TABLES = {
    "tests/reference.md": 250,
    "tests/plan.md": 55,
    "docs/guarantees.md": 17,
    "THREAT_MODEL.md": 15,
}


def text(name: str) -> str:
    """Return the text of a file named relative to the root."""
    return (ROOT / name).read_text("utf-8")


@functools.cache
def functions_of(path: str) -> frozenset[str]:
    """Return the names of the functions of a module."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = ast.parse(text(path)).body
    return frozenset(node.name for node in body if isinstance(node, kinds))


NAMED = sorted({found for name in TABLES for found in NAME.findall(text(name))})


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_what_a_table_names_exists(path: str, name: str) -> None:
    assert (ROOT / path).exists()
    assert not name or name in functions_of(path)


@pytest.mark.parametrize("table", TABLES)
def test_every_row_names_a_test_or_a_reason(table: str) -> None:
    rows = re.findall(r"^\| (?!-)(.*) \|$", text(table), re.MULTILINE)
    assert len(rows) > TABLES[table]
    assert not [row for row in rows if not row.rsplit(" | ", 1)[1].strip()]


def test_every_guarantee_names_a_test() -> None:
    rows = re.findall(r"^\| (G\d+) \|(.*)$", text("docs/guarantees.md"), re.MULTILINE)
    assert [name for name, _ in rows] == [f"G{number}" for number in range(1, 18)]
    assert not [name for name, row in rows if not NAME.search(row)]

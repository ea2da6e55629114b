"""The stubs say at least what the compiled modules say of themselves.

stubtest compares names and signatures; here it is the words that editors show.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

SIOC = Path(__file__).parent.parent.parent / "sioc"
STUBS = sorted(SIOC.glob("*.pyi"))

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def definitions(body: list[ast.stmt]) -> list[Definition]:
    """Return the classes and functions, of overloads and setters the first."""
    first: dict[str, Definition] = {}
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first.setdefault(node.name, node)
    return list(first.values())


def docstrings(
    body: list[ast.stmt], owner: object, prefix: str
) -> Iterator[tuple[str, str, str]]:
    """Yield name, the stub's docstring and the compiled one, where there is one."""
    for node in definitions(body):
        name = f"{prefix}.{node.name}"
        compiled = inspect.getattr_static(owner, node.name)
        if compiled.__doc__ and not node.name.startswith("__"):
            stated = inspect.cleandoc(compiled.__doc__)
            yield name, ast.get_docstring(node) or "", stated
        if isinstance(node, ast.ClassDef):
            yield from docstrings(node.body, compiled, name)


def missing(stub: str, compiled: str) -> list[str]:
    """Return the lines that a stub's docstring does not have, or not in that order."""
    lines = iter(stub.splitlines())
    return [line for line in compiled.splitlines() if line not in lines]


@pytest.mark.parametrize("path", STUBS, ids=lambda path: path.stem)
def test_stub_says_what_the_compiled_module_says(path: Path) -> None:
    module = importlib.import_module(f"sioc.{path.stem}")
    body = ast.parse(path.read_text(encoding="utf-8")).body
    pairs = docstrings(body, module, path.stem)
    unsaid = {name: missing(stub, compiled) for name, stub, compiled in pairs}
    assert not {name: lines for name, lines in unsaid.items() if lines}


def test_missing_lines_are_found() -> None:
    assert missing("Do.\n\nArgs:\n    a: An A.\n\nMore.", "Do.\n\nMore.") == []
    assert missing("Do.\n\nArgs:", "Do.\n\nArgs:\n    a: An A.") == ["    a: An A."]
    assert missing("b\na", "a\nb") == ["b"]


def test_docstrings_are_found_at_every_depth() -> None:
    body = ast.parse((SIOC / "_registry.pyi").read_text(encoding="utf-8")).body
    module = importlib.import_module("sioc._registry")
    found = {name: stub for name, stub, _ in docstrings(body, module, "_registry")}
    assert {"_registry.Registry", "_registry.Registry.on", "_registry.shape_of"} <= {
        *found
    }
    assert found["_registry.Registry.on"].startswith("Call a function at each event")

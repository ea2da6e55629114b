"""The constructors in the stubs take what the compiled ones take.

stubtest cannot tell: at run time a compiled constructor has no signature.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted((ROOT / "src_pyx" / "sioc").glob("*.pyx"))
CONSTRUCTORS = ("__new__", "__init__")

DECLARATION = re.compile(
    r"^(?:cdef )?class (\w+)|^    def __c?init__\(([^)]*)\)", re.MULTILINE
)


def compiled_constructors(source: str) -> dict[str, list[str]]:
    """Return the parameters of each class of a .pyx file, a default as `name=`."""
    found: dict[str, list[str]] = {}
    name = ""
    for match in DECLARATION.finditer(source):
        if match[1]:
            name = match[1]
            found[name] = []
        else:
            each = [part.strip() for part in match[2].split(",") if part.strip()]
            own = [parameter(text) for text in each][1:]
            # Whatever there is: it takes what its base takes.
            found[name] = [] if own == ["*args", "**kwargs"] else own
    return found


def parameter(text: str) -> str:
    """Return the name of a parameter as it is declared in a .pyx file."""
    declared, equals, _ = text.replace(" not None", "").partition("=")
    return declared.split()[-1] + equals


def stub_constructors(source: str) -> dict[str, list[str]]:
    """Return the same of a stub."""
    found: dict[str, list[str]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = []
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name in CONSTRUCTORS:
                    found[node.name] = stub_parameters(item.args)
    return found


def stub_parameters(arguments: ast.arguments) -> list[str]:
    """Return the parameters of a stub's constructor."""
    names = [argument.arg for argument in arguments.args]
    plain = len(names) - len(arguments.defaults)
    listed = names[1:plain] + [f"{name}=" for name in names[plain:]]
    if arguments.vararg:
        listed.append(f"*{arguments.vararg.arg}")
    elif arguments.kwonlyargs:
        listed.append("*")
    for argument, default in zip(
        arguments.kwonlyargs, arguments.kw_defaults, strict=True
    ):
        listed.append(argument.arg if default is None else f"{argument.arg}=")
    if arguments.kwarg:
        listed.append(f"**{arguments.kwarg.arg}")
    return listed


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_stub_constructors_take_what_the_compiled_ones_take(path: Path) -> None:
    stub = ROOT / "sioc" / f"{path.stem}.pyi"
    stated = stub_constructors(stub.read_text(encoding="utf-8"))
    assert stated == compiled_constructors(path.read_text(encoding="utf-8"))


def test_constructors_are_found_in_both_forms() -> None:
    compiled = (
        "cdef class A:\n    def __cinit__(\n"
        "        self, str name not None=A, bint on=0,\n"
        "    ):\n        pass\n\ncdef class B(A):\n    def f(self): pass\n\n"
        "cdef class C:\n    def __init__(self, A a not None, *args, **kwargs): pass\n"
    )
    stub = (
        "class A:\n    def __new__(cls, name: str = A, on: bool = False) -> Self: ...\n"
        "class B(A): ...\nclass C:\n"
        "    def __init__(self, a: A, *args: Any, **kwargs: Any) -> None: ...\n"
    )
    expected = {"A": ["name=", "on="], "B": [], "C": ["a", "*args", "**kwargs"]}
    assert compiled_constructors(compiled) == expected
    assert stub_constructors(stub) == expected

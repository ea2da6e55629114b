"""The rules of the source itself: sizes, names, who imports whom, stubs, documents.

Rules that ruff, mypy and cython-lint can check are theirs; these are the others.
"""

import ast
import graphlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE_ROOTS = ("sioc", "src_pyx", "tests", "bench", "docs", "examples", ".ci")
FILE_LINES = 400
FUNCTION_LINES = 50

# Each module stands in one layer and imports from its own and those above it in this
# table, never from those below. A name stands for the modules inside it as well.
LAYERS = (
    ("_build", "exceptions", "limits", "typing"),
    ("url",),
    ("asking", "cookies", "details", "handshake", "state", "stats", "watching"),
    ("backoff", "backpressure", "reading", "waiting"),
    ("_call", "_clock", "_debug", "_digits", "_frame", "_packet"),
    ("_trim", "_utf8"),
    ("_binary", "_cursor", "_json", "_msgpack", "_writer"),
    ("hooks",),
    ("checks",),
    ("options", "observer"),
    ("tunable",),
    ("_acks", "_buffer", "_emitter", "_listener", "_outlet", "_payload", "_wire"),
    ("_encoder",),
    ("_custom", "_packed"),
    ("_sender",),
    ("_answer", "_retries"),
    ("_modifiers",),
    ("_channel", "_directory", "_registry"),
    ("_objects",),
    ("_foreign", "_router"),
    ("_session",),
    ("_link", "_messages", "_packed_parser", "_parser", "heartbeat"),
    ("parsers", "transports"),
    ("attempt", "upgrade"),
    ("engine", "listening", "stream"),
    ("awaiting", "threadsafe"),
    ("manager", "socket"),
    ("client", "declarations", "events"),
    ("sync",),
    ("__init__",),
)
# What serves tests and demos is no part of the client: it borrows the errors only.
TESTING_MAY_IMPORT = {"exceptions"}


def files(*suffixes: str) -> list[Path]:
    """Return the source files with these suffixes, as paths relative to the root."""
    found = [
        path.relative_to(ROOT)
        for root in CODE_ROOTS
        for path in sorted((ROOT / root).rglob("*"))
        if path.suffix in suffixes and "node_modules" not in path.parts
    ]
    return [*found, Path("setup.py")] if ".py" in suffixes else found


def text(path: Path) -> str:
    """Return the text of a file named relative to the root."""
    return (ROOT / path).read_text(encoding="utf-8")


def strip_docstring(body: list[ast.stmt]) -> int:
    """Return how many lines the docstring that opens a body takes."""
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return (first.end_lineno or first.lineno) - first.lineno + 1
    return 0


def python_functions(source: str) -> Iterator[tuple[str, int]]:
    """Yield the name and the length of each function of a Python file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield node.name, lines - strip_docstring(node.body)


CYTHON_FUNCTION = re.compile(
    r"(?P<indent> *)(?:async def|def|cpdef|cdef) "
    r"(?!class |struct |enum |union |fused |packed |extern )"
    r"[^=(]*?(?P<name>\w+)\("
)
DOCSTRING = re.compile(r'\s*"""(?:.|\n)*?"""\n')


def cython_functions(source: str) -> Iterator[tuple[str, int]]:
    """Yield the name and the length of each function of a Cython file."""
    lines = source.splitlines()
    for number, line in enumerate(lines):
        match = CYTHON_FUNCTION.match(line)
        if match is None:
            continue
        outside = re.compile(rf" {{0,{len(match['indent'])}}}[^\s)#]")
        end = number + 1
        while end < len(lines) and not outside.match(lines[end]):
            end += 1
        body = "\n".join(lines[number:end]).rstrip()
        _, _, rest = body.partition(":\n")  # after the signature
        docstring = DOCSTRING.match(rest + "\n")
        length = body.count("\n") + 1
        yield match["name"], length - (docstring[0].count("\n") if docstring else 0)


@pytest.mark.parametrize("path", files(".py", ".pyi", ".pyx", ".pxd"), ids=str)
def test_file_stays_within_its_line_budget(path: Path) -> None:
    lines = text(path).count("\n")
    assert lines <= FILE_LINES


@pytest.mark.parametrize("path", files(".py", ".pyx"), ids=str)
def test_functions_stay_within_their_line_budget(path: Path) -> None:
    functions = python_functions if path.suffix == ".py" else cython_functions
    long = {n: size for n, size in functions(text(path)) if size > FUNCTION_LINES}
    assert not long


def test_function_lengths_are_counted_without_docstrings() -> None:
    python = 'def f(a):\n    """Say.\n\n    More.\n    """\n    return a\n'
    assert list(python_functions(python)) == [("f", 2)]
    cython = (
        "cdef class A:\n"
        "    cdef inline int g(\n        self, int a\n    ) except -1:\n"
        '        """Say."""\n'
        "        cdef int b = f(a)\n\n# flush left\n        return b\n\n"
        "    def h(self): return 1\n"
    )
    assert list(cython_functions(cython)) == [("g", 7), ("h", 1)]


def test_no_module_is_a_drawer() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    named = [path for path in files(".py", ".pyx") if path.stem.strip("_") in drawers]
    folders = [
        path for path in files(".py", ".pyx") if drawers & set(path.parent.parts)
    ]
    assert not named + folders


def module_name(path: Path) -> str:
    """Return the dotted name of a module of sioc, without the leading `sioc.`."""
    parts = path.with_suffix("").parts
    parts = parts[parts.index("sioc") + 1 :]
    if len(parts) > 1 and parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)


MODULES: dict[str, list[Path]] = {}
for _path in files(".py", ".pyx", ".pxd"):
    if _path.parts[0] in ("sioc", "src_pyx"):
        MODULES.setdefault(module_name(_path), []).append(_path)


def resolve(origin: str, names: list[str]) -> Iterator[str]:
    """Yield the modules of sioc that `from origin import names` loads."""
    if origin != "sioc" and not origin.startswith("sioc."):
        return
    base = origin[len("sioc.") :]
    for name in names or [""]:
        inner = f"{base}.{name}".strip(".")
        yield inner if inner in MODULES else base or "__init__"


def python_imports(path: Path) -> Iterator[str]:
    """Yield the modules of sioc that a Python module loads, at once or later."""
    package = ["sioc", *path.parent.parts[1:]]
    pending: list[ast.AST] = [ast.parse(text(path))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            pending.extend(node.orelse)  # what only a type checker reads loads nothing
            continue
        pending.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from resolve(alias.name, [])
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            yield from resolve(origin, [alias.name for alias in node.names])


CYTHON_IMPORT = re.compile(
    r"^[ ]*(?:from[ ]+(?P<origin>\S+)[ ]+c?import[ ]+(?P<names>\([^)]*\)|[^\n#]+)"
    r"|c?import[ ]+(?P<modules>[^\n#]+))",
    re.MULTILINE,
)


def cython_imports(path: Path) -> Iterator[str]:
    """Yield the modules of sioc that a .pyx or .pxd file imports or cimports."""
    package = path.parent.parts[1:]
    for match in CYTHON_IMPORT.finditer(text(path)):
        names = re.findall(r"(?:^|,)\s*([\w.]+)", (match["names"] or "").strip("()"))
        if match["modules"]:
            for name in re.findall(r"(?:^|,)\s*([\w.]+)", match["modules"]):
                yield from resolve(name, [])
            continue
        origin = match["origin"]
        level = len(origin) - len(origin.lstrip("."))
        if level:
            base = package[: len(package) - level + 1]
            origin = ".".join([*base, origin.lstrip(".")]).strip(".")
        yield from resolve(origin, names)


def imports(module: str) -> set[str]:
    """Return the modules of sioc that a module of sioc loads by itself."""
    found: set[str] = set()
    for path in MODULES[module]:
        reader = python_imports if path.suffix == ".py" else cython_imports
        found.update(reader(path))
    return found - {module}


def layer(module: str) -> int:
    """Return the height of a module's layer."""
    top = module.split(".")[0]
    heights = [height for height, names in enumerate(LAYERS) if top in names]
    assert heights, f"sioc.{module} has no layer: give it one in LAYERS"
    return heights[0]


CLIENT_MODULES = [m for m in MODULES if m.split(".")[0] != "testing"]


@pytest.mark.parametrize("module", CLIENT_MODULES)
def test_imports_point_to_lower_layers(module: str) -> None:
    upward = {name for name in imports(module) if layer(name) > layer(module)}
    assert not upward


@pytest.mark.parametrize("module", [m for m in MODULES if m not in CLIENT_MODULES])
def test_testing_stands_alone(module: str) -> None:
    foreign = {m for m in imports(module) if m.split(".")[0] != "testing"}
    assert foreign <= TESTING_MAY_IMPORT


def test_imports_have_no_cycle() -> None:
    graph = {module: imports(module) for module in MODULES}
    graphlib.TopologicalSorter(graph).prepare()


def test_imports_are_found_in_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {
        "sioc/manager.py": "if TYPE_CHECKING:\n    from sioc import client\n"
        "def f():\n    from . import engine\n    import sioc.socket\n",
        "src_pyx/sioc/_link.pyx": "from sioc._packet cimport (\n    Packet,\n)\n"
        "from sioc cimport _acks, _buffer\ncimport sioc._json as j\n",
    }
    here = sys.modules[__name__]
    monkeypatch.setattr(here, "text", lambda path: sources[str(path)])
    names = ["engine", "socket", "client", "_packet", "_acks", "_buffer", "_json"]
    monkeypatch.setattr(here, "MODULES", dict.fromkeys(names))
    assert set(python_imports(Path("sioc/manager.py"))) == {"engine", "socket"}
    cimports = set(cython_imports(Path("src_pyx/sioc/_link.pyx")))
    assert cimports == {"_packet", "_acks", "_buffer", "_json"}


COMPILED = [path for path in files(".pyx") if path.parts[0] == "src_pyx"]


def undocumented(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    """Yield the public classes and functions of a stub that say nothing."""
    documented = {
        node.name
        for node in body
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and ast.get_docstring(node)
    }
    for node in body:
        if not isinstance(
            node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        ) or node.name.startswith("_"):
            continue
        # One docstring serves all overloads, and a property with its setter.
        if node.name not in documented:
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{prefix}{node.name}.")


@pytest.mark.parametrize("path", COMPILED, ids=str)
def test_compiled_module_has_a_stub_with_docstrings(path: Path) -> None:
    stub = path.relative_to("src_pyx").with_suffix(".pyi")
    assert (ROOT / stub).is_file()
    tree = ast.parse(text(stub))
    assert ast.get_docstring(tree)
    assert not list(undocumented(tree.body))


def test_every_stub_belongs_to_a_compiled_module() -> None:
    stubs = {path.with_suffix("") for path in files(".pyi") if path.parts[0] == "sioc"}
    assert stubs == {path.relative_to("src_pyx").with_suffix("") for path in COMPILED}


@pytest.mark.parametrize("path", files(".pyx", ".pxd"), ids=str)
def test_no_cython_code_is_commented_out(path: Path) -> None:
    # ruff's ERA does this for .py files.
    comments = re.findall(r"^\s*# ?(.*)$", text(path), re.MULTILINE)
    declaration = re.compile(r"(cdef|cpdef|def|cimport|from \S+ c?import) .*[:)\w]$")
    assert not [line for line in comments if declaration.match(line) or is_code(line)]


def is_code(line: str) -> bool:
    """Tell whether a comment reads as a statement that does something."""
    try:
        statements = ast.parse(line).body
    except SyntaxError:
        return False
    return any(
        isinstance(node, (ast.Assign, ast.AugAssign, ast.Import, ast.Raise))
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call))
        for node in statements
    )

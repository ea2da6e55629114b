"""The documents keep their word: what they name exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sioc.testing import PeerProcess

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "bench/*.md", "examples/*.md")
    for path in ROOT.glob(pattern)
]
SOURCE_ROOTS = ("sioc", "src_pyx", "tests", "bench", "docs", "examples", ".ci")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME)\b")


def text(path: Path) -> str:
    """Return the text of a file named relative to the root."""
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_named_files_exist(path: Path) -> None:
    roots = "|".join(re.escape(root) for root in SOURCE_ROOTS)
    named = re.findall(rf"`((?:{roots})/[\w./*-]*)`", text(path))
    assert not [name for name in named if not any(ROOT.glob(name.rstrip("/")))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text(path))
    local = [target for target in targets if not re.match(r"https?:|mailto:", target)]
    folder = (ROOT / path).parent
    assert not [target for target in local if not (folder / target).exists()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_named_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(Path("Makefile")), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text(path), re.MULTILINE))
    assert named <= targets


def test_the_example_of_the_readme_runs() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", text(Path("README.md")), re.DOTALL)
    with PeerProcess() as peer:
        program = program.replace("http://localhost:3000", peer.url)
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    assert ran.stdout == "came back: hello {'binary': b'\\x00\\x01'}\nanswer: 42\n"


def test_every_example_is_listed() -> None:
    listed = set(re.findall(r"\]\((\w+\.py)\)", text(Path("examples/README.md"))))
    assert listed == {path.name for path in (ROOT / "examples").glob("*.py")}


def test_changelog_has_an_unreleased_section() -> None:
    assert re.search(r"^## Unreleased$", text(Path("CHANGELOG.md")), re.MULTILINE)


def test_nothing_is_marked_unfinished() -> None:
    suffixes = {".py", ".pyi", ".pyx", ".pxd", ".js", ".md", ".toml", ".txt", ".in"}
    marked = [
        str(path.relative_to(ROOT))
        for root in SOURCE_ROOTS
        for path in (ROOT / root).rglob("*")
        if path.suffix in suffixes
        and "node_modules" not in path.parts
        and UNFINISHED.search(path.read_text(encoding="utf-8"))
    ]
    top = [
        path.name
        for path in (ROOT / "Makefile", ROOT / "setup.py", *ROOT.glob("*.md"))
        if UNFINISHED.search(path.read_text(encoding="utf-8"))
    ]
    assert not marked + top

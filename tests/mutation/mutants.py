"""The mutants that the data file describes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent.parent
DATA = Path(__file__).parent / "mutants.toml"


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    Attributes:
        path: The file, relative to the root.
        before: What stands in it, once.
        after: What takes its place.
        tests: The tests that must fail.
    """

    path: str
    before: str
    after: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        before, after = " ".join(self.before.split()), " ".join(self.after.split())
        return f"{self.path}: {before} -> {after or 'nothing'}"

    def fits(self, source: str) -> bool:
        """Tell whether a file's text has what is to be changed, once."""
        return source.count(self.before) == 1


def load() -> list[Mutant]:
    """Return all mutants, file by file."""
    tables = tomllib.loads(DATA.read_text("utf-8"))
    return [
        Mutant(
            path,
            before.replace("\\n", "\n"),
            after.replace("\\n", "\n"),
            tuple(table["tests"]),
        )
        for path, table in tables.items()
        for before, after in table["changes"]
    ]

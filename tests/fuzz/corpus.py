"""What fuzzing starts from: a target's seeds, the wire vectors, earlier runs' finds.

The finds are kept in tests/fuzz/corpus/, one bytes literal a line: inputs of few
bytes, each of which makes the compiled code do something that no other does.
"""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

from unit import vectors

FOLDER = Path(__file__).parent / "corpus"
MAX_SIZE = 4096  # bytes of an input


def name_of(target: ModuleType) -> str:
    """Return the name a target goes by."""
    return target.__name__.rpartition(".")[2]


def found(target: ModuleType) -> list[bytes]:
    """Return what earlier runs have found."""
    page = FOLDER / f"{name_of(target)}.txt"
    return [ast.literal_eval(line) for line in page.read_text().splitlines()]


def keep(target: ModuleType, inputs: set[bytes]) -> None:
    """Keep inputs for later runs, instead of those kept until now."""
    lines = [
        f"{data!r}\n" for data in sorted(inputs, key=lambda data: (len(data), data))
    ]
    (FOLDER / f"{name_of(target)}.txt").write_text("".join(lines))


def start(target: ModuleType) -> set[bytes]:
    """Return all inputs to start from."""
    spelt = [target.spell(vector.wire) for vector in vectors.load()]
    inputs = {*target.SEEDS, *found(target), *spelt}
    return {data for data in inputs if len(data) <= MAX_SIZE}

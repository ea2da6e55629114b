"""Fuzz a target under atheris: `python tests/fuzz/run.py packets [libFuzzer options]`.

The modules must be those of the fuzz flavour; `make fuzz` builds them and calls this.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import atheris

TESTS = Path(__file__).resolve().parent.parent
CORPUS = TESTS.parent / "build" / "corpus"


def main(name: str, *options: str) -> None:
    """Fuzz from the target's seeds, and from what earlier runs have found."""
    sys.path[:0] = [str(TESTS.parent), str(TESTS)]
    target = import_module(f"fuzz.{name}")
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.SEEDS):
        (folder / f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], str(folder), *options], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])

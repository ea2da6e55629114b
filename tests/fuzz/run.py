"""Fuzz one target under atheris: `run.py packets [libFuzzer options and folders]`.

The modules must be those of the fuzz flavour; session.py calls this.
"""

from __future__ import annotations

import shlex
import sys
from importlib import import_module
from pathlib import Path

import atheris

TESTS = Path(__file__).resolve().parent.parent

if __name__ == "__main__":
    name, *options = sys.argv[1:]
    sys.path[:0] = [str(TESTS.parent), str(TESTS)]
    # libFuzzer starts itself again by a shell, in order to merge.
    itself = shlex.join([sys.executable, __file__, name])
    atheris.Setup([itself, *options], import_module(f"fuzz.{name}").run)
    atheris.Fuzz()

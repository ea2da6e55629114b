"""Fuzz targets for some time each: `session.py SECONDS TARGET...`; see `make fuzz`.

A target that holds leaves its corpus, minimised, in tests/fuzz/corpus/ and a report in
docs/reports/; one that does not leaves its input in build/crashes/.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

import atheris

TESTS = Path(__file__).resolve().parent.parent
RUNTIME = f"{atheris.path()}/asan_with_fuzzer.so"

if os.environ.get("LD_PRELOAD") != RUNTIME:
    # The interpreter is not instrumented, so the runtime must be loaded first.
    os.environ |= {
        "LD_PRELOAD": RUNTIME,
        "PYTHONMALLOC": "malloc",
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    }
    os.execv(sys.executable, [sys.executable, *sys.argv])

sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from fuzz import corpus  # noqa: E402
from peers.reports import write  # noqa: E402

BUILD = TESTS.parent / "build"
SANITIZERS = "AddressSanitizer, UndefinedBehaviorSanitizer; clang"
SEED = 20_261_125

# What libFuzzer says of itself.
EDGES = re.compile(r"Loaded \d+ modules +\((\d+) inline 8-bit counters\)")
DONE = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+)")


@dataclass
class Outcome:
    """What a run said."""

    executions: int
    covered: int
    features: int
    edges: int
    seconds: float


def run(name: str, *options: str) -> str:
    """Run a target, show and return what it says; end the program if it fails."""
    argv = [sys.executable, str(TESTS / "fuzz" / "run.py"), name, *options]
    with subprocess.Popen(
        argv, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            sys.stderr.write(line)
            lines.append(line)
    if process.returncode:
        sys.exit(f"{name}: exit code {process.returncode}")
    return "".join(lines)


def folder(kind: str, name: str) -> Path:
    """Return an empty folder."""
    path = BUILD / kind / name
    path.mkdir(parents=True, exist_ok=True)
    for file in path.iterdir():
        file.unlink()
    return path


def fuzz(target: ModuleType, seconds: int) -> Outcome:
    """Fuzz a target, and keep the smallest corpus that covers as much."""
    name = corpus.name_of(target)
    inputs, least = folder("corpus", name), folder("least-corpus", name)
    crashes = folder("crashes", name)
    for data in corpus.start(target):
        (inputs / hashlib.sha1(data).hexdigest()).write_bytes(data)
    limits = [f"-max_len={corpus.MAX_SIZE}", "-timeout=20", f"-seed={SEED}"]
    limits.append(f"-artifact_prefix={crashes}/")
    began = time.monotonic()
    said = run(name, str(inputs), f"-max_total_time={seconds}", *limits)
    spent = time.monotonic() - began
    run(name, "-merge=1", str(least), str(inputs), *limits)
    kept = {file.read_bytes() for file in least.iterdir()}
    assert kept, "nothing came of the merge"
    corpus.keep(target, kept)
    (done,), (edges,) = DONE.findall(said), EDGES.findall(said)
    executions, covered, features = map(int, done)
    return Outcome(executions, covered, features, int(edges), spent)


def main(seconds: int, *names: str) -> None:
    """Fuzz each target and write its report."""
    for name in names:
        print(f"=== {name}, {seconds} s", file=sys.stderr)
        target = import_module(f"fuzz.{name}")
        outcome = fuzz(target, seconds)
        kept = corpus.found(target)
        write(
            f"fuzz {name}",
            {
                "sanitizers": SANITIZERS,
                "executions": f"{outcome.executions:,}",
                "executions a second": f"{outcome.executions / outcome.seconds:,.0f}",
                "wall time": f"{outcome.seconds:,.0f} s",
                "edges covered": f"{outcome.covered:,} of {outcome.edges:,} "
                "in all compiled modules that it loads",
                "features": f"{outcome.features:,}",
                "corpus": f"{len(kept):,} inputs, {sum(map(len, kept)):,} bytes",
                "seed": SEED,
                "crashes, hangs, sanitizer reports": 0,
            },
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])

"""Fuzz targets for some time each: `session.py SECONDS TARGET...`; see `make fuzz`.

A target that holds leaves its corpus, minimised, in tests/fuzz/corpus/ and a report in
docs/reports/; one that does not leaves its input in build/crashes/. As many targets run
at a time as there are cores. With `--quick` all do, and leave neither of the two.

A third of the time goes to an interpreter without an allocator of its own, so that
AddressSanitizer sees the bounds of every object, the rest to the usual one, which is
two to three times as fast, and in which it sees those above 512 bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
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
        # To record where memory was taken and given back would take half the time: run
        # again the input that was found.
        "ASAN_OPTIONS": "detect_leaks=0:malloc_context_size=0:quarantine_size_mb=16",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    }
    os.execv(sys.executable, [sys.executable, *sys.argv])

sys.path[:0] = [str(TESTS.parent), str(TESTS)]

from fuzz import corpus  # noqa: E402
from peers.reports import write  # noqa: E402

BUILD = TESTS.parent / "build"
SANITIZERS = "AddressSanitizer, UndefinedBehaviorSanitizer; clang"
SEED = time.time_ns() % (1 << 31)
# Parts of the time, by Python's allocator.
PARTS = {"malloc": 1 / 3, "pymalloc": 2 / 3}

# What libFuzzer says of itself.
EDGES = re.compile(r"Loaded \d+ modules +\((\d+) inline 8-bit counters\)")
TALK = re.compile(r"\t(NEW|REDUCE|RELOAD|pulse)|^(INFO|MERGE-INNER|\"|#####|    )")
LIMITS = [f"-max_len={corpus.MAX_SIZE}", "-timeout=20"]
DONE = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+)")


@dataclass
class Outcome:
    """What the runs of a target said.

    Attributes:
        executions: Of each of PARTS.
        covered: Edges of the compiled code.
        features: Edges told apart by how often they were taken.
        edges: How many there are.
        seconds: Of all runs.
    """

    executions: dict[str, int]
    covered: int
    features: int
    edges: int
    seconds: float


def run(name: str, allocator: str, *options: str) -> str:
    """Run a target, show and return what it says; end the program if it fails."""
    argv = [sys.executable, str(TESTS / "fuzz" / "run.py"), name, *options]
    environment = {**os.environ, "PYTHONMALLOC": allocator}
    with subprocess.Popen(
        argv, stderr=subprocess.PIPE, text=True, errors="replace", env=environment
    ) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            if not TALK.search(line):
                sys.stderr.write(f"{name}: {line}")
            lines.append(line)
    if process.returncode:
        raise SystemExit(f"{name}: exit code {process.returncode}")
    return "".join(lines)


def folder(kind: str, name: str) -> Path:
    """Return an empty folder."""
    path = BUILD / kind / name
    path.mkdir(parents=True, exist_ok=True)
    for file in path.iterdir():
        file.unlink()
    return path


def fuzz(target: ModuleType, seconds: int) -> Outcome:
    """Fuzz a target from all inputs there are; what it finds lies beside them."""
    name = corpus.name_of(target)
    inputs, crashes = folder("corpus", name), folder("crashes", name)
    for data in corpus.start(target):
        (inputs / hashlib.sha1(data).hexdigest()).write_bytes(data)
    options = [*LIMITS, f"-seed={SEED}", f"-artifact_prefix={crashes}/"]
    executions = {}
    began = time.monotonic()
    for allocator, part in PARTS.items():
        limit = f"-max_total_time={max(1, round(seconds * part))}"
        said = run(name, allocator, str(inputs), limit, *options)
        (done,), (edges,) = DONE.findall(said), EDGES.findall(said)
        count, covered, features = map(int, done)
        executions[allocator] = count
    spent = time.monotonic() - began
    return Outcome(executions, covered, features, int(edges), spent)


def keep(target: ModuleType) -> None:
    """Keep the fewest inputs that cover as much as all that were found."""
    name = corpus.name_of(target)
    inputs, least = BUILD / "corpus" / name, folder("least-corpus", name)
    run(name, "pymalloc", "-merge=1", str(least), str(inputs), *LIMITS)
    kept = {file.read_bytes() for file in least.iterdir()}
    assert kept, "nothing came of the merge"
    corpus.keep(target, kept)


def tell(target: ModuleType, outcome: Outcome) -> None:
    """Write a target's report."""
    kept = corpus.found(target)
    total = sum(outcome.executions.values())
    write(
        f"fuzz {corpus.name_of(target)}",
        {
            "sanitizers": SANITIZERS,
            "executions": f"{total:,}",
            "of these every object guarded": f"{outcome.executions['malloc']:,}",
            "executions a second": f"{total / outcome.seconds:,.0f}",
            "wall time": f"{outcome.seconds:,.0f} s",
            "edges covered": f"{outcome.covered:,} of {outcome.edges:,} "
            "in the modules that read a peer's bytes",
            "features": f"{outcome.features:,}",
            "corpus": f"{len(kept):,} inputs, {sum(map(len, kept)):,} bytes",
            "seed": SEED,
            "crashes, hangs, sanitizer reports": 0,
        },
    )


def session(seconds: int, name: str, quick: bool) -> None:
    """Fuzz one target."""
    target = import_module(f"fuzz.{name}")
    outcome = fuzz(target, seconds)
    counts = ", ".join(f"{n:,} by {kind}" for kind, n in outcome.executions.items())
    print(f"{name}: {counts} in {outcome.seconds:.0f} s, seed {SEED}", file=sys.stderr)
    if not quick:
        keep(target)
        tell(target, outcome)


def main(*arguments: str) -> None:
    """Fuzz each target."""
    seconds, *names = [each for each in arguments if each != "--quick"]
    quick = "--quick" in arguments
    with ThreadPoolExecutor(len(names) if quick else os.cpu_count()) as pool:
        running = [pool.submit(session, int(seconds), name, quick) for name in names]
        for each in running:
            each.result()


if __name__ == "__main__":
    main(*sys.argv[1:])

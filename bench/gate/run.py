"""Count instructions per event and hold them against the budgets.

`python -m gate.run` from the folder bench, or `make bench-gate`; `--update` writes what
was counted into budgets.json. A budget is sioc's instructions for one event as a
multiple of the floor's in the same run: a compiler or library that changes one side
changes the other alike. Interpreters differ more, so each has budgets of its own; one
without any is only reported. Counts repeat to less than a percent; times would not.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from build import FLOOR, build
from gate.jobs import JOBS, Counted
from workers import BENCH, SERVER, Worker, cores

BUDGETS = Path(__file__).parent / "budgets.json"
TOLERANCE = 0.03
"""How far above its budget a count may be, where the compiler is the same.

Another one moves both sides, though not quite alike: CI allows 0.1.
"""

Counts = dict[str, float]


async def counted(name: str, url: str, jobs: list[Counted], core: int) -> Counts:
    """Return title -> instructions per event of one contender."""
    with tempfile.TemporaryDirectory() as folder:
        process = await asyncio.create_subprocess_exec(
            "valgrind",
            "--tool=callgrind",
            "--instr-atstart=no",
            f"--callgrind-out-file={folder}/out",
            sys.executable,
            "-m",
            "gate.probe",
            name,
            url,
            *(job.title for job in jobs),
            cwd=BENCH,
            # One order of sets and dicts of strings, and no code written beside it.
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        output, _ = await process.communicate()
        if process.returncode:
            sys.exit(f"{name}: {output.decode()}")
        return dict(totals(Path(folder), jobs))


def totals(folder: Path, jobs: list[Counted]) -> list[tuple[str, float]]:
    """Read callgrind's files: title and instructions per event."""
    found = []
    for path in folder.glob("out.*"):
        text = path.read_text()
        title = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.MULTILINE)
        total = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
        for job in jobs:
            if title and total and title[1] == job.title:
                found.append((job.title, int(total[1]) / job.count))
    return found


async def count() -> tuple[Counts, Counts]:
    """Return the counts of the floor and of sioc, made side by side."""
    client_core, server_core = cores()
    server = Worker(SERVER, server_core)
    try:
        port = json.loads(await server.start())["plain"]
        url = f"http://127.0.0.1:{port}"
        own = [job for job in JOBS if job.kind == job.reference]
        floor, sioc = await asyncio.gather(
            counted("floor", url, own, server_core),
            counted("sioc", url, list(JOBS), client_core),
        )
    finally:
        await server.stop()
    return floor, sioc


def report(
    floor: Counts, sioc: Counts, budgets: Counts, tolerance: float
) -> tuple[Counts, list[str]]:
    """Print the table; return the multiples, and what is over its budget."""
    multiples = {}
    over = []
    print("| instructions per event | floor | sioc | multiple | budget | |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    for job in JOBS:
        base = floor[f"{job.reference} {job.payload}"]
        multiple = multiples[job.title] = round(sioc[job.title] / base, 4)
        budget = budgets.get(job.title, 0)
        verdict = ""
        if budgets and multiple > budget * (1 + tolerance):
            verdict = "**over**"
            over.append(job.title)
        elif multiple < budget * (1 - tolerance):
            verdict = "below: lower the budget"
        print(
            f"| {job.title} | {base:,.0f} | {sioc[job.title]:,.0f} "
            f"| {multiple:.3f} | {budget:.3f} | {verdict} |"
        )
    return multiples, over


def main() -> int:
    """Count, compare, and say whether a budget was passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write budgets.json")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    chosen = parser.parse_args()
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is needed, with its headers")
    build(*FLOOR, "gate._callgrind")
    floor, sioc = asyncio.run(count())
    budgets = json.loads(BUDGETS.read_text())
    tag = sys.implementation.cache_tag
    multiples, over = report(floor, sioc, budgets.get(tag, {}), chosen.tolerance)
    if chosen.update:
        BUDGETS.write_text(json.dumps(budgets | {tag: multiples}, indent=2) + "\n")
        return 0
    if tag not in budgets:
        print(f"\n{tag} has no budgets: nothing to hold this against")
    if over:
        print(f"\nmore than {chosen.tolerance:.0%} over budget: {', '.join(over)}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

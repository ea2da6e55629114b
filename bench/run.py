"""Run the benchmarks: `python bench/run.py [--quick]`. See bench/README.md."""

import argparse
import asyncio
import json
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import charts
from build import CORES, FLOOR, build
from cores.placement import Placement
from machine import facts
from measures import MEASURES, Measure
from report import figures, legend, table, target_table
from rounds import PASSES, Run
from scale import Scale
from start import import_times
from workers import (
    AWAKE,
    CONTENDERS,
    DISTANCE,
    POLLING_SERVER,
    SERVER,
    Worker,
    cores,
)

RESULTS = Path(__file__).resolve().parent / "results"


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few and short rounds: a look, no result"
    )
    parser.add_argument("--rounds", type=int, help="how many (default: 5, quick: 3)")
    parser.add_argument(
        "--seconds", type=float, help="length of a job (default: 0.1, quick: 0.05)"
    )
    parser.add_argument(
        "--contender",
        action="append",
        choices=list(CONTENDERS),
        help="only this one and the floor; may be repeated",
    )
    parser.add_argument(
        "--measure",
        action="append",
        help="only measures whose title has this in it; may be repeated",
    )
    parser.add_argument("--json", type=Path, help="where to write the results")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (3 if chosen.quick else 5)
    chosen.seconds = chosen.seconds or (0.05 if chosen.quick else 0.1)
    return chosen


async def measure(chosen: argparse.Namespace) -> int:
    """Do the rounds, print the table, write the file; return the exit status."""
    known = facts()
    measures = [
        measure
        for measure in MEASURES
        if (measure.quick or not chosen.quick) and wanted(measure.title, chosen.measure)
    ]
    run, scale = await rounds(chosen, measures)
    reached = scale.reached()
    if chosen.measure is None:
        reached |= import_times(chosen.quick)
    lines = [heading(known, run.versions, chosen)]
    lines.append(table(measures, run.samples, run.names, run.failures))
    if "sioc" in run.names:
        lines += ["", target_table(run.samples, reached)]
    if scale.figures:
        lines += ["", scale.table()]
    lines += ["", legend(run.failures), *(f"Note: {note}" for note in run.notes)]
    results = {
        "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "quick": chosen.quick,
        "rounds": chosen.rounds,
        "seconds": chosen.seconds,
        "machine": known,
        "versions": run.versions,
        "notes": run.notes,
        "failures": run.failures,
        "measures": {m.title: figures(m, run.samples) for m in measures},
        "scale": scale.figures,
        "ratios": reached,
    }
    print("\n".join(lines))
    write(chosen.json or default_file(known, chosen.quick), results, "\n".join(lines))
    return 1 if run.notes else 0


async def rounds(
    chosen: argparse.Namespace, measures: list[Measure]
) -> tuple[Run, Scale]:
    """Start the servers and have everything measured."""
    wished = chosen.contender or list(CONTENDERS)
    names = [name for name in CONTENDERS if name == "floor" or name in wished]
    client_core, server_core = cores()
    server, polling = Worker(SERVER, server_core), Worker(POLLING_SERVER, server_core)
    awake = [Worker(AWAKE, client_core), Worker(AWAKE, server_core)]
    distance = Worker((*DISTANCE, str(client_core), str(server_core)), client_core)
    try:
        for worker in awake:
            await worker.start()
        ports = json.loads(await server.start()) | json.loads(await polling.start())
        urls = {
            name: f"{'https' if name == 'tls' else 'http'}://127.0.0.1:{port}"
            for name, port in ports.items()
        }
        servers = {"plain": server, "tls": server, "polling": polling}
        await distance.start()
        placement = Placement(distance, awake)
        run = Run(servers, urls, client_core, placement, chosen.seconds, names)
        for number in range(chosen.rounds):
            print(f"round {number + 1} of {chosen.rounds}", file=sys.stderr)
            await run.round(number, measures)
        scale = Scale(urls["plain"], client_core, run.names, chosen.quick)
        if chosen.measure is None:
            await scale.run()
    finally:
        for worker in awake:
            worker.kill()
        for worker in (server, polling, distance, *awake):
            await worker.stop()
    return run, scale


def wanted(title: str, parts: list[str] | None) -> bool:
    """Tell whether a measure was asked for."""
    return parts is None or any(part in title for part in parts)


def heading(
    known: dict[str, Any], versions: dict[str, str], chosen: argparse.Namespace
) -> str:
    """Return the lines above the table."""
    listed = ", ".join(f"{name} {number}" for name, number in sorted(versions.items()))
    commit = known["commit"][:12] or "no commit"
    return (
        f"{known['processor']}, {known['cores']} cores, {known['system']}, "
        f"{known['python']}; {commit}{' with changes' if known['changed'] else ''}\n"
        f"{listed}\n"
        f"median of {chosen.rounds} rounds of {PASSES} jobs of {chosen.seconds} s; "
        f"load before: {known['load'][0]:.2f}\n"
    )


def default_file(known: dict[str, Any], quick: bool) -> Path:
    """Return where results go: beside those of the same commit, if there are any."""
    if quick:
        return RESULTS / "quick.json"
    day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    name = f"{day}-{known['commit'][:12] or 'no-commit'}"
    runs = len(list(RESULTS.glob(f"{name}*.json")))
    return RESULTS / f"{name}{f'-{runs + 1}' if runs else ''}.json"


def write(path: Path, results: dict[str, Any], text: str) -> None:
    """Write the results as JSON, the tables as Markdown and the charts beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    path.with_suffix(".md").write_text(text + "\n")
    for chart in charts.draw(results, path):
        print(f"\nwritten: {chart}", file=sys.stderr)
    print(f"written: {path}", file=sys.stderr)


def main() -> int:
    """Build the floor if it has changed, then measure."""
    build(*FLOOR, *CORES)
    return asyncio.run(measure(arguments()))


if __name__ == "__main__":
    sys.exit(main())

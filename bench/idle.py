"""Idle connections for two minutes: `python bench/idle.py [--count] [--seconds]`.

All of them in this process, over WebSocket, with the main namespace joined, to npm's
server with its default heartbeats. Writes a page in docs/reports/; fails where a target
is missed. Processor time is taken, so that what else the machine does hardly matters.
"""

import argparse
import asyncio
import gc
import json
import resource
import sys
import time
from datetime import datetime, timezone
from typing import Any

import sioc
from echo.crowd import resident
from machine import ROOT, facts
from workers import Worker, cores

SERVER = ("node", "echo/idle_server.js")
REPORTS = ROOT / "docs" / "reports"
WARM = 20
BATCH = 50
MOST_BYTES = 14 * 1024
MOST_SHARE = 0.05
"""Of a core."""


async def connect(url: str) -> sioc.Socket:
    """Return a Socket on a connection of its own."""
    return await sioc.io(
        url, transports=("websocket",), force_new=True, reconnection=False
    )


async def measure(count: int, seconds: float) -> dict[str, Any]:
    """Open the connections, leave them alone, and return the figures."""
    server = Worker(SERVER, cores()[1])
    try:
        url = f"http://127.0.0.1:{json.loads(await server.start())['port']}"
        sockets = [await connect(url) for _ in range(WARM)]
        gc.collect()
        before, tasks = resident(), len(asyncio.all_tasks())
        for begin in range(0, count, BATCH):
            size = min(BATCH, count - begin)
            sockets += await asyncio.gather(*(connect(url) for _ in range(size)))
        gc.collect()
        asked = await server.ask({})
        start, cpu = time.monotonic(), time.process_time()
        await asyncio.sleep(seconds)
        took, cpu = time.monotonic() - start, time.process_time() - cpu
        # Those that were just asked have a moment to answer.
        await asyncio.sleep(1)
        answered = await server.ask({})
        figures = {
            "bytes": (resident() - before) / count,
            "tasks": (len(asyncio.all_tasks()) - tasks) / count,
            "seconds": took,
            "share": cpu / took,
            "pings": answered["pings"] - asked["pings"],
            "unanswered": answered["pings"] - answered["pongs"],
            "lost": sum(not socket.connected for socket in sockets)
            + len(sockets)
            - answered["connections"],
        }
        await asyncio.gather(*(socket.disconnect() for socket in sockets))
    finally:
        await server.stop()
    return figures


def page(count: int, known: dict[str, Any], figures: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    now = datetime.now(timezone.utc)
    commit = f"{known['commit'][:12]}{'-dirty' if known['changed'] else ''}"
    rows = {
        "date": f"{now:%Y-%m-%d %H:%M} UTC",
        "commit": commit,
        "machine": f"{known['processor']}, {known['cores']} cores, {known['system']}",
        "Python": f"{known['python']}, uvloop",
        "connections": f"{count:,}, WebSocket, main namespace joined",
        "memory of each": f"{figures['bytes'] / 1024:.1f} kB (target: 14)",
        "tasks of each": f"{figures['tasks']:g} (target: 0)",
        "time": f"{figures['seconds']:.0f} s",
        "processor time": f"{figures['share']:.2%} of a core (target: 5 %)",
        "heartbeats": f"{figures['pings']:,}, {figures['unanswered']} unanswered",
        "connections lost": figures["lost"],
    }
    lines = ["# Idle connections", "", "| | |", "| --- | --- |"]
    lines += [f"| {key} | {value} |" for key, value in rows.items()]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure, write the report, and tell whether the targets were met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=120.0)
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    known = facts()
    figures = sioc.run(measure(chosen.count, chosen.seconds))
    text = page(chosen.count, known, figures)
    print(text)
    REPORTS.mkdir(exist_ok=True)
    day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    (REPORTS / f"{day}-idle-connections.md").write_text(text)
    met = (
        figures["bytes"] <= MOST_BYTES
        and figures["tasks"] == 0
        and figures["share"] < MOST_SHARE
        and figures["pings"] > 0
        and figures["unanswered"] == figures["lost"] == 0
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())

"""Many connections in one process: what each costs in time, memory and tasks."""

import asyncio
import gc
import resource
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

WARM = 20
"""Connections made first: what a process needs once is no connection's own."""
BATCH = 50
BEATS = 5
LEAST_BEATS = 1_000
"""Of all connections together: so few have more of them each."""
WINDOW = 3.0
"""Seconds, far more than the heartbeats take."""


def resident() -> int:
    """Return the bytes of memory that this process has in use."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise OSError("the kernel does not tell the resident size")


async def crowd(
    count: int,
    connect: Callable[[], Awaitable[Any]],
    beat: Callable[[Any, int], object],
) -> dict[str, Any]:
    """Open count connections and have the server send each some heartbeats.

    Args:
        count: how many.
        connect: opens one and joins its main namespace.
        beat: asks the server for so many heartbeats on a connection.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count + 100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    kept = [await connect() for _ in range(WARM)]
    gc.collect()
    before, tasks = resident(), len(asyncio.all_tasks())
    start, cpu = time.perf_counter(), time.process_time()
    for begin in range(0, count, BATCH):
        size = min(BATCH, count - begin)
        kept += await asyncio.gather(*(connect() for _ in range(size)))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    gc.collect()
    result = {
        "count": count,
        "seconds": seconds,
        "cpu": cpu,
        "bytes": (resident() - before) / count,
        "tasks": (len(asyncio.all_tasks()) - tasks) / count,
    }
    beats = max(BEATS, LEAST_BEATS // len(kept))
    idle = await spent(beat, [], beats)
    busy = await spent(beat, kept, beats)
    result["beat"] = (busy - idle) / (len(kept) * beats)
    return result


async def spent(
    beat: Callable[[Any, int], object], connections: list[Any], beats: int
) -> float:
    """Return the processor time of a window in which connections have heartbeats."""
    started = time.process_time()
    for connection in connections:
        beat(connection, beats)
    await asyncio.sleep(WINDOW)
    return time.process_time() - started

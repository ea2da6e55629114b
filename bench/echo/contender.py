"""How a contender process takes jobs: JSON lines in, JSON lines out.

The first line out names the contender's versions. Then every line in is a job, every
line out its result. A contender is an object with a coroutine method per kind of
measure; a kind it has no method for is answered with "unsupported".
"""

import asyncio
import json
import statistics
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from typing import Any, ClassVar

import payloads

BURST = 1000
"""Events emitted in one turn of the loop."""

IN_FLIGHT = 64
"""Acks awaited at a time."""

LISTENERS = 10
"""Of one event, where there are many."""

LINE_LIMIT = 1024 * 1024
TRANSPORTS = ("websocket", "polling")


@dataclass(frozen=True)
class Job:
    """One measurement.

    Attributes:
        kind: the contender's method.
        url: the server, as http:// or https://; its certificate is not to be verified.
        count: events, round trips or echoes to make.
        payload: a name in `payloads.SHAPES`.
        values: the series of that payload.
        blob: size of the attachment in bytes.
        transport: "websocket" or "polling".
    """

    kind: str
    url: str
    count: int
    payload: str
    values: list[Any]
    blob: int = 0
    transport: str = "websocket"

    @property
    def secure(self) -> bool:
        """Whether it goes through TLS."""
        return self.url.startswith("https:")


class Stopwatch:
    """Time a block: seconds of the clock and seconds on the processor.

    Attributes:
        on_start: called when a block begins, for those who count something else.
        on_stop: called when it has ended.
    """

    on_start: ClassVar[Callable[[], None]] = staticmethod(lambda: None)
    on_stop: ClassVar[Callable[[], None]] = staticmethod(lambda: None)

    def __enter__(self) -> "Stopwatch":
        self.on_start()
        self._started = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.on_stop()
        wall, cpu = self._started
        self.seconds = time.perf_counter() - wall
        self.cpu = time.process_time() - cpu

    def result(self, count: int, laps: Sequence[float] = ()) -> dict[str, Any]:
        """Return a job's result; laps are the single round trips in seconds."""
        result = {"count": count, "seconds": self.seconds, "cpu": self.cpu}
        if laps:
            cuts = statistics.quantiles(laps, n=100)
            result.update(p50=cuts[49], p99=cuts[98])
        return result


class Laps:
    """Round trips in callback style: each answer is a lap, and starts the next.

    Args:
        count: laps to make.
    """

    def __init__(self, count: int) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._count = count
        self._stamps: list[float] = []

    def start(self) -> None:
        """Start the first lap."""
        self._stamps.append(time.perf_counter())

    def lap(self) -> bool:
        """End a lap; return whether another one is to be made."""
        self._stamps.append(time.perf_counter())
        if len(self._stamps) <= self._count:
            return True
        self.done.set_result(None)
        return False

    def seconds(self) -> list[float]:
        """Return how long each lap took."""
        return [after - before for before, after in pairwise(self._stamps)]


def ignore(_value: object) -> None:
    """Take an event: the listener of every receive measure."""


def verified(received: list[Any], job: Job) -> None:
    """Raise unless received is what the server had to send."""
    wanted = [job.values[i % len(job.values)] for i in range(job.count)]
    if received != wanted:
        raise AssertionError(f"received {len(received)} events, not as sent")


def burst(values: list[Any]) -> list[Any]:
    """Return the values of one burst: the series as often as it takes."""
    return [values[i % len(values)] for i in range(BURST)]


async def emit_bursts(
    emit: Callable[[str, Any], None],
    drain: Callable[[], Awaitable[object]],
    job: Job,
) -> None:
    """Emit the job's count of events, a burst a turn of the loop."""
    values = burst(job.values)
    event = payloads.EVENT
    for _ in range(job.count // BURST):
        for value in values:
            emit(event, value)
        await asyncio.sleep(0)
        await drain()


async def one_by_one(
    ask: Callable[[], Awaitable[object]], count: int
) -> dict[str, Any]:
    """Await ask count times, each on its own clock."""
    laps = []
    clock = time.perf_counter
    with Stopwatch() as watch:
        for _ in range(count):
            start = clock()
            await ask()
            laps.append(clock() - start)
    return watch.result(count, laps)


async def in_flight(ask: Callable[[], Awaitable[object]], count: int) -> dict[str, Any]:
    """Await ask count times, `IN_FLIGHT` at a time."""

    async def worker() -> None:
        for _ in range(count // IN_FLIGHT):
            await ask()

    with Stopwatch() as watch:
        await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))
    return watch.result(count)


async def serve(contender: object, packages: Sequence[str]) -> None:
    """Answer jobs until standard input ends.

    Args:
        contender: has the coroutine methods.
        packages: distributions whose versions go into the report.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    answer({"versions": {name: version(name) for name in packages}})
    while line := await reader.readline():
        job = Job(**json.loads(line))
        method = getattr(contender, job.kind, None)
        if method is None or job.transport not in getattr(
            contender, "transports", TRANSPORTS
        ):
            answer({"unsupported": True})
            continue
        try:
            answer(await method(job))
        except Exception:
            answer({"error": traceback.format_exc()})


def answer(result: dict[str, Any]) -> None:
    """Write one line of JSON to standard output."""
    print(json.dumps(result), flush=True)

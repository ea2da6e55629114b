"""JSON that is meant to cost a lot: the cost grows with the size, and no faster."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Callable
from itertools import islice, product
from typing import NamedTuple

import pytest

from peers.effort import effort
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from peers.reports import report

MANY = effort(100_000, 1_000_000)  # elements
KEYS = MANY // 10
PARTS = 8  # how many times as much the large packet has as the small one
ROUNDS = 3
# Twice as much a byte is the doing of caches; squared it would be PARTS times as much.
WORSE = 4.0


def colliding(count: int) -> str:
    """Return an object whose keys have the same hash, in Java and others like it."""
    pairs = product(("Aa", "BB"), repeat=20)
    return "{" + ",".join(f'"{"".join(key)}":0' for key in islice(pairs, count)) + "}"


def array(first: str, count: int) -> str:
    """Return an array with something odd in front."""
    return f"[{first}" + ",0" * count + "]"


ATTACHMENT = '{"_placeholder":true,"num":0}'

# An event's argument with so many elements or, a tenth of that, keys.
COSTLY: dict[str, Callable[[int], str]] = {
    "colliding keys": lambda n: colliding(n // 10),
    "keys": lambda n: "{" + ",".join(f'"key {i}":0' for i in range(n // 10)) + "}",
    "one key again and again": lambda n: "{" + ",".join(['"k":0'] * (n // 10)) + "}",
    "an array": lambda n: array("0", n),
    "arrays in an array": lambda n: "[" + ",".join(["[]"] * n) + "]",
    "an array with an attachment": lambda n: array(ATTACHMENT, n),
    "an array with half a character": lambda n: array('"\\ud83d"', n),
    "digits": lambda n: "[" + ",".join(["1" * 18] * (n // 10)) + "]",
    "escapes": lambda n: '"' + "\\u00e4" * n + '"',
}


class Cost(NamedTuple):
    """What a packet took.

    Attributes:
        seconds: CPU time from the packet to the listener.
        stall: The longest time that nothing else ran in the event loop.
    """

    seconds: float
    stall: float


class Costs:
    """Take packets, and note what they took.

    Args:
        conn: The server's side of the connection.
        came: Set by the listener.
    """

    def __init__(self, conn: RawConnection, came: asyncio.Event) -> None:
        self._conn = conn
        self._came = came

    async def take(self, text: str) -> Cost:
        """Send an event with this argument and wait for it, some times over.

        Without the garbage collector: how often it looks at how many arrays again
        depends on the Python.
        """
        gc.disable()
        try:
            costs = [await self._once(text) for _ in range(ROUNDS)]
        finally:
            gc.enable()
        return Cost(min(c.seconds for c in costs), min(c.stall for c in costs))

    async def memory(self, text: str) -> int:
        """Return how many bytes what is decoded takes at most."""
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await self._once(text)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak - before

    async def _once(self, text: str) -> Cost:
        ticking = asyncio.ensure_future(longest_gap())
        binary = ATTACHMENT in text
        self._came.clear()
        await asyncio.sleep(0)
        begun = time.process_time()
        self._conn.send_text(f'{"451-" if binary else "42"}["e",{text}]')
        if binary:
            self._conn.send_binary(b"attachment")
        await self._came.wait()
        seconds = time.process_time() - begun
        ticking.cancel()
        return Cost(seconds, (await ticking))


async def longest_gap() -> float:
    """Return, once cancelled, the longest time between two turns of the loop."""
    longest, last = 0.0, time.perf_counter()
    try:
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
    except asyncio.CancelledError:
        return max(longest, time.perf_counter() - last)


@pytest.mark.long
@pytest.mark.untraced
@pytest.mark.timeout(effort(60, 600))
async def test_the_cost_grows_with_the_size(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        connected.set_result(conn)
        await conn.until_end(None)

    connected = asyncio.get_running_loop().create_future()
    socket = await io((await serve(script)).url)
    came = asyncio.Event()
    socket.on("e", lambda value: came.set())
    costs = Costs(await connected, came)
    figures: dict[str, object] = {}
    growth: dict[str, float] = {}
    for kind, make in COSTLY.items():
        small, large = make(MANY // PARTS), make(MANY)
        little, much = await costs.take(small), await costs.take(large)
        growth[kind] = much.seconds / len(large) / (little.seconds / len(small))
        size = len(large) / 1e6
        objects = await costs.memory(large)
        figures[kind] = (
            f"{size:.1f} MB, {much.seconds * 1000 / size:.1f} ms per MB, longest stall "
            f"{much.stall * 1000:.0f} ms, {objects / len(large):.1f} bytes of memory "
            f"a byte, {growth[kind]:.2f} times an eighth's cost a byte"
        )
    report("costly json", figures)
    assert {kind: g for kind, g in growth.items() if g > WORSE} == {}

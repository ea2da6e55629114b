"""A consumer slower than its server: order, bounded memory, a connection that stays."""

from __future__ import annotations

import asyncio
import gc
import os

import pytest

import sioc
from peers.effort import effort
from peers.fixture_types import OpenSocket, StartJs
from sioc import reading

EVENTS = effort(20_000, 1_000_000)
CHUNK = 20_000  # events that the server sends in one go
INTERVAL, TIMEOUT = 0.2, effort(1, 10)  # seconds

# What one read may bring on top, in the smallest of the events; twice, for before the
# first pause the buffer has grown by itself.
READ = 2 * reading.MOST // len('..42["row",0]')
BACKLOG = sioc.Limits().max_pending_handlers + READ

# A coroutine that waits for its turn, with its argument. For the interpreter, and what
# malloc keeps, some more.
COST = 1024  # bytes
SLACK = 16 * 1024 * 1024


def resident() -> int:
    """Return the bytes of memory that this process has."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.long
@pytest.mark.timeout(effort(60, 1800))
async def test_a_slow_consumer_slows_the_server_down(
    start_js: StartJs, io: OpenSocket
) -> None:
    beat = {"pingInterval": 1000 * INTERVAL, "pingTimeout": 1000 * TIMEOUT}
    server = await start_js(io=beat)
    socket = io(server.url)
    lost: list[str] = []
    seen = backlog = expected = memory = 0
    in_order = True
    done = asyncio.Event()

    @socket.on("disconnect")
    def disconnected(reason: str) -> None:
        lost.append(reason)
        done.set()

    @socket.on("row", concurrency=1)
    async def row(number: int) -> None:
        nonlocal seen, backlog, in_order, memory
        in_order = in_order and number == seen % CHUNK
        seen += 1
        backlog = max(backlog, socket.wire.handlers)
        if number % 500 == 0:
            memory = max(memory, resident())
        if number % 20 == 0:
            await asyncio.sleep(0.002)
        if number == CHUNK // 2 and expected < EVENTS:
            order()
        if seen == EVENTS:
            done.set()

    def order() -> None:
        nonlocal expected
        expected += CHUNK
        socket.emit("burst", "row", CHUNK)

    await socket
    gc.collect()
    before = resident()
    begun = asyncio.get_running_loop().time()
    order()
    await done.wait()
    seconds = asyncio.get_running_loop().time() - begun
    print(
        f"{seen:,} events in {seconds:.0f} s, {backlog:,} of them at most waited, "
        f"{(memory - before) / 2**20:.1f} MiB more than at the start"
    )
    assert lost == []
    # Each heartbeat that is not answered ends the connection.
    assert seconds > INTERVAL + TIMEOUT
    assert in_order
    assert backlog <= BACKLOG
    assert memory - before <= BACKLOG * COST + SLACK
    assert await socket.emit_with_ack("echo", "still here", timeout=10) == "still here"

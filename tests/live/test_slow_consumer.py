"""A consumer slower than its server: order, bounded memory, a connection that stays."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.effort import effort
from peers.fixture_types import OpenSocket, StartJs

EVENTS = effort(20_000, 1_000_000)
CHUNK = 20_000  # events that the server sends in one go
INTERVAL, TIMEOUT = 0.2, 1.0  # seconds

# What one read may bring on top: the link's buffer, in events of 16 bytes.
READ = 262_144 // 16


@pytest.mark.long
@pytest.mark.timeout(effort(60, 1800))
async def test_a_slow_consumer_slows_the_server_down(
    start_js: StartJs, io: OpenSocket
) -> None:
    beat = {"pingInterval": 1000 * INTERVAL, "pingTimeout": 1000 * TIMEOUT}
    server = await start_js(io=beat)
    socket = io(server.url)
    lost: list[str] = []
    seen = backlog = expected = 0
    in_order = True
    done = asyncio.Event()
    socket.on("disconnect", lost.append)

    @socket.on("row", concurrency=1)
    async def row(number: int) -> None:
        nonlocal seen, backlog, in_order
        in_order = in_order and number == seen % CHUNK
        seen += 1
        backlog = max(backlog, socket.wire.handlers)
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
    begun = asyncio.get_running_loop().time()
    order()
    await done.wait()
    assert asyncio.get_running_loop().time() - begun > INTERVAL + TIMEOUT
    assert lost == []
    assert in_order
    assert backlog <= sioc.Limits().max_pending_handlers + READ
    assert await socket.emit_with_ack("echo", "still here", timeout=10) == "still here"

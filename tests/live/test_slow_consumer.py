"""A consumer slower than its server: order, bounded memory, a connection that stays."""

from __future__ import annotations

import asyncio
import gc

import pytest

import sioc
from peers.effort import effort
from peers.fixture_types import OpenSocket, StartJs
from peers.memory import resident
from peers.reports import report
from sioc import reading

EVENTS = effort(20_000, 1_000_000)
CHUNK = 20_000  # events that the server sends in one go
ANSWER = 8_000  # events that one answer to a polling request brings
INTERVAL, TIMEOUT = 0.2, effort(1, 10)  # seconds

# What one read may bring on top, in the smallest of the events; twice, for before the
# first pause the buffer has grown by itself.
READ = 2 * reading.MOST // len('..42["row",0]')
BACKLOG = sioc.Limits().max_pending_handlers + READ

# A coroutine that waits for its turn, with its argument. For the interpreter, and what
# malloc keeps, some more.
COST = 1024  # bytes
SLACK = 16 * 1024 * 1024


class Consumer:
    """Take rows one after another, and order more while there are some."""

    def __init__(self, socket: sioc.Socket) -> None:
        self.socket = socket
        self.seen = self.backlog = self.memory = self.expected = 0
        self.in_order = True
        self.lost: list[str] = []
        self.done = asyncio.Event()
        socket.on("row", self.row, concurrency=1)
        socket.on("disconnect", self.disconnected)

    async def row(self, number: int) -> None:
        self.in_order = self.in_order and number == self.seen % CHUNK
        self.seen += 1
        self.backlog = max(self.backlog, self.socket.wire.handlers)
        if number % 500 == 0:
            self.memory = max(self.memory, resident())
        if number % 20 == 0:
            await asyncio.sleep(0.002)
        if number == CHUNK // 2 and self.expected < EVENTS:
            self.order()
        if self.seen == EVENTS:
            self.done.set()

    def order(self) -> None:
        self.expected += CHUNK
        self.socket.emit("burst", "row", CHUNK)

    def disconnected(self, reason: str) -> None:
        self.lost.append(reason)
        self.done.set()


@pytest.mark.long
@pytest.mark.timeout(effort(60, 1800))
async def test_a_slow_consumer_slows_the_server_down(
    start_js: StartJs, io: OpenSocket
) -> None:
    beat = {"pingInterval": 1000 * INTERVAL, "pingTimeout": 1000 * TIMEOUT}
    server = await start_js(io=beat)
    socket = io(server.url)
    consumer = Consumer(socket)
    await socket
    gc.collect()
    before = resident()
    begun = asyncio.get_running_loop().time()
    consumer.order()
    await consumer.done.wait()
    seconds = asyncio.get_running_loop().time() - begun
    more = consumer.memory - before
    assert consumer.lost == []
    # Each heartbeat that is not answered ends the connection.
    assert seconds > INTERVAL + TIMEOUT
    assert consumer.in_order
    assert consumer.backlog <= BACKLOG
    assert more <= BACKLOG * COST + SLACK
    report(
        "slow consumer",
        {
            "events, taken one after another, in order": f"{consumer.seen:,}",
            "seconds": round(seconds),
            "events that waited, at most": f"{consumer.backlog:,}",
            "resident memory above the start, at most": f"{more / 2**20:.1f} MiB",
            "pings that the server sent": f"one every {INTERVAL} s, all answered",
        },
    )
    assert await socket.emit_with_ack("echo", "still here", timeout=10) == "still here"


@pytest.mark.timeout(30)
async def test_a_slow_consumer_by_polling(start_js: StartJs, io: OpenSocket) -> None:
    """One answer may bring more than listeners are to hold at once."""
    server = await start_js()
    socket = await io(server.url, transports=("polling",), upgrade=False)
    seen: list[int] = []
    backlog = 0
    done = asyncio.Event()

    @socket.on("row", concurrency=1)
    async def row(number: int) -> None:
        nonlocal backlog
        backlog = max(backlog, socket.wire.handlers)
        await asyncio.sleep(0)
        seen.append(number)
        if len(seen) == ANSWER:
            done.set()

    socket.emit("burst", "row", ANSWER)
    await done.wait()
    assert seen == list(range(ANSWER))
    assert backlog <= BACKLOG
    assert await socket.emit_with_ack("echo", "still here", timeout=10) == "still here"

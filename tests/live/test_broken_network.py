"""Real traffic over a network that is slow, torn into pieces, silent, or broken."""

from __future__ import annotations

import asyncio
import gc
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

import sioc
from peers.barrier import round_trip
from peers.chaos import NONE, ChaosProxy, Faults
from peers.effort import effort
from peers.fixture_types import OpenSocket, StartJs
from peers.js_server import JsServer
from peers.memory import resident
from peers.recorder import Recorder
from peers.reports import report

SEED = int(os.environ.get("SIOC_SEED", "1"))

WAYS = {"polling": ("polling",), "websocket": ("websocket",)}
every_transport = pytest.mark.parametrize("way", WAYS)

# In milliseconds, as the server's options are.
QUICK: dict[str, Any] = {"pingInterval": 300, "pingTimeout": 300}
DETECTION = 0.6  # seconds: the two together


@asynccontextmanager
async def broken(
    server: JsServer, *, up: Faults = NONE, down: Faults = NONE
) -> AsyncIterator[ChaosProxy]:
    """Put a proxy before a server."""
    print(f"SIOC_SEED={SEED}")  # shown by pytest if the test fails
    proxy = ChaosProxy(server.port, SEED, up, down)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()


@pytest.fixture
async def chaos(js: JsServer) -> AsyncIterator[ChaosProxy]:
    """Return a proxy before the Node server."""
    async with broken(js) as proxy:
        yield proxy


async def connected_again(socket: sioc.Socket) -> None:
    """Wait until a Socket is connected, whatever the server seems to say."""
    while not socket.connected:
        with suppress(sioc.SocketIOError):
            await socket.wait_connected(timeout=2)
        if not socket.active:
            socket.connect()


PROFILES = {
    "byte by byte": Faults(piece=1),
    "jitter": Faults(delay=0.02, jitter=0.01),
    "slow": Faults(rate=20_000.0),
}
MESSAGES = {
    "byte by byte": effort(100, 10_000),
    "jitter": effort(2000, 10_000),
    "slow": effort(300, 10_000),
}


@pytest.mark.long
@pytest.mark.timeout(effort(30, 600))
@pytest.mark.parametrize("profile", PROFILES)
@every_transport
async def test_all_arrives_in_order(
    js: JsServer, chaos: ChaosProxy, io: OpenSocket, way: str, profile: str
) -> None:
    chaos.up = chaos.down = PROFILES[profile]
    count = MESSAGES[profile]
    socket = io(chaos.url, transports=WAYS[way])
    await socket.wait_connected(20)
    events = Recorder(socket, "disconnect")
    echoed: list[int] = []
    all_came = asyncio.Event()

    @socket.on("echo")
    def echo(number: int) -> None:
        echoed.append(number)
        if len(echoed) == count:
            all_came.set()

    for number in range(count):
        socket.emit("echo", number)
        if number % 100 == 99:
            await asyncio.sleep(0)
    await all_came.wait()
    assert echoed == list(range(count))
    assert events.calls == []


@pytest.mark.parametrize("hole", ["in", "out", "both"])
@every_transport
async def test_a_black_hole_is_noticed(
    start_js: StartJs, io: OpenSocket, way: str, hole: str
) -> None:
    server = await start_js(io=QUICK)
    async with broken(server) as chaos:
        socket = io(chaos.url, transports=WAYS[way])
        await socket.wait_connected(5)
        events = Recorder(socket, "connect", "disconnect")
        waiting = asyncio.ensure_future(socket.emit_with_ack("silent"))
        await round_trip(socket)
        if hole != "out":
            chaos.flows_down.clear()
        if hole != "in":
            chaos.flows_up.clear()
        begun = asyncio.get_running_loop().time()
        reason = (await events.wait("disconnect"))[0]
        took = asyncio.get_running_loop().time() - begun
        # The server does not hear us and ends the session, or we do not hear it.
        closed = {"transport close", "transport error"} if hole == "out" else set()
        assert reason in {"ping timeout"} | closed
        assert took < DETECTION + 1.0  # the rest is for a busy machine
        with pytest.raises(sioc.DisconnectedError):
            await waiting
        chaos.resume()
        await events.wait("connect")
        await round_trip(socket)
        assert events.names == ["disconnect", "connect"]


OUTAGES = {"polling": effort(20, 100), "websocket": 100}
HELD = 50  # events, at most

# Memory that the second half of the outages may take.
SLACK = 2 * 1024 * 1024  # bytes


class Emits:
    """Emit numbers; count them, and those that were refused."""

    def __init__(self, socket: sioc.Socket) -> None:
        self._socket = socket
        self.count = self.refused = 0

    def emit(self, count: int) -> None:
        """Emit the next numbers."""
        for _ in range(count):
            self.count += 1
            try:
                self._socket.emit("order", self.count)
            except sioc.BufferFullError:
                self.refused += 1


@pytest.mark.long
@pytest.mark.timeout(30)
@every_transport
async def test_a_connection_that_comes_and_goes(
    js: JsServer, chaos: ChaosProxy, io: OpenSocket, way: str
) -> None:
    """Outages while emits go on: buffers and memory stay bounded, and all recovers."""
    socket = io(
        chaos.url,
        transports=WAYS[way],
        limits=sioc.Limits(max_send_buffer=HELD),
        reconnection_delay=0.001,
        reconnection_delay_max=0.002,
    )
    await socket.wait_connected(5)
    events = Recorder(socket, "connect", "disconnect", with_args=False)
    emits = Emits(socket)
    memory: list[int] = []
    for outage in range(1, OUTAGES[way] + 1):
        emits.emit(10)
        chaos.accepts = False
        chaos.reset()
        emits.emit(10)
        await events.wait("disconnect", outage)
        emits.emit(HELD + 10)
        assert len(socket.send_buffer) == HELD
        chaos.accepts = True
        await events.wait("connect", outage)
        gc.collect()
        memory.append(resident())
    await round_trip(socket)
    growth = max(memory) - memory[len(memory) // 2]
    report(
        f"outages by {way}",
        {
            "outages, with emits all the time": OUTAGES[way],
            "events emitted": f"{emits.count:,}",
            "refused, the buffer being full": f"{emits.refused:,}",
            "growth of memory in the second half": f"{growth / 1024:.0f} KiB",
        },
    )
    assert growth <= SLACK
    received = [number for (number,) in await js.received("order")]
    assert received == sorted(set(received))
    assert emits.refused >= 10 * OUTAGES[way]
    assert events.names == ["disconnect", "connect"] * OUTAGES[way]


@pytest.mark.long
@pytest.mark.timeout(effort(30, 1200))
async def test_flipped_bits_crash_nothing(start_js: StartJs, io: OpenSocket) -> None:
    """Payloads may change and connections end, but nothing else happens."""
    server = await start_js(io=QUICK)
    messages, chunk = effort(4_000, 1_000_000), effort(200, 1_000)
    flips = min(1e-3, 10 / messages)
    reasons: Counter[str] = Counter()
    seen = changed = 0

    def look(*args: Any) -> None:
        nonlocal seen, changed
        seen += 1
        changed += not (args[0] == "n" and len(args) == 2 and args[1] in range(chunk))

    async with broken(server, down=Faults(flips=flips, clean=400)) as p:
        socket = await io(p.url, reconnection_delay=0.001, reconnection_delay_max=0.01)
        socket.on_any(look)
        socket.on("disconnect", lambda reason, *_: reasons.update([reason]))
        for _ in range(messages // chunk):
            socket.emit("burst", "n", chunk)
            try:
                await socket.emit_with_ack("ack", timeout=2)
            except sioc.SocketIOError:
                if not socket.active:  # told to go by what was no such packet
                    socket.connect()
                await connected_again(socket)
        await socket.disconnect()
    assert p.flipped > 0
    assert seen > messages // 10
    report(
        "flipped bits",
        {
            "messages sent": messages,
            "messages received": seen,
            "bits flipped": p.flipped,
            "messages with another content": changed,
            "connections lost": dict(reasons),
            "crashes, hangs, errors of the loop": 0,
        },
    )

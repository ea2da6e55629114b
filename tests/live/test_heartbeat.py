"""The heartbeat: kept up, missed, and not thought missed when we were busy."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from peers.barrier import round_trip
from peers.fixture_types import OpenSocket, StartJs
from peers.recorder import Recorder

# In milliseconds, as the server's options are.
QUICK: dict[str, Any] = {"pingInterval": 300, "pingTimeout": 200}
DETECTION = 0.5  # seconds: the two together


async def test_pings_keep_the_connection(start_js: StartJs, io: OpenSocket) -> None:
    server = await start_js(io=QUICK)
    socket = await io(server.url)
    events = Recorder(socket, "disconnect")
    pings = Recorder(socket.io, "ping")
    await pings.wait("ping", 3)
    await round_trip(socket)

    assert events.calls == []
    assert await server.leave_reasons() == []
    assert socket.io.engine.ping_interval == pytest.approx(0.3)
    assert socket.io.engine.ping_timeout == pytest.approx(0.2)


async def test_a_frozen_server_is_a_ping_timeout(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js(io=QUICK)
    socket = await io(server.url)
    events = Recorder(socket, "connect", "disconnect")
    rows = Recorder(socket, "row")
    waiting = asyncio.ensure_future(socket.emit_with_ack("silent"))
    await round_trip(socket)
    server.freeze()
    frozen = time.monotonic()
    # The server will read this, and answer, when we have given its session up.
    socket.emit("burst", "row", 10)
    assert (await events.wait("disconnect"))[0] == "ping timeout"

    # A tenth of a second is the guarantee, the rest is for a busy machine.
    assert time.monotonic() - frozen < DETECTION + 0.4
    (result,) = await asyncio.gather(waiting, return_exceptions=True)
    assert getattr(result, "reason", None) == "ping timeout"
    await asyncio.sleep(DETECTION)
    server.thaw()
    await events.wait("connect")
    await round_trip(socket)
    assert events.names == ["disconnect", "connect"]
    assert rows.calls == []


async def test_a_blocking_listener_is_no_ping_timeout(
    start_js: StartJs, io: OpenSocket
) -> None:
    """The ping came in time, we did not look: the link is fine.

    uvloop runs due timers before it reads what has come in meanwhile, so the heartbeat
    timer fires although the ping lies in the socket's buffer.
    """
    server = await start_js(io=QUICK, patience=20_000)
    socket = await io(server.url)
    events = Recorder(socket, "disconnect")
    pings = Recorder(socket.io, "ping")
    socket.on("block", lambda: time.sleep(2 * DETECTION))
    await pings.wait("ping")

    for _ in range(3):
        before = pings.count("ping")
        await server.emit("block")
        await pings.wait("ping", before + 1)
    await round_trip(socket)
    assert events.calls == []
    assert await server.leave_reasons() == []


async def test_a_frozen_server_is_noticed_after_a_blocking_listener(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js(io=QUICK, patience=20_000)
    socket = await io(server.url)
    events = Recorder(socket, "disconnect", "blocked")
    socket.on("blocked", lambda: time.sleep(2 * DETECTION))
    await server.emit("blocked")
    server.freeze()
    await events.wait("disconnect", timeout=4 * DETECTION)
    assert events.args("disconnect")[0][0] == "ping timeout"
    server.thaw()

"""What a listener of the Manager, or a function that is asked, may do meanwhile."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from peers.recorder import Recorder


async def test_closing_in_reconnect_attempt_stops_the_attempt(
    io: OpenSocket, dead_port: int
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}")
    events = Recorder(socket.io, "reconnect_attempt", "reconnect_error", "error")
    socket.io.on("reconnect_attempt", lambda _: socket.io.close())
    await events.wait("reconnect_attempt")
    await asyncio.wait_for(socket.io.close(), 5)
    assert socket.io.engine is not None
    assert socket.io.engine.ready_state == "closed"
    assert events.names == ["error", "reconnect_attempt"]


async def test_without_reconnection_nobody_waits_for_the_delay(
    io: OpenSocket, dead_port: int
) -> None:
    """The option is turned off while the next attempt is a minute away."""
    url = f"http://127.0.0.1:{dead_port}"
    socket = io(url, reconnection_delay=60.0, reconnection_delay_max=60.0)
    events = Recorder(socket.io, "error")
    opening = asyncio.ensure_future(socket.io.opened())
    await events.wait("error")
    socket.io.reconnection = False
    with pytest.raises(sioc.DisconnectedError):
        await asyncio.wait_for(opening, 5)


async def test_auth_that_will_not_be_cancelled(serve: Serve, io: OpenSocket) -> None:
    """It answers after the Socket has left: nothing must be sent for it."""
    asked, answered = asyncio.Event(), asyncio.Event()

    async def auth() -> dict[str, str]:
        asked.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            answered.set()
        return {"token": "late"}

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect("/other")
        conn.connect_reply("/other")
        await conn.expect_nothing()
        left.set()
        await answered.wait()
        await conn.expect_nothing()

    left = asyncio.Event()
    peer = await serve(script)
    manager = sioc.Manager(peer.url, transports=("websocket",))
    socket = manager.socket("/", auth=auth)
    other = manager.socket("/other")
    await other
    await asyncio.wait_for(asked.wait(), 5)
    await asyncio.wait_for(left.wait(), 5)
    await socket.disconnect()
    await peer.played()
    await manager.close()

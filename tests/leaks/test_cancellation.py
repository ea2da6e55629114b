"""Cancelling: nothing of a connection that nobody wants any more stays behind.

The fixture `nothing_left` looks for descriptors, tasks and timers after every test; the
scripts see that the client has ended its side.
"""

from __future__ import annotations

import asyncio
import gc

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.frames import CLOSE
from peers.raw_connection import RawConnection
from peers.raw_peer import Script, stall, welcome
from peers.recorder import Recorder

TIMEOUTS = (TimeoutError, asyncio.TimeoutError)
WEBSOCKET = ("websocket",)
SOON = 0.05  # seconds


async def silent_after_request(conn: RawConnection) -> None:
    await conn.read_request()


async def silent_after_101(conn: RawConnection) -> None:
    await conn.accept()


async def silent_after_open(conn: RawConnection) -> None:
    await conn.accept()
    conn.open_packet()


SILENT = [stall, silent_after_request, silent_after_101, silent_after_open]


@pytest.mark.parametrize("script", SILENT)
async def test_giving_up_a_connection_that_nobody_holds(
    serve: Serve, script: Script
) -> None:
    peer = await serve(script)
    with pytest.raises(TIMEOUTS):
        await asyncio.wait_for(sioc.io(peer.url, transports=WEBSOCKET), SOON)
    gc.collect()
    await peer.arrived(1)
    await peer.connections[0].closed(timeout=2)


@pytest.mark.parametrize("script", SILENT)
async def test_leaving_async_with_while_entering(serve: Serve, script: Script) -> None:
    peer = await serve(script)

    async def enter() -> None:
        async with sioc.io(peer.url, transports=WEBSOCKET):
            pytest.fail("entered without a connection")

    with pytest.raises(TIMEOUTS):
        await asyncio.wait_for(enter(), SOON)
    await peer.arrived(1)
    await peer.connections[0].closed(timeout=2)


async def test_an_answer_that_comes_after_the_end_is_not_taken(serve: Serve) -> None:
    """The handshake completes when nobody wants the connection any more."""
    given_up = asyncio.Event()

    async def late(conn: RawConnection) -> None:
        await conn.read_request()
        await given_up.wait()
        conn.switch_protocols()
        conn.open_packet()
        await conn.until_end()
        assert conn.frames == [] or conn.frames[0].payload != b"40"

    peer = await serve(late)
    with pytest.raises(TIMEOUTS):
        await asyncio.wait_for(sioc.io(peer.url, transports=WEBSOCKET), SOON)
    given_up.set()
    await peer.played()
    assert len(peer.connections) == 1


async def test_a_close_frame_behind_a_handshake_that_nobody_wants(
    serve: Serve, io: OpenSocket
) -> None:
    sent = asyncio.Event()

    async def script(conn: RawConnection) -> None:
        await conn.read_request()
        conn.switch_protocols()
        conn.open_packet()
        conn.send_close(1000)
        sent.set()

    peer = await serve(script)
    socket = io(peer.url, reconnection=False)
    await sent.wait()
    # All of it is read at once, and not before this call.
    socket.io.engine.close()
    with pytest.raises((sioc.ConnectError, sioc.DisconnectedError)):
        await socket.wait_connected(5)


async def test_disconnecting_while_connecting(serve: Serve, io: OpenSocket) -> None:
    for script in SILENT:
        peer = await serve(script)
        socket = io(peer.url)
        events = Recorder(socket, "connect", "connect_error", "disconnect")
        await peer.arrived(1)
        await asyncio.wait_for(socket.disconnect(), 2)
        await peer.connections[0].closed(timeout=2)
        assert events.calls == []
        assert not socket.active


async def test_a_cancelled_wait_leaves_the_other_waiters(
    serve: Serve, io: OpenSocket
) -> None:
    go = asyncio.Event()

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        await go.wait()
        conn.open_packet()
        await conn.join()

    peer = await serve(script)
    socket = io(peer.url)
    impatient = asyncio.ensure_future(socket.wait_connected())
    patient = asyncio.ensure_future(socket.wait_connected())
    await peer.arrived(1)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    go.set()
    await asyncio.wait_for(patient, 5)
    assert socket.connected


async def test_cancelling_at_every_step(serve: Serve) -> None:
    """Run the same life again and again, and cancel it one step later each time."""

    async def answer(conn: RawConnection) -> None:
        await conn.establish()
        while (frame := await conn.next_frame()).opcode != CLOSE:
            if frame.payload == b'420["q"]':
                conn.send_text("430[1]")
        conn.end()

    async def forgiving(conn: RawConnection) -> None:
        try:
            await answer(conn)
        except (asyncio.IncompleteReadError, ConnectionError, AssertionError):
            conn.end()

    async def life(url: str) -> None:
        async with sioc.io(url, transports=WEBSOCKET) as socket:
            socket.emit("e", b"attachment")
            assert await socket.emit_with_ack("q") == 1
            await socket.drain()

    peer = await serve(*[forgiving] * 200)
    for steps in range(100):
        task = asyncio.ensure_future(life(peer.url))
        for _ in range(steps):
            await asyncio.sleep(0)
        finished = task.done()
        task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        assert result is None or isinstance(result, asyncio.CancelledError), result
        if finished:
            return
    pytest.fail("the life did not end within the steps")


async def test_a_cancelled_life_can_be_begun_again(
    serve: Serve, io: OpenSocket
) -> None:
    peer = await serve(stall, welcome)
    socket = io(peer.url)
    with pytest.raises(TIMEOUTS):
        await asyncio.wait_for(socket.wait_connected(), SOON)
    await socket.disconnect()
    await socket.connect()
    assert socket.connected

"""Objects that are done with go away, and repeating things does not grow anything."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.leaks import GRACE, PAUSE, open_fds
from peers.raw_connection import RawConnection
from peers.raw_peer import welcome
from peers.recorder import Recorder
from sioc.engine import Engine

WEBSOCKET = ("websocket",)


async def live_and_die(url: str) -> list[weakref.ref[Any]]:
    """Connect, use and close a Socket; return weak references to what there was."""
    socket = sioc.io(url, transports=WEBSOCKET)
    socket.on("e", lambda: socket.id)  # a cycle through the listener
    await socket
    engine = socket.io.engine
    socket.emit("e", b"attachment")
    references = [weakref.ref(thing) for thing in (socket, socket.io, engine)]
    await socket.disconnect()
    return references


def living(kind: type[Any]) -> list[Any]:
    """Return all objects of a class; pytest keeps some that earlier tests had."""
    return [thing for thing in gc.get_objects() if type(thing) is kind]


async def collected(*references: weakref.ref[Any]) -> None:
    """Wait until what is referred to is gone; a loop may hold it for some turns."""
    deadline = asyncio.get_running_loop().time() + GRACE
    while alive := [reference() for reference in references if reference()]:
        assert asyncio.get_running_loop().time() < deadline, alive
        del alive
        await asyncio.sleep(PAUSE)
        gc.collect()


async def test_a_closed_socket_and_its_manager_are_collected(serve: Serve) -> None:
    peer = await serve(welcome)
    references = await live_and_die(peer.url)
    await collected(*references)


async def test_a_refused_socket_is_collected(serve: Serve) -> None:
    async def refuse(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        conn.send_text('44{"message":"no"}')

    async def attempt(url: str) -> weakref.ref[Any]:
        socket = sioc.io(url, transports=WEBSOCKET)
        try:
            await socket
        except sioc.ConnectError:
            return weakref.ref(socket)
        raise AssertionError("was not refused")

    peer = await serve(refuse)
    reference = await attempt(peer.url)
    await peer.connections[0].closed()
    await collected(reference)


async def test_many_lives_do_not_add_up(serve: Serve) -> None:
    peer = await serve(*[welcome] * 60)
    gc.collect()
    sockets = len(living(sioc.Socket))
    for _ in range(10):
        await live_and_die(peer.url)
    gc.collect()
    fds, objects = len(open_fds()), len(gc.get_objects())
    for _ in range(50):
        await live_and_die(peer.url)
    gc.collect()
    assert len(open_fds()) <= fds + 2
    # The peer itself keeps some dozens of objects for each connection.
    assert len(gc.get_objects()) - objects < 50 * 200
    assert len(living(sioc.Socket)) <= sockets


async def test_unanswered_questions_do_not_add_up(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.until_end()

    peer = await serve(script)
    socket = await io(peer.url)
    asked = [
        asyncio.ensure_future(socket.emit_with_ack("q", number, timeout=0.05))
        for number in range(500)
    ]
    await asyncio.sleep(0)
    assert socket.io.stats.acks_pending == 500
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(result) for result in results} == {sioc.AckTimeoutError}
    assert socket.io.stats.acks_pending == 0


async def test_bogus_acks_do_not_add_up(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(2000):
            conn.send_text(f'43{number}["bogus"]')
        await conn.drain()
        await conn.expect_nothing()

    peer = await serve(script)
    socket = await io(peer.url)
    await peer.played()
    assert socket.io.stats.acks_pending == 0
    assert sum(dict(socket.io.stats.ignored).values()) == 2000


async def test_a_listener_s_task_is_held_until_it_is_done(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["e"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    done = asyncio.get_running_loop().create_future()

    @socket.on("e")
    async def listener() -> None:
        # Nobody but the library refers to this task while it sleeps.
        await asyncio.sleep(0.05)
        done.set_result(None)

    await peer.played()
    gc.collect()
    await asyncio.wait_for(done, 5)


async def test_reconnections_do_not_add_up(serve: Serve, io: OpenSocket) -> None:
    async def cut(conn: RawConnection) -> None:
        await conn.establish()
        conn.reset()

    peer = await serve(*[cut] * 10, welcome)
    gc.collect()
    before = len(living(Engine))
    socket = io(peer.url, reconnection_delay=0.001, reconnection_delay_max=0.002)
    events = Recorder(socket, "connect", "disconnect")
    await events.wait("connect", 11)
    assert events.names == ["connect", "disconnect"] * 10 + ["connect"]
    gc.collect()
    assert len(living(Engine)) <= before + 1

"""Connections that end while more listeners run than are to: the end is quick."""

from __future__ import annotations

import asyncio

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from peers.raw_peer import welcome


async def test_a_slow_disconnect_listener_does_not_keep_the_connection(
    serve: Serve, io: OpenSocket
) -> None:
    """It fills the listeners up when nothing is read for it any more."""
    peer = await serve(welcome)
    limits = sioc.Limits(max_pending_handlers=1)
    socket = await io(peer.url, limits=limits, close_timeout=60.0)
    release = asyncio.Event()

    @socket.on("disconnect")
    async def listener() -> None:
        await release.wait()

    await asyncio.wait_for(socket.disconnect(), 5)
    assert socket.io.wire.handlers == 1
    release.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_leaving_while_listeners_are_slow(serve: Serve, io: OpenSocket) -> None:
    """The answer to the close frame is read, though reading was paused."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["e"]')
        await conn.until_end()

    limits = sioc.Limits(max_pending_handlers=1)
    socket = io((await serve(script)).url, limits=limits, close_timeout=60.0)
    started, release = asyncio.Event(), asyncio.Event()

    @socket.on("e")
    async def listener() -> None:
        started.set()
        await release.wait()

    await asyncio.wait_for(started.wait(), 5)
    await asyncio.wait_for(socket.disconnect(), 5)
    release.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)

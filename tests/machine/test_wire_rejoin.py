"""Leaving a namespace and joining it again, on the wire."""

from __future__ import annotations

import asyncio
import time

from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from sioc.socket import REJOIN


async def test_who_leaves_and_comes_back_waits_until_the_server_has_seen_both(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.join("/other")
        await conn.expect_text("41/other,")
        left = time.monotonic()
        await conn.join("/other")
        # Half of it: the DISCONNECT may have been read late.
        assert time.monotonic() - left >= REJOIN / 2
        await conn.expect_nothing()

    peer = await serve(script)
    socket = await io(peer.url)
    other = await socket.io.socket("/other")
    other.disconnect()
    other.connect()
    await peer.played()
    assert other.connected


async def test_coming_back_while_the_connection_is_lost_joins_once(
    serve: Serve, io: OpenSocket
) -> None:
    async def lose(conn: RawConnection) -> None:
        await conn.establish()
        await conn.join("/other")
        await conn.expect_text("41/other,")
        conn.reset()

    async def script(conn: RawConnection) -> None:
        await conn.accept()
        # The time after which it would have joined again has passed.
        await asyncio.sleep(2 * REJOIN)
        conn.open_packet()
        await conn.join()
        await conn.join("/other")
        await conn.expect_nothing()

    peer = await serve(lose, script)
    socket = await io(peer.url)
    other = await socket.io.socket("/other")
    other.disconnect()
    other.connect()
    await peer.played(1)
    await other.wait_connected(5)

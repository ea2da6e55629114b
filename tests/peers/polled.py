"""Sockets that an HttpPeer serves: how to connect and to upgrade them."""

from __future__ import annotations

import asyncio
from typing import Any

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import Exchange, HttpPeer
from peers.raw_connection import RawConnection
from peers.recorder import Recorder
from sioc.transports import named

# aiohttp takes a while to load, which must not count in a test of timeouts.
named("polling")

# Short times, so that what a peer leaves open is left soon.
POLLING: dict[str, Any] = {"transports": ("polling",), "close_timeout": 0.2}
BOTH: dict[str, Any] = POLLING | {"transports": ("polling", "websocket")}
ONCE: dict[str, Any] = {"reconnection": False}


async def connect(
    peer: HttpPeer, io: OpenSocket, /, **options: Any
) -> tuple[sioc.Socket, Exchange]:
    """Return a connected Socket and the GET that waits."""
    socket = io(peer.url, **(POLLING | options))
    waiting = await peer.establish()
    await socket.wait_connected(5)
    return socket, waiting


async def without_pings(
    peer: HttpPeer, io: OpenSocket, /, **options: Any
) -> tuple[sioc.Socket, Exchange]:
    """Return a Socket that connects once, to be pinged soon, and the GET that waits."""
    socket = io(peer.url, **(POLLING | ONCE | options))
    return socket, await peer.establish(pingInterval=100, pingTimeout=100)


async def probe(
    peer: HttpPeer, io: OpenSocket, /, **options: Any
) -> tuple[sioc.Socket, Exchange, RawConnection]:
    """Connect up to the probe: the Socket, the GET that waits, the WebSocket."""
    socket = io(peer.url, **(BOTH | options))
    waiting = await peer.establish(upgrades=["websocket"])
    upgrade = await peer.upgrade()
    assert upgrade.query["sid"] == "session"
    conn = upgrade.accept()
    await conn.expect_text("2probe")
    await socket.wait_connected(5)
    return socket, waiting, conn


async def change_over(
    socket: sioc.Socket, waiting: Exchange, conn: RawConnection, *packets: str
) -> None:
    """Answer the probe, release the GET, and expect the client on the WebSocket.

    Args:
        socket: The Socket.
        waiting: The GET that waits.
        conn: The WebSocket.
        packets: What the GET is answered with before the noop.
    """
    upgrading = Recorder(engine_of(socket), "upgrading")
    conn.send_text("3probe")
    await upgrading.wait("upgrading")
    waiting.deliver(*packets, "6")
    await conn.expect_text("5")


async def upgraded(
    peer: HttpPeer, io: OpenSocket, /, **options: Any
) -> tuple[sioc.Socket, RawConnection]:
    """Connect up to the end of the upgrade."""
    socket, waiting, conn = await probe(peer, io, **options)
    await change_over(socket, waiting, conn)
    return socket, conn


async def send_pings(peer: HttpPeer, waiting: Exchange) -> None:
    """Answer every GET with a ping, until cancelled."""
    while True:
        waiting.deliver("2")
        waiting = await peer.get(timeout=None)
        await asyncio.sleep(0.02)


def engine_of(socket: sioc.Socket) -> Any:
    """Return the engine of a Socket's Manager."""
    assert socket.io.engine is not None
    return socket.io.engine

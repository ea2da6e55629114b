"""Servers that go silent at each stage of connecting (R18, H09)."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.http_peer import HttpPeer
from peers.polled import BOTH, ONCE, POLLING
from peers.raw_connection import RawConnection
from peers.raw_peer import stall

TIMEOUT = 0.4  # seconds
SPARE = 2.0  # seconds that a busy machine may take beside

STAGES = ["request", "status line", "headers", "body", "101", "open packet"]


async def go_silent(peer: HttpPeer, stage: str) -> None:
    """Play the server up to a stage."""
    if stage in ("101", "open packet"):
        upgrade = await peer.upgrade()
        if stage == "open packet":
            upgrade.accept()
        return
    get = await peer.get()
    beginnings = {
        "request": b"",
        "status line": b"HTTP/1.1 2",
        "headers": b"HTTP/1.1 200 OK\r\nContent-Le",
        "body": b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0{"sid"',
    }
    get.send_raw(beginnings[stage])


@pytest.mark.parametrize("stage", STAGES)
async def test_one_timeout_covers_every_stage(
    http_peer: HttpPeer, io: OpenSocket, stage: str
) -> None:
    transports = ("websocket",) if stage in ("101", "open packet") else ("polling",)
    options = POLLING | ONCE | {"transports": transports}
    socket = io(http_peer.url, **options, timeout=TIMEOUT)
    started = asyncio.get_running_loop().time()
    await go_silent(http_peer, stage)
    with pytest.raises(sioc.ConnectError) as raised:
        await socket.wait_connected(5)
    assert raised.value.stage == "timeout"
    assert asyncio.get_running_loop().time() - started < TIMEOUT + SPARE
    for conn in http_peer.connections:
        await conn.closed()


async def test_the_timeout_covers_all_transports_together(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **BOTH, **ONCE, timeout=TIMEOUT, try_all_transports=True)
    (await http_peer.get()).answer("", "503 Service Unavailable")
    await http_peer.upgrade()
    with pytest.raises(sioc.ConnectError) as raised:
        await socket.wait_connected(5)
    assert raised.value.stage == "timeout"
    for conn in http_peer.connections:
        await conn.closed()


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_the_timeout_covers_tls(
    serve: Serve, io: OpenSocket, transport: str
) -> None:
    peer = await serve(stall)
    socket = io(
        peer.url.replace("http:", "https:"),
        **ONCE,
        transports=(transport,),
        timeout=TIMEOUT,
    )
    with pytest.raises(sioc.ConnectError) as raised:
        await socket.wait_connected(5)
    assert raised.value.stage == "timeout"
    await peer.connections[0].closed()


async def test_a_namespace_that_is_never_answered(serve: Serve, io: OpenSocket) -> None:
    """`timeout` ends at the handshake, as in the reference; waiting has its own."""

    async def silent(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        await conn.expect_nothing()

    peer = await serve(silent)
    socket = io(peer.url, **ONCE, timeout=TIMEOUT)
    with pytest.raises(TimeoutError):
        await socket.wait_connected(2 * TIMEOUT)
    await peer.played()
    assert socket.active
    await asyncio.wait_for(socket.disconnect(), 5)
    await peer.connections[0].closed()


async def test_without_a_timeout_an_attempt_may_take_as_long_as_it_likes(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        await asyncio.sleep(0.1)
        conn.open_packet()
        await conn.join()

    socket = io((await serve(script)).url, timeout=None)
    await socket.wait_connected(5)

"""The link cut after every few bytes of its beginning: an error, never a wait."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.frames import TEXT, encode_frame
from peers.raw_connection import ACCEPT_GUID, RawConnection

STEP = 3  # bytes

OPEN = encode_frame(
    TEXT,
    b"0"
    + json.dumps(
        {"sid": "s", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000}
    ).encode(),
)
JOIN = encode_frame(TEXT, b'40{"sid":"x"}')

Cut = Callable[[RawConnection], None]


def http_response(key: str) -> bytes:
    """Return the 101 response to a request's key."""
    digest = hashlib.sha1(key.encode() + ACCEPT_GUID).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\n"
        b"Upgrade: websocket\r\n"
        b"Connection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )


def cut_after(size: int, cut: Cut) -> Callable[[RawConnection], object]:
    """Return a script that sends so many bytes of a connection and cuts it."""

    async def script(conn: RawConnection) -> None:
        request = await conn.read_request()
        begin = http_response(request.values("Sec-WebSocket-Key")[0]) + OPEN
        conn.send_raw(begin[:size])
        if size > len(begin):
            await conn.expect_connect()
            conn.send_raw(JOIN[: size - len(begin)])
        cut(conn)

    return script


@pytest.mark.parametrize("cut", [RawConnection.end, RawConnection.reset])
async def test_every_cut_is_an_error(serve: Serve, io: OpenSocket, cut: Cut) -> None:
    total = len(http_response("")) + len(OPEN) + len(JOIN)
    sizes = range(0, total, STEP)
    peer = await serve(*[cut_after(size, cut) for size in sizes])
    for number, size in enumerate(sizes):
        socket = io(peer.url, reconnection=False)
        with pytest.raises(sioc.SocketIOError):
            await asyncio.wait_for(socket, 2)
        assert not socket.connected, size
        await peer.played(number)
        await socket.disconnect()

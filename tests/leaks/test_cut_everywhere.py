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
from peers.http_peer import HttpPeer, open_packet
from peers.polled import ONCE, POLLING
from peers.raw_connection import ACCEPT_GUID, RawConnection
from peers.recorder import Recorder

STEP = 3  # bytes

OPEN = encode_frame(
    TEXT,
    b"0"
    + json.dumps(
        {"sid": "s", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000}
    ).encode(),
)
JOIN = encode_frame(TEXT, b'40{"sid":"x"}')
EVENT = encode_frame(TEXT, b'42["e",{"n":1}]')

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
            conn.send_raw((JOIN + EVENT)[: size - len(begin)])
        cut(conn)

    return script


CUTS = [RawConnection.end, RawConnection.end_half, RawConnection.reset]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("cut", CUTS)
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


@pytest.mark.timeout(30)
@pytest.mark.parametrize("cut", CUTS)
async def test_every_cut_of_the_first_event_is_a_disconnect(
    serve: Serve, io: OpenSocket, cut: Cut
) -> None:
    joined = len(http_response("")) + len(OPEN) + len(JOIN)
    sizes = range(joined, joined + len(EVENT))
    peer = await serve(*[cut_after(size, cut) for size in sizes])
    for number, size in enumerate(sizes):
        socket = io(peer.url, reconnection=False)
        events = Recorder(socket, "connect", "e", "disconnect")
        await events.wait("disconnect")
        # A reset may even take what has come before it.
        assert events.names in (["connect", "disconnect"], ["disconnect"]), size
        await peer.played(number)


def polling_answer(body: str) -> bytes:
    """Return the answer to a GET."""
    head = f"Content-Type: text/plain; charset=UTF-8\r\nContent-Length: {len(body)}"
    return f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}".encode()


@pytest.mark.timeout(30)
@pytest.mark.parametrize("cut", CUTS)
async def test_every_cut_of_polling_is_an_error(
    http_peer: HttpPeer, io: OpenSocket, cut: Cut
) -> None:
    """Cut the answers with the handshake, the CONNECT reply and the first event."""
    answers = [open_packet(), '40{"sid":"x"}', '42["e",{"n":1}]']
    for stage, answer in enumerate(answers):
        whole = polling_answer(answer)
        for size in range(0, len(whole), 2 * STEP):
            socket = io(http_peer.url, **POLLING, **ONCE)
            closed = Recorder(socket.io, "close", "error")
            events = Recorder(socket, "e")
            waiting = await http_peer.get()
            for earlier in answers[:stage]:
                waiting.deliver(earlier)
                if earlier is answers[0]:
                    await http_peer.expect_post("40")
                waiting = await http_peer.get()
            waiting.send_raw(whole[:size])
            cut(waiting.take_over())
            await closed.wait("error")
            assert events.calls == []
            assert not socket.connected
            await socket.disconnect()
            await socket.io.close()

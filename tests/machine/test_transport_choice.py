"""Which transports are tried, and in which order (6.2.7, 6.9)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import HttpPeer, open_packet
from peers.polled import BOTH, ONCE, engine_of
from peers.recorder import Recorder
from sioc.transports.polling import PollingTransport
from sioc.transports.websocket import WebSocketTransport

# In which a WebSocket that has connected comes to wait for the handshake.
TURNS = 5

REFUSED = "503 Service Unavailable"


class MyPolling(PollingTransport):
    """A transport of a program's own."""


class MyWebSocket(WebSocketTransport):
    """A transport of a program's own."""


async def test_the_second_transport_is_tried_when_polling_fails(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **BOTH, **ONCE, try_all_transports=True)
    (await http_peer.get()).answer("", REFUSED)
    conn = (await http_peer.upgrade()).accept()
    conn.open_packet()
    await conn.join()
    await socket.wait_connected(5)
    assert engine_of(socket).transport.name == "websocket"


async def test_the_second_transport_is_tried_when_the_websocket_fails(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    transports = ["websocket", "polling"]
    options: dict[str, Any] = BOTH | ONCE | {"transports": transports}
    socket = io(http_peer.url, **options, try_all_transports=True)
    (await http_peer.upgrade()).answer("", REFUSED)
    waiting = await http_peer.establish(upgrades=["websocket"])
    await socket.wait_connected(5)
    waiting.deliver("6")
    await http_peer.get()
    assert engine_of(socket).transport.name == "polling"
    # What has failed is no candidate for an upgrade (6.9).
    assert http_peer.kinds.count("UPGRADE") == 1
    assert transports == ["websocket", "polling"]


async def test_the_error_of_the_last_transport_is_told(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **BOTH, **ONCE, try_all_transports=True)
    (await http_peer.get()).answer("", REFUSED)
    (await http_peer.upgrade()).answer("", "403 Forbidden")
    with pytest.raises(sioc.ConnectError) as raised:
        await socket.wait_connected(5)
    assert raised.value.status == 403


async def test_no_second_transport_is_tried_unasked(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **BOTH, **ONCE)
    (await http_peer.get()).answer("", REFUSED)
    with pytest.raises(sioc.ConnectError):
        await socket.wait_connected(5)
    assert http_peer.kinds == ["GET"]


async def test_a_server_that_does_not_offer_polling_says_so(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, **BOTH, **ONCE)
    (await http_peer.get()).answer(
        '{"code":0,"message":"Transport unknown"}', "400 Bad Request"
    )
    conn = (await http_peer.upgrade()).accept()
    conn.open_packet()
    await conn.join()
    await socket.wait_connected(5)


async def test_every_reconnection_begins_with_the_first_again(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    io(http_peer.url, **BOTH, try_all_transports=True)
    for _ in range(2):
        (await http_peer.get()).answer("", REFUSED)
        (await http_peer.upgrade()).answer("", REFUSED)


@pytest.mark.parametrize("kind", [MyPolling, MyWebSocket])
async def test_a_transport_class_of_the_callers_own(
    http_peer: HttpPeer, io: OpenSocket, kind: type[Any]
) -> None:
    socket = io(http_peer.url, **(BOTH | {"transports": [kind]}))
    if kind is MyPolling:
        first = await http_peer.get()
        first.deliver(open_packet())
        await http_peer.join()
    else:
        conn = (await http_peer.upgrade()).accept()
        conn.open_packet()
        await conn.join()
    await socket.wait_connected(5)
    assert type(engine_of(socket).transport) is kind


async def test_the_second_transport_is_tried_beside_the_end_of_the_first(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    options: dict[str, Any] = BOTH | ONCE | {"transports": ["websocket", "polling"]}
    socket = io(http_peer.url, **options, try_all_transports=True)
    conn = (await http_peer.upgrade()).accept()
    while engine_of(socket).transport.closed:
        await asyncio.sleep(0)
    for _ in range(TURNS):
        await asyncio.sleep(0)
    conn.send_text('97:0{"sid":"of Engine.IO 3"}')
    await http_peer.establish()
    await socket.wait_connected(5)
    await conn.closed()
    assert engine_of(socket).transport.name == "polling"


class Ending(PollingTransport):
    """It comes to an end, in silence, before the handshake."""

    async def open(self) -> None:
        self._on_closed(self, None, None)


async def test_a_transport_that_ends_before_the_handshake(io: OpenSocket) -> None:
    socket = io("http://127.0.0.1:1", transports=[Ending], **ONCE)
    with pytest.raises(sioc.ConnectError) as raised:
        await socket.wait_connected(5)
    assert raised.value.message == "transport close before the handshake"


class Failing(PollingTransport):
    """Its second POST fails in a way that a transport must not."""

    posts = 0

    async def _request(self, method: str, body: bytes | None = None) -> bytearray:
        self.posts += method == "POST"
        if self.posts == 2:
            raise KeyError("k")
        return await super()._request(method, body)


async def test_a_transport_with_a_defect_ends_the_session(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    socket = io(http_peer.url, transports=[Failing], close_timeout=0.2, **ONCE)
    await http_peer.establish()
    await socket.wait_connected(5)
    events = Recorder(socket, "disconnect")
    socket.emit("e")
    reason, details = await events.wait("disconnect")
    assert reason == "parse error"
    assert isinstance(details.context["error"], KeyError)

"""Which transports are tried, and in which order (6.2.7, 6.9)."""

from __future__ import annotations

from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import HttpPeer, open_packet
from peers.polled import BOTH, ONCE, engine_of
from sioc.transports.polling import PollingTransport
from sioc.transports.websocket import WebSocketTransport

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

"""The option `retries` against a server that starts late or keeps silent."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.fixture_types import OpenSocket, StartJs
from peers.js_server import JsServer


async def test_events_arrive_in_order_and_once(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url, retries=3, ack_timeout=5)
    answers = [socket.emit_with_ack("ack", number, b"blob") for number in range(50)]
    assert await asyncio.gather(*answers) == [(n, b"blob") for n in range(50)]
    assert [args[0] for args in await js.received("ack")] == list(range(50))


async def test_silence_is_an_error_in_the_end(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url, retries=2, ack_timeout=0.05)
    with pytest.raises(sioc.AckTimeoutError):
        await socket.emit_with_ack("silent", 1)
    assert await socket.emit_with_ack("ack", 2, timeout=5) == 2
    assert await js.received("silent") == [[1]] * 3


async def test_a_server_may_start_late_and_hears_all(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    url = server.url
    server.kill()
    socket = io(url, retries=1, ack_timeout=5)
    answers = asyncio.gather(*[socket.emit_with_ack("ack", n) for n in range(5)])
    await asyncio.sleep(0)
    assert socket.retries_pending == 5
    await server.start()
    assert await answers == list(range(5))
    assert [args for (args,) in await server.received("ack")] == list(range(5))

"""Defects seen in other Socket.IO clients for Python: sioc has none of them.

`tests/reference.md` lists them all, with the tests elsewhere that stand for the others.
"""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder
from sioc.transports.network import trusting_context, verifying_context


async def test_a_disconnect_listener_that_raises_a_type_error_is_called_once(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url)
    calls: list[Any] = []

    @socket.on("disconnect")
    def broken(reason: str) -> None:
        calls.append(reason)
        raise TypeError("broken() takes 0 positional arguments but 1 was given")

    await socket.disconnect()
    assert calls == ["io client disconnect"]
    assert len(loop_errors) == 1


async def test_waiting_for_the_end_ends_with_it(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    waiting = asyncio.ensure_future(socket.wait_closed())
    await asyncio.sleep(0)
    socket.disconnect()
    # Two turns of the loop, not a second.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert waiting.done()


async def test_a_wait_for_a_slow_auth_function_can_be_cancelled(
    js: JsServer, io: OpenSocket
) -> None:
    ended: list[BaseException] = []

    async def auth() -> dict[str, Any]:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError as error:
            ended.append(error)
            raise
        return {}

    socket = io(js.url, auth=auth)
    opened = Recorder(socket.io, "open")
    waiting = asyncio.ensure_future(socket._wait_answered())
    await opened.wait("open")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(ended) == 1
    assert not socket.active


async def test_having_given_up_once_does_not_end_reconnection_for_good(
    js: JsServer, io: OpenSocket, dead_port: int
) -> None:
    socket = io(js.url, reconnection_attempts=1, reconnection_delay=0, timeout=0)
    manager = Recorder(socket.io, "reconnect_failed", "reconnect")
    await manager.wait("reconnect_failed")
    socket.io.timeout = 5
    await socket.connect()
    await js.cut()
    await manager.wait("reconnect")
    await round_trip(socket)


@pytest.mark.parametrize("option", ["extra_headers", "query", "auth"])
async def test_a_function_that_raises_once_does_not_end_reconnection(
    js: JsServer, io: OpenSocket, option: str
) -> None:
    asked = 0

    def function() -> dict[str, str]:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise RuntimeError("once")
        return {"x-asked": str(asked)}

    socket = await io(js.url, retry_on_reject=lambda error: True, **{option: function})
    events = Recorder(socket, "connect", "connect_error")
    await js.cut()
    await events.wait("connect")
    assert events.names == ["connect_error", "connect"]
    assert asked == 3


async def test_a_burst_over_polling_arrives_whole(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url, transports=("polling",))
    events = Recorder(socket, "number", "disconnect")
    socket.emit("burst", "number", 2000)
    await events.wait("number", 2000)
    assert events.args("number") == [(number,) for number in range(2000)]
    assert events.count("disconnect") == 0


async def test_no_signal_handler_is_installed(js: JsServer, io: OpenSocket) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    await io(js.url)
    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert before == after


async def test_a_parser_is_one_managers_own(
    js: JsServer, msgpack_js: JsServer, io: OpenSocket
) -> None:
    packed = await io(msgpack_js.url, parser=sioc.parsers.msgpack)
    plain = await io(js.url)
    for socket in (packed, plain, packed):
        await round_trip(socket)


def test_tls_contexts_are_shared() -> None:
    assert trusting_context() is trusting_context()
    assert verifying_context() is verifying_context()


async def test_options_of_the_callers_are_left_alone(
    js: JsServer, io: OpenSocket
) -> None:
    headers = {"Cookie": "a=b", "x-test": "1"}
    query = {"q": "1"}
    auth = {"token": "t"}
    socket = await io(js.url, extra_headers=headers, query=query, auth=auth)
    events = Recorder(socket, "connect")
    await js.cut()
    await events.wait("connect")
    await round_trip(socket)
    assert headers == {"Cookie": "a=b", "x-test": "1"}
    assert (query, auth) == ({"q": "1"}, {"token": "t"})
    joins = await js.joins()
    assert [join["headers"]["cookie"] for join in joins] == ["a=b", "a=b"]
    assert [join["auth"] for join in joins] == [auth, auth]

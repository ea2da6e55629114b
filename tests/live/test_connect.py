"""Connecting: the ways to wait for it and what a connected Socket tells."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.js_server import JsServer
from peers.raw_peer import stall

WEBSOCKET = ("websocket",)


async def test_awaiting_io_returns_the_connected_socket(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)

    assert isinstance(socket, sioc.Socket)
    assert socket.connected
    assert not socket.disconnected
    assert socket.active
    assert not socket.recovered
    assert socket.nsp == "/"


async def test_the_id_is_the_one_the_server_knows(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    assert socket.id == (await socket.emit_with_ack("who"))["id"]


async def test_async_with_connects_and_disconnects(js: JsServer) -> None:
    async with sioc.io(js.url, transports=WEBSOCKET) as socket:
        assert socket.connected
        await js.until_connections(1)

    assert socket.disconnected
    assert not socket.active
    assert socket.id is None
    await js.until_connections(0)


async def test_async_with_disconnects_if_its_body_raises(js: JsServer) -> None:
    with pytest.raises(ZeroDivisionError):
        async with sioc.io(js.url, transports=WEBSOCKET):
            raise ZeroDivisionError
    await js.until_connections(0)


async def test_async_with_disconnects_if_entering_fails(js: JsServer) -> None:
    socket = sioc.io(js.url + "/refused", transports=WEBSOCKET)
    with pytest.raises(sioc.ConnectError):
        async with socket:
            pytest.fail("a refused namespace was entered")

    assert not socket.active
    await js.until_connections(0)


async def test_auto_connect_false_waits_for_connect(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auto_connect=False)
    assert not socket.active
    assert (await js.stats())["upgrade_requests"] == 0

    assert await socket.connect() is socket
    assert socket.connected


async def test_connect_starts_at_once_and_returns_the_socket(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auto_connect=False)
    assert socket.connect() is socket
    assert socket.active
    await socket.wait_connected(timeout=5)


def test_a_socket_can_be_made_before_a_loop_runs(js: JsServer) -> None:
    socket = sioc.io(js.url, transports=WEBSOCKET, auto_connect=False)
    calls: list[str] = []
    socket.on("connect", lambda: calls.append("connect"))

    async def main() -> None:
        await socket.connect()
        assert await socket.emit_with_ack("ack", 1) == 1
        await socket.disconnect()

    asyncio.run(main())
    assert calls == ["connect"]


async def test_the_connect_event_comes_once_and_shows_the_connection(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url)
    seen: list[tuple[bool, str | None]] = []
    socket.on("connect", lambda: seen.append((socket.connected, socket.id)))

    await socket
    assert seen == [(True, socket.id)]


async def test_awaiting_a_connected_socket_returns_at_once(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    assert await asyncio.wait_for(socket, 1) is socket
    assert await asyncio.wait_for(socket.connect(), 1) is socket
    await socket.wait_connected(timeout=1)
    assert len(await js.joins()) == 1


async def test_several_tasks_can_wait_for_one_socket(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url)

    async def wait() -> sioc.Socket:
        return await socket

    assert await asyncio.gather(wait(), wait(), wait()) == [socket] * 3


async def test_what_was_emitted_before_the_connection_arrives_in_order(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url)
    socket.on("connect", lambda: socket.emit("order", "from the listener"))
    for number in range(20):
        socket.emit("order", number)
    assert not socket.connected

    await socket
    await socket.emit_with_ack("ack")
    expected = [*range(20), "from the listener"]
    assert await js.received("order") == [[value] for value in expected]


async def test_two_sockets_of_one_namespace_have_two_connections(
    js: JsServer, io: OpenSocket
) -> None:
    first, second = io(js.url), io(js.url)
    await asyncio.gather(first.wait_connected(), second.wait_connected())

    assert first.io is not second.io
    assert first.id != second.id
    assert (await js.stats())["connections"] == 2


@pytest.mark.parametrize("options", [{"force_new": True}, {"multiplex": False}])
async def test_a_manager_of_its_own_can_be_asked_for(
    js: JsServer, io: OpenSocket, options: dict[str, bool]
) -> None:
    first, second = await io(js.url), await io(js.url + "/admin", **options)
    assert first.io is not second.io
    assert (await js.stats())["connections"] == 2


async def test_the_engine_tells_the_handshake(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    engine = socket.io.engine

    assert engine.transport.name == "websocket"
    assert engine.ready_state == "open"
    assert engine.protocol == 4
    assert isinstance(engine.id, str)
    assert engine.id != socket.id
    assert engine.ping_interval == pytest.approx(25.0)
    assert engine.ping_timeout == pytest.approx(20.0)
    assert engine.max_payload == 100_000_000


async def test_the_scheme_may_be_that_of_websocket(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url.replace("http://", "ws://"))
    assert socket.connected


async def test_wait_connected_times_out_and_the_attempt_goes_on(
    serve: Serve, io: OpenSocket
) -> None:
    peer = await serve(stall)
    socket = io(peer.url)
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        await socket.wait_connected(timeout=0.05)
    assert socket.active
    assert not socket.connected


def test_run_returns_what_main_returns_and_uses_uvloop(js: JsServer) -> None:
    async def main() -> tuple[object, str]:
        async with sioc.io(js.url, transports=WEBSOCKET) as socket:
            loop = type(asyncio.get_running_loop())
            return await socket.emit_with_ack("ack", 42), loop.__module__

    answer, loop_module = sioc.run(main())
    assert answer == 42
    assert loop_module.startswith("uvloop")

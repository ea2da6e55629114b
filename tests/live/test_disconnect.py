"""Disconnecting, by us, by the server and by the network: reasons and what follows."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket, StartJs
from peers.js_server import JsServer
from peers.recorder import Recorder
from sioc.transports.websocket import WebSocketTransport

# Longer than the first reconnection delays of the fixture io.
LONG_ENOUGH_TO_RECONNECT = 0.3


async def test_everything_emitted_before_disconnect_arrives(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    for number in range(100):
        socket.emit("order", number)
    await socket.disconnect()

    await js.until_connections(0)
    assert await js.received("order") == [[number] for number in range(100)]


async def test_a_megabyte_emitted_before_disconnect_arrives(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    for number in range(4):
        socket.emit("blob", number, bytes(1 << 18))
    await socket.disconnect()

    await js.until_connections(0)
    assert await js.received("blob") == [
        [number, bytes(1 << 18)] for number in range(4)
    ]


async def test_disconnect_acts_at_once(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "disconnect")
    closing = socket.disconnect()
    assert [args[0] for args in events.args("disconnect")] == ["io client disconnect"]
    assert socket.disconnected
    assert not socket.active
    assert socket.id is None
    await closing


async def test_our_disconnect_is_final(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "connect", "disconnect", "connect_error")
    await socket.disconnect()
    await asyncio.sleep(LONG_ENOUGH_TO_RECONNECT)

    assert events.names == ["disconnect"]
    assert await js.leave_reasons() == ["client namespace disconnect"]
    assert len(await js.joins()) == 1


async def test_disconnecting_twice_is_disconnecting_once(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "disconnect")
    first, second = socket.disconnect(), socket.disconnect()
    await asyncio.gather(first, second)
    await socket.disconnect()
    assert events.names == ["disconnect"]


async def test_close_is_disconnect_and_open_is_connect(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auto_connect=False)
    await socket.open()
    assert socket.connected
    await socket.close()
    assert socket.disconnected


async def test_disconnecting_before_being_connected_is_silent(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url)
    events = Recorder(socket, "connect", "disconnect", "connect_error")
    await socket.disconnect()
    await js.until_connections(0)
    assert events.calls == []


async def test_one_can_connect_again_after_disconnecting(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url)
    events = Recorder(socket, "connect", "disconnect")
    first_id = (await socket).id
    await socket.disconnect()
    await socket.connect()
    await round_trip(socket)

    assert socket.id != first_id
    assert events.names == ["connect", "disconnect", "connect"]


async def test_disconnect_and_connect_in_one_turn(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "connect", "disconnect")
    first_id = socket.id
    socket.disconnect()
    await socket.connect()
    await round_trip(socket)
    assert socket.id != first_id
    assert events.names == ["disconnect", "connect"]


async def test_wait_closed_returns_the_reason(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    waiting = asyncio.ensure_future(socket.wait_closed())
    await asyncio.sleep(0)
    await socket.disconnect()
    assert await asyncio.wait_for(waiting, 1) == "io client disconnect"


async def test_the_server_disconnects_a_socket(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "connect", "disconnect")
    waiting = asyncio.ensure_future(socket.wait_closed())
    await js.disconnect()
    reason = (await events.wait("disconnect"))[0]

    assert reason == "io server disconnect"
    assert await asyncio.wait_for(waiting, 1) == reason
    assert not socket.active
    await js.until_connections(0)
    await asyncio.sleep(LONG_ENOUGH_TO_RECONNECT)
    assert events.names == ["disconnect"]
    assert len(await js.joins()) == 1


async def test_the_server_disconnects_every_namespace(
    js: JsServer, io: OpenSocket
) -> None:
    root, admin = await io(js.url), await io(js.url + "/admin")
    at_root, at_admin = Recorder(root, "disconnect"), Recorder(admin, "disconnect")
    await js.disconnect(close=True)

    for events in (at_root, at_admin):
        assert (await events.wait("disconnect"))[0] == "io server disconnect"
    await js.until_connections(0)


async def test_after_the_server_disconnected_one_can_connect_again(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "connect", "disconnect")
    await js.disconnect()
    await events.wait("disconnect")
    await socket.connect()
    await round_trip(socket)
    assert events.names == ["disconnect", "connect"]


async def test_a_connection_closed_by_the_server_is_made_again(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    first_id = socket.id
    events = Recorder(socket, "connect", "disconnect")
    active: list[bool] = []
    socket.on("disconnect", lambda: active.append(socket.active))
    await js.close_engines()
    reason, details = await events.wait("disconnect")

    assert reason == "transport close"
    assert isinstance(details, sioc.DisconnectDetails)
    assert isinstance(details.description, str)
    assert active == [True]
    await events.wait("connect")
    await round_trip(socket)
    assert socket.id != first_id
    assert events.names == ["disconnect", "connect"]


async def test_a_reset_connection_is_made_again(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "connect", "disconnect")
    await js.cut()
    assert (await events.wait("disconnect"))[0] == "transport close"
    await events.wait("connect")
    await round_trip(socket)
    assert events.names == ["disconnect", "connect"]


async def test_a_lost_connection_disconnects_every_namespace_once(
    js: JsServer, io: OpenSocket
) -> None:
    root, admin = await io(js.url), await io(js.url + "/admin")
    at_root = Recorder(root, "connect", "disconnect")
    at_admin = Recorder(admin, "connect", "disconnect")
    await js.cut()
    for events in (at_root, at_admin):
        await events.wait("connect")
        assert events.names == ["disconnect", "connect"]
    assert root.io is admin.io
    assert (await js.stats())["connections"] == 1


async def test_closing_the_engine_is_a_forced_close(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "connect", "disconnect")
    socket.io.engine.close()
    assert (await events.wait("disconnect"))[0] == "forced close"
    await events.wait("connect")
    await round_trip(socket)


async def test_closing_the_manager_is_final(js: JsServer, io: OpenSocket) -> None:
    root, admin = await io(js.url), await io(js.url + "/admin")
    at_root, at_admin = Recorder(root, "disconnect"), Recorder(admin, "disconnect")
    await root.io.close()

    for events in (at_root, at_admin):
        assert [args[0] for args in events.args("disconnect")] == ["forced close"]
    await js.until_connections(0)
    await asyncio.sleep(LONG_ENOUGH_TO_RECONNECT)
    assert (await js.stats())["connections"] == 0


async def test_disconnect_is_bounded_when_the_server_is_frozen(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    socket = await io(server.url, close_timeout=0.2)
    server.freeze()
    await asyncio.wait_for(socket.disconnect(), 2)
    assert socket.disconnected


async def test_disconnect_is_bounded_when_there_is_no_end(
    js: JsServer, io: OpenSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event loop that is out of memory forgets to tell of it."""

    class Endless(WebSocketTransport):
        def abort(self) -> None:
            pass

        close = abort

    monkeypatch.setattr("sioc.manager.LOST", 0.05)
    socket = await io(js.url, transports=[Endless], close_timeout=0.05)
    assert socket.io.engine is not None
    transport = socket.io.engine.transport
    assert isinstance(transport, Endless)
    await asyncio.wait_for(socket.disconnect(), 3)
    assert not transport.closed
    WebSocketTransport.abort(transport)


@pytest.mark.parametrize("path", ["/", "/admin"])
async def test_a_listener_may_disconnect(
    js: JsServer, io: OpenSocket, path: str
) -> None:
    socket = await io(js.url + path)
    events = Recorder(socket, "after", "disconnect")
    socket.on("stop", socket.disconnect)
    await js.emit("stop", nsp=path)
    await events.wait("disconnect")
    await js.until_connections(0)
    assert [args[0] for args in events.args("disconnect")] == ["io client disconnect"]

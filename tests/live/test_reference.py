"""Tests of socket.io-client's own suite that no other test here stands for.

`tests/reference.md` maps each test of the reference to the one here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

import sioc
from conftest import FAST
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket, Serve
from peers.js_server import JsServer
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

# connection.ts


def test_neither_the_query_nor_the_state_makes_two_namespaces_of_one() -> None:
    options: dict[str, Any] = {"auto_connect": False}
    first = sioc.io("http://127.0.0.1:1/?a=1", **options)
    assert sioc.io("http://127.0.0.1:1/?a=2", **options).io is not first.io


def test_different_paths_are_different_managers() -> None:
    options: dict[str, Any] = {"auto_connect": False}
    first = sioc.io("http://127.0.0.1:1/a", path="/foo", **options)
    second = sioc.io("http://127.0.0.1:1/b", path="/bar", **options)
    assert first.io is not second.io


async def test_a_namespace_is_joined_after_the_connection_was_closed(
    js: JsServer, io: OpenSocket
) -> None:
    root = await io(js.url)
    await root.disconnect()
    admin = root.io.socket("/admin")
    assert await admin.wait_connected(5) is admin
    assert not root.connected
    await admin.disconnect()


async def test_reconnection_works_after_connecting_by_hand(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "connect", "disconnect")
    await socket.disconnect()
    await socket.connect()
    await js.cut()
    await events.wait("connect", 2)
    assert events.names == ["disconnect", "connect", "disconnect", "connect"]


async def test_after_giving_up_one_can_start_again(
    dead_port: int, io: OpenSocket
) -> None:
    socket = io(
        f"http://127.0.0.1:{dead_port}",
        reconnection_attempts=1,
        reconnection_delay=0,
    )
    manager = Recorder(socket.io, "reconnect_attempt", "reconnect_failed")
    await manager.wait("reconnect_failed")
    socket.connect()
    await manager.wait("reconnect_failed", 2)
    assert manager.names == ["reconnect_attempt", "reconnect_failed"] * 2
    assert manager.args("reconnect_attempt") == [(1,), (1,)]


@pytest.mark.parametrize("event", ["connect_error", "reconnect_attempt"])
async def test_disconnecting_in_a_listener_ends_the_attempts(
    dead_port: int, io: OpenSocket, event: str
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection_delay=0)
    source = socket if event == "connect_error" else socket.io
    attempts = Recorder(socket.io, "reconnect_attempt")
    errors = Recorder(socket, "connect_error")
    source.on(event, lambda: socket.disconnect())
    await socket.wait_closed()
    before = attempts.count("reconnect_attempt"), errors.count("connect_error")
    await asyncio.sleep(0.05)
    after = attempts.count("reconnect_attempt"), errors.count("connect_error")
    assert before == after
    assert not socket.active


async def test_connecting_after_having_stopped_the_attempts(
    dead_port: int, io: OpenSocket
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection_delay=0)
    attempts = Recorder(socket.io, "reconnect_attempt")

    def again() -> None:
        socket.disconnect()
        socket.connect()

    socket.io.once("reconnect_attempt", again)
    await attempts.wait("reconnect_attempt", 2)
    assert attempts.args("reconnect_attempt")[:2] == [(1,), (1,)]


async def test_a_timeout_of_zero_fails_every_attempt(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, timeout=0, reconnection_attempts=2, reconnection_delay=0)
    manager = Recorder(socket.io, "reconnect_attempt", "reconnect_failed")
    await manager.wait("reconnect_failed")
    assert manager.args("reconnect_attempt") == [(1,), (2,)]


async def test_one_namespace_connects_while_another_leaves(js: JsServer) -> None:
    manager = sioc.Manager(js.url, **FAST)
    root = manager.socket("/")
    others: list[sioc.Socket] = []

    @root.on("connect")
    def change() -> None:
        others.append(manager.socket("/admin"))
        root.disconnect()

    left = Recorder(root, "disconnect")
    await left.wait("disconnect")
    assert await others[0].wait_connected(5) is others[0]
    assert not root.connected
    await manager.close()


async def test_without_reconnection_a_first_failure_is_final(
    dead_port: int, io: OpenSocket
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}", reconnection=False)
    attempts = Recorder(socket.io, "reconnect_attempt", "reconnect_failed")
    with pytest.raises(sioc.ConnectError):
        await socket
    await asyncio.sleep(0.02)
    assert attempts.names == []


async def test_a_socket_opened_meanwhile_changes_nothing_of_the_attempts(
    dead_port: int, io: OpenSocket
) -> None:
    url = f"http://127.0.0.1:{dead_port}"
    socket = io(url, reconnection_attempts=2, reconnection_delay=0.02)
    manager = Recorder(socket.io, "reconnect_attempt", "reconnect_failed")
    await manager.wait("reconnect_attempt")
    io(f"{url}/room1")
    await manager.wait("reconnect_failed")
    assert manager.args("reconnect_attempt") == [(1,), (2,)]


async def test_a_socket_is_opened_once_however_often_it_is_asked_for(
    js: JsServer,
) -> None:
    manager = sioc.Manager(js.url, **FAST)
    socket = manager.socket("/")
    assert manager.socket("/") is socket
    assert socket.connect() is socket
    await socket.wait_connected(5)
    socket.connect()
    manager.socket("/")
    await round_trip(socket)
    assert len(await js.joins()) == 1

    await socket.disconnect()
    assert manager.socket("/") is socket
    await socket.wait_connected(5)
    await round_trip(socket)
    assert len(await js.joins()) == 2
    await manager.close()


async def test_connecting_twice_right_after_leaving_connects(
    js: JsServer, io: OpenSocket
) -> None:
    root, admin = await io(js.url), await io(js.url + "/admin")
    root.disconnect()
    root.connect()
    root.connect()
    assert await root.wait_connected(5) is root
    assert admin.connected


# socket.ts


@pytest.mark.parametrize("nsp", ["/", "/admin"])
async def test_the_id_is_the_servers_and_new_on_each_connection(
    js: JsServer, io: OpenSocket, nsp: str
) -> None:
    socket = await io(js.url + nsp)
    ids = [socket.id]
    gone: list[str | None] = []
    socket.on("disconnect", lambda: gone.append(socket.id))
    events = Recorder(socket, "connect")
    await js.close_engines()
    await events.wait("connect")
    ids.append(socket.id)
    assert gone == [None]
    assert ids == [join["sid"] for join in await js.joins(nsp)]
    assert ids[0] != ids[1]


async def test_a_connected_socket_hears_of_a_loss_by_disconnect_alone(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "connect", "disconnect", "connect_error")
    await js.cut()
    await events.wait("connect")
    assert events.names == ["disconnect", "connect"]


async def test_of_two_volatile_emits_in_a_turn_the_second_is_dropped(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    socket.volatile.emit("first")
    socket.volatile.emit("second")
    await asyncio.sleep(0)
    socket.volatile.emit("third")
    await round_trip(socket)
    assert [name for name, *_ in await js.received()] == ["first", "third", "ack"]


Change = Callable[[Callable[..., Any]], Any]


@pytest.mark.parametrize("suffix", ["any", "any_outgoing"])
async def test_catch_alls_can_be_put_first_and_taken_away(
    js: JsServer, io: OpenSocket, suffix: str
) -> None:
    socket = await io(js.url)
    on, prepend, off = (
        getattr(socket, f"{verb}_{suffix}") for verb in ("on", "prepend", "off")
    )
    calls: list[str] = []

    def noting(name: str) -> Callable[..., None]:
        return lambda event, *args: calls.append(name) if event == "echo" else None

    first, second, third = map(noting, "123")
    assert on(first) is socket
    assert prepend(second) is socket
    prepend(third)
    assert getattr(socket, f"listeners_{suffix}")() == [third, second, first]
    socket.emit("echo", b"binary")
    await round_trip(socket)
    assert calls == ["3", "2", "1"]
    off(second)
    socket.emit("echo")
    await round_trip(socket)
    assert calls == ["3", "2", "1", "3", "1"]
    off()
    assert getattr(socket, f"listeners_{suffix}")() == []


async def test_a_plain_callback_does_not_hear_of_the_disconnection(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    calls: list[Any] = []
    socket.emit("silent", ack=lambda *args: calls.append(args))
    await round_trip(socket)
    await socket.disconnect()
    assert calls == []
    assert socket.acks_pending == 0


@pytest.mark.parametrize("how", ["modifier", "option", "await", "await with timeout"])
async def test_who_can_be_told_is_told_of_the_disconnection(
    js: JsServer, io: OpenSocket, how: str
) -> None:
    socket = await io(js.url, ack_timeout=30 if how == "option" else None)
    calls: list[Any] = []
    waiting: list[asyncio.Future[Any]] = []
    if how in ("modifier", "option"):
        emitter = socket.timeout(30) if how == "modifier" else socket
        emitter.emit("silent", ack=lambda *args: calls.append(args))
    else:
        seconds = 30 if "timeout" in how else None
        waiting = [
            asyncio.ensure_future(socket.emit_with_ack("silent", timeout=seconds))
        ]
    await asyncio.sleep(0)
    socket.disconnect()
    if waiting:
        with pytest.raises(sioc.DisconnectedError) as raised:
            await waiting[0]
        calls.append((raised.value,))
    ((error,),) = calls
    assert isinstance(error, sioc.DisconnectedError)
    assert error.reason == "io client disconnect"


async def test_what_is_emitted_on_a_dead_connection_is_sent_on_the_next(
    serve: Serve, io: OpenSocket
) -> None:
    async def first(conn: RawConnection) -> None:
        await conn.establish(pingInterval=50, pingTimeout=50)

    async def second(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["a",1]')

    peer = await serve(first, second)
    socket = await io(peer.url)
    events = Recorder(socket, "disconnect")
    time.sleep(0.2)  # noqa: ASYNC251  no timer can run: the heartbeat is overdue
    socket.emit("a", 1)
    assert len(socket.send_buffer) == 1
    reason, _ = await events.wait("disconnect")
    assert reason == "ping timeout"
    await peer.played(1)

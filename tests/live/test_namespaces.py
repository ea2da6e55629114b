"""Namespaces: several on one connection, joined, left and refused apart."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder

REFUSAL = {"code": "E_REFUSED", "retry": False, "list": [1, None, "x"]}


async def test_namespaces_share_one_connection(js: JsServer, io: OpenSocket) -> None:
    root, admin = io(js.url), io(js.url + "/admin")
    await asyncio.gather(root.wait_connected(), admin.wait_connected())

    assert root.io is admin.io
    assert (root.nsp, admin.nsp) == ("/", "/admin")
    assert root.id != admin.id
    stats = await js.stats()
    assert (stats["connections"], stats["upgrade_requests"]) == (1, 1)
    assert (stats["sockets"]["/"], stats["sockets"]["/admin"]) == (1, 1)


async def test_namespaces_that_connect_later_share_one_connection(
    js: JsServer, io: OpenSocket
) -> None:
    root = io(js.url, auto_connect=False)
    admin = io(js.url + "/admin", auto_connect=False)
    assert root.io is admin.io
    await asyncio.gather(root.connect(), admin.connect())
    assert (await js.stats())["connections"] == 1


async def test_sockets_that_do_not_connect_keep_no_others_apart(
    js: JsServer, io: OpenSocket
) -> None:
    idle = [io(js.url + path, auto_connect=False) for path in ("", "/admin")]
    root, admin = io(js.url), io(js.url + "/admin")
    assert root.io is admin.io
    assert root.io is not idle[0].io


async def test_a_connection_that_all_have_left_is_not_shared(
    js: JsServer, io: OpenSocket
) -> None:
    root = await io(js.url)
    await root.disconnect()
    assert io(js.url + "/admin").io is not root.io


async def test_each_call_says_whether_its_socket_connects(
    js: JsServer, io: OpenSocket
) -> None:
    root = await io(js.url)
    later = io(js.url + "/admin", auto_connect=False)
    assert later.io is root.io
    assert not later.active
    assert root.io.socket("/chat").active


async def test_a_socket_connects_beside_one_that_waits(
    js: JsServer, io: OpenSocket
) -> None:
    later = io(js.url, auto_connect=False)
    admin = await io(js.url + "/admin")
    assert admin.io is later.io
    assert not later.active
    assert not admin.io.socket("/chat").active


async def test_a_namespace_joins_an_open_connection(
    js: JsServer, io: OpenSocket
) -> None:
    await io(js.url)
    admin = await io(js.url + "/admin")
    assert admin.connected
    assert (await js.stats())["upgrade_requests"] == 1


async def test_a_manager_makes_sockets(js: JsServer, io: OpenSocket) -> None:
    root = await io(js.url)
    manager = root.io
    assert manager.socket("/") is root
    admin = await manager.socket("/admin")
    assert manager.socket("/admin") is admin
    assert admin.io is manager


async def test_only_a_namespace_is_possible(js: JsServer, io: OpenSocket) -> None:
    admin = await io(js.url + "/admin")
    await round_trip(admin)
    assert (await js.stats())["sockets"]["/"] == 0


async def test_events_keep_to_their_namespace(js: JsServer, io: OpenSocket) -> None:
    root, admin = await io(js.url), await io(js.url + "/admin")
    at_root, at_admin = Recorder(root, "echo", "news"), Recorder(admin, "echo", "news")
    root.emit("echo", "root")
    admin.emit("echo", "admin")
    await js.emit("news", 1)
    await js.emit("news", 2, nsp="/admin")
    await asyncio.gather(at_root.wait("news"), at_admin.wait("news"))
    await asyncio.gather(round_trip(root), round_trip(admin))

    assert sorted(at_root.calls) == [("echo", ("root",)), ("news", (1,))]
    assert sorted(at_admin.calls) == [("echo", ("admin",)), ("news", (2,))]


async def test_leaving_one_namespace_keeps_the_other(
    js: JsServer, io: OpenSocket
) -> None:
    root, admin = await io(js.url), await io(js.url + "/admin")
    left = Recorder(root, "disconnect")
    await admin.disconnect()
    await round_trip(root)

    sockets = (await js.stats())["sockets"]
    assert (sockets["/"], sockets["/admin"]) == (1, 0)
    assert await js.leave_reasons("/admin") == ["client namespace disconnect"]
    assert left.calls == []


async def test_leaving_the_last_namespace_closes_the_connection(
    js: JsServer, io: OpenSocket
) -> None:
    root, admin = await io(js.url), await io(js.url + "/admin")
    closed = Recorder(root.io, "close")
    await root.disconnect()
    assert closed.calls == []
    await admin.disconnect()
    await js.until_connections(0)
    assert [args[0] for args in closed.args("close")] == ["forced close"]


async def test_a_namespace_can_be_joined_again(js: JsServer, io: OpenSocket) -> None:
    root, admin = await io(js.url), await io(js.url + "/admin")
    first_id = admin.id
    await admin.disconnect()
    await admin.connect()
    await round_trip(admin)

    assert admin.id != first_id
    assert root.connected
    assert (await js.stats())["upgrade_requests"] == 1


async def test_a_refused_namespace_raises_what_the_server_said(
    js: JsServer, io: OpenSocket
) -> None:
    with pytest.raises(sioc.ConnectError, match="not for you") as caught:
        await io(js.url + "/refused")
    error = caught.value
    assert error.message == "not for you"
    assert error.data == REFUSAL
    assert error.__cause__ is None


async def test_a_refused_namespace_emits_connect_error_once(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url + "/refused")
    active: list[bool] = []
    socket.on("connect_error", lambda: active.append(socket.active))
    events = Recorder(socket, "connect", "connect_error", "disconnect")
    (error,) = await events.wait("connect_error")

    assert isinstance(error, sioc.ConnectError)
    assert (error.message, error.data) == ("not for you", REFUSAL)
    # No further attempt is made by itself, and nothing keeps the connection.
    assert active == [False]
    await js.until_connections(0)
    assert events.names == ["connect_error"]


async def test_an_unknown_namespace_is_refused(js: JsServer, io: OpenSocket) -> None:
    with pytest.raises(sioc.ConnectError) as caught:
        await io(js.url + "/nowhere")
    assert caught.value.message == "Invalid namespace"


async def test_one_refusal_leaves_the_other_namespaces_alone(
    js: JsServer, io: OpenSocket
) -> None:
    root = await io(js.url)
    with pytest.raises(sioc.ConnectError):
        await io(js.url + "/refused")
    await round_trip(root)
    assert (await js.stats())["upgrade_requests"] == 1


async def test_a_refused_socket_connects_with_better_auth(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url + "/private", auth={"token": "wrong"})
    with pytest.raises(sioc.ConnectError) as caught:
        await socket
    assert caught.value.data == {"got": {"token": "wrong"}}

    socket.auth = {"token": "secret"}
    await socket.connect()
    await round_trip(socket)


async def test_retry_on_reject_keeps_trying(js: JsServer, io: OpenSocket) -> None:
    errors: list[sioc.ConnectError] = []

    def retry(error: sioc.ConnectError) -> bool:
        errors.append(error)
        socket.auth = {"token": "secret"}
        return True

    socket = io(js.url + "/private", auth={"token": "wrong"}, retry_on_reject=retry)
    await socket.wait_connected(timeout=5)
    assert [error.message for error in errors] == ["bad token"]

"""The msgpack parser, against socket.io-msgpack-parser."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder

VALUES = [
    None,
    True,
    0,
    -1,
    2**40,
    1.5,
    "",
    "日本語😀",
    [],
    {},
    b"",
    b"\x00\xff",
    [1, [b"x", {"a": {"b": b"y"}}], None],
    {"bytes": b"z" * 70_000, "text": "t" * 70_000},
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
async def test_a_value_comes_back_equal(
    msgpack_js: JsServer, io: OpenSocket, value: Any
) -> None:
    socket = await io(msgpack_js.url, parser=sioc.parsers.msgpack)
    assert await socket.emit_with_ack("ack", value, timeout=5) == value


async def test_events_and_acks_go_both_ways(
    msgpack_js: JsServer, io: OpenSocket
) -> None:
    socket = await io(msgpack_js.url, parser=sioc.parsers.msgpack, auth={"token": "t"})
    events = Recorder(socket, "echo")
    socket.on("add", lambda a, b: a + b)
    socket.emit("echo", 1, b"two", {"three": [3]})

    assert await events.wait("echo") == (1, b"two", {"three": [3]})
    assert await msgpack_js.ask("add", 40, 2) == [42]
    assert [join["auth"] for join in await msgpack_js.joins()] == [{"token": "t"}]


class Upload(msgspec.Struct):
    """What is uploaded in parts."""

    name: str
    parts: list[bytes]


@pytest.mark.parametrize("parser", ["json", "msgpack"])
async def test_a_typed_event_with_binary_in_it(
    js: JsServer, msgpack_js: JsServer, io: OpenSocket, parser: str
) -> None:
    server = msgpack_js if parser == "msgpack" else js
    socket = await io(server.url, parser=getattr(sioc.parsers, parser))
    typed: list[Upload] = []
    socket.on("echo", typed.append, types=Upload)
    for number in range(3):
        socket.emit("echo", {"name": "a", "parts": [b"\x00", bytes([number])]})
    assert await socket.emit_with_ack("ack", "behind them", timeout=5) == "behind them"
    assert typed == [Upload("a", [b"\x00", bytes([n])]) for n in range(3)]


async def test_namespaces_and_refusals(msgpack_js: JsServer, io: OpenSocket) -> None:
    root = await io(msgpack_js.url, parser=sioc.parsers.msgpack)
    admin = await io(msgpack_js.url + "/admin", parser=sioc.parsers.msgpack)
    assert root.io is admin.io
    with pytest.raises(sioc.ConnectError, match="not for you"):
        await io(msgpack_js.url + "/refused", parser=sioc.parsers.msgpack)
    await admin.disconnect()
    assert await root.emit_with_ack("ack", 1) == 1


async def test_the_server_disconnects(msgpack_js: JsServer, io: OpenSocket) -> None:
    socket = await io(msgpack_js.url, parser=sioc.parsers.msgpack)
    events = Recorder(socket, "disconnect")
    await msgpack_js.disconnect()
    assert (await events.wait("disconnect"))[0] == "io server disconnect"

"""The same client against python-socketio's server."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.py_server import PyServer
from peers.recorder import Recorder


async def test_acks_and_binary_come_back_equal(py: PyServer, io: OpenSocket) -> None:
    socket = await io(py.url)
    value = {"list": [1, b"two", None], "empty": b"", "text": "ünï 😀"}
    assert await socket.emit_with_ack("ack", value, timeout=5) == value
    assert await socket.emit_with_ack("ack", 1, b"2", timeout=5) == (1, b"2")
    assert await socket.emit_with_ack("ack", timeout=5) is None


async def test_events_go_both_ways_in_order(py: PyServer, io: OpenSocket) -> None:
    socket = await io(py.url)
    events = Recorder(socket, "echo", "news")
    for number in range(50):
        socket.emit("echo", number, bytes([number]))
    await events.wait("echo", 50)
    await py.emit("news", {"a": [b"1"]}, 2)

    expected = [(number, bytes([number])) for number in range(50)]
    # That server handles every event in a task of its own.
    assert sorted(events.args("echo")) == expected
    assert await events.wait("news") == ({"a": [b"1"]}, 2)


async def test_questions_of_the_server(py: PyServer, io: OpenSocket) -> None:
    socket = await io(py.url)
    socket.on("add", lambda a, b: a + b)
    assert await socket.emit_with_ack("ask", "add", [b"4", b"2"], timeout=5) == b"42"


async def test_namespaces(py: PyServer, io: OpenSocket) -> None:
    root, admin = await io(py.url), await io(py.url + "/admin")
    assert root.io is admin.io
    events = Recorder(admin, "disconnect")
    assert await admin.emit_with_ack("ack", "admin", timeout=5) == "admin"
    await py.disconnect("/admin")
    assert (await events.wait("disconnect"))[0] == "io server disconnect"
    assert await root.emit_with_ack("ack", "root", timeout=5) == "root"


@pytest.mark.parametrize("path", ["/refused", "/unknown"])
async def test_a_refusal(py: PyServer, io: OpenSocket, path: str) -> None:
    with pytest.raises(sioc.ConnectError) as caught:
        await io(py.url + path)
    if path == "/refused":
        assert (caught.value.message, caught.value.data) == ("not for you", {"code": 7})


async def test_everything_emitted_before_disconnect_arrives(
    py: PyServer, io: OpenSocket
) -> None:
    socket = await io(py.url)
    for number in range(100):
        socket.emit("order", number)
    await socket.disconnect()

    # The server's ends of both connections are served in turn.
    other = await io(py.url)
    received: list[list[int]] = []
    while len(received) < 100:
        await asyncio.wait_for(other.emit_with_ack("ack"), 5)
        received = await py.received("order")
    assert sorted(received) == [[number] for number in range(100)]

"""Binary: attachments at any depth, of any kind, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from peers.barrier import round_trip
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder

EVERY_BYTE = bytes(range(256))

VALUES = [
    pytest.param(b"\x00\x01\x02", id="bytes"),
    pytest.param(b"", id="empty"),
    pytest.param(EVERY_BYTE, id="every byte"),
    pytest.param([b"a", b"b", b"c"], id="three in a list"),
    pytest.param([b"", b"full", b""], id="empty ones between"),
    pytest.param({"a": b"1", "b": {"c": [2, b"3", None]}}, id="nested"),
    pytest.param([[[[{"deep": [b"x"]}]]]], id="deep"),
    pytest.param([b"same", b"same"], id="equal ones"),
    pytest.param([b"%d" % number for number in range(10)], id="ten"),
    pytest.param(["text", b"text", "42[]", b"42[]"], id="like packets"),
]

BUFFERS = [
    pytest.param(bytearray(b"array"), b"array", id="bytearray"),
    pytest.param(memoryview(b"view"), b"view", id="memoryview"),
    pytest.param(memoryview(b"0123456789")[2:5], b"234", id="slice"),
    pytest.param(memoryview(b"0123456789")[::3], b"0369", id="with steps"),
    pytest.param(memoryview(b""), b"", id="empty view"),
]


@pytest.mark.parametrize("value", VALUES)
async def test_bytes_come_back_equal(js: JsServer, io: OpenSocket, value: Any) -> None:
    socket = await io(js.url)
    assert await socket.emit_with_ack("ack", value, timeout=5) == value


@pytest.mark.parametrize("value", VALUES)
async def test_bytes_come_back_equal_as_an_event(
    js: JsServer, io: OpenSocket, value: Any
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "echo")
    socket.emit("echo", "before", value, "after")
    assert await events.wait("echo") == ("before", value, "after")


@pytest.mark.parametrize(("buffer", "expected"), BUFFERS)
async def test_any_buffer_is_an_attachment(
    js: JsServer, io: OpenSocket, buffer: Any, expected: bytes
) -> None:
    socket = await io(js.url)
    socket.emit("data", buffer, {"inside": [buffer]})
    await round_trip(socket)
    assert await js.received("data") == [[expected, {"inside": [expected]}]]


async def test_an_attachment_arrives_as_bytes(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    answer = await socket.emit_with_ack("ack", [bytearray(b"x")], timeout=5)
    assert [type(item) for item in answer] == [bytes]


@pytest.mark.parametrize("size", [125, 126, 65_535, 65_536, 1 << 20])
async def test_an_attachment_of_any_size_comes_back_equal(
    js: JsServer, io: OpenSocket, size: int
) -> None:
    socket = await io(js.url)
    value = (EVERY_BYTE * (size // 256 + 1))[:size]
    assert await socket.emit_with_ack("ack", value, {"v": value}, timeout=8) == (
        value,
        {"v": value},
    )


async def test_more_attachments_than_the_reference_allows_are_taken(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "many")
    value = [b"%d" % number for number in range(500)]
    await js.emit("many", value)
    assert await events.wait("many") == (value,)


async def test_the_server_hangs_up_for_what_is_warned_of(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url, reconnection=False)
    events = Recorder(socket, "disconnect")
    with pytest.warns(RuntimeWarning, match="closes the connection"):
        socket.emit("many", *[b"%d" % number for number in range(11)])
    assert (await events.wait("disconnect"))[0] == "transport close"


async def test_text_and_binary_keep_their_order(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "echo")
    sent = [number if number % 3 else b"%d" % number for number in range(60)]
    for value in sent:
        socket.emit("echo", value)
    await events.wait("echo", len(sent))
    assert events.args("echo") == [(value,) for value in sent]
    assert await js.received("echo") == [[value] for value in sent]


async def test_bytes_kept_by_a_listener_do_not_change(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    kept: list[bytes] = []
    socket.on("echo", kept.append)
    sent = [bytes([number]) * 1000 for number in range(50)]
    for value in sent:
        socket.emit("echo", value)
    await round_trip(socket)
    await round_trip(socket)
    assert kept == sent


async def test_a_buffer_may_be_reused_right_after_emit(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    buffer = bytearray(200_000)
    for number in range(5):
        buffer[:] = bytes([number]) * len(buffer)
        socket.emit("data", buffer)
    await round_trip(socket)
    received = await js.received("data")
    assert [set(value) for (value,) in received] == [{n} for n in range(5)]

"""Emitting: which values travel, in which order, and what cannot be emitted."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import uuid
from typing import Any

import msgspec
import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder

NOON = dt.datetime(2026, 1, 2, 12, 0, 0, 500_000, tzinfo=dt.timezone.utc)
ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


class Colour(enum.Enum):
    RED = "red"


class Point(msgspec.Struct):
    x: int
    y: float


@dataclasses.dataclass
class Size:
    width: int
    label: str | None = None


JSON_VALUES = [
    None,
    True,
    False,
    0,
    -1,
    2**53 - 1,
    -(2**53) + 1,
    0.5,
    -1.25,
    1e300,
    5e-324,
    "",
    "plain",
    "héllo wörld",
    "日本語のテキスト",
    "😀👩‍👩‍👧",
    "\u2028 and \u2029",
    'quote " backslash \\ slash /',
    "\x00\x01\b\t\n\f\r\x1e\x1f\x7f",
    '42["not a packet"]',
    [],
    {},
    [[], [[]], {}],
    {"": "empty key", "nested": {"list": [1, {"deep": [None, False]}]}},
    {"1": "digits", "with space": 1, "ünï": 2, "_placeholder": False, "num": 0},
    [1, "two", 3.5, None, True, {"six": [7]}],
    ["x" * 70_000],
    list(range(5000)),
]

CONVERTED_VALUES = [
    pytest.param((1, (2, 3)), [1, [2, 3]], id="tuple"),
    pytest.param({7}, [7], id="set"),
    pytest.param({1: "one"}, {"1": "one"}, id="int key"),
    pytest.param(Point(1, 2.5), {"x": 1, "y": 2.5}, id="struct"),
    pytest.param(Size(3), {"width": 3, "label": None}, id="dataclass"),
    pytest.param(Colour.RED, "red", id="enum"),
    pytest.param(ID, str(ID), id="uuid"),
    pytest.param(decimal.Decimal("1.10"), "1.10", id="decimal"),
    pytest.param(float("nan"), None, id="nan"),
    pytest.param(float("inf"), None, id="infinity"),
]

NOT_ENCODABLE = [
    pytest.param(object(), id="object"),
    pytest.param(print, id="function"),
    pytest.param(1j, id="complex"),
    pytest.param([{"deep": [object()]}], id="deep"),
    pytest.param({(1, 2): 3}, id="tuple key"),
]


@pytest.mark.parametrize("value", JSON_VALUES, ids=lambda value: repr(value)[:30])
async def test_a_json_value_comes_back_equal(
    js: JsServer, io: OpenSocket, value: Any
) -> None:
    socket = await io(js.url)
    answer = await socket.emit_with_ack("ack", value, timeout=5)
    assert answer == value
    assert type(answer) is type(value)


@pytest.mark.parametrize(("value", "expected"), CONVERTED_VALUES)
async def test_a_python_value_arrives_as_its_json_form(
    js: JsServer, io: OpenSocket, value: Any, expected: Any
) -> None:
    socket = await io(js.url)
    answer = await socket.emit_with_ack("ack", [value], timeout=5)
    assert answer == [expected]


async def test_an_aware_datetime_arrives_as_iso_text(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    text = await socket.emit_with_ack("ack", NOON, timeout=5)
    assert dt.datetime.fromisoformat(text.replace("Z", "+00:00")) == NOON


@pytest.mark.parametrize("args", [(), (1,), (1, "two"), ([], {}, None, 4, 5)])
async def test_any_number_of_arguments_arrives(
    js: JsServer, io: OpenSocket, args: tuple[Any, ...]
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "echo")
    socket.emit("echo", *args)
    assert await events.wait("echo") == args


async def test_emit_and_send_return_none(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    assert socket.emit("anything") is None
    assert socket.send("anything") is None


async def test_send_emits_the_event_message(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    socket.send("hello", 1)
    await round_trip(socket)
    assert await js.received("message") == [["hello", 1]]


@pytest.mark.parametrize("event", ["", "with space", "ünï", "error", "ping", "5"])
async def test_an_event_may_have_almost_any_name(
    js: JsServer, io: OpenSocket, event: str
) -> None:
    socket = await io(js.url)
    socket.emit(event, 1)
    await round_trip(socket)
    assert await js.received(event) == [[1]]


@pytest.mark.parametrize(
    "event",
    [
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
    ],
)
async def test_a_reserved_event_is_not_emitted(
    js: JsServer, io: OpenSocket, event: str
) -> None:
    socket = await io(js.url)
    with pytest.raises(sioc.ReservedEventError, match=event):
        socket.emit(event, 1)
    with pytest.raises(sioc.ReservedEventError, match=event):
        await socket.emit_with_ack(event, 1)

    await round_trip(socket)
    assert await js.received() == [["ack", "round trip"]]


@pytest.mark.parametrize("value", NOT_ENCODABLE)
async def test_what_cannot_be_encoded_raises_and_sends_nothing(
    js: JsServer, io: OpenSocket, value: Any
) -> None:
    socket = await io(js.url)
    with pytest.raises(TypeError):
        socket.emit("bad", "first", value, b"attachment")
    with pytest.raises(TypeError):
        await socket.emit_with_ack("bad", value)

    await round_trip(socket)
    assert await js.received("bad") == []
    assert socket.io.stats.acks_pending == 0


async def test_what_cannot_be_encoded_is_not_buffered(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auto_connect=False)
    with pytest.raises(TypeError):
        socket.emit("bad", object())
    socket.emit("good", 1)

    await socket.connect()
    await round_trip(socket)
    assert await js.received() == [["good", 1], ["ack", "round trip"]]


async def test_a_cyclic_value_raises_and_sends_nothing(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    with pytest.raises(ValueError, match=r"\S"):
        socket.emit("bad", cyclic)

    await round_trip(socket)
    assert await js.received("bad") == []


async def test_a_value_nested_too_deep_raises_and_sends_nothing(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    with pytest.raises(ValueError, match=r"\S"):
        socket.emit("bad", deep)

    await round_trip(socket)
    assert await js.received("bad") == []


async def test_a_buffered_emit_keeps_the_value_it_was_given(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auto_connect=False)
    value, attachment = {"version": 1}, bytearray(b"old")
    socket.emit("snapshot", value, attachment)
    value["version"] = 2
    attachment[:] = b"new"

    await socket.connect()
    await round_trip(socket)
    assert await js.received("snapshot") == [[{"version": 1}, b"old"]]


async def test_a_prepared_event_is_emitted_many_times(
    js: JsServer, io: OpenSocket
) -> None:
    prepared = sioc.prepare("tick", {"price": 1.5}, [None, "x"])
    first, second = await io(js.url), await io(js.url + "/admin")
    for _ in range(3):
        first.emit_prepared(prepared)
    second.emit_prepared(prepared)

    await round_trip(first)
    await round_trip(second)
    assert await js.received("tick") == [[{"price": 1.5}, [None, "x"]]] * 3
    assert await js.received("tick", nsp="/admin") == [[{"price": 1.5}, [None, "x"]]]


async def test_a_thousand_emits_arrive_in_order(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    for number in range(1000):
        socket.emit("order", number)
    await socket.drain()
    await round_trip(socket)
    assert await js.received("order") == [[number] for number in range(1000)]


async def test_a_volatile_emit_is_dropped_while_not_connected(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auto_connect=False)
    socket.volatile.emit("gone", 1)
    socket.emit("kept", 1)

    await socket.connect()
    await round_trip(socket)
    assert await js.received() == [["kept", 1], ["ack", "round trip"]]


async def test_a_volatile_emit_is_sent_while_connected(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    await round_trip(socket)
    socket.volatile.emit("state", 1)
    await round_trip(socket)
    assert await js.received("state") == [[1]]


async def test_modifiers_chain_in_any_order(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    await round_trip(socket)
    assert await socket.timeout(5).compress(False).emit_with_ack("ack", 1) == 1
    socket.compress(False).volatile.timeout(5).emit("state", 2)
    await round_trip(socket)
    assert await js.received("state") == [[2]]

"""Events without listeners of one's own: wait_for and stream."""

from __future__ import annotations

import asyncio

import pytest

from peers.barrier import round_trip
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder


async def test_wait_for_returns_the_next_event(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    waiting = asyncio.ensure_future(socket.wait_for("echo", timeout=5))
    await asyncio.sleep(0)
    socket.emit("echo", 1, b"two")
    event = await waiting
    assert (event.name, event.args, event.data) == ("echo", (1, b"two"), (1, b"two"))
    assert not socket.has_listeners("echo")


@pytest.mark.parametrize(
    ("args", "data"), [((), None), ((1,), 1), ((None,), None), ((1, 2), (1, 2))]
)
async def test_the_data_of_an_event(
    js: JsServer, io: OpenSocket, args: tuple[object, ...], data: object
) -> None:
    socket = await io(js.url)
    waiting = asyncio.ensure_future(socket.wait_for("echo", timeout=5))
    await asyncio.sleep(0)
    socket.emit("echo", *args)
    event = await waiting
    assert (event.args, event.data) == (args, data)


async def test_wait_for_times_out(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    with pytest.raises((TimeoutError, asyncio.TimeoutError)):
        await socket.wait_for("never", timeout=0.02)
    assert not socket.has_listeners("never")


async def test_a_stream_yields_events_in_order(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    seen: list[tuple[str, object]] = []
    async with socket.stream("tick", "tock") as events:
        socket.emit("burst", "tick", 5)
        socket.emit("burst", "tock", 2)
        async for event in events:
            seen.append((event.name, event.data))
            if event.name == "tock" and event.data == 1:
                break
    assert seen == [("tick", n) for n in range(5)] + [("tock", 0), ("tock", 1)]
    assert not socket.has_listeners("tick")


async def test_a_stream_listens_from_the_moment_it_is_made(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    events = socket.stream("tick")
    socket.emit("burst", "tick", 3)
    await round_trip(socket)
    async with events:
        assert [(await anext(events)).data for _ in range(3)] == [0, 1, 2]


async def test_a_full_stream_drops_the_oldest(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    async with socket.stream("tick", maxsize=3) as events:
        socket.emit("burst", "tick", 10)
        await round_trip(socket)
        assert [(await anext(events)).data for _ in range(3)] == [7, 8, 9]


async def test_a_full_stream_may_drop_the_newest(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    async with socket.stream("tick", maxsize=3, overflow="drop_newest") as events:
        socket.emit("burst", "tick", 10)
        await round_trip(socket)
        assert [(await anext(events)).data for _ in range(3)] == [0, 1, 2]


async def test_a_stream_outlives_a_reconnection(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    connections = Recorder(socket, "connect")
    async with socket.stream("tick") as events:
        await js.emit("tick", "before")
        assert (await anext(events)).data == "before"
        await js.close_engines()
        await connections.wait("connect")
        await js.emit("tick", "after")
        assert (await anext(events)).data == "after"


async def test_a_stream_ends_when_the_socket_is_closed(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    async with socket.stream("tick") as events:
        socket.emit("burst", "tick", 2)
        await round_trip(socket)
        await socket.disconnect()
        assert [event.data async for event in events] == [0, 1]


async def test_an_event_of_a_stream_can_be_acknowledged(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    async with socket.stream("question") as events:
        asked = asyncio.ensure_future(js.ask("question", 20))
        event = await anext(events)
        event.ack(event.data + 1, b"bytes")
        assert await asked == [21, b"bytes"]

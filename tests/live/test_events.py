"""Receiving events: order, listeners of every kind, and their mistakes."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder


class Tick(msgspec.Struct):
    symbol: str
    price: float


async def test_events_arrive_in_order(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "tick")
    socket.emit("burst", "tick", 1000)
    await round_trip(socket)
    assert events.args("tick") == [(number,) for number in range(1000)]


async def test_listeners_run_in_the_order_of_registration(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    order: list[str] = []
    socket.on("news", lambda: order.append("first"))
    socket.on_any(lambda event: order.append("any"))
    socket.prepend_any(lambda event: order.append("before any"))
    socket.on("news", lambda: order.append("second"))
    await js.emit("news")
    await round_trip(socket)
    assert order == ["before any", "any", "first", "second"]


async def test_a_catch_all_gets_the_event_and_its_arguments(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    seen: list[tuple[Any, ...]] = []
    incoming = socket.on_any(lambda *args: seen.append(args)) and socket.listeners_any()
    assert len(incoming) == 1
    await js.emit("news", 1, b"two")
    await round_trip(socket)
    socket.off_any()
    await js.emit("news", 3)
    await round_trip(socket)
    assert seen == [("news", 1, b"two")]


async def test_an_outgoing_catch_all_sees_what_is_sent(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    seen: list[tuple[Any, ...]] = []
    socket.on_any_outgoing(lambda *args: seen.append(args))
    socket.emit("one", 1, b"two")
    await round_trip(socket)
    assert seen == [("one", 1, b"two"), ("ack", "round trip")]


async def test_once_listens_once(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    seen: list[int] = []
    socket.once("tick", seen.append)
    socket.emit("burst", "tick", 3)
    await round_trip(socket)
    assert seen == [0]
    assert not socket.has_listeners("tick")


async def test_off_removes_one_all_of_an_event_or_all(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    seen: list[str] = []

    def first() -> None:
        seen.append("first")

    def second() -> None:
        seen.append("second")

    for event in ("news", "other"):
        socket.on(event, first)
        socket.on(event, second)
    socket.off("news", first)
    await js.emit("news")
    await round_trip(socket)
    assert seen == ["second"]

    socket.off("news")
    await js.emit("news")
    await js.emit("other")
    await round_trip(socket)
    assert seen == ["second", "first", "second"]

    socket.off()
    await js.emit("other")
    await round_trip(socket)
    assert seen == ["second", "first", "second"]


async def test_on_and_once_are_decorators(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    seen: list[Any] = []

    @socket.on("news")
    def news(item: Any) -> None:
        seen.append(item)

    @socket.once("news")
    async def first_news(item: Any) -> None:
        seen.append(item)

    await js.emit("news", "x")
    await js.emit("news", "y")
    await round_trip(socket)
    assert sorted(seen) == ["x", "x", "y"]
    assert callable(news)
    assert asyncio.iscoroutinefunction(first_news)


async def test_surplus_arguments_are_dropped(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    seen: list[tuple[Any, ...]] = []
    socket.on("news", lambda: seen.append(()))
    socket.on("news", lambda a: seen.append((a,)))
    socket.on("news", lambda a, b=None: seen.append((a, b)))
    socket.on("news", lambda *args: seen.append(args))
    await js.emit("news", 1, 2, 3)
    await round_trip(socket)
    assert seen == [(), (1,), (1, 2), (1, 2, 3)]


async def test_missing_arguments_are_a_listener_error(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url)
    socket.on("news", lambda a, b: pytest.fail("called with one argument"))
    await js.emit("news", 1)
    await round_trip(socket)
    (context,) = loop_errors
    told = f"{context}"
    assert "the server sent 1 argument" in told
    assert "needs 2" in told
    assert socket.connected


async def test_a_raising_listener_harms_nothing(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url)
    seen: list[int] = []

    def broken_listener(number: int) -> None:
        raise RuntimeError(f"broken at {number}")

    socket.on("tick", broken_listener)
    socket.on("tick", seen.append)
    socket.emit("burst", "tick", 3)
    await round_trip(socket)

    assert seen == [0, 1, 2]
    errors = [str(context["exception"]) for context in loop_errors]
    assert errors == ["broken at 0", "broken at 1", "broken at 2"]
    assert "tick" in loop_errors[0]["message"]
    assert "broken_listener" in loop_errors[0]["message"]
    assert socket.io.stats.listener_errors == 3


@pytest.mark.parametrize("transport", ["websocket", "polling"])
@pytest.mark.parametrize("kind", ["function", "coroutine"])
async def test_a_listener_may_emit_ten_thousand_events(
    js: JsServer, io: OpenSocket, kind: str, transport: str
) -> None:
    socket = await io(js.url, transports=[transport])
    done = asyncio.Event()

    def emit() -> None:
        for number in range(10_000):
            socket.emit("order", number)
        done.set()

    async def emit_later() -> None:
        await asyncio.sleep(0)
        emit()

    socket.on("go", emit if kind == "function" else emit_later)
    await js.emit("go")
    await asyncio.wait_for(done.wait(), 5)
    await round_trip(socket)
    received = [number for (number,) in await js.received("order")]
    assert received == list(range(10_000))


async def test_a_raising_async_listener_harms_nothing(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url)

    @socket.on("tick")
    async def broken_listener(number: int) -> None:
        await asyncio.sleep(0)
        raise RuntimeError(f"broken at {number}")

    socket.emit("burst", "tick", 2)
    await round_trip(socket)
    await round_trip(socket)
    errors = [str(context["exception"]) for context in loop_errors]
    assert errors == ["broken at 0", "broken at 1"]
    assert "broken_listener" in loop_errors[0]["message"]


async def test_on_exception_gets_listener_errors_instead(
    js: JsServer, io: OpenSocket
) -> None:
    reported: list[tuple[BaseException, Any]] = []
    socket = await io(
        js.url, on_exception=lambda e, context: reported.append((e, context))
    )

    @socket.on("news")
    def broken_listener() -> None:
        raise RuntimeError("reported")

    await js.emit("news")
    await round_trip(socket)
    ((error, context),) = reported
    assert str(error) == "reported"
    assert "news" in str(context)


async def test_async_listeners_start_in_order_and_may_overlap(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    started: list[int] = []
    all_started = asyncio.Event()

    @socket.on("tick")
    async def listener(number: int) -> None:
        started.append(number)
        if len(started) == 20:
            all_started.set()
        await all_started.wait()

    socket.emit("burst", "tick", 20)
    await asyncio.wait_for(all_started.wait(), 5)
    assert started == list(range(20))


async def test_concurrency_one_runs_them_one_after_another(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    trace: list[tuple[str, int]] = []
    done = asyncio.Event()

    async def listener(number: int) -> None:
        trace.append(("start", number))
        await asyncio.sleep(0.005 * (number % 3))
        trace.append(("end", number))
        if number == 19:
            done.set()

    socket.on("tick", listener, concurrency=1)
    socket.emit("burst", "tick", 20)
    await asyncio.wait_for(done.wait(), 5)
    expected = [(what, number) for number in range(20) for what in ("start", "end")]
    assert trace == expected


async def test_concurrency_n_is_a_ceiling(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    running, most, left = 0, 0, 12
    done = asyncio.Event()

    async def listener() -> None:
        nonlocal running, most, left
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1
        left -= 1
        if not left:
            done.set()

    socket.on("tick", listener, concurrency=3)
    socket.emit("burst", "tick", 12)
    await asyncio.wait_for(done.wait(), 5)
    assert most == 3


async def test_typed_events_are_decoded_into_their_type(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    seen: list[Any] = []
    socket.on("tick", seen.append, types=Tick)
    socket.on(
        "pair", lambda tick, number: seen.append((tick, number)), types=(Tick, int)
    )
    await js.emit("tick", {"symbol": "A", "price": 1, "surplus": None})
    await js.emit("pair", {"symbol": "B", "price": 2.5}, 7)
    await round_trip(socket)
    assert seen == [Tick("A", 1.0), (Tick("B", 2.5), 7)]


async def test_a_payload_that_does_not_fit_is_not_delivered(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url)
    typed: list[Any] = []
    untyped: list[Any] = []
    socket.on("tick", typed.append, types=Tick)
    socket.on("tick", untyped.append)
    await js.emit("tick", {"symbol": 5, "price": "high"})
    await round_trip(socket)
    assert typed == []
    assert untyped == [{"symbol": 5, "price": "high"}]
    (context,) = loop_errors
    assert isinstance(context["exception"], sioc.ValidationError)
    assert socket.connected


async def test_raw_hands_over_the_undecoded_arguments(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    seen: list[bytes] = []
    socket.on("news", seen.append, raw=True)
    await js.emit("news", 1, {"a": [None, "ü"]})
    await js.emit("news")
    await round_trip(socket)
    assert [type(item) for item in seen] == [bytes, bytes]
    assert seen == ['[1,{"a":[null,"ü"]}]'.encode(), b"[]"]


async def test_an_event_without_listeners_is_skipped(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    events = Recorder(socket, "heard")
    await js.emit("unheard", {"a": 1})
    await js.emit("heard", 1)
    await round_trip(socket)
    stats = socket.io.stats
    assert events.args("heard") == [(1,)]
    assert stats.events_skipped == 1
    assert stats.events_delivered == 1

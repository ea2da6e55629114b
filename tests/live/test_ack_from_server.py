"""Acknowledgements that the server sends: awaited, by callback, late, or never."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket, StartJs
from peers.js_server import JsServer


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), None),
        ((1,), 1),
        ((None,), None),
        (([1, 2],), [1, 2]),
        ((1, "two", None), (1, "two", None)),
    ],
)
async def test_emit_with_ack_returns_none_one_or_a_tuple(
    js: JsServer, io: OpenSocket, args: tuple[Any, ...], expected: Any
) -> None:
    socket = await io(js.url)
    answer = await socket.emit_with_ack("ack", *args, timeout=5)
    assert answer == expected
    assert type(answer) is type(expected)


@pytest.mark.parametrize("args", [(), (1,), (1, b"two", None)])
async def test_an_ack_callback_gets_the_arguments(
    js: JsServer, io: OpenSocket, args: tuple[Any, ...]
) -> None:
    socket = await io(js.url)
    calls: list[tuple[Any, ...]] = []
    socket.emit("ack", *args, ack=lambda *values: calls.append(values))
    await round_trip(socket)
    assert calls == [args]


async def test_send_takes_an_ack_too(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    calls: list[tuple[Any, ...]] = []
    socket.send("never acknowledged", ack=lambda *values: calls.append(values))
    await round_trip(socket)
    assert calls == []
    assert await js.received("message") == [["never acknowledged"]]


async def test_an_ack_callback_with_a_timeout_gets_an_error_first(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    calls: list[tuple[Any, ...]] = []
    socket.timeout(5).emit("ack", 1, 2, ack=lambda *values: calls.append(values))
    await round_trip(socket)
    assert calls == [(None, 1, 2)]


async def test_many_acks_in_flight_find_their_waiters(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    asked = [socket.emit_with_ack("ack", number) for number in range(200)]
    assert await asyncio.gather(*asked) == list(range(200))
    assert socket.io.stats.acks_pending == 0


async def test_acks_may_come_in_another_order(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    late = socket.emit_with_ack("late", 50, "late")
    early = socket.emit_with_ack("late", 1, "early")
    assert await asyncio.gather(late, early) == ["late", "early"]


async def test_an_ack_that_does_not_come_in_time_raises(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    with pytest.raises(sioc.AckTimeoutError) as caught:
        await socket.emit_with_ack("silent", timeout=0.05)
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, sioc.SocketIOError)
    assert socket.io.stats.acks_pending == 0


async def test_the_timeout_modifier_limits_the_wait(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    with pytest.raises(sioc.AckTimeoutError):
        await socket.timeout(0.05).emit_with_ack("silent")


async def test_the_ack_timeout_option_limits_every_wait(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url, ack_timeout=0.05)
    with pytest.raises(sioc.AckTimeoutError):
        await socket.emit_with_ack("silent")


async def test_a_callback_hears_of_the_timeout(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    called: asyncio.Future[tuple[Any, ...]]
    called = asyncio.get_running_loop().create_future()
    socket.timeout(0.05).emit("silent", ack=lambda *values: called.set_result(values))
    (error,) = await asyncio.wait_for(called, 5)
    assert isinstance(error, sioc.AckTimeoutError)


async def test_an_ack_after_its_timeout_is_ignored(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    with pytest.raises(sioc.AckTimeoutError):
        await socket.emit_with_ack("late", 100, "too late", timeout=0.02)

    # This one is answered after the late ack, on the same connection.
    assert await socket.emit_with_ack("late", 150, "in time") == "in time"
    assert socket.connected


async def test_timed_out_before_it_was_sent_means_never_sent(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auto_connect=False)
    with pytest.raises(sioc.AckTimeoutError):
        await socket.emit_with_ack("ack", "stale", timeout=0.02)

    await socket.connect()
    await round_trip(socket)
    assert await js.received() == [["ack", "round trip"]]


async def test_a_cancelled_wait_forgets_the_ack(js: JsServer, io: OpenSocket) -> None:
    socket = await io(js.url)
    waiting = asyncio.ensure_future(socket.emit_with_ack("late", 30, "unwanted"))
    await asyncio.sleep(0)
    assert socket.io.stats.acks_pending == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
    assert socket.io.stats.acks_pending == 0

    assert await socket.emit_with_ack("late", 60, "wanted") == "wanted"


async def test_a_cancelled_wait_takes_back_what_was_not_sent(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auto_connect=False)
    waiting = asyncio.ensure_future(socket.emit_with_ack("ack", "cancelled"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    await socket.connect()
    await round_trip(socket)
    assert await js.received() == [["ack", "round trip"]]


async def test_disconnecting_fails_a_pending_ack_at_once(
    js: JsServer, io: OpenSocket
) -> None:
    socket = await io(js.url)
    waiting = asyncio.ensure_future(socket.emit_with_ack("silent", timeout=60))
    await round_trip(socket)
    await socket.disconnect()

    with pytest.raises(sioc.DisconnectedError) as caught:
        await asyncio.wait_for(waiting, 0.5)
    assert caught.value.reason == "io client disconnect"
    assert isinstance(caught.value, ConnectionError)
    assert isinstance(caught.value, sioc.SocketIOError)


async def test_a_lost_link_fails_a_pending_ack_at_once(
    start_js: StartJs, io: OpenSocket
) -> None:
    server = await start_js()
    socket = await io(server.url)
    called: list[tuple[Any, ...]] = []
    plain: list[tuple[Any, ...]] = []
    waiting = asyncio.ensure_future(socket.emit_with_ack("silent", timeout=60))
    socket.timeout(60).emit("silent", ack=lambda *values: called.append(values))
    socket.emit("silent", ack=lambda *values: plain.append(values))
    await round_trip(socket)
    server.kill()

    with pytest.raises(sioc.DisconnectedError) as caught:
        await asyncio.wait_for(waiting, 2)
    assert caught.value.reason == "transport close"
    ((error,),) = called
    assert isinstance(error, sioc.DisconnectedError)
    # It could not tell an error from an answer.
    assert plain == []


async def test_an_unsent_ack_survives_until_the_connection(
    js: JsServer, io: OpenSocket
) -> None:
    socket = io(js.url, auto_connect=False)
    waiting = asyncio.ensure_future(socket.emit_with_ack("ack", "buffered"))
    await asyncio.sleep(0)
    await socket.connect()
    assert await asyncio.wait_for(waiting, 5) == "buffered"


async def test_a_raising_ack_callback_harms_nothing(
    js: JsServer, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io(js.url)

    def broken(*values: Any) -> None:
        raise RuntimeError("broken callback")

    socket.emit("ack", 1, ack=broken)
    await round_trip(socket)
    assert [str(context["exception"]) for context in loop_errors] == ["broken callback"]

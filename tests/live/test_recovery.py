"""Connection state recovery with a server that offers it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from peers.barrier import round_trip
from peers.effort import effort
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer
from peers.recorder import Recorder
from peers.reports import report

BURST = 60  # events, over a dozen milliseconds at least

# Time for the server to emit before the client is back.
SLOW: dict[str, Any] = {"reconnection_delay": 0.3, "reconnection_delay_max": 0.3}


async def test_missed_events_come_before_connect(
    recovering_js: JsServer, io: OpenSocket
) -> None:
    server = recovering_js
    socket = await io(server.url, **SLOW)
    first_id = socket.id
    events = Recorder(socket, "connect", "disconnect", "news")
    await server.emit("news", "first")
    await events.wait("news")
    await server.close_engines()
    await events.wait("disconnect")
    assert not socket.recovered
    for number in range(3):
        await server.emit("news", number, b"blob")
    await events.wait("connect")

    assert socket.recovered
    assert socket.id == first_id
    assert events.names == ["news", "disconnect", "news", "news", "news", "connect"]
    missed = [args[:2] for args in events.args("news")[1:]]
    assert missed == [(number, b"blob") for number in range(3)]
    assert (await socket.emit_with_ack("who"))["recovered"] is True


async def test_a_listener_of_fixed_arity_does_not_see_the_offset(
    recovering_js: JsServer, io: OpenSocket
) -> None:
    socket = await io(recovering_js.url)
    seen: list[Any] = []
    socket.on("news", lambda item: seen.append(item))
    await recovering_js.emit("news", {"a": 1})
    await round_trip(socket)
    assert seen == [{"a": 1}]


async def test_without_an_event_there_is_nothing_to_recover_from(
    recovering_js: JsServer, io: OpenSocket
) -> None:
    socket = await io(recovering_js.url, **SLOW)
    first_id = socket.id
    events = Recorder(socket, "connect")
    await recovering_js.close_engines()
    await events.wait("connect")
    assert not socket.recovered
    assert socket.id != first_id


async def test_a_client_that_left_is_not_recovered(
    recovering_js: JsServer, io: OpenSocket
) -> None:
    socket = await io(recovering_js.url)
    events = Recorder(socket, "news")
    await recovering_js.emit("news", 1)
    await events.wait("news")
    first_id = socket.id
    await socket.disconnect()
    await recovering_js.emit("news", 2)
    await socket.connect()
    await round_trip(socket)
    assert not socket.recovered
    assert socket.id != first_id
    assert len(events.calls) == 1


@pytest.mark.long
@pytest.mark.timeout(effort(60, 900))
async def test_cuts_in_a_burst_leave_no_gap_and_no_duplicate(
    recovering_js: JsServer, io: OpenSocket
) -> None:
    server = recovering_js
    socket = await io(server.url, reconnection_delay=0, reconnection_delay_max=0)
    numbers: list[int] = []
    recovered: list[bool] = []
    ticked, connected = asyncio.Event(), asyncio.Event()

    @socket.on("tick")
    def tick(number: int) -> None:
        numbers.append(number)
        ticked.set()

    @socket.on("connect")
    def connect() -> None:
        recovered.append(socket.recovered)
        connected.set()

    cuts = effort(200, 2000)
    for _ in range(cuts):
        ticked.clear()
        streaming = asyncio.ensure_future(server.stream("tick", BURST))
        # A session is recovered from an offset: at least one event has come.
        await asyncio.wait_for(ticked.wait(), 5)
        connected.clear()
        await server.cut()
        await asyncio.wait_for(connected.wait(), 5)
        await streaming
    await round_trip(socket)
    assert recovered == [True] * cuts
    assert numbers == list(range(BURST)) * cuts
    report(
        "recovery after cuts",
        {"cuts": cuts, "events": BURST * cuts, "recovered": sum(recovered)}
        | {"gaps": 0, "duplicates": 0},
    )

"""The garbage collector at the worst of times, or never (L09)."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

COUNT = 50


@pytest.fixture(params=["at every allocation", "never"])
def collector(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test with a collector that runs all the time, or not at all."""
    before = gc.get_threshold()
    if request.param == "never":
        gc.disable()
    else:
        gc.set_threshold(1)
    yield
    gc.enable()
    gc.set_threshold(*before)


async def converse(conn: RawConnection) -> None:
    """Send events and questions, and answer those that come."""
    await conn.establish()
    for number in range(COUNT):
        conn.send_text(f'42{number}["q",{number},{{"of":[{number}]}}]')
        conn.send_text('451-["b",{"_placeholder":true,"num":0}]')
        conn.send_binary(b"%d" % number)
    answered = asked = 0
    while answered < COUNT or asked < COUNT:
        packet = await conn.next_text()
        if packet.startswith("43"):
            assert packet == f"43{answered}[{answered}]"
            answered += 1
        else:
            assert packet == f'42{asked}["ask",{asked}]'
            conn.send_text(f"43{asked}[{asked}]")
            asked += 1
    conn.send_text("49poison")
    await conn.until_end()


async def test_a_life_under_any_collector(
    serve: Serve, io: OpenSocket, collector: None
) -> None:
    peer = await serve(converse)
    socket = io(peer.url, reconnection=False)
    events = Recorder(socket, "b", "disconnect")

    @socket.on("q")
    async def q(number: int, value: dict[str, list[int]]) -> int:
        assert value == {"of": [number]}
        return number

    await socket
    for number in range(COUNT):
        assert await socket.emit_with_ack("ask", number) == number
    reason, _ = await events.wait("disconnect")
    assert reason == "parse error"
    assert events.args("b") == [(b"%d" % number,) for number in range(COUNT)]


async def test_a_connected_socket_is_held_though_nobody_else_does(
    serve: Serve, io: OpenSocket
) -> None:
    """Its listeners must be called, whether or not the program keeps the Socket."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["dropped"]')
        conn.send_text('42["e"]')

    peer = await serve(script)
    socket = io(peer.url)
    events = Recorder(socket, "e")
    await socket
    watched = weakref.ref(socket)
    socket.emit("dropped")
    del socket
    gc.collect()
    await events.wait("e")
    assert watched() is not None

"""The heartbeat beside slow listeners: answered, measured, never held up."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection

SMALL = sioc.Limits(max_pending_handlers=4)


async def test_the_round_trip_is_measured(serve: Serve, io: OpenSocket) -> None:
    """From our pong to the next ping, less the interval."""
    interval, lateness = 0.05, 0.04

    async def script(conn: RawConnection) -> None:
        await conn.establish(pingInterval=1000 * interval, pingTimeout=2000)
        conn.send_text("2")
        await conn.expect_text("3")
        await asyncio.sleep(interval + lateness)
        conn.send_text("2", '42["end"]')
        await conn.expect_text("3")
        await conn.until_end()

    socket = io((await serve(script)).url)
    async with socket.stream("end") as stream:
        await socket
        assert socket.io.stats.heartbeat_rtt is None
        await asyncio.wait_for(anext(stream), 5)
    rtt = socket.io.stats.heartbeat_rtt
    assert rtt is not None
    assert rtt > lateness / 2


async def test_pings_that_cannot_be_read_are_answered(
    serve: Serve, io: OpenSocket
) -> None:
    """The reading is paused for longer than a ping may take."""
    released = asyncio.Event()
    filler = "t" * 50_000
    count = 100

    async def script(conn: RawConnection) -> None:
        await conn.establish(pingInterval=100, pingTimeout=100)
        for number in range(count):
            conn.send_text(f'42["e",{number},"{filler}"]')
        # Each would be a ping timeout of the server's, or of ours.
        for _ in range(5):
            conn.send_text("2")
            await conn.expect_text("3")
        released.set()
        while await conn.next_text() == "3":
            conn.send_text("2")
        await conn.until_end()

    socket = io((await serve(script)).url, limits=SMALL)
    lost = []
    socket.on("disconnect", lost.append)
    seen: list[int] = []
    done = asyncio.Event()

    @socket.on("e", concurrency=1)
    async def slow(number: int) -> None:
        await released.wait()
        seen.append(number)
        if number == count - 1:
            done.set()

    await socket
    await asyncio.wait_for(done.wait(), 8)
    assert lost == []
    assert seen == list(range(count))
    socket.emit("done")
    await socket.disconnect()


@pytest.mark.parametrize("concurrency", [None, 1])
async def test_listeners_that_wait_for_acks_get_them(
    serve: Serve, io: OpenSocket, concurrency: int | None
) -> None:
    """Although the acks lie behind the events that made the reading pause."""
    count = 60
    filler = "t" * 50_000

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(count):
            conn.send_text(f'42["e",{number},"{filler}"]')
        for number in range(count):
            await conn.expect_text(f'42{number}["question",{number}]')
            conn.send_text(f"43{number}[]")
        conn.send_text('42["end"]')
        await conn.until_end()

    socket = io((await serve(script)).url, limits=SMALL)
    answered: list[int] = []

    @socket.on("e", concurrency=concurrency)
    async def ask(number: int) -> None:
        await socket.emit_with_ack("question", number)
        answered.append(number)

    async with socket.stream("end") as stream:
        await socket
        await asyncio.wait_for(anext(stream), 8)
    assert sorted(answered) == list(range(count))

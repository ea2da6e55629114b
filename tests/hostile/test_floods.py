"""Floods of what costs a server nothing to send: acks, pings, noops."""

from __future__ import annotations

import asyncio

import pytest

from peers.fixture_types import OpenSocket, Serve
from peers.frames import TEXT, encode_frame
from peers.memory import KEPT, resident
from peers.raw_connection import RawConnection

FLOOD = 100_000

PATIENCE = 20.0  # seconds for a flood where its every line is traced

# Memory that a flood may leave behind: what the allocators keep in their own time.
SLACK = 2 * 1024 * 1024 + KEPT  # bytes

BOGUS_ACKS = {
    "of an id never given": '43{}["bogus"]',
    "of the same id again": '430["again"]',
    "of another namespace": '43/other,{}["bogus"]',
    "of an id near 2**53": '439007199254{:06}["bogus"]',
}


def frames(packets: list[str]) -> bytes:
    """Return the frames of packets, to be sent in one write."""
    return b"".join(encode_frame(TEXT, packet.encode()) for packet in packets)


@pytest.mark.parametrize("kind", BOGUS_ACKS)
async def test_bogus_acks_call_nothing(serve: Serve, io: OpenSocket, kind: str) -> None:
    flood = frames([BOGUS_ACKS[kind].format(n) for n in range(4, FLOOD + 4)])

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["first"]')
        conn.send_text('430["right"]')
        for number in 1, 2, 3:
            await conn.expect_text(f'42{number}["again"]', timeout=PATIENCE)
            conn.send_raw(flood)
            conn.send_text(f'43{number}["right"]')
        await conn.until_end(timeout=PATIENCE)

    socket = await io((await serve(script)).url)
    calls: list[tuple[object, ...]] = []
    socket.emit("first", ack=lambda *args: calls.append(args))
    for _ in range(2):
        assert await socket.emit_with_ack("again") == "right"
    before = resident()
    assert await socket.emit_with_ack("again") == "right"
    assert resident() - before <= SLACK
    assert calls == [("right",)]
    assert sum(socket.io.stats.ignored.values()) == 3 * FLOOD
    assert len(socket.io.stats.ignored) == 1
    assert socket.acks_pending == 0


async def test_a_flood_of_pings_queues_no_pongs(serve: Serve, io: OpenSocket) -> None:
    """The peer reads none of the pongs: they must not pile up."""
    rounds = 10
    flood = frames(["2"] * (FLOOD // 2))
    most = 0
    memory: list[int] = []

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.pause_reading()
        for _ in range(rounds):
            conn.send_raw(flood)
            conn.send_text('42["look"]')
            await conn.drain()
        conn.send_text('42["end"]')
        await ended.wait()

    ended = asyncio.Event()
    peer = await serve(script)
    socket = await io(peer.url, close_timeout=0.1)

    def look() -> None:
        nonlocal most
        most = max(most, socket.buffered_amount)
        memory.append(resident())

    socket.on("look", look)
    socket.on("end", ended.set)
    lost: list[str] = []
    socket.on("disconnect", lost.append)
    await asyncio.wait_for(ended.wait(), 9)
    assert lost == []
    assert most < 100
    assert max(memory) - memory[0] <= SLACK


async def test_a_flood_of_noops_does_nothing(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_raw(frames(["6"] * FLOOD))
        conn.send_text('42["end"]')
        await conn.expect_nothing()
        await conn.until_end()

    ended = asyncio.Event()
    socket = io((await serve(script)).url)
    socket.on("end", ended.set)
    await asyncio.wait_for(ended.wait(), 9)
    assert socket.connected

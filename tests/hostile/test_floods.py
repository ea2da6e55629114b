"""Floods of what costs a server nothing to send: acks, pings, noops."""

from __future__ import annotations

import asyncio

import pytest

from peers.fixture_types import OpenSocket, Serve
from peers.frames import TEXT, encode_frame
from peers.raw_connection import RawConnection

FLOOD = 100_000

BOGUS_ACKS = {
    "of an id never given": '43{}["bogus"]',
    "of the same id again": '430["again"]',
    "of another namespace": '43/other,{}["bogus"]',
    "of an id near 2**53": '439007199254{:06}["bogus"]',
}


def flood(conn: RawConnection, packets: list[str]) -> None:
    """Send packets in one write."""
    conn.send_raw(b"".join(encode_frame(TEXT, packet.encode()) for packet in packets))


@pytest.mark.parametrize("kind", BOGUS_ACKS)
async def test_bogus_acks_call_nothing(serve: Serve, io: OpenSocket, kind: str) -> None:
    packets = [BOGUS_ACKS[kind].format(n) for n in range(2, FLOOD + 2)]

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["first"]')
        await conn.expect_text('421["second"]')
        conn.send_text('430["right"]')
        flood(conn, packets)
        conn.send_text('431["right"]')
        await conn.until_end()

    socket = await io((await serve(script)).url)
    calls: list[tuple[object, ...]] = []
    socket.emit("first", ack=lambda *args: calls.append(args))
    assert await socket.emit_with_ack("second") == "right"
    assert calls == [("right",)]
    assert sum(socket.io.stats.ignored.values()) == FLOOD
    assert len(socket.io.stats.ignored) == 1
    assert socket.acks_pending == 0


async def test_a_flood_of_pings_queues_no_pongs(serve: Serve, io: OpenSocket) -> None:
    """The peer reads none of the pongs: they must not pile up."""
    rounds = 10
    most = 0

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.pause_reading()
        for _ in range(rounds):
            flood(conn, ["2"] * (FLOOD // 2))
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

    socket.on("look", look)
    socket.on("end", ended.set)
    lost: list[str] = []
    socket.on("disconnect", lost.append)
    await asyncio.wait_for(ended.wait(), 9)
    assert lost == []
    assert most < 100


async def test_a_flood_of_noops_does_nothing(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        flood(conn, ["6"] * FLOOD)
        conn.send_text('42["end"]')
        await conn.expect_nothing()
        await conn.until_end()

    ended = asyncio.Event()
    socket = io((await serve(script)).url)
    socket.on("end", ended.set)
    await asyncio.wait_for(ended.wait(), 9)
    assert socket.connected

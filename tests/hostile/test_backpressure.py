"""Peers that stop reading or flood: bounded buffers, errors to the caller, no loss."""

from __future__ import annotations

import asyncio

import pytest

import sioc
from peers.barrier import round_trip
from peers.fixture_types import OpenSocket, Serve
from peers.frames import TEXT, encode_frame
from peers.http_peer import HttpPeer, open_packet
from peers.polled import POLLING
from peers.raw_connection import RawConnection
from peers.raw_peer import welcome

CHUNK = b"x" * 65_536
TIMEOUTS = (TimeoutError, asyncio.TimeoutError)


async def test_the_send_buffer_is_bounded_in_packets(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(3):
            await conn.expect_text(f'42["e",{number}]')
        await conn.expect_nothing()

    peer = await serve(script)
    limits = sioc.Limits(max_send_buffer=3)
    socket = io(peer.url, limits=limits, auto_connect=False)
    for number in range(3):
        socket.emit("e", number)
    with pytest.raises(sioc.BufferFullError):
        socket.emit("e", 3)
    with pytest.raises(sioc.BufferFullError):
        await socket.emit_with_ack("e", 3)

    await socket.connect()
    await peer.played()


async def test_the_send_buffer_can_be_looked_at(serve: Serve, io: OpenSocket) -> None:
    peer = await serve(welcome)
    socket = io(peer.url, auto_connect=False)
    socket.emit("e", 1)
    socket.emit("e", b"x")
    assert len(socket.send_buffer) == 2
    assert len(socket.receive_buffer) == 0
    await socket.connect()
    assert len(socket.send_buffer) == 0


async def test_the_send_buffer_is_bounded_in_bytes(
    serve: Serve, io: OpenSocket
) -> None:
    peer = await serve(welcome)
    limits = sioc.Limits(max_send_bytes=200_000)
    socket = io(peer.url, limits=limits, auto_connect=False)
    for _ in range(3):
        socket.emit("e", CHUNK)
    with pytest.raises(sioc.BufferFullError):
        socket.emit("e", CHUNK)
    await socket.connect()
    socket.emit("e", CHUNK)


async def test_a_peer_that_stops_reading(serve: Serve, io: OpenSocket) -> None:
    go = asyncio.Event()
    emitted = 0

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await go.wait()
        for _ in range(emitted):
            await conn.next_text()
            await conn.expect_binary(CHUNK)
        await conn.expect_text('420["ack","round trip"]')
        conn.send_text('430["round trip"]')

    peer = await serve(script)
    limits = sioc.Limits(write_high_water=65_536, max_write_buffer=1 << 20)
    socket = await io(peer.url, limits=limits)

    async def flood() -> None:
        nonlocal emitted
        for _ in range(1000):
            socket.emit("e", CHUNK)
            emitted += 1
            await asyncio.sleep(0)

    # The kernel's buffers grow for a while.
    for _ in range(50):
        with pytest.raises(sioc.BufferFullError):
            await flood()
        assert socket.buffered_amount <= 1 << 20
        try:
            await asyncio.wait_for(socket.drain(), 0.05)
        except TIMEOUTS:
            break
    else:
        pytest.fail("the peer still reads")
    assert socket.connected
    go.set()
    await asyncio.wait_for(socket.drain(), 5)
    await round_trip(socket)
    await peer.played()


async def test_leaving_waits_until_a_slow_peer_has_read(
    serve: Serve, io: OpenSocket
) -> None:
    """The connection stays for the other namespace; what was emitted gets out."""
    go = asyncio.Event()
    emitted = 0

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.join("/other")
        await go.wait()
        for _ in range(emitted):
            await conn.next_text()
            await conn.expect_binary(CHUNK)
        await conn.expect_text("41")
        await conn.until_end()

    peer = await serve(script)
    socket = await io(peer.url, force_new=True)
    other = await socket.io.socket("/other").connect()
    while socket.buffered_amount < 4 * len(CHUNK):
        socket.emit("e", CHUNK)
        emitted += 1
        await asyncio.sleep(0)
    left = asyncio.ensure_future(socket.disconnect())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not left.done()
    go.set()
    await asyncio.wait_for(left, 5)
    assert other.connected
    assert other.buffered_amount == 0


async def test_the_acks_owed_are_bounded(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["q"]')
        await conn.expect_text('421["q"]')
        await conn.expect_nothing()
        conn.send_text("430[]", "431[]")

    peer = await serve(script)
    socket = await io(peer.url, limits=sioc.Limits(max_pending_acks=2))
    asked = [asyncio.ensure_future(socket.emit_with_ack("q")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(sioc.BufferFullError):
        await socket.emit_with_ack("q")
    assert await asyncio.gather(*asked) == [None, None]
    await peer.played()


async def test_slow_listeners_pause_the_reading(serve: Serve, io: OpenSocket) -> None:
    count = 300

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        text = "t" * 50_000
        for number in range(count):
            conn.send_text(f'42["e",{number},"{text}"]')
        await conn.drain()
        await conn.until_end(timeout=8)

    peer = await serve(script)
    socket = io(peer.url, limits=sioc.Limits(max_pending_handlers=8))
    started: list[int] = []
    release, done = asyncio.Event(), asyncio.Event()

    @socket.on("e")
    async def listener(number: int) -> None:
        started.append(number)
        await release.wait()
        if number == count - 1:
            done.set()

    await socket
    # Time for all of it to be read, if the reading did not pause.
    await asyncio.sleep(0.3)
    # What one read had brought is delivered still.
    assert 8 <= len(started) < 60
    release.set()
    await asyncio.wait_for(done.wait(), 5)
    assert started == list(range(count))


async def test_the_first_answer_of_polling_is_taken_in_pieces_too(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    count = 1_000
    socket = io(http_peer.url, limits=sioc.Limits(max_pending_handlers=8), **POLLING)
    started = 0
    release, done = asyncio.Event(), asyncio.Event()

    @socket.on("e")
    async def listener() -> None:
        nonlocal started
        started += 1
        if started == count:
            done.set()
        await release.wait()

    first = await http_peer.get()
    text = "x" * 100
    events = (f'42["e","{text}"]',) * count
    first.deliver(open_packet(upgrades=["websocket"]), '40{"sid":"x"}', *events)
    await socket
    await http_peer.expect_post("40")
    for _ in range(20):
        await asyncio.sleep(0)
    # As many as 16 KiB hold, and some that had been begun.
    assert 8 <= started < 300
    release.set()
    await asyncio.wait_for(done.wait(), 5)
    (await http_peer.get()).deliver("41")


async def test_a_flood_of_pings_is_answered_without_a_heap_of_pongs(
    serve: Serve, io: OpenSocket
) -> None:
    """Pings that come together may share a pong; none makes a task."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_raw(encode_frame(TEXT, b"2") * 50_000)
        conn.send_text('420["end"]')
        pongs = 0
        while (packet := await conn.next_text()) == "3":
            pongs += 1
        assert packet == "430[]"
        assert 1 <= pongs <= 50_000

    peer = await serve(script)
    socket = io(peer.url)
    tasks: list[int] = []
    socket.on("end", lambda: tasks.append(len(asyncio.all_tasks())))
    await socket
    before = len(asyncio.all_tasks())
    await peer.played()
    assert tasks[0] <= before
    assert socket.connected


async def test_how_many_listeners_may_wait_for_acks_has_an_end(
    serve: Serve, io: OpenSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads are let through while an ack is owed, but not for ever."""
    monkeypatch.setattr("sioc.backpressure.PAUSE", 0.005)
    count = 400

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["never answered"]')
        text = "t" * 100_000
        for _ in range(count):
            conn.send_text(f'42["e","{text}"]')
        await conn.until_end(timeout=8)

    peer = await serve(script)
    socket = io(peer.url, limits=sioc.Limits(max_pending_handlers=2))
    release, full = asyncio.Event(), asyncio.Event()
    started = 0

    @socket.on("e")
    async def listener(_text: str) -> None:
        nonlocal started
        started += 1
        if started >= 32:
            full.set()
        await release.wait()

    await socket
    socket.emit("never answered", ack=lambda: None)
    await asyncio.wait_for(full.wait(), 8)
    # Time for a hundred more reads.
    await asyncio.sleep(0.6)
    assert started < 60
    release.set()


async def lose_while_crowded(conn: RawConnection) -> None:
    """Keep two listeners busy, and cut the connection when the client asks."""
    await conn.establish()
    conn.send_text('42["e",1]', '42["e",2]')
    await conn.expect_text('420["lose"]')
    conn.reset()


async def test_slow_listeners_pause_the_next_connection_too(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["e",3]')
        await conn.until_end()

    peer = await serve(lose_while_crowded, script)
    socket = io(peer.url, limits=sioc.Limits(max_pending_handlers=2))
    release, done = asyncio.Event(), asyncio.Event()
    started: list[int] = []

    @socket.on("e")
    async def listener(number: int) -> None:
        started.append(number)
        await release.wait()
        if number == 3:
            done.set()

    with pytest.raises(sioc.DisconnectedError):
        await socket.emit_with_ack("lose")
    # The answer to CONNECT is read all the same.
    await socket.wait_connected(5)
    assert socket.io.wire.crowded
    release.set()
    await asyncio.wait_for(done.wait(), 5)
    assert started == [1, 2, 3]


async def test_slow_listeners_that_end_while_a_connection_is_prepared(
    serve: Serve, io: OpenSocket
) -> None:
    release, ended = asyncio.Event(), asyncio.Event()
    asked = 0

    async def query() -> dict[str, str]:
        nonlocal asked
        asked += 1
        if asked == 2:
            release.set()
            await ended.wait()
        return {}

    peer = await serve(lose_while_crowded, welcome)
    limits = sioc.Limits(max_pending_handlers=2)
    socket = io(peer.url, limits=limits, query=query)

    @socket.on("e")
    async def listener(number: int) -> None:
        await release.wait()
        if number == 2:
            asyncio.get_running_loop().call_soon(ended.set)

    with pytest.raises(sioc.DisconnectedError):
        await socket.emit_with_ack("lose")
    await socket.wait_connected(5)
    assert asked == 2
    assert not socket.io.wire.crowded

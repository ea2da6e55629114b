"""The option `retries`, packet by packet (behaviour 4.12)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection


async def test_one_event_is_in_flight_and_each_try_has_an_id_of_its_own(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(3):
            await conn.expect_text(f'42{number}["echo",{number + 1}]')
            await conn.expect_nothing()
            conn.send_text(f'43{number}["ok"]')

    peer = await serve(script)
    socket = await io(peer.url, retries=1, ack_timeout=5)
    answers: list[Any] = []
    left: list[int] = []

    def answered(*args: Any) -> None:
        answers.append(args)
        left.append(socket.retries_pending)

    for number in (1, 2, 3):
        socket.emit("echo", number, ack=answered)
    assert socket.retries_pending == 3
    assert socket.send_buffer == []
    assert socket.buffered_amount > 0
    await peer.played()
    while len(answers) < 3:
        await asyncio.sleep(0)

    assert answers == [(None, "ok")] * 3
    assert left == [2, 1, 0]
    assert socket.buffered_amount == 0


async def test_what_is_never_acknowledged_fails_after_the_last_try(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(4):
            await conn.expect_text(f'42{number}["a"]')
        await conn.expect_text('424["b"]')
        conn.send_text("434[]")

    peer = await serve(script)
    socket = await io(peer.url, retries=3, ack_timeout=0.05)
    first = asyncio.ensure_future(socket.emit_with_ack("a"))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(socket.emit_with_ack("b", timeout=5))

    with pytest.raises(sioc.AckTimeoutError):
        await first
    assert await second is None
    assert socket.retries_pending == 0
    assert socket.acks_pending == 0


async def test_nothing_is_sent_while_disconnected(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["a",1]')
        conn.send_text("430[]")
        await conn.expect_text('421["a",2]')

    peer = await serve(script)
    socket = io(peer.url, retries=3, auto_connect=False)
    changing = [1]
    socket.emit("a", *changing)
    changing[0] = 3
    socket.emit("a", 2)
    assert socket.retries_pending == 2
    assert socket.send_buffer == []
    await socket.connect()
    await peer.played()


async def test_an_event_emitted_in_a_connect_listener_is_sent_once(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["a"]')
        await conn.expect_nothing()
        conn.send_text("430[null]")

    peer = await serve(script)
    socket = io(peer.url, retries=3)
    answers: list[Any] = []
    socket.on("connect", lambda: socket.emit("a", ack=lambda *a: answers.append(a)))
    await socket
    await peer.played()
    while not answers:
        await asyncio.sleep(0)
    assert answers == [(None, None)]


async def test_the_event_in_flight_is_sent_again_on_the_next_connection(
    serve: Serve, io: OpenSocket
) -> None:
    async def first(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["a",1]')
        conn.reset()

    async def second(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('421["a",1]')
        conn.send_text('430["late"]', '431["now"]')
        await conn.expect_text('422["a",2]')
        conn.send_text("432[]")

    peer = await serve(first, second)
    socket = await io(peer.url, retries=1)
    both = asyncio.gather(socket.emit_with_ack("a", 1), socket.emit_with_ack("a", 2))
    assert await asyncio.wait_for(both, 5) == ["now", None]


async def test_a_lost_connection_is_a_failed_try(serve: Serve, io: OpenSocket) -> None:
    async def lose(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text(f'42{conn.number}["a"]')
        conn.reset()

    async def go_on(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('422["b"]')
        conn.send_text("432[1]")

    peer = await serve(lose, lose, go_on)
    socket = await io(peer.url, retries=1)
    waiting = [asyncio.ensure_future(socket.emit_with_ack(name)) for name in "ab"]
    with pytest.raises(sioc.DisconnectedError):
        await asyncio.wait_for(waiting[0], 5)
    assert await asyncio.wait_for(waiting[1], 5) == 1


async def test_a_cancelled_wait_takes_the_event_out_of_the_queue(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["a"]')
        await conn.expect_text('421["c"]')
        conn.send_text('430["late"]', "431[]")

    peer = await serve(script)
    socket = await io(peer.url, retries=3)
    waiting = [asyncio.ensure_future(socket.emit_with_ack(name)) for name in "abc"]
    await asyncio.sleep(0)
    waiting[1].cancel()
    waiting[0].cancel()
    assert await asyncio.wait_for(waiting[2], 5) is None
    assert socket.retries_pending == 0


async def test_volatile_passes_the_queue_by(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["queued"]')
        await conn.expect_text('42["at once"]')

    peer = await serve(script)
    socket = await io(peer.url, retries=3)
    socket.emit("queued")
    # The first packet of a turn ends it for volatile ones.
    await asyncio.sleep(0)
    socket.volatile.emit("at once")
    await peer.played()


async def test_prepared_and_binary_events_are_retried_too(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(2):
            await conn.expect_text(f'451-{number}["a",{{"_placeholder":true,"num":0}}]')
            await conn.expect_binary(b"xyz")
        conn.send_text("431[]")
        await conn.expect_text('422["send me",{"b":1}]')
        conn.send_text("432[]")
        await conn.expect_text('423["message","hi"]')

    peer = await serve(script)
    socket = await io(peer.url, retries=1)
    blob = bytearray(b"xyz")
    socket.timeout(0.05).emit("a", blob)
    blob[:] = b"..."
    socket.emit_prepared(sioc.prepare("send me", {"b": 1}))
    socket.send("hi")
    await peer.played()


async def test_outgoing_catch_alls_see_every_try(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["a",1]')
        await conn.expect_text('421["a",1]')
        conn.send_text("431[]")

    peer = await serve(script)
    socket = await io(peer.url, retries=2, ack_timeout=0.05)
    shown: list[Any] = []
    socket.on_any_outgoing(lambda *args: shown.append(args))
    assert await socket.emit_with_ack("a", 1) is None
    assert shown == [("a", 1), ("a", 1)]


async def test_an_empty_ack_is_a_success(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["a"]')
        conn.send_text("430")

    peer = await serve(script)
    socket = await io(peer.url, retries=3)
    answers: asyncio.Queue[Any] = asyncio.Queue()
    socket.emit("a", ack=lambda *args: answers.put_nowait(args))
    assert await asyncio.wait_for(answers.get(), 5) == (None,)


async def test_the_queue_is_bounded(io: OpenSocket) -> None:
    limits = sioc.Limits(max_send_buffer=3, max_send_bytes=1000)
    socket = io("http://127.0.0.1:1", retries=1, auto_connect=False, limits=limits)
    with pytest.raises(sioc.BufferFullError, match="max_send_bytes"):
        socket.emit("a", "x" * 1001)
    for _ in range(3):
        socket.emit("a")
    with pytest.raises(sioc.BufferFullError, match="max_send_buffer"):
        socket.emit("a")
    assert socket.retries_pending == 3


async def test_what_cannot_be_encoded_raises_at_emit(io: OpenSocket) -> None:
    socket = io("http://127.0.0.1:1", retries=1, auto_connect=False)
    with pytest.raises(TypeError):
        socket.emit("a", object())
    with pytest.raises(sioc.ReservedEventError):
        socket.emit("connect")
    with pytest.raises(ValueError, match="timeout"):
        socket.timeout(-1).emit("a", ack=print)
    assert socket.retries_pending == 0


async def test_where_there_is_no_room_a_try_is_made_later(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["volatile"]')
        await conn.expect_nothing()
        conn.send_text("430[]")
        await conn.expect_text('421["queued"]')
        conn.send_text("431[]")

    peer = await serve(script)
    socket = await io(peer.url, retries=5, limits=sioc.Limits(max_pending_acks=1))
    # The one ack that may be pending is not the queue's.
    other = asyncio.ensure_future(socket.volatile.emit_with_ack("volatile"))
    await asyncio.sleep(0)
    queued = asyncio.ensure_future(socket.emit_with_ack("queued"))
    assert await asyncio.wait_for(asyncio.gather(other, queued), 5) == [None, None]


async def test_leaving_while_there_is_no_room_leaves_nothing_behind(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()

    peer = await serve(script)
    socket = await io(peer.url, retries=5, limits=sioc.Limits(max_pending_acks=1))
    socket.volatile.emit("volatile", ack=print)
    await asyncio.sleep(0)
    socket.emit("queued")
    await socket.disconnect()
    assert socket.retries_pending == 1


async def test_where_the_write_buffer_is_full_a_try_is_made_later(
    serve: Serve, io: OpenSocket
) -> None:
    first, second = "x" * 40_000, "y" * 190_000

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text(f'42["volatile","{first}"]')
        await conn.expect_text(f'421["queued","{second}"]')
        conn.send_text("431[]")

    peer = await serve(script)
    limits = sioc.Limits(write_high_water=65_536, max_write_buffer=200_000)
    socket = await io(peer.url, retries=1, limits=limits)
    # In one step of the loop: nothing is written in between.
    socket.volatile.emit("volatile", first)
    socket.emit("queued", second)
    await peer.played()
    while socket.retries_pending:
        await asyncio.sleep(0)

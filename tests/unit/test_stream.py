"""Streams of events: bounded, in order, and ended in every way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection

Script = Callable[[RawConnection], Coroutine[Any, Any, None]]


@pytest.fixture
def offline() -> sioc.Socket:
    """Return a Socket that does not connect."""
    return sioc.io("http://127.0.0.1:1", auto_connect=False, force_new=True)


def send(*packets: str, times: int = 1) -> Script:
    """Return a script that sends packets, each time the client emits something."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for _ in range(times):
            await conn.expect_text('42["go"]')
            conn.send_text(*packets, '42["end"]')

    return script


async def fetch(socket: sioc.Socket) -> None:
    """Ask for the packets, and wait until they have come."""
    ended = asyncio.ensure_future(socket.wait_for("end", timeout=5))
    await asyncio.sleep(0)
    socket.emit("go")
    await ended


TICKS = [f'42["tick",{number}]' for number in range(5)]


async def taken(stream: sioc.Stream, count: int) -> list[Any]:
    """Take the data of so many events."""
    return [(await asyncio.wait_for(anext(stream), 5)).data for _ in range(count)]


# The event.


@pytest.mark.parametrize(
    ("args", "data"),
    [((), None), ((1,), 1), ((None,), None), (([],), []), ((1, 2), (1, 2))],
)
def test_the_data_of_an_event(args: tuple[Any, ...], data: Any) -> None:
    event = sioc.Event("tick", args, None)
    assert (event.name, event.args, event.data) == ("tick", args, data)
    assert repr(event) == f"Event('tick', {args!r})"


def test_the_ack_of_an_event() -> None:
    acks: list[tuple[Any, ...]] = []
    sioc.Event("tick", (), lambda *args: acks.append(args)).ack(1, b"x")
    sioc.Event("tick", (), None).ack(2)
    assert acks == [(1, b"x")]


# Making a stream.


def test_a_stream_is_of_names(offline: sioc.Socket) -> None:
    with pytest.raises(ValueError, match="name them"):
        offline.stream(types=int)
    with pytest.raises(TypeError):
        offline.stream("tick", 5)  # type: ignore[arg-type]
    assert not offline.has_listeners("tick")


@pytest.mark.parametrize("maxsize", [0, -1])
def test_a_stream_holds_at_least_one(offline: sioc.Socket, maxsize: int) -> None:
    with pytest.raises(ValueError, match="maxsize"):
        offline.stream("tick", maxsize=maxsize)
    assert not offline.has_listeners("tick")


@pytest.mark.parametrize("maxsize", ["a", 1.5, None, True])
def test_the_size_of_a_stream_is_an_int(offline: sioc.Socket, maxsize: Any) -> None:
    with pytest.raises(TypeError, match=f"maxsize must be an int, not {maxsize!r}"):
        offline.stream("tick", maxsize=maxsize)
    assert not offline.has_listeners("tick")


@pytest.mark.parametrize("overflow", ["", "drop", "DROP_OLDEST", None])
def test_a_stream_has_one_of_three_policies(
    offline: sioc.Socket, overflow: Any
) -> None:
    with pytest.raises(ValueError, match="drop_oldest"):
        offline.stream("tick", overflow=overflow)
    assert not offline.has_listeners("tick")


def test_a_stream_listens_until_it_is_closed(offline: sioc.Socket) -> None:
    stream = offline.stream("a", "b")
    assert offline.has_listeners("a")
    assert offline.has_listeners("b")
    stream.close()
    stream.close()
    assert not offline.has_listeners("a")
    assert not offline.has_listeners("b")


def test_closing_a_stream_leaves_the_others(offline: sioc.Socket) -> None:
    offline.on("a", print)
    first, second = offline.stream("a"), offline.stream("a")
    first.close()
    assert offline.listeners("a") == [print]
    offline.off("a", print)
    assert offline.has_listeners("a")
    second.close()
    assert not offline.has_listeners("a")


@pytest.mark.parametrize("name", [("tick",), ()])
async def test_removing_listeners_leaves_streams(
    serve: Serve, io: OpenSocket, name: tuple[str, ...]
) -> None:
    socket = await io((await serve(send(*TICKS))).url)
    seen: list[Any] = []
    socket.on("tick", seen.append).on_any(seen.append)
    ticks, typed = socket.stream("tick"), socket.stream("tick", types=int)
    everything = socket.stream()
    socket.off(*name).off_any()
    assert socket.listeners("tick") == socket.listeners_any() == seen
    await fetch(socket)
    assert await taken(ticks, 5) == await taken(typed, 5) == list(range(5))
    assert (await anext(everything)).args == (0,)
    assert seen == []
    for stream in ticks, typed, everything:
        stream.close()
    assert not socket.has_listeners("tick")


def test_a_stream_shows_what_it_is_of(offline: sioc.Socket) -> None:
    assert repr(offline.stream("a", "b")) == (
        f"<Stream of 'a', 'b', 0 waiting, {offline!r}>"
    )
    assert repr(offline.stream()).startswith("<Stream of all events, 0 waiting, <So")


# Taking events.


async def test_events_come_in_order_of_arrival(serve: Serve, io: OpenSocket) -> None:
    packets = ['42["b",0]', '42["a",1]', '42["c",2]', '42["a",3]', '42["b",4]']
    socket = await io((await serve(send(*packets))).url)
    async with socket.stream("a", "b") as stream:
        await fetch(socket)
        events = [await anext(stream) for _ in range(4)]
    assert [(e.name, e.data) for e in events] == [
        ("b", 0),
        ("a", 1),
        ("a", 3),
        ("b", 4),
    ]
    assert stream.dropped == 0


@pytest.mark.parametrize(
    ("overflow", "expected"),
    [("drop_oldest", [3, 4, 3, 4]), ("drop_newest", [0, 1, 0, 1])],
)
async def test_a_full_stream_drops(
    serve: Serve, io: OpenSocket, overflow: Any, expected: list[int]
) -> None:
    socket = await io((await serve(send(*TICKS, times=2))).url)
    async with socket.stream("tick", maxsize=2, overflow=overflow) as stream:
        await fetch(socket)
        data = await taken(stream, 2)
        assert stream.dropped == 3
        await fetch(socket)
        assert data + await taken(stream, 2) == expected
        assert stream.dropped == 6


async def test_a_full_stream_may_raise_once_what_waited_is_taken(
    serve: Serve, io: OpenSocket
) -> None:
    socket = await io((await serve(send(*TICKS, times=2))).url)
    async with socket.stream("tick", maxsize=2, overflow="error") as stream:
        await fetch(socket)
        assert await taken(stream, 2) == [0, 1]
        with pytest.raises(sioc.BufferFullError, match="maxsize") as caught:
            await anext(stream)
        assert (caught.value.limit, caught.value.value) == ("maxsize", 2)
        assert stream.dropped == 3
        # It was told once; the stream goes on.
        await fetch(socket)
        assert await taken(stream, 2) == [0, 1]


async def test_a_waiting_taker_is_woken(serve: Serve, io: OpenSocket) -> None:
    socket = await io((await serve(send('42["tick",1,2]'))).url)
    async with socket.stream("tick") as stream:
        taking = asyncio.ensure_future(anext(stream))
        await fetch(socket)
        assert (await asyncio.wait_for(taking, 5)).args == (1, 2)


async def test_a_cancelled_taker_loses_no_event(serve: Serve, io: OpenSocket) -> None:
    socket = await io((await serve(send(*TICKS))).url)
    async with socket.stream("tick") as stream:
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        # Cancelled in the very turn in which the first event wakes it.
        socket.once("tick", first.cancel)
        await fetch(socket)
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await taken(stream, 5) == [0, 1, 2, 3, 4]


async def test_two_takers_at_a_time_are_an_error(offline: sioc.Socket) -> None:
    async with offline.stream("tick") as stream:
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="iterated"):
            await anext(stream)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_streams_share_every_event(serve: Serve, io: OpenSocket) -> None:
    socket = await io((await serve(send(*TICKS))).url)
    async with socket.stream("tick") as one, socket.stream("tick") as two:
        await fetch(socket)
        assert await taken(one, 5) == await taken(two, 5) == [0, 1, 2, 3, 4]


async def test_an_event_may_be_acknowledged_once(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('427["question",1]', '42["question",2]')
        await conn.expect_text('437["answer"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    async with socket.stream("question") as stream:
        await socket
        asked, told = await anext(stream), await anext(stream)
        asked.ack("answer")
        asked.ack("again")
        told.ack("nobody asked")
        assert (asked.args, told.args) == ((1,), (2,))
        await peer.played()


async def test_a_stream_of_all_events_answers_them_too(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('427["question",1]', '42["told",2]', '428["other"]')
        await conn.expect_text('438["by another"]')
        await conn.expect_text('437["answer"]')
        await conn.expect_nothing()

    peer = await serve(script)
    socket = io(peer.url)
    socket.on("other", lambda: "by another")
    async with socket.stream() as stream:
        await socket
        events = [await asyncio.wait_for(anext(stream), 5) for _ in range(3)]
        for event in events:
            event.ack("answer")
        assert [(e.name, e.args) for e in events] == [
            ("question", (1,)),
            ("told", (2,)),
            ("other", ()),
        ]
        await peer.played()
    assert socket.listeners_any() == []


async def test_a_typed_stream(
    serve: Serve, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    packets = ['42["e",[1,2.5]]', '42["e",["no"]]', '42["e",[3,4],"surplus"]']
    socket = await io((await serve(send(*packets))).url)
    async with socket.stream("e", types=tuple[int, float]) as stream:
        await fetch(socket)
        assert await taken(stream, 2) == [(1, 2.5), (3, 4.0)]
    (context,) = loop_errors
    assert isinstance(context["exception"], sioc.ValidationError)


async def test_waiting_for_a_typed_event(
    serve: Serve, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    socket = await io((await serve(send('42["e","no"]', '42["e",5]'))).url)
    waiting = asyncio.ensure_future(socket.wait_for("e", 5, types=int))
    await asyncio.sleep(0)
    await fetch(socket)
    assert (await waiting).data == 5
    assert len(loop_errors) == 1


async def test_what_streams_drop_is_counted_together(
    serve: Serve, io: OpenSocket
) -> None:
    socket = await io((await serve(send(*TICKS))).url)
    async with (
        socket.stream("tick", maxsize=2) as one,
        socket.stream("tick", maxsize=4) as two,
    ):
        await fetch(socket)
        assert (one.dropped, two.dropped) == (3, 1)
    assert socket.io.stats.events_dropped == 4


# The end.


async def test_a_closed_stream_drops_what_waits(serve: Serve, io: OpenSocket) -> None:
    socket = await io((await serve(send(*TICKS))).url)
    stream = socket.stream("tick")
    await fetch(socket)
    await stream.aclose()
    assert [event async for event in stream] == []


async def test_closing_wakes_a_waiting_taker(offline: sioc.Socket) -> None:
    stream = offline.stream("tick")
    taking = asyncio.ensure_future(anext(stream, "end"))
    await asyncio.sleep(0)
    stream.close()
    assert await asyncio.wait_for(taking, 5) == "end"


@pytest.mark.parametrize("leave", ["disconnect", "server", "lost"])
async def test_a_stream_ends_with_its_socket_once_all_is_taken(
    serve: Serve, io: OpenSocket, leave: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text(*TICKS, '42["end"]')
        if leave == "server":
            conn.send_text("41")
        elif leave == "lost":
            conn.end()

    socket = io((await serve(script)).url, reconnection=False)
    stream = socket.stream("tick")
    ended = socket.stream("end")
    await socket
    await anext(ended)
    if leave == "disconnect":
        await socket.disconnect()
    data = [event.data async for event in stream]
    assert data == [0, 1, 2, 3, 4]
    assert [event async for event in stream] == []
    assert not socket.has_listeners("tick")


async def test_leaving_the_block_by_an_error_closes(offline: sioc.Socket) -> None:
    with pytest.raises(KeyError):
        async with offline.stream("tick"):
            raise KeyError
    assert not offline.has_listeners("tick")


async def test_wait_for_leaves_nothing_however_it_ends(offline: sioc.Socket) -> None:
    with pytest.raises(TimeoutError):
        await offline.wait_for("tick", timeout=0.01)
    waiting = asyncio.ensure_future(offline.wait_for("tick"))
    await asyncio.sleep(0)
    assert offline.has_listeners("tick")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not offline.has_listeners("tick")


async def test_wait_for_on_a_socket_that_is_closed_raises(
    serve: Serve, io: OpenSocket
) -> None:
    socket = await io((await serve(send(times=0))).url)
    waiting = asyncio.ensure_future(socket.wait_for("tick"))
    await asyncio.sleep(0)
    await socket.disconnect()
    with pytest.raises(sioc.DisconnectedError) as caught:
        await asyncio.wait_for(waiting, 5)
    assert caught.value.reason == "io client disconnect"

"""The acks a server owes: how each waiter is answered, in time or not, once."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection

Errors = list[dict[str, Any]]


@pytest.fixture
def offline() -> sioc.Socket:
    """Return a Socket that holds what is emitted."""
    return sioc.io("http://127.0.0.1:1", auto_connect=False, force_new=True)


def answer(*acks: str, count: int = 1) -> Callable[[RawConnection], Any]:
    """Return a script that reads so many packets and sends acks."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for _ in range(count):
            await conn.next_text()
        conn.send_text(*acks, '42["end"]')

    return script


async def end_of(socket: sioc.Socket) -> None:
    """Wait until the script's acks have been delivered."""
    await socket.wait_for("end", timeout=5)


# What a callback is called with.


@pytest.mark.parametrize(
    ("ack", "args"),
    [
        ("430", ()),
        ("430[]", ()),
        ("430[1]", (1,)),
        ('430[null,"b",[]]', (None, "b", [])),
    ],
)
@pytest.mark.parametrize("timeout", [None, 5])
async def test_a_callback_gets_what_the_server_sent(
    serve: Serve, io: OpenSocket, ack: str, args: tuple[Any, ...], timeout: int | None
) -> None:
    socket = await io((await serve(answer(ack))).url)
    calls: list[tuple[Any, ...]] = []

    def callback(*given: Any) -> None:
        calls.append(given)

    if timeout is None:
        socket.emit("e", ack=callback)
    else:
        # Error-first, as there may be an error (4.9.3).
        socket.timeout(timeout).emit("e", ack=callback)
        args = (None, *args)
    await end_of(socket)
    assert calls == [args]
    assert socket.acks_pending == 0


async def test_surplus_arguments_of_an_ack_are_dropped(
    serve: Serve, io: OpenSocket
) -> None:
    socket = await io((await serve(answer("430[1,2,3]"))).url)
    calls: list[int] = []
    socket.emit("e", ack=lambda a: calls.append(a))
    await end_of(socket)
    assert calls == [1]


async def test_missing_arguments_of_an_ack_are_reported_in_words(
    serve: Serve, io: OpenSocket, loop_errors: Errors
) -> None:
    socket = await io((await serve(answer("430[1]"))).url)
    socket.emit("question", ack=lambda a, b: None)
    await end_of(socket)
    (context,) = loop_errors
    assert isinstance(context["exception"], TypeError)
    assert "the server sent 1 argument" in str(context["exception"])
    assert "needs 2" in str(context["exception"])
    assert context["event"] == "question"


@pytest.mark.parametrize("error", [ValueError("bad"), asyncio.CancelledError()])
async def test_a_callback_that_raises_harms_no_other(
    serve: Serve, io: OpenSocket, loop_errors: Errors, error: BaseException
) -> None:
    socket = await io((await serve(answer("430[]", "431[1]", count=2))).url)
    calls: list[int] = []

    def fail() -> None:
        raise error

    socket.emit("question", ack=fail)
    socket.emit("e", ack=calls.append)
    await end_of(socket)
    assert socket.connected
    assert calls == [1]
    (context,) = loop_errors
    assert context["exception"] is error
    assert (context["event"], context["listener"]) == ("question", fail)
    assert socket.io.stats.listener_errors == 1


@pytest.mark.parametrize("run", [asyncio.run, sioc.run])
def test_the_time_of_an_ack_begins_with_the_loop(
    run: Callable[[Any], None], dead_port: int
) -> None:
    one = sioc.Limits(max_send_buffer=1)
    socket = sioc.io(
        f"http://127.0.0.1:{dead_port}",
        auto_connect=False,
        limits=one,
        ack_timeout=0.01,
    )
    errors: list[object] = []
    over = asyncio.Event()

    def callback(error: object) -> None:
        errors.append(error)
        over.set()

    socket.emit("e", ack=callback)
    with pytest.raises(sioc.BufferFullError):
        socket.emit("one too many", ack=callback)
    assert socket.acks_pending == 1

    async def main() -> None:
        socket.connect()
        await asyncio.wait_for(over.wait(), 5)
        await socket.disconnect()

    run(main())
    assert [type(error) for error in errors] == [sioc.AckTimeoutError]
    assert (socket.acks_pending, socket.send_buffer) == (0, [])


async def test_a_callback_that_raises_in_time_harms_no_other_deadline(
    offline: sioc.Socket, loop_errors: Errors
) -> None:
    done = asyncio.Event()

    def fail(error: Exception) -> None:
        raise asyncio.CancelledError

    offline.timeout(0.01).emit("e", ack=fail)
    offline.timeout(0.02).emit("e", ack=lambda error: done.set())
    await asyncio.wait_for(done.wait(), 5)
    assert offline.acks_pending == 0
    assert len(loop_errors) == 1


async def test_a_coroutine_function_may_be_the_callback(
    serve: Serve, io: OpenSocket
) -> None:
    socket = await io((await serve(answer("430[1]"))).url)
    answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def callback(value: int) -> None:
        await asyncio.sleep(0)
        answered.set_result(value)

    socket.emit("e", ack=callback)
    assert await asyncio.wait_for(answered, 5) == 1


async def test_a_callback_may_emit_again(serve: Serve, io: OpenSocket) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(3):
            await conn.expect_text(f'42{number}["e",{number}]')
            conn.send_text(f"43{number}[{number}]")

    peer = await serve(script)
    socket = await io(peer.url)

    def next_one(number: int) -> None:
        if number < 2:
            socket.emit("e", number + 1, ack=next_one)

    socket.emit("e", 0, ack=next_one)
    await peer.played()


# Which acks count.


@pytest.mark.parametrize(
    "ack", ["431[]", "437", "439007199254740991[]", "43/other,0[]", '461-5["x"]']
)
async def test_an_ack_nobody_waits_for_is_ignored(
    serve: Serve, io: OpenSocket, ack: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.next_text()
        conn.send_text(ack)
        if ack.startswith("46"):
            conn.send_binary(b"x")
        conn.send_text('430["mine"]')

    peer = await serve(script)
    socket = await io(peer.url)
    assert await socket.emit_with_ack("e", timeout=5) == "mine"
    assert sum(socket.io.stats.ignored.values()) == 1


async def test_a_second_ack_of_an_id_is_ignored(serve: Serve, io: OpenSocket) -> None:
    socket = await io((await serve(answer("430[1]", "430[2]"))).url)
    calls: list[int] = []
    socket.emit("e", ack=calls.append)
    await end_of(socket)
    assert calls == [1]


async def test_an_ack_before_its_event_was_sent_is_ignored(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.accept()
        conn.open_packet()
        await conn.expect_connect()
        # A server that guesses ids answers nothing it has not seen.
        conn.send_text('430["guessed"]')
        conn.connect_reply()
        await conn.expect_text('420["e"]')
        conn.send_text('430["seen"]')

    socket = io((await serve(script)).url)
    assert await socket.emit_with_ack("e", timeout=5) == "seen"


@pytest.mark.parametrize("ack", ['430["a"', "430{}", '461-0[{"_placeholder":true}]'])
async def test_a_broken_ack_answers_nobody(
    serve: Serve, io: OpenSocket, ack: str
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.next_text()
        conn.send_text(ack)
        conn.send_binary(b"x")
        await conn.until_end()

    peer = await serve(script)
    socket = await io(peer.url, reconnection=False)
    with pytest.raises(sioc.DisconnectedError) as caught:
        await socket.emit_with_ack("e", timeout=5)
    assert caught.value.reason == "parse error"
    assert socket.acks_pending == 0


# Deadlines.


async def test_acks_expire_in_the_order_of_their_deadlines(
    offline: sioc.Socket,
) -> None:
    expired: list[float] = []
    done = asyncio.Event()
    for seconds in (0.04, 0.01, 0.03, 0.0, 0.02):
        offline.timeout(seconds).emit(
            "e", ack=lambda error, seconds=seconds: expired.append(seconds)
        )
    offline.timeout(0.06).emit("e", ack=lambda error: done.set())
    assert offline.acks_pending == 6
    await asyncio.wait_for(done.wait(), 5)
    assert expired == [0.0, 0.01, 0.02, 0.03, 0.04]
    # What was never sent is not sent any more.
    assert (offline.acks_pending, offline.buffered_amount) == (0, 0)


async def test_a_timeout_of_zero_is_over_at_once_but_not_inside_emit(
    offline: sioc.Socket,
) -> None:
    errors: list[Any] = []
    done = asyncio.Event()
    offline.timeout(0).emit("e", ack=lambda error: (errors.append(error), done.set()))
    assert errors == []
    await asyncio.wait_for(done.wait(), 5)
    assert isinstance(errors[0], sioc.AckTimeoutError)


async def test_a_callback_that_expires_may_emit_with_a_deadline(
    offline: sioc.Socket,
) -> None:
    done = asyncio.Event()

    def again(error: Exception) -> None:
        offline.timeout(0.01).emit("e", ack=lambda error: done.set())

    offline.timeout(0.01).emit("e", ack=again)
    await asyncio.wait_for(done.wait(), 5)
    assert offline.acks_pending == 0


async def test_many_acks_with_deadlines_come_and_go(
    serve: Serve, io: OpenSocket
) -> None:
    count = 500

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(count):
            await conn.next_text()
            if number % 5:
                conn.send_text(f"43{number}[{number}]")

    socket = await io((await serve(script)).url)
    results = await asyncio.wait_for(
        asyncio.gather(
            *(
                socket.emit_with_ack("e", timeout=60 if number % 5 else 0.1)
                for number in range(count)
            ),
            return_exceptions=True,
        ),
        8,
    )
    for number, result in enumerate(results):
        if number % 5:
            assert result == number
        else:
            assert isinstance(result, sioc.AckTimeoutError)
    assert socket.acks_pending == 0


@pytest.mark.parametrize("seconds", ["soon", [], object(), math.nan])
async def test_a_timeout_that_is_none_leaves_nothing(
    offline: sioc.Socket, seconds: Any
) -> None:
    with pytest.raises((TypeError, ValueError)):
        await asyncio.wait_for(offline.emit_with_ack("e", timeout=seconds), 1)
    with pytest.raises((TypeError, ValueError)):
        offline.timeout(seconds).emit("e", ack=print)
    assert (offline.acks_pending, offline.buffered_amount) == (0, 0)
    # Later deadlines are kept all the same.
    with pytest.raises(sioc.AckTimeoutError):
        await asyncio.wait_for(offline.emit_with_ack("e", timeout=0.01), 1)


async def test_an_endless_timeout_is_none_at_all(offline: sioc.Socket) -> None:
    waiting = asyncio.ensure_future(offline.emit_with_ack("e", timeout=math.inf))
    with pytest.raises(sioc.AckTimeoutError):
        await asyncio.wait_for(offline.emit_with_ack("e", timeout=0.01), 1)
    assert not waiting.done()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (offline.acks_pending, offline.buffered_amount) == (0, 0)


# How many.


async def test_acks_owed_are_bounded(offline: sioc.Socket) -> None:
    limits = sioc.Limits(max_pending_acks=3)
    socket = sioc.io(
        "http://127.0.0.1:1", auto_connect=False, force_new=True, limits=limits
    )
    for _ in range(3):
        socket.emit("e", ack=print)
    size = socket.buffered_amount
    for emit in (socket.emit, socket.volatile.emit, socket.timeout(5).emit):
        with pytest.raises(sioc.BufferFullError) as caught:
            emit("e", ack=print)
        assert caught.value.limit == "max_pending_acks"
    with pytest.raises(sioc.BufferFullError):
        await socket.emit_with_ack("e")
    assert (socket.acks_pending, socket.buffered_amount) == (3, size)
    socket.emit("no ack")
    assert socket.buffered_amount > size


async def test_cancelling_thousands_leaves_nothing(offline: sioc.Socket) -> None:
    tasks = [
        asyncio.ensure_future(offline.emit_with_ack("e", number, timeout=60))
        for number in range(2_000)
    ]
    await asyncio.sleep(0)
    assert offline.acks_pending == 2_000
    for task in tasks[::-1]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(result) for result in results} == {asyncio.CancelledError}
    assert (offline.acks_pending, offline.buffered_amount) == (0, 0)

"""Coroutine listeners: when they start, what they see, in which order they run."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Coroutine
from typing import Any

import pytest

from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from sioc import EventEmitter

EAGER = sys.version_info >= (3, 12)
VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE")

Errors = list[dict[str, Any]]


@pytest.fixture
def emitter() -> EventEmitter:
    return EventEmitter()


async def test_the_first_step_runs_at_once_where_python_can(
    emitter: EventEmitter,
) -> None:
    seen: list[str] = []

    async def listener() -> None:
        seen.append("first step")
        await asyncio.sleep(0)
        seen.append("second step")

    emitter.on("e", listener).emit("e")
    seen.append("emitted")
    while len(seen) < 3:
        await asyncio.sleep(0)
    eager = ["first step", "emitted", "second step"]
    assert seen == (eager if EAGER else ["emitted", "first step", "second step"])


async def test_every_step_runs_inside_a_task_of_its_own(emitter: EventEmitter) -> None:
    tasks: list[asyncio.Task[Any] | None] = []
    done = asyncio.Event()

    async def listener(last: bool) -> None:
        tasks.append(asyncio.current_task())
        await asyncio.wait_for(asyncio.sleep(0), 5)
        tasks.append(asyncio.current_task())
        if last:
            done.set()

    emitter.on("e", listener)
    emitter.emit("e", False)
    emitter.emit("e", True)
    assert asyncio.current_task() not in tasks
    await asyncio.wait_for(done.wait(), 5)
    assert None not in tasks
    assert asyncio.current_task() not in tasks
    assert len(set(tasks)) == 2


async def test_a_listener_can_cancel_itself_in_its_first_step(
    emitter: EventEmitter, loop_errors: Errors
) -> None:
    ended = asyncio.Event()

    async def listener() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    emitter.on("e", listener).emit("e")
    await asyncio.wait_for(ended.wait(), 5)
    await asyncio.sleep(0)
    assert loop_errors == []


async def test_context_variables_stay_inside(emitter: EventEmitter) -> None:
    VARIABLE.set("caller")
    seen: list[str] = []
    done = asyncio.Event()

    async def listener() -> None:
        seen.append(VARIABLE.get())
        VARIABLE.set("listener")
        await asyncio.sleep(0)
        seen.append(VARIABLE.get())
        done.set()

    emitter.on("e", listener).emit("e")
    assert VARIABLE.get() == "caller"
    await asyncio.wait_for(done.wait(), 5)
    assert seen == ["caller", "listener"]
    assert VARIABLE.get() == "caller"


async def test_an_exception_in_the_first_step_is_reported(
    emitter: EventEmitter, loop_errors: Errors
) -> None:
    async def listener() -> None:
        raise KeyError("k")

    emitter.on("e", listener).emit("e")
    for _ in range(3):
        await asyncio.sleep(0)
    (context,) = loop_errors
    assert isinstance(context["exception"], KeyError)
    assert context["listener"] is listener


async def test_a_task_factory_of_the_program_s_is_used(emitter: EventEmitter) -> None:
    made: list[Coroutine[Any, Any, Any]] = []
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    def factory(
        loop: asyncio.AbstractEventLoop, coroutine: Any, **kwargs: Any
    ) -> asyncio.Task[Any]:
        made.append(coroutine)
        return asyncio.Task(coroutine, loop=loop, **kwargs)

    async def listener() -> None:
        done.set()

    loop.set_task_factory(factory)
    try:
        emitter.on("e", listener).emit("e")
        while not done.is_set():
            await asyncio.sleep(0)
    finally:
        loop.set_task_factory(None)
    assert len(made) == 1


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "later"])
@pytest.mark.parametrize("concurrency", [1, 2, None])
async def test_the_order_of_starting_is_that_of_arrival(
    serve: Serve, io: OpenSocket, concurrency: int | None, waits: bool
) -> None:
    count = 100

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(count):
            conn.send_text(f'42["e",{number}]')
            if number % 7 == 0:
                await conn.drain()
        await conn.until_end()

    started: list[int] = []
    running = most = 0
    done = asyncio.Event()
    socket = io((await serve(script)).url)

    @socket.on("e", concurrency=concurrency)
    async def listener(number: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        started.append(number)
        if waits or number % 3 == 0:
            await asyncio.sleep(0)
        running -= 1
        if number == count - 1:
            done.set()

    await socket
    await asyncio.wait_for(done.wait(), 5)
    assert started == list(range(count))
    assert most <= (concurrency or count)


async def test_a_listener_that_causes_its_own_event_waits_for_its_turn(
    serve: Serve, io: OpenSocket
) -> None:
    """Nothing of one run is mixed into another, even if no run ever waits."""
    seen: list[str] = []
    done = asyncio.Event()

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["e",1]')
        await conn.until_end()

    socket = io((await serve(script)).url)

    @socket.on("e", concurrency=1)
    async def listener(depth: int) -> None:
        seen.append(f"begin {depth}")
        if depth < 3:
            EventEmitter.emit(socket, "e", depth + 1)
        else:
            done.set()
        seen.append(f"end {depth}")

    await socket
    await asyncio.wait_for(done.wait(), 5)
    assert seen == [f"{word} {n}" for n in (1, 2, 3) for word in ("begin", "end")]


async def test_a_coroutine_that_ends_at_once_answers_no_sooner_than_the_others(
    serve: Serve, io: OpenSocket
) -> None:
    """An empty ack goes when all have ended, not before; a value wins."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('421["value"]', '422["nothing"]')
        await conn.expect_text('431["late"]')
        await conn.expect_text("432[]")
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url)
    released = asyncio.Event()

    async def nothing() -> None:
        return None

    async def waits() -> None:
        await released.wait()

    def late() -> str:
        asyncio.get_running_loop().call_soon(released.set)
        return "late"

    for event in ("value", "nothing"):
        socket.on(event, nothing)
        socket.on(event, waits)
        socket.on(event, nothing)
    socket.on("value", late)
    await socket
    await asyncio.sleep(0.05)
    await socket.disconnect()
    await peer.played()


async def test_a_task_factory_that_raises_leaves_the_turn_to_others(
    io: OpenSocket, loop_errors: Errors
) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    def factory(loop: asyncio.AbstractEventLoop, coroutine: Any, **kwargs: Any) -> Any:
        coroutine.close()
        raise OSError("no task")

    async def listener() -> None:
        done.set()

    socket = io("http://127.0.0.1:1", auto_connect=False)
    socket.on("e", listener, concurrency=1)
    loop.set_task_factory(factory)
    try:
        EventEmitter.emit(socket, "e")
    finally:
        loop.set_task_factory(None)
    (context,) = loop_errors
    assert isinstance(context["exception"], OSError)
    EventEmitter.emit(socket, "e")
    await asyncio.wait_for(done.wait(), 5)


class Named(asyncio.Future[Any]):
    """CPython 3.13 names what a task factory returns."""

    def set_name(self, name: str) -> None:
        pass


@pytest.mark.parametrize("concurrency", [1, None])
async def test_a_task_may_be_over_as_soon_as_it_is_made(
    io: OpenSocket, concurrency: int | None
) -> None:
    """As by an eager task factory, on any Python."""
    seen: list[int] = []
    loop = asyncio.get_running_loop()
    all_seen = loop.create_future()

    def factory(
        loop: asyncio.AbstractEventLoop, coroutine: Any, **kwargs: Any
    ) -> asyncio.Future[Any]:
        future = Named(loop=loop)
        with pytest.raises(StopIteration) as end:
            coroutine.send(None)
        future.set_result(end.value.value)
        return future

    async def listener(depth: int) -> None:
        if depth < 3:
            EventEmitter.emit(socket, "e", depth + 1)
            EventEmitter.emit(socket, "e", depth + 1)
        seen.append(depth)
        if len(seen) == 7:
            all_seen.set_result(None)

    socket = io("http://127.0.0.1:1", auto_connect=False)
    socket.on("e", listener, concurrency=concurrency)
    loop.set_task_factory(factory)
    try:
        EventEmitter.emit(socket, "e", 1)
        await asyncio.wait_for(all_seen, 5)
    finally:
        loop.set_task_factory(None)
    # One at a time they are in the order of arrival; else each is inside another.
    assert seen == ([1, 2, 2, 3, 3, 3, 3] if concurrency else [3, 3, 2, 3, 3, 2, 1])

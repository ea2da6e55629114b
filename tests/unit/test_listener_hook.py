"""The hook around listeners: entered, left, told of exceptions, and harmless."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection

current: ContextVar[str | None] = ContextVar("current", default=None)


class Spans(sioc.Hooks):
    """Note each span, and have it be the current one, as a tracer does."""

    def __init__(self) -> None:
        self.notes: list[tuple[Any, ...]] = []

    def listener(
        self, socket: sioc.Socket, event: str, fn: Callable[..., object]
    ) -> AbstractContextManager[object] | None:
        if event in ("connect", "end"):
            return None
        return self.span(socket.nsp, event)

    @contextmanager
    def span(self, nsp: str, event: str) -> Iterator[None]:
        self.notes.append(("enter", nsp, event))
        token = current.set(event)
        error: str | None = None
        try:
            yield
        except BaseException as raised:
            error = type(raised).__name__
            raise
        finally:
            current.reset(token)  # raises in another context than it was set in
            self.notes.append(("leave", nsp, event, error))


async def play(
    serve: Serve,
    io: OpenSocket,
    hooks: sioc.Hooks,
    prepare: Callable[[sioc.Socket], object],
    *,
    count: int = 1,
    **options: Any,
) -> None:
    """Let a server ask `e` so many times, and wait for the acks."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        for number in range(count):
            conn.send_text(f'42{number}["e",{number}]')
        acks = {(await conn.next_frame()).payload for _ in range(count)}
        assert acks == {b'43%d["ok"]' % number for number in range(count)}
        conn.send_text('42["end"]')
        await conn.until_end()

    socket = io((await serve(script)).url, hooks=hooks, **options)
    prepare(socket)
    async with socket.stream("end") as ends:
        await socket
        await asyncio.wait_for(anext(ends), 5)


def plain(number: int) -> str:
    assert current.get() == "e"
    return "ok"


async def at_once(number: int) -> str:
    assert current.get() == "e"
    return "ok"


async def later(number: int) -> str:
    for _ in range(3):
        assert current.get() == "e"
        await asyncio.sleep(0.001)
    return "ok"


class Callee:
    async def __call__(self, number: int) -> str:
        return await later(number)

    async def method(self, number: int) -> str:
        return await later(number)


SPAN = [("enter", "/", "e"), ("leave", "/", "e", None)]


@pytest.mark.parametrize("slow", [None, 60])
@pytest.mark.parametrize(
    "listener",
    [plain, at_once, later, partial(later), Callee(), Callee().method],
    ids=["plain", "at once", "later", "partial", "callable", "method"],
)
async def test_a_listener_runs_within_a_span(
    serve: Serve, io: OpenSocket, listener: Callable[..., Any], slow: float | None
) -> None:
    spans = Spans()
    await play(
        serve,
        io,
        spans,
        lambda socket: socket.on("e", listener),
        slow_listener_duration=slow,
    )
    assert spans.notes == SPAN
    assert current.get() is None


async def test_coroutines_side_by_side_have_spans_of_their_own(
    serve: Serve, io: OpenSocket
) -> None:
    spans = Spans()
    await play(serve, io, spans, lambda socket: socket.on("e", later), count=3)
    assert sorted(spans.notes) == sorted(3 * SPAN)
    assert spans.notes[:2] == 2 * SPAN[:1]


async def test_a_span_begins_when_it_is_the_coroutines_turn(
    serve: Serve, io: OpenSocket
) -> None:
    spans = Spans()

    def prepare(socket: sioc.Socket) -> None:
        socket.on("e", later, concurrency=1)

    await play(serve, io, spans, prepare, count=3)
    assert spans.notes == 3 * SPAN


async def test_every_kind_of_listener(serve: Serve, io: OpenSocket) -> None:
    spans = Spans()

    def prepare(socket: sioc.Socket) -> None:
        socket.once("e", lambda number: None)
        socket.on("e", lambda number: "ok", types=int)
        socket.on("e", lambda raw: None, raw=True)
        socket.on_any(lambda event, *args: None)

    await play(serve, io, spans, prepare)
    around_any = [("enter", "/", "*"), ("leave", "/", "*", None)]
    assert spans.notes == [*around_any, *3 * SPAN, *around_any]


async def test_streams_are_no_listeners(serve: Serve, io: OpenSocket) -> None:
    spans = Spans()

    def prepare(socket: sioc.Socket) -> None:
        streams = socket.stream("e"), socket.stream()
        socket.on("e", plain)
        assert len(streams) == 2

    await play(serve, io, spans, prepare)
    assert spans.notes == SPAN


@pytest.mark.parametrize("is_async", [False, True])
async def test_an_exception_passes_through_and_is_reported(
    serve: Serve, io: OpenSocket, loop_errors: list[dict[str, Any]], is_async: bool
) -> None:
    spans = Spans()

    def fail(number: int) -> None:
        raise KeyError(number)

    async def fail_later(number: int) -> None:
        await asyncio.sleep(0)
        raise KeyError(number)

    def prepare(socket: sioc.Socket) -> None:
        socket.on("e", fail_later if is_async else fail)
        socket.on("e", lambda number: "ok")

    await play(serve, io, spans, prepare)
    assert sorted(spans.notes, key=str) == sorted(
        [SPAN[0], ("leave", "/", "e", "KeyError"), *SPAN], key=str
    )
    assert [type(context["exception"]) for context in loop_errors] == [KeyError]


async def test_a_cancelled_listener_leaves_its_span(
    serve: Serve, io: OpenSocket
) -> None:
    spans = Spans()

    async def wait(number: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        assert "wait" in repr(task)
        asyncio.get_running_loop().call_soon(task.cancel)
        await asyncio.sleep(60)

    def prepare(socket: sioc.Socket) -> None:
        socket.on("e", wait)
        socket.on("e", lambda number: "ok")

    await play(serve, io, spans, prepare)
    assert ("leave", "/", "e", "CancelledError") in spans.notes


class Suppressing:
    """A context manager that goes wrong where it is told to."""

    def __init__(self, enter: bool = False, leave: bool = False) -> None:
        self.fails = enter, leave

    def __enter__(self) -> None:
        if self.fails[0]:
            raise LookupError("enter")

    def __exit__(self, *_: object) -> bool:
        if self.fails[1]:
            raise LookupError("leave")
        return True


def raise_hook(socket: sioc.Socket, event: str, fn: object) -> Any:
    raise LookupError("hook")


BROKEN: dict[str, Callable[..., Any]] = {
    "hook": raise_hook,
    "enter": lambda *_: Suppressing(enter=True),
    "leave": lambda *_: Suppressing(leave=True),
}


@pytest.mark.parametrize("where", BROKEN)
@pytest.mark.parametrize("listener", [lambda number: "ok", later])
async def test_a_hook_that_raises_harms_no_listener(
    serve: Serve,
    io: OpenSocket,
    loop_errors: list[dict[str, Any]],
    where: str,
    listener: Callable[..., Any],
) -> None:
    class Broken(sioc.Hooks):
        def listener(
            self, socket: sioc.Socket, event: str, fn: Callable[..., object]
        ) -> AbstractContextManager[object] | None:
            token = current.set("e")
            assert token is not None
            return BROKEN[where](socket, event, fn)  # type: ignore[no-any-return]

    await play(serve, io, Broken(), lambda socket: socket.on("e", listener))
    assert {context["message"] for context in loop_errors} == {
        "the hook listener raised"
    }
    assert {str(context["exception"]) for context in loop_errors} == {where}


async def test_a_span_cannot_swallow_an_exception(
    serve: Serve, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    class Swallowing(sioc.Hooks):
        def listener(
            self, socket: sioc.Socket, event: str, fn: Callable[..., object]
        ) -> AbstractContextManager[object]:
            return Suppressing()

    def fail(number: int) -> None:
        raise KeyError(number)

    def prepare(socket: sioc.Socket) -> None:
        socket.on("e", fail)
        socket.on("e", lambda number: "ok")

    await play(serve, io, Swallowing(), prepare)
    assert [type(context["exception"]) for context in loop_errors] == [KeyError]


async def test_hooks_without_it_leave_listeners_as_they_are(
    serve: Serve, io: OpenSocket
) -> None:
    for hooks in (None, sioc.Hooks(), Counting()):
        socket = io("http://127.0.0.1:1", auto_connect=False, hooks=hooks)
        assert socket.io._watch is None
    spans = io("http://127.0.0.1:1", auto_connect=False, hooks=Spans())
    assert spans.io._watch is not None


class Counting(sioc.Hooks):
    def packet_in(self, manager: sioc.Manager, packet: sioc.PacketInfo) -> None:
        pass


async def test_slow_listeners_are_found_within_spans(
    serve: Serve, io: OpenSocket, caplog: pytest.LogCaptureFixture
) -> None:
    async def culprit(number: int) -> str:
        time.sleep(0.03)  # noqa: ASYNC251 - it is what is looked for
        return "ok"

    spans = Spans()
    await play(
        serve,
        io,
        spans,
        lambda socket: socket.on("e", culprit),
        slow_listener_duration=0.02,
    )
    assert any("culprit" in line for line in caplog.messages)
    assert spans.notes == SPAN


class Indifferent(sioc.Hooks):
    """Override the hook, but have nothing to put around."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def listener(
        self, socket: sioc.Socket, event: str, fn: Callable[..., object]
    ) -> AbstractContextManager[object] | None:
        self.asked.append(event)
        return super().listener(socket, event, fn)


async def test_a_hook_with_nothing_to_put_around_hides_no_exception(
    serve: Serve, io: OpenSocket, loop_errors: list[dict[str, Any]]
) -> None:
    def broken(number: int) -> str:
        raise KeyError(number)

    def prepare(socket: sioc.Socket) -> None:
        socket.on("e", broken)
        socket.on("e", lambda number: "ok")

    hooks = Indifferent()
    await play(serve, io, hooks, prepare)
    assert hooks.asked.count("e") == 2
    (context,) = loop_errors
    assert isinstance(context["exception"], KeyError)

"""The option slow_listener_duration: who blocks the loop is named in the log."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.raw_connection import RawConnection
from sioc.watching import TimedCoroutine

LIMIT = 0.05  # seconds
BLOCK = 0.06

Log = pytest.LogCaptureFixture


def block() -> None:
    time.sleep(BLOCK)


def warnings(caplog: Log, name: str = "") -> list[str]:
    """Return the warnings of a listener; a busy machine may slow down others, too."""
    lines = [
        record.getMessage()
        for record in caplog.records
        if record.name == "sioc" and record.levelno == logging.WARNING
    ]
    return [line for line in lines if name in line]


async def play(serve: Serve, io: OpenSocket, prepare: Any, **options: Any) -> None:
    """Let a server send the event `e` and an `end`."""

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        conn.send_text('42["e",1]', '42["end"]')
        await conn.until_end()

    socket = io((await serve(script)).url, **options)
    async with socket.stream("end") as ends:
        prepare(socket)
        await socket
        await asyncio.wait_for(anext(ends), 5)
        await asyncio.sleep(2 * BLOCK)


async def test_a_plain_listener(serve: Serve, io: OpenSocket, caplog: Log) -> None:
    def culprit(number: int) -> None:
        block()

    def prepare(socket: sioc.Socket) -> None:
        socket.on("e", culprit)
        socket.on("e", lambda number: None)

    await play(serve, io, prepare, slow_listener_duration=LIMIT)
    (line,) = warnings(caplog, "culprit")
    assert re.search(r"of event 'e' blocked the event loop for \d\.\d{3} s$", line)


@pytest.mark.parametrize("step", [0, 1])
async def test_a_step_of_a_coroutine(
    serve: Serve, io: OpenSocket, caplog: Log, step: int
) -> None:
    async def culprit(number: int) -> None:
        for n in range(3):
            if n == step:
                block()
            await asyncio.sleep(BLOCK)  # blocks nothing

    await play(
        serve,
        io,
        lambda socket: socket.on("e", culprit),
        slow_listener_duration=LIMIT,
    )
    assert warnings(caplog, "culprit")


@pytest.mark.parametrize(
    "register", [sioc.Socket.once, sioc.Socket.on_any, sioc.Socket.prepend_any]
)
async def test_every_kind_of_listener(
    serve: Serve, io: OpenSocket, caplog: Log, register: Any
) -> None:
    def prepare(socket: sioc.Socket) -> None:
        args = ("e",) if register is sioc.Socket.once else ()
        register(socket, *args, lambda *args: block() if 1 in args else None)

    await play(serve, io, prepare, slow_listener_duration=LIMIT)
    assert warnings(caplog, "<lambda>")


async def test_by_default_nobody_looks(
    serve: Serve, io: OpenSocket, caplog: Log
) -> None:
    await play(serve, io, lambda socket: socket.on("e", block))
    assert warnings(caplog) == []


@pytest.mark.parametrize("duration", [LIMIT, None])
async def test_it_can_be_set_at_any_time(
    serve: Serve, io: OpenSocket, caplog: Log, duration: float | None
) -> None:
    """Also for listeners that are there."""

    def prepare(socket: sioc.Socket) -> None:
        socket.on("e", block)
        socket.on_any(lambda *args: None)
        socket.io.slow_listener_duration = duration
        assert socket.io.slow_listener_duration == duration

    other = None if duration else LIMIT
    await play(serve, io, prepare, slow_listener_duration=other)
    assert bool(warnings(caplog, "block at")) == bool(duration)


async def test_cancelling_a_timed_coroutine(serve: Serve, io: OpenSocket) -> None:
    cancelled: list[bool] = []

    async def listener(number: int) -> None:
        task = asyncio.current_task()
        assert task is not None
        assert "listener" in repr(task)
        asyncio.get_running_loop().call_soon(task.cancel)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    await play(
        serve,
        io,
        lambda socket: socket.on("e", listener),
        slow_listener_duration=LIMIT,
    )
    assert cancelled == [True]


async def test_a_timed_coroutine_is_for_a_task_alone() -> None:
    closed = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            closed.append(True)

    timed = TimedCoroutine(work(), lambda seconds: None)
    with pytest.raises(TypeError, match="a task of its own"):
        await timed
    timed.send(None)
    timed.close()
    assert closed == [True]

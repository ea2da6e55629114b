"""How a blocking façade ends: by fork, by close() elsewhere, with its loop, dropped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

import sioc
from sioc.testing import PeerProcess

FORK = """
import os, signal, sys, sioc

def child(socket, events, event):
    signal.alarm(5)
    uses = [
        lambda: socket.emit("e"),
        lambda: socket.call("question", 1, timeout=1),
        lambda: socket.on("e", print),
        lambda: next(events),
        lambda: event.ack(1),
        socket.connect,
        socket.disconnect,
    ]
    for use in uses:
        try:
            use()
        except RuntimeError as error:
            assert "forked" in str(error), error
        else:
            raise AssertionError("nothing raised")
    events.close()

with sioc.sync.io(sys.argv[1]) as socket:
    events = socket.events("asked")
    socket.emit("ask", "asked")
    event = next(events)
    pid = os.fork()
    if pid == 0:
        child(socket, events, event)
        sys.exit(7)  # by the end of the block
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status == 7, status
    assert socket.call("question", 42, timeout=5) == 42
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_is_told_so_and_may_leave_the_block(peer: PeerProcess) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, peer.url],
        capture_output=True,
        encoding="utf-8",
        timeout=9,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("reconnection", [False, True])
def test_a_facade_that_could_not_connect_is_released(
    dead_port: int, reconnection: bool
) -> None:
    url = f"http://127.0.0.1:{dead_port}"
    socket: Any = sioc.sync.io(url, reconnection=reconnection)
    (thread,) = (one for one in threading.enumerate() if one.name == "sioc")
    released = weakref.ref(socket)
    with contextlib.suppress(sioc.ConnectError):
        socket.connect()
    assert thread.is_alive()
    del socket
    assert released() is None  # without the collector, which may not run for long
    thread.join(5)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for what blocks."""
    with ThreadPoolExecutor() as executor:
        yield executor


@pytest.mark.parametrize("options", [{}, {"retries": 1, "ack_timeout": 60}])
@pytest.mark.parametrize("keeps", [False, True])
def test_close_ends_a_call_whose_event_is_held(
    peer: PeerProcess,
    dead_port: int,
    pool: ThreadPoolExecutor,
    options: dict[str, Any],
    keeps: bool,
) -> None:
    """Whether another Socket keeps the loop, or it ends as well."""
    other = sioc.sync.io(peer.url)
    socket = sioc.sync.io(f"http://127.0.0.1:{dead_port}", **options)
    call = pool.submit(socket.call, "question", 42)
    while not (socket.socket.acks_pending or socket.socket.retries_pending):
        socket.drain()  # a turn of the loop
    if not keeps:
        other.close()
    socket.close()
    with pytest.raises(sioc.DisconnectedError, match="the Socket was closed") as raised:
        call.result(5)
    assert raised.value.reason == "io client disconnect"
    with pytest.raises(RuntimeError, match=r"make another with sioc\.sync\.io"):
        socket.call("question", 42)
    other.close()


@pytest.mark.parametrize("run", [asyncio.run, sioc.run])
def test_the_end_of_the_loop_ends_a_call(
    dead_port: int, pool: ThreadPoolExecutor, run: Callable[[Any], Any]
) -> None:
    async def main() -> Future[Any]:
        socket = sioc.io(f"http://127.0.0.1:{dead_port}")
        blocking = sioc.sync.Socket(socket)
        call = pool.submit(blocking.call, "question", 42)
        while not socket.acks_pending:
            await asyncio.sleep(0)
        return call

    call = run(main())
    with pytest.raises(sioc.DisconnectedError, match="event loop has ended"):
        call.result(5)


def test_threads_that_close_at_a_time(
    peer: PeerProcess, pool: ThreadPoolExecutor
) -> None:
    socket = sioc.sync.io(peer.url)
    for closing in [pool.submit(socket.close) for _ in range(4)]:
        closing.result(5)


@pytest.mark.parametrize("keeps", [False, True])
def test_a_stream_ends_with_its_socket(
    peer: PeerProcess, pool: ThreadPoolExecutor, keeps: bool
) -> None:
    """Whether another Socket keeps the loop, or it ends as well."""
    other = sioc.sync.io(peer.url)
    socket = sioc.sync.io(peer.url)
    taken, dropped = socket.events("echo"), socket.events("echo")
    socket.emit("echo", 1)
    socket.call("what was sent before has come")
    waiting = pool.submit(list, socket.events())
    if not keeps:
        other.close()
    socket.close()
    assert waiting.result(5) == []
    dropped.close()
    assert list(dropped) == []
    assert [event.data for event in taken] == [1]
    other.close()


@pytest.mark.parametrize("keeps", [False, True])
def test_an_ack_after_the_end_does_nothing(peer: PeerProcess, keeps: bool) -> None:
    """Whether another Socket keeps the loop, or it ends as well."""
    other = sioc.sync.io(peer.url)
    with sioc.sync.io(peer.url) as socket:
        questions = socket.events("question", timeout=5)
        socket.emit("ask", "question")
        question = next(questions)
        if not keeps:
            other.close()
    question.ack(42)
    other.close()


@pytest.mark.parametrize("run", [asyncio.run, sioc.run])
def test_a_stream_ends_with_its_loop(
    dead_port: int, pool: ThreadPoolExecutor, run: Callable[[Any], Any]
) -> None:
    async def main() -> Future[list[Any]]:
        socket = sioc.io(f"http://127.0.0.1:{dead_port}")
        events = sioc.sync.Socket(socket).events("echo")
        iterating = pool.submit(list, events)
        while events._stream._taker is None:
            await asyncio.sleep(0)
        return iterating

    assert run(main()).result(5) == []

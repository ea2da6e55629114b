"""The blocking façade: one background loop, the async client behind it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from typing import Any

import msgspec
import pytest

import sioc
from sioc.sync.background import background
from sioc.testing import PeerProcess, serve

FAST: dict[str, Any] = {"reconnection_delay": 0.02, "reconnection_delay_max": 0.05}


def test_the_whole_of_it(peer: PeerProcess) -> None:
    with sioc.sync.io(peer.url) as socket:
        assert socket.connected
        assert socket.active
        assert socket.id
        assert socket.nsp == "/"
        assert repr(socket).startswith("<blocking <Socket / connected")
        assert socket.call("question", 42, timeout=5) == 42
        assert socket.emit_with_ack("two", 1, 2) == (1, 2)
        with socket.events("echo", timeout=5) as events:
            socket.emit("echo", {"a": b"\x00"})
            assert next(events).data == {"a": b"\x00"}
        socket.send("text")
        socket.drain()
        assert socket.stats.packets_out >= 4
    assert not socket.connected


def test_events_end_when_none_has_come_for_a_while(peer: PeerProcess) -> None:
    with sioc.sync.io(peer.url) as socket, socket.events(timeout=0.5) as events:
        socket.emit("flood", 3, "tick", {"n": 1})
        names = [event.name for event in events]
        assert names == ["tick", "tick", "tick", "flood:done"]
        # The stream goes on listening until it is closed.
        socket.emit("echo", 5)
        assert [event.data for event in events] == [5]
        assert events.dropped == 0


def test_waiting_on_a_socket_that_is_disconnected(peer: PeerProcess) -> None:
    with sioc.sync.io(peer.url) as socket:
        socket.disconnect()
        with pytest.raises(sioc.DisconnectedError, match=r"connect\(\)"):
            socket.wait_for("echo", timeout=60)
        assert list(socket.events("echo", timeout=60)) == []
    with pytest.raises(RuntimeError, match=r"make another with sioc\.sync\.io"):
        socket.wait_for("echo", timeout=60)


def test_a_stream_is_bounded_and_typed(peer: PeerProcess) -> None:
    class Tick(msgspec.Struct):
        n: int

    with sioc.sync.io(peer.url) as socket:
        ticks = socket.events("tick", timeout=0.2, maxsize=2, types=Tick)
        socket.emit("flood", 5, "tick", {"n": 1})
        socket.wait_for("flood:done", timeout=5)
        assert repr(ticks).startswith("<blocking <Stream of 'tick', 2 waiting, <Socket")
        assert [event.data for event in ticks] == [Tick(1), Tick(1)]
        assert ticks.dropped == 3


def test_a_stream_that_nobody_holds_stops_listening(peer: PeerProcess) -> None:
    with sioc.sync.io(peer.url) as socket:
        for event in socket.events("echo", timeout=0.01):
            raise AssertionError(event)
        socket.call("a turn of the loop")
        assert not socket.socket.has_listeners("echo")


def test_the_iteration_ends_with_the_socket(peer: PeerProcess) -> None:
    with sioc.sync.io(peer.url) as socket:
        events = socket.events("echo")
        socket.emit("kick")
        assert list(events) == []
        assert socket.wait_closed() == "io server disconnect"
        with pytest.raises(sioc.DisconnectedError):
            socket.wait_connected()
        socket.connect()
        assert socket.connected


def test_acks_to_the_server(peer: PeerProcess) -> None:
    with sioc.sync.io(peer.url) as socket:
        with socket.events("question", timeout=5) as questions:
            socket.emit("ask", "question", 6, 7)
            question = next(questions)
            with pytest.raises(TypeError):
                question.ack(object())
        socket.on("sum", lambda a, b: a + b)

        @socket.on("product")
        def product(a: int, b: int) -> int:
            return a * b

        with socket.events("answered", timeout=5) as answers:
            socket.emit("ask", "sum", 6, 7)
            assert next(answers).data == 13
            socket.emit("ask", "product", 6, 7)
            assert next(answers).data == 42
        socket.off("sum")
        assert not socket.socket.has_listeners("sum")


def test_what_is_raised(peer: PeerProcess, dead_port: int) -> None:
    with sioc.sync.io(peer.url) as socket:
        with pytest.raises(TypeError):
            socket.emit("e", object())
        with pytest.raises(sioc.ReservedEventError):
            socket.emit("connect")
        with pytest.raises(sioc.AckTimeoutError):
            socket.call("sink", timeout=0.02)
        with pytest.raises(TimeoutError, match="no 'e' within"):
            socket.wait_for("e", timeout=0.02)
    with (
        pytest.raises(sioc.ConnectError, match="not authorized"),
        sioc.sync.io(f"{peer.url}/refused"),
    ):
        pytest.fail("entered")
    with pytest.raises(TypeError, match="reconnection"):
        sioc.sync.io(peer.url, reconection=True)  # type: ignore[call-arg]
    dead = sioc.sync.io(f"http://127.0.0.1:{dead_port}", reconnection=False)
    with pytest.raises(sioc.ConnectError):
        dead.connect()
    with pytest.raises(sioc.DisconnectedError):
        dead.wait_connected(timeout=0.1)
    dead.close()
    dead.close()


def test_a_listener_must_not_wait_for_its_own_loop(peer: PeerProcess) -> None:
    raised: list[BaseException] = []

    with sioc.sync.io(peer.url) as socket:

        @socket.on("echo")
        def echo(number: int) -> None:
            socket.emit("other", number)  # does not wait
            try:
                socket.call("question")
            except RuntimeError as error:
                raised.append(error)

        with socket.events("echo", timeout=5) as events:
            socket.emit("echo", 1)
            next(events)
    assert "would block the event loop" in str(raised[0])


@pytest.mark.untraced
def test_emits_of_many_threads_arrive_in_the_order_of_each(peer: PeerProcess) -> None:
    count, workers = 2000, 4

    with sioc.sync.io(peer.url) as socket:
        events = socket.events("echo", timeout=5, maxsize=count * workers)

        def work(worker: int) -> None:
            for number in range(count):
                socket.emit("echo", worker, number)

        threads = [threading.Thread(target=work, args=(w,)) for w in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seen: dict[int, list[int]] = {}
        for _ in range(count * workers):
            worker, number = next(events).data
            seen.setdefault(worker, []).append(number)
    assert seen == {worker: list(range(count)) for worker in range(workers)}


def test_a_slow_connection_slows_the_emits_down(peer: PeerProcess) -> None:
    """More than fits the write buffer passes through it."""
    limits = sioc.Limits(write_high_water=65_536, max_write_buffer=1 << 20)
    chunk = b"x" * 100_000
    with sioc.sync.io(peer.url, limits=limits) as socket:
        for _ in range(50):
            socket.emit("sink", chunk)
        assert socket.call("ack", 1) == 1
        assert socket.stats.listener_errors == 0


def test_the_send_buffer_is_full(dead_port: int) -> None:
    socket = sioc.sync.io(
        f"http://127.0.0.1:{dead_port}", limits=sioc.Limits(max_send_buffer=2)
    )
    socket.emit("e")
    socket.emit("e")
    with pytest.raises(sioc.BufferFullError):
        socket.emit("e")
    socket.close()


def test_it_outlives_its_server() -> None:
    with PeerProcess() as peer, sioc.sync.io(peer.url, **FAST) as socket:
        first = socket.id
        peer.restart()
        socket.wait_for("connect", timeout=5)
        assert socket.wait_connected(timeout=5) is socket
        assert socket.id != first
        assert socket.call("q", 1, timeout=5) == 1


def test_sockets_share_the_loop_and_the_connection(peer: PeerProcess) -> None:
    with sioc.sync.io(peer.url) as root, sioc.sync.io(f"{peer.url}/chat") as chat:
        assert root.socket.io is chat.socket.io
        names = [thread.name for thread in threading.enumerate()]
        assert names.count("sioc") == 1


def test_a_facade_that_is_dropped_disconnects(peer: PeerProcess) -> None:
    socket: Any = sioc.sync.io(peer.url).connect()
    inner = socket.socket
    del socket
    deadline = time.monotonic() + 5
    while background._users and time.monotonic() < deadline:
        time.sleep(0.005)
    assert not inner.active
    while "sioc" in [t.name for t in threading.enumerate()]:
        assert time.monotonic() < deadline
        time.sleep(0.005)


async def test_threads_of_an_asyncio_program() -> None:
    async with serve() as peer, sioc.io(peer.url, force_new=True) as socket:
        blocking = sioc.sync.Socket(socket)

        def work() -> list[Any]:
            with blocking.events("tick", "flood:done", timeout=5) as events:
                blocking.emit("flood", 2, "tick", 1)
                data = [next(events).data for _ in range(3)]
            return [*data, blocking.call("question", 42, timeout=5)]

        assert await asyncio.to_thread(work) == [1, 1, 2, 42]
        with pytest.raises(RuntimeError, match="would block the event loop"):
            blocking.call("question")
        blocking.emit("here", 1)  # as good as the Socket's own
    unconnected = sioc.io("http://127.0.0.1:1", auto_connect=False)
    with pytest.raises(RuntimeError, match="connect it first"):
        sioc.sync.Socket(unconnected)


def python(source: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", source, *args],
        capture_output=True,
        encoding="utf-8",
        timeout=9,
    )


def test_a_program_that_just_ends_sends_what_it_emitted(peer: PeerProcess) -> None:
    program = """
import sys, sioc
socket = sioc.sync.io(sys.argv[1]).connect()
for n in range(1000):
    socket.emit("sink", n)
"""
    with sioc.sync.io(peer.url) as socket:
        before = socket.call("stats")
        result = python(program, peer.url)
        assert (result.returncode, result.stderr) == (0, "")
        after = socket.call("stats")
    assert after["events"] - before["events"] >= 1000


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_starts_a_loop_of_its_own(peer: PeerProcess) -> None:
    program = """
import os, sys, sioc
with sioc.sync.io(sys.argv[1]) as socket:
    child = os.fork()
    if child == 0:
        with sioc.sync.io(sys.argv[1], force_new=True) as own:
            ok = own.call("q", 7, timeout=5) == 7
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert socket.call("q", 8, timeout=5) == 8
"""
    result = python(program.replace("import os", "import warnings, os"), peer.url)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr


def test_ctrl_c_ends_the_waiting(peer: PeerProcess) -> None:
    program = """
import signal, sys, threading, time, os, sioc
with sioc.sync.io(sys.argv[1]) as socket:
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        socket.call("sink")
    except KeyboardInterrupt:
        socket.call("a turn of the loop")
        print("interrupted", socket.socket.acks_pending)
"""
    result = python(program, peer.url)
    assert (result.returncode, result.stdout) == (0, "interrupted 0\n"), result.stderr


def test_a_listener_may_take_itself_off(peer: PeerProcess) -> None:
    seen: list[int] = []
    with sioc.sync.io(peer.url) as socket:

        @socket.on("echo")
        def listener(number: int) -> None:
            seen.append(number)
            socket.off("echo", listener)

        for number in range(3):
            socket.emit("echo", number)
        assert socket.call("ack", 1, timeout=5) == 1
    assert seen == [0]


def test_a_listener_that_runs_on_ends_with_the_loop(peer: PeerProcess) -> None:
    started = threading.Event()
    ended: list[str] = []

    async def listener(*args: object) -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")

    with sioc.sync.io(peer.url) as socket:
        socket.on("echo", listener)
        socket.emit("echo")
        assert started.wait(5)
    assert ended == ["cancelled"]


def test_closing_twice_lets_go_of_the_loop_once(peer: PeerProcess) -> None:
    with sioc.sync.io(peer.url, force_new=True) as other:
        socket = sioc.sync.io(peer.url, force_new=True)
        socket.close()
        socket.close()
        assert other.call("question", 42, timeout=5) == 42

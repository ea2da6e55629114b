"""A Socket belongs to one loop in one thread: others are told so, or hand over."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket, Serve
from peers.frames import CLOSE
from peers.raw_connection import RawConnection
from peers.raw_peer import RawPeer, welcome

# Any: what it calls may be None, to the type checker.
Call = Callable[[Any], object]


CALLS: dict[str, Call] = {
    "emit": lambda socket: socket.emit("e", 1),
    "emit with callback": lambda socket: socket.emit("e", 1, ack=print),
    "emit with timed callback": lambda socket: socket.timeout(9).emit("e", ack=print),
    "send": lambda socket: socket.send("text"),
    "emit_prepared": lambda socket: socket.emit_prepared(sioc.prepare("e")),
    "volatile": lambda socket: socket.volatile.emit("e"),
    "disconnect": lambda socket: socket.disconnect(),
    "connect": lambda socket: socket.connect(),
    "manager.close": lambda socket: socket.io.close(),
    "manager.open": lambda socket: socket.io.open(),
    "manager.socket": lambda socket: socket.io.socket("/other"),
    "engine.write": lambda socket: socket.io.engine.write("text"),
    "engine.close": lambda socket: socket.io.engine.close(),
    "emit_with_ack": lambda socket: socket.emit_with_ack("e"),
    "drain": lambda socket: socket.drain(),
    "wait_for": lambda socket: socket.wait_for("e"),
    "wait_connected": lambda socket: socket.wait_connected(),
    "wait_closed": lambda socket: socket.wait_closed(),
    "await": lambda socket: socket,
    "opened": lambda socket: socket.io.opened(),
}


async def wait(result: Awaitable[object]) -> None:
    """Await it."""
    await result


def in_thread(call: Call, socket: sioc.Socket) -> BaseException | None:
    """Return what a call raises in a thread of its own."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            result = call(socket)
            if inspect.isawaitable(result):
                asyncio.run(wait(result))
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="worker")
    thread.start()
    thread.join()
    return raised[0] if raised else None


async def expect_mine(conn: RawConnection) -> None:
    """See one event of the loop's own, and no other."""
    await conn.establish()
    assert (await conn.next_text()) == '42["mine"]'
    await conn.until_end()


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_from_another_thread_says_what_to_do(
    serve: Serve, io: OpenSocket, name: str
) -> None:
    peer = await serve(expect_mine)
    socket = await io(peer.url)
    error = in_thread(CALLS[name], socket)
    assert isinstance(error, RuntimeError)
    assert "emit_threadsafe() from the thread 'worker'" in str(error)
    assert "sioc.sync" in str(error)
    assert socket.connected
    assert list(socket.io.nsps) == ["/"]
    assert socket.acks_pending == 0
    socket.emit("mine")
    await socket.disconnect()
    await peer.played()


async def test_emitting_from_another_thread_while_it_is_held_is_refused(
    serve: Serve, io: OpenSocket, dead_port: int
) -> None:
    socket = io(f"http://127.0.0.1:{dead_port}")
    error = in_thread(CALLS["emit"], socket)
    assert isinstance(error, RuntimeError)
    assert socket.send_buffer == []


async def test_a_socket_that_never_connected_is_nobody_s(
    serve: Serve, io: OpenSocket
) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('42["a"]')
        await conn.expect_text('42["b"]')
        await conn.until_end()

    peer = await serve(script)
    socket = io(peer.url, auto_connect=False)
    assert in_thread(lambda s: s.emit("a"), socket) is None
    assert in_thread(lambda s: s.emit_threadsafe("b"), socket) is None
    await socket.connect()
    await socket.disconnect()
    await peer.played()


@pytest.mark.untraced
async def test_emit_threadsafe_keeps_the_order_of_a_thread(
    serve: Serve, io: OpenSocket
) -> None:
    count, workers = 200, 3

    async def script(conn: RawConnection) -> None:
        await conn.establish()
        seen: dict[str, list[int]] = {}
        for _ in range(count * workers):
            _, name, number = json.loads((await conn.next_text())[2:])
            seen.setdefault(name, []).append(number)
        assert seen == {str(w): list(range(count)) for w in range(workers)}
        conn.send_text('42["done"]')
        await conn.until_end()

    peer = await serve(script)
    socket = await io(peer.url)

    def work(name: str) -> None:
        for number in range(count):
            socket.emit_threadsafe("row", name, number)

    async with socket.stream("done") as done:
        await asyncio.gather(
            *(asyncio.to_thread(work, str(worker)) for worker in range(workers))
        )
        await asyncio.wait_for(anext(done), 5)


async def test_emit_threadsafe_raises_what_cannot_be_encoded(
    serve: Serve, io: OpenSocket
) -> None:
    peer = await serve(welcome)
    socket = await io(peer.url)
    error = in_thread(lambda s: s.emit_threadsafe("e", object()), socket)
    assert isinstance(error, TypeError)
    error = in_thread(lambda s: s.emit_threadsafe("connect"), socket)
    assert isinstance(error, sioc.ReservedEventError)


async def test_emit_threadsafe_reports_a_full_buffer(
    io: OpenSocket, dead_port: int
) -> None:
    reported: list[BaseException] = []
    socket = io(
        f"http://127.0.0.1:{dead_port}",
        limits=sioc.Limits(max_send_buffer=1),
        on_exception=lambda error, context: reported.append(error),
    )
    for _ in range(2):
        assert in_thread(lambda s: s.emit_threadsafe("e"), socket) is None
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [type(error) for error in reported] == [sioc.BufferFullError]


def test_without_a_loop_the_error_says_how_to_begin() -> None:
    with pytest.raises(RuntimeError, match="auto_connect=False"):
        sioc.io("http://127.0.0.1:1")
    socket = sioc.io("http://127.0.0.1:1", auto_connect=False)
    with pytest.raises(RuntimeError, match="no event loop is running"):
        socket.connect()


def test_a_second_loop_is_told_to_make_a_socket_of_its_own() -> None:
    socket = sioc.io("http://127.0.0.1:1", auto_connect=False)

    async def connect() -> None:
        socket.connect()
        await socket.disconnect()

    asyncio.run(connect())
    with pytest.raises(RuntimeError, match="for each loop"):
        asyncio.run(connect())
    with pytest.raises(RuntimeError, match="closed"):
        socket.emit_threadsafe("e")


LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop
}
if sys.platform != "win32":
    import uvloop

    LOOPS["uvloop"] = uvloop.new_event_loop


@pytest.fixture(params=LOOPS)
def first_loop(request: pytest.FixtureRequest) -> Iterator[asyncio.AbstractEventLoop]:
    """Return a loop that the test runs itself, to run another one as well."""
    loop = LOOPS[request.param]()
    yield loop
    loop.close()


async def perform(call: Call, socket: sioc.Socket) -> None:
    """Call, and await what is returned."""
    result = call(socket)
    if inspect.isawaitable(result):
        await result


@pytest.mark.parametrize("name", CALLS)
def test_a_call_on_another_loop_says_what_to_do(
    first_loop: asyncio.AbstractEventLoop, name: str
) -> None:
    peer = RawPeer(expect_mine)

    async def connect() -> sioc.Socket:
        await peer.start()
        return await sioc.io(peer.url, transports=("websocket",), force_new=True)

    async def end() -> None:
        socket.emit("mine")
        await socket.disconnect()
        await peer.played()
        await peer.close()

    socket = first_loop.run_until_complete(connect())
    with pytest.raises(RuntimeError, match="for each loop"):
        asyncio.run(perform(CALLS[name], socket))
    assert socket.connected
    assert list(socket.io.nsps) == ["/"]
    assert socket.acks_pending == 0
    first_loop.run_until_complete(end())


@pytest.mark.parametrize("retries", [None, 1])
@pytest.mark.parametrize(
    "name", [name for name in CALLS if name.startswith(("emit", "send", "volatile"))]
)
def test_emitting_on_another_loop_while_it_is_held_is_refused(
    first_loop: asyncio.AbstractEventLoop,
    dead_port: int,
    name: str,
    retries: int | None,
) -> None:
    url = f"http://127.0.0.1:{dead_port}"
    socket = sioc.io(url, auto_connect=False, retries=retries)

    async def connect() -> None:
        socket.connect()

    async def end() -> None:
        await socket.disconnect()

    first_loop.run_until_complete(connect())
    with pytest.raises(RuntimeError, match="for each loop"):
        asyncio.run(perform(CALLS[name], socket))
    assert socket.send_buffer == []
    assert socket.retries_pending == socket.acks_pending == 0
    socket.emit("between the runs of its loop")
    assert len(socket.send_buffer) + socket.retries_pending == 1
    first_loop.run_until_complete(end())


def test_each_loop_has_sockets_of_its_own() -> None:
    """The shared Managers are those of one loop, in one thread after the other."""
    managers: list[sioc.Manager] = []

    async def connect() -> None:
        socket = sioc.io("http://127.0.0.1:1", reconnection=False)
        managers.append(socket.io)
        await socket.disconnect()

    for _ in range(2):
        asyncio.run(connect())
    thread = threading.Thread(target=lambda: asyncio.run(connect()))
    thread.start()
    thread.join()
    assert len(set(map(id, managers))) == 3


FORK = """
import asyncio, os, sys
import sioc

async def main():
    socket = await sioc.io(sys.argv[1], transports=("websocket",))
    child = os.fork()
    if child == 0:
        for call in (
            lambda: socket.emit("from the child"),
            lambda: socket.emit_threadsafe("from the child"),
            lambda: socket.io.engine.write("from the child"),
            lambda: socket.io.engine.close(),
        ):
            try:
                call()
            except RuntimeError as error:
                if "forked" in str(error):
                    continue
            os._exit(9)
        os._exit(7)
    status = await asyncio.to_thread(os.waitpid, child, 0)
    assert os.waitstatus_to_exitcode(status[1]) == 7, status
    assert await socket.emit_with_ack("from the parent") == 1
    await socket.disconnect()

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
async def test_a_forked_child_is_told_so_and_the_parent_goes_on(serve: Serve) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        await conn.expect_text('420["from the parent"]')
        conn.send_text("430[1]")
        while (await conn.next_frame()).opcode != CLOSE:
            pass
        conn.end()

    peer = await serve(script)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", FORK, peer.url
    )
    assert await asyncio.wait_for(process.wait(), 8) == 0


FORK_BETWEEN_LOOPS = """
import asyncio, os, sys
import sioc

async def main():
    async with sioc.io(sys.argv[1], transports=("websocket",)) as socket:
        for number in range(8):
            socket.emit("e", number)

asyncio.run(main())
child = os.fork()
asyncio.run(main())
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
async def test_a_forked_child_draws_mask_keys_of_its_own(serve: Serve) -> None:
    async def script(conn: RawConnection) -> None:
        await conn.establish()
        while (await conn.next_frame()).opcode != CLOSE:
            pass
        conn.end()

    peer = await serve(script, script, script)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", FORK_BETWEEN_LOOPS, peer.url
    )
    assert await asyncio.wait_for(process.wait(), 8) == 0
    keys = [
        frame.mask
        for number in range(3)
        for frame in (await peer.played(number)).frames
    ]
    assert len(keys) >= 3 * 9
    assert len(set(keys)) == len(keys)

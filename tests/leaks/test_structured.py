"""Every awaitable inside asyncio.timeout, a TaskGroup, and asyncio.run.

The fixture `nothing_left` looks for descriptors, tasks and timers after every test.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

import sioc
from peers.fixture_types import Serve
from peers.raw_connection import RawConnection
from peers.raw_peer import stall
from sioc.testing import Peer, serve

PATIENCE = 5.0  # seconds
SOON = 0.02

NEW = pytest.mark.skipif(sys.version_info < (3, 11), reason="they are new in 3.11")

Case = Callable[[sioc.Socket], Awaitable[Any]]


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with serve() as peer:
        yield peer


async def enter(socket: sioc.Socket) -> None:
    async with socket:
        pytest.fail("entered without a connection")


async def take(socket: sioc.Socket) -> None:
    async with socket.stream("never") as stream:
        await anext(stream)


# What waits for ever, on a Socket whose server never answers, and on a connected one.
CONNECTING: dict[str, Case] = {
    "await": lambda socket: socket.connect(),
    "async with": enter,
    "wait_connected": lambda socket: socket.connect().wait_connected(),
    "opened": lambda socket: socket.connect().io.opened(),
    "emit_with_ack": lambda socket: socket.connect().emit_with_ack("question"),
}
CONNECTED: dict[str, Case] = {
    "emit_with_ack": lambda socket: socket.emit_with_ack("sink"),
    "wait_for": lambda socket: socket.wait_for("never"),
    "stream": take,
    "wait_closed": lambda socket: socket.wait_closed(),
}


async def run_out(socket: sioc.Socket, case: Case) -> None:
    """Let a case run out of time; the TimeoutError is asyncio's own."""
    if sys.version_info >= (3, 11):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(SOON):
                await case(socket)
    await asyncio.wait_for(socket.disconnect(), PATIENCE)
    await asyncio.wait_for(socket.io.close(), PATIENCE)
    assert socket.acks_pending == 0
    assert not socket.has_listeners("never")


@NEW
@pytest.mark.parametrize("name", CONNECTING)
async def test_a_timeout_while_connecting(serve: Serve, name: str) -> None:
    peer = await serve(stall)
    socket = sioc.io(peer.url, auto_connect=False, force_new=True)
    await run_out(socket, CONNECTING[name])


@NEW
@pytest.mark.parametrize("name", CONNECTED)
async def test_a_timeout_while_connected(peer: Peer, name: str) -> None:
    await run_out(await sioc.io(peer.url, force_new=True), CONNECTED[name])


@NEW
async def test_a_timeout_while_what_is_unsent_drains(serve: Serve) -> None:
    over = asyncio.Event()

    async def deaf(conn: RawConnection) -> None:
        await conn.establish()
        await over.wait()

    limits = sioc.Limits(write_high_water=16_384)
    socket = await sioc.io(
        (await serve(deaf)).url,
        transports=("websocket",),
        limits=limits,
        close_timeout=SOON,
    )
    for _ in range(400):
        socket.emit("blob", b"x" * 100_000)
    await run_out(socket, lambda socket: socket.drain())
    over.set()


@NEW
async def test_a_group_whose_task_fails_ends_the_others(peer: Peer) -> None:
    socket = await sioc.io(peer.url, force_new=True)
    waiting: list[asyncio.Task[None]] = []

    async def fail() -> None:
        if sys.version_info >= (3, 11):
            async with asyncio.TaskGroup() as group:
                for case in CONNECTED.values():
                    waiting.append(group.create_task(run(case, socket)))
                await asyncio.sleep(SOON)
                raise KeyError("of the group")

    with pytest.raises(Exception, match="unhandled errors") as caught:
        await fail()
    errors = getattr(caught.value, "exceptions", ())
    assert [type(error) for error in errors] == [KeyError]
    assert [task.cancelled() for task in waiting] == [True] * len(CONNECTED)
    assert socket.connected
    assert await socket.emit_with_ack("question", 42) == 42
    await socket.disconnect()


async def run(case: Case, socket: sioc.Socket) -> None:
    await case(socket)


@NEW
async def test_a_group_of_connections(peer: Peer) -> None:
    async def live(number: int) -> Any:
        async with sioc.io(peer.url, force_new=True) as socket:
            return await socket.emit_with_ack("question", number)

    if sys.version_info >= (3, 11):
        async with asyncio.TaskGroup() as group:
            lives = [group.create_task(live(number)) for number in range(8)]
        assert [task.result() for task in lives] == list(range(8))
    await peer.close_connections()


def test_each_run_has_connections_of_its_own() -> None:
    async def main() -> int:
        async with serve() as peer, sioc.io(peer.url) as socket:
            answer: int = await socket.emit_with_ack("question", 42)
            return answer

    assert [asyncio.run(main()), sioc.run(main()), asyncio.run(main())] == 3 * [42]


def test_a_run_that_fails_leaves_nothing() -> None:
    sockets: list[sioc.Socket] = []

    async def main() -> None:
        async with serve() as peer, sioc.io(peer.url) as socket:
            sockets.append(socket)
            socket.emit("flood", 10, "tick")
            raise KeyError("of the program")

    for run in asyncio.run, sioc.run:
        with pytest.raises(KeyError, match="of the program"):
            run(main())
    assert [socket.connected for socket in sockets] == [False, False]

"""Every awaitable, cancelled at every turn of the loop: nothing stays behind.

Each case is run again and again and cancelled some turns later each time, until it
ends by itself. The fixture `nothing_left` looks for descriptors, tasks and timers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

import sioc
from sioc.testing import Peer, serve

PATIENCE = 5.0  # seconds
MOST_TURNS = 5000
LIMITS = sioc.Limits(write_high_water=16_384)

Case = Callable[[sioc.Socket], Awaitable[Any]]


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with serve() as peer:
        yield peer


def offline(peer: Peer) -> sioc.Socket:
    """Return a Socket that does not connect yet."""
    return sioc.io(peer.url, auto_connect=False, force_new=True, limits=LIMITS)


async def enter(socket: sioc.Socket) -> None:
    async with socket:
        await socket.emit_with_ack("question")


async def emit_and_drain(socket: sioc.Socket) -> None:
    for _ in range(40):
        socket.emit("sink", b"x" * 100_000)
    await socket.drain()


async def take(socket: sioc.Socket) -> None:
    async with socket.stream("tick", "flood:done") as stream:
        socket.emit("flood", 3, "tick")
        for _ in range(4):
            await anext(stream)


async def take_any(socket: sioc.Socket) -> None:
    async with socket.stream() as stream:
        socket.emit("echo", 1)
        await anext(stream)


async def ask_and_wait(socket: sioc.Socket) -> None:
    socket.emit("echo", 1)
    await socket.wait_for("echo", timeout=PATIENCE)


async def flush_and_leave(socket: sioc.Socket) -> None:
    socket.emit("sink", b"x" * 1_000_000)
    await socket.disconnect()


async def be_thrown_out(socket: sioc.Socket) -> None:
    socket.emit("kick")
    await socket.wait_closed()


# What begins with a Socket that is not connected, and with one that is.
CONNECTING: dict[str, Case] = {
    "await": lambda socket: socket.connect(),
    "wait_connected": lambda socket: socket.connect().wait_connected(timeout=PATIENCE),
    "opened": lambda socket: socket.connect().io.opened(timeout=PATIENCE),
    "async with": enter,
    "emit_with_ack": lambda socket: socket.connect().emit_with_ack("question"),
}
CONNECTED: dict[str, Case] = {
    "emit_with_ack": lambda socket: socket.emit_with_ack("question", timeout=PATIENCE),
    "drain": emit_and_drain,
    "stream": take,
    "stream of all": take_any,
    "wait_for": ask_and_wait,
    "disconnect": flush_and_leave,
    "manager.close": lambda socket: socket.io.close(),
    "wait_closed": be_thrown_out,
}


def leftovers(socket: sioc.Socket) -> dict[str, Any]:
    """Return what an awaitable may have left on its Socket."""
    waiters = (
        socket._answered,
        socket._connecting,
        socket._closing,
        socket.io._opening,
    )
    return {
        "acks": socket.acks_pending,
        "held": socket.send_buffer,
        "streams": list(socket._streams),
        "waiters": [future for each in waiters for future in each._futures or ()],
        "listeners": [
            name
            for name in ("tick", "flood:done", "echo")
            if socket.has_listeners(name)
        ],
        "catch-alls": socket.listeners_any(),
    }


async def cancel_after(turns: int, socket: sioc.Socket, case: Case) -> bool:
    """Cancel a case after some turns of the loop; tell whether it had ended."""
    before = asyncio.all_tasks()

    async def run() -> None:
        await case(socket)

    task = asyncio.ensure_future(run())
    for _ in range(turns):
        await asyncio.sleep(0)
        if task.done():
            break
    ended = task.done()
    task.cancel()
    (result,) = await asyncio.gather(task, return_exceptions=True)
    assert result is None or isinstance(result, asyncio.CancelledError), result
    assert not any(leftovers(socket).values()), leftovers(socket)
    await asyncio.wait_for(socket.disconnect(), PATIENCE)
    await asyncio.wait_for(socket.io.close(), PATIENCE)
    assert asyncio.all_tasks() <= before
    return ended


async def sweep(make: Callable[[], Awaitable[sioc.Socket]], case: Case) -> None:
    turns = 0
    while not await cancel_after(turns, await make(), case):
        # Turn by turn where the program's own steps are; the network takes longer.
        turns += max(1, turns // 16)
        assert turns < MOST_TURNS


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", CONNECTING)
async def test_cancelling_while_connecting(peer: Peer, name: str) -> None:
    async def make() -> sioc.Socket:
        return offline(peer)

    await sweep(make, CONNECTING[name])


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", CONNECTED)
async def test_cancelling_while_connected(peer: Peer, name: str) -> None:
    async def make() -> sioc.Socket:
        return await offline(peer).connect()

    await sweep(make, CONNECTED[name])

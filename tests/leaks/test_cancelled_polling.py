"""Cancelling a life by polling, and one that is upgraded, at each of its steps.

The fixture `nothing_left` looks for descriptors, tasks and timers after every test.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import sioc
from peers.fixture_types import OpenSocket
from peers.http_peer import Exchange, HttpPeer, open_packet
from peers.polled import BOTH, POLLING, engine_of
from peers.raw_connection import RawConnection
from peers.recorder import Recorder

STRIDE = 3  # turns of the loop from one cancellation to the next
MOST = 900  # turns


class Host:
    """Plays the server for one life after the other, whatever becomes of them.

    Args:
        peer: The server.
        upgrades: What the handshake offers.
    """

    def __init__(self, peer: HttpPeer, *upgrades: str) -> None:
        self._peer = peer
        self._upgrades = upgrades
        self._waiting: dict[str, Exchange] = {}
        self._packets: dict[str, list[str]] = {}
        self._released: set[str] = set()
        self._count = 0
        self._tasks = [
            asyncio.ensure_future(work)
            for work in (self._gets(), self._posts(), self._websockets())
        ]

    async def stop(self) -> None:
        """Play no more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _gets(self) -> None:
        while True:
            get = await self._peer.get(timeout=None)
            sid = get.query.get("sid")
            if sid is None:
                self._count += 1
                get.deliver(
                    open_packet(sid=f"s{self._count}", upgrades=[*self._upgrades])
                )
            elif sid in self._released:
                get.deliver("6")
            else:
                self._waiting[sid] = get
                self._deliver(sid)

    async def _posts(self) -> None:
        while True:
            post = await self._peer.post(timeout=None)
            for packet in post.packets:
                self._answer(post.query["sid"], packet)
            post.answer()

    async def _websockets(self) -> None:
        while True:
            upgrade = await self._peer.upgrade(timeout=None)
            task = asyncio.ensure_future(
                self._websocket(upgrade.query["sid"], upgrade.accept())
            )
            self._tasks.append(task)

    async def _websocket(self, sid: str, conn: RawConnection) -> None:
        try:
            await conn.expect_text("2probe")
            conn.send_text("3probe")
            self._released.add(sid)
            self._answer(sid, "1")
            await conn.expect_text("5")
            await conn.until_end(timeout=None)
        except (asyncio.IncompleteReadError, ConnectionError, AssertionError):
            conn.end()

    def _answer(self, sid: str, packet: str) -> None:
        answers = {"40": '40{"sid":"socket"}', "1": "6"}
        if packet in answers:
            self._packets.setdefault(sid, []).append(answers[packet])
            self._deliver(sid)

    def _deliver(self, sid: str) -> None:
        if sid in self._waiting and self._packets.get(sid):
            self._waiting.pop(sid).deliver(*self._packets.pop(sid))


async def life(url: str, options: dict[str, Any]) -> None:
    """Connect, emit, move to the WebSocket if there is one, and leave."""
    async with sioc.io(url, **options) as socket:
        upgrade = Recorder(engine_of(socket), "upgrade")
        socket.emit("e", b"attachment")
        if options is BOTH and engine_of(socket).transport.name == "polling":
            await upgrade.wait("upgrade")
        await socket.drain()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("upgrades", [(), ("websocket",)], ids=["polling", "upgrade"])
async def test_cancelling_at_every_step(
    http_peer: HttpPeer, upgrades: tuple[str, ...]
) -> None:
    host = Host(http_peer, *upgrades)
    options = BOTH if upgrades else POLLING
    try:
        for steps in range(0, MOST, STRIDE):
            task = asyncio.ensure_future(life(http_peer.url, options))
            for _ in range(steps):
                await asyncio.sleep(0)
            finished = task.done()
            task.cancel()
            (result,) = await asyncio.gather(task, return_exceptions=True)
            assert result is None or isinstance(result, asyncio.CancelledError), result
            if finished:
                assert ("UPGRADE" in http_peer.kinds) == bool(upgrades)
                return
        pytest.fail("the life did not end within the steps")
    finally:
        await host.stop()


async def end_loop(engine: Any) -> None:
    """Cancel the tasks of a session once, as asyncio.run() does at its end."""
    tasks = [engine._task]
    if engine.transport is not None:
        tasks += [*engine.transport._loops, engine.transport._end]
    left = [task for task in tasks if task is not None]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("leaving", [False, True], ids=["connecting", "leaving"])
async def test_the_loop_ends_at_any_step(http_peer: HttpPeer, leaving: bool) -> None:
    host = Host(http_peer)
    try:
        for steps in range(MOST):
            socket = sioc.io(http_peer.url, **POLLING)
            engine = engine_of(socket)
            if leaving:
                await socket
                socket.disconnect()
            for _ in range(steps):
                await asyncio.sleep(0)
            finished = engine.transport.closed if leaving else socket.connected
            await end_loop(engine)
            assert engine.transport is None or engine.transport.closed
            socket.disconnect()
            if finished:
                return
        pytest.fail("that did not end within the steps")
    finally:
        await host.stop()


async def opened_just_now(http_peer: HttpPeer, io: OpenSocket) -> Any:
    """Return an engine in the turn in which it was opened."""
    socket = io(http_peer.url, **POLLING, reconnection=False)
    engine = engine_of(socket)
    (await http_peer.get()).deliver(open_packet())
    while engine.ready_state == "opening":
        await asyncio.sleep(0)
    return engine


async def test_lost_in_the_turn_in_which_it_was_opened(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """Its own end closes the connections then, and nothing does so twice."""
    engine = await opened_just_now(http_peer, io)
    assert engine._task is not None
    engine._lost("transport close", None)
    await asyncio.wait_for(engine.wait_ended(), 5)


async def test_dropped_in_the_turn_in_which_it_was_opened(
    http_peer: HttpPeer, io: OpenSocket
) -> None:
    """Its tasks have been made then, and none has run yet."""
    engine = await opened_just_now(http_peer, io)
    engine.transport.abort()
    await asyncio.wait_for(engine.wait_ended(), 5)

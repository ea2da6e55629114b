"""Calls and faults in any order, inside of listeners and outside: nothing gets stuck.

Each run is a random walk from a seed, which stands in the test's name. Whatever has
happened, in the end the Socket connects, every ack is settled, and nothing is left.
"""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise
from typing import Any

import pytest

import sioc
from peers.effort import effort
from peers.fixture_types import OpenSocket
from peers.js_server import JsServer

SEEDS = range(effort(25, 2000))
STEPS = 25

ACTS = (
    *("connect", "connect", "disconnect", "emit", "emit", "ask", "ask"),
    *("open", "close", "on", "off", "end"),
)

TRANSPORTS = (("websocket",), ("polling", "websocket"), ("polling",))

# Listeners that may act, and on what they are.
SOCKET_EVENTS = ("connect", "disconnect", "connect_error")
MANAGER_EVENTS = ("open", "close", "error", "reconnect_attempt", "reconnect")


class Walk:
    """A random walk.

    Args:
        seed: Of the walk.
        server: A server.
        sockets: Two namespaces of one Manager.
    """

    def __init__(self, seed: int, server: JsServer, *sockets: sioc.Socket) -> None:
        self._random = random.Random(seed)
        self._server = server
        self._sockets = sockets
        self._manager = sockets[0].io
        self.acks: list[asyncio.Future[Any]] = []
        self.trace: list[str] = []
        self._armed = ""
        for socket in sockets:
            for event in SOCKET_EVENTS:
                socket.on(event, self._listener(event, socket.nsp))
        for event in MANAGER_EVENTS:
            self._manager.on(event, self._listener(event, "manager"))

    async def step(self) -> None:
        """Do something, or have a listener do something, or wait a little."""
        what = self._random.randrange(12)
        if what < 6:
            self.act()
        elif what == 6:
            self._armed = self._random.choice(SOCKET_EVENTS + MANAGER_EVENTS)
        elif what == 7 and self._manager.opts.transports == ("websocket",):
            await self._server.cut()
        elif what == 8:
            await self._server.disconnect(self._random.choice(("/", "/admin")))
        elif what in (7, 9):
            await self._server.close_engines()
        else:
            await asyncio.sleep(self._random.choice((0, 0, 0.005, 0.03)))

    def act(self) -> None:
        """Call something that acts at once."""
        socket = self._random.choice(self._sockets)
        what = self._random.choice(ACTS)
        self.trace.append(f"{what} {socket.nsp}")
        if what in ("connect", "disconnect"):
            getattr(socket, what)()
        elif what == "emit":
            socket.emit("ack", "emitted")
        elif what == "ask":
            self.acks.append(asyncio.ensure_future(socket.emit_with_ack("ack", 1)))
        elif what in ("open", "close"):
            getattr(self._manager, what)()
        elif what == "end":
            if self._manager.engine is not None:
                self._manager.engine.close()
        else:
            self._manager.reconnection = what == "on"

    def _listener(self, event: str, source: str) -> Any:
        def listen(*args: Any) -> None:
            self.trace.append(f"{source}: {event}")
            if self._armed == event:
                self._armed = ""
                self.act()

        return listen

    def check_events(self, nsp: str) -> None:
        """Check that a namespace was connected at most once at a time."""
        mine = [line for line in self.trace if line.startswith(f"{nsp}: ")]
        events = [line.partition(": ")[2] for line in mine]
        turns = [event for event in events if event != "connect_error"]
        for before, after in pairwise(turns):
            assert (before, after) != ("connect", "connect"), self.trace


@pytest.fixture
async def walked_js(shared_servers: Any) -> JsServer:
    """Return a server for walks alone: some leave a session that has no connection."""
    server: JsServer = await shared_servers.js("walked")
    return server


async def come_to_rest(socket: sioc.Socket) -> None:
    """Connect, and have an ack come; a fault may still be on its way to us."""
    for tries_left in (3, 2, 1, 0):
        socket.connect()
        try:
            await socket.wait_connected(5)
            assert await socket.emit_with_ack("ack", "end", timeout=5) == "end"
        except sioc.DisconnectedError:
            assert tries_left
        else:
            return


@pytest.mark.long
@pytest.mark.timeout(effort(15, 60))
@pytest.mark.parametrize("seed", SEEDS)
async def test_nothing_gets_stuck(
    walked_js: JsServer, io: OpenSocket, seed: int
) -> None:
    root = io(
        walked_js.url,
        transports=TRANSPORTS[seed % 3],
        auto_connect=False,
        reconnection_delay=0.01,
    )
    admin = root.io.socket("/admin")
    walk = Walk(seed, walked_js, root, admin)
    try:
        for _ in range(STEPS):
            await walk.step()
        walk._armed = ""
        root.io.reconnection = True
        for socket in (root, admin):
            await come_to_rest(socket)
        answers = await asyncio.wait_for(
            asyncio.gather(*walk.acks, return_exceptions=True), 5
        )
    except (TimeoutError, asyncio.TimeoutError, sioc.SocketIOError) as error:
        raise AssertionError(f"seed {seed}: {walk.trace}") from error
    assert all(a == 1 or isinstance(a, sioc.DisconnectedError) for a in answers)
    for socket in (root, admin):
        walk.check_events(socket.nsp)
        await socket.disconnect()
        assert socket.acks_pending == 0
        assert socket.send_buffer == []

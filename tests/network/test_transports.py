"""Which transport a session begins with and goes on by; transports of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import sioc
from peers.doors import Doors, exchange
from peers.js_server import JsServer
from sioc.transports.polling import PollingTransport
from sioc.transports.websocket import WebSocketTransport

FAST: dict[str, Any] = {"reconnection_delay": 0.02, "reconnection_delay_max": 0.04}


class Course:
    """What the engines of a Manager have done, in order."""

    def __init__(self, manager: sioc.Manager) -> None:
        self.steps: list[str] = []
        self.changed = asyncio.Event()
        self._manager = manager
        manager.on("open", self._opened)

    async def until(self, *steps: str) -> None:
        """Wait until just these steps have been made."""
        while self.steps != list(steps):
            assert len(self.steps) <= len(steps), self.steps
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 6)

    def _opened(self) -> None:
        engine = self._manager.engine
        assert engine is not None
        assert engine.transport is not None
        self._add(f"open {engine.transport.name}")
        engine.on("upgrade", lambda transport: self._add(f"upgrade {transport.name}"))
        engine.on("upgradeError", lambda error: self._add("upgradeError"))

    def _add(self, step: str) -> None:
        self.steps.append(step)
        self.changed.set()


@asynccontextmanager
async def started(
    url: str, **options: Any
) -> AsyncIterator[tuple[sioc.Socket, Course]]:
    """Begin to connect; the context is the Socket and its Manager's course."""
    client = sioc.io(url, force_new=True, **(FAST | options))
    try:
        yield client, Course(client.io)
    finally:
        engine = client.io.engine
        await client.disconnect()
        await client.io.close()
        if engine is not None:
            await asyncio.wait_for(engine.wait_ended(), 6)


@pytest.mark.parametrize("remember", [False, True])
async def test_an_upgrade_is_remembered(doors: Doors, remember: bool) -> None:
    async with started(doors.server.url, remember_upgrade=remember) as (client, course):
        first = ("open polling", "upgrade websocket")
        await course.until(*first)
        await client.wait_connected(timeout=6)
        await doors.server.close_engines()
        if remember:
            await course.until(*first, "open websocket")
        else:
            await course.until(*first, *first)
        await client.wait_connected(timeout=6)
        await exchange(client)


async def test_an_upgrade_is_not_remembered_by_another_manager(doors: Doors) -> None:
    for _ in range(2):
        async with started(doors.server.url, remember_upgrade=True) as (_, course):
            await course.until("open polling", "upgrade websocket")


async def test_what_is_remembered_is_forgotten_on_an_error(doors: Doors) -> None:
    async with started(doors.server.url, remember_upgrade=True) as (client, course):
        first = ("open polling", "upgrade websocket")
        await course.until(*first)
        await client.wait_connected(timeout=6)
        # Not closed but broken: the WebSocket may be what broke it.
        await doors.server.cut()
        await course.until(*first, "open websocket")
        assert len(course.steps) == 3


@pytest.fixture
async def polling_only() -> AsyncIterator[JsServer]:
    """Return a server that does not offer WebSocket."""
    server = JsServer({"transports": ["polling"]})
    await server.start()
    yield server
    server.close()


@pytest.fixture
async def websocket_only() -> AsyncIterator[JsServer]:
    """Return a server that offers WebSocket alone."""
    server = JsServer({"transports": ["websocket"]})
    await server.start()
    yield server
    server.close()


async def test_a_server_that_offers_no_websocket(polling_only: JsServer) -> None:
    url = polling_only.url
    async with started(url) as (client, course):
        await client.wait_connected(timeout=6)
        await exchange(client)
        assert course.steps == ["open polling"]
    for more in {}, {"try_all_transports": True}:
        async with started(url, transports=["websocket", "polling"], **more) as (
            client,
            course,
        ):
            await client.wait_connected(timeout=6)
            await exchange(client)
            assert course.steps == ["open polling"]


async def test_a_server_that_offers_no_polling(websocket_only: JsServer) -> None:
    async with started(websocket_only.url) as (client, course):
        await client.wait_connected(timeout=6)
        await exchange(client)
        assert course.steps == ["open websocket"]


async def test_the_next_transport_is_tried_if_asked(doors: Doors) -> None:
    # The WebSocket's path is wrong, for a reason that no server has named.
    options: dict[str, Any] = {
        "transports": ["websocket", "polling"],
        "transport_options": {"websocket": {"path": "/nowhere"}},
        "reconnection": False,
    }
    errors: list[Any] = []
    async with started(doors.server.url, try_all_transports=True, **options) as (
        client,
        course,
    ):
        client.on("connect_error", errors.append)
        await client.wait_connected(timeout=6)
        await exchange(client)
        # What has failed is no candidate for an upgrade (6.9).
        assert course.steps == ["open polling"]
    assert errors == []
    async with started(doors.server.url, **options) as (client, course):
        with pytest.raises(sioc.ConnectError):
            await client
    assert course.steps == []


async def test_the_error_of_the_last_transport_is_told(dead_port: int) -> None:
    url = f"http://127.0.0.1:{dead_port}"
    options: dict[str, Any] = {"reconnection": False, "try_all_transports": True}
    async with started(url, **options) as (client, _):
        with pytest.raises(sioc.ConnectError) as caught:
            await client
    assert caught.value.stage == "tcp"


class CountingWebSocket(WebSocketTransport):
    """A WebSocket that counts how often it is opened."""

    opened = 0

    async def open(self) -> None:
        type(self).opened += 1
        await super().open()


class CountingPolling(PollingTransport):
    """Polling that counts how often it is opened."""

    opened = 0

    async def open(self) -> None:
        type(self).opened += 1
        await super().open()


@pytest.mark.parametrize(
    ("transports", "steps"),
    [
        ([CountingWebSocket], ["open websocket"]),
        ([CountingPolling], ["open polling"]),
        ([CountingPolling, "websocket"], ["open polling", "upgrade websocket"]),
        (["polling", CountingWebSocket], ["open polling", "upgrade websocket"]),
        ([CountingPolling, CountingWebSocket], ["open polling", "upgrade websocket"]),
    ],
    ids=["websocket", "polling", "from", "to", "both"],
)
async def test_transports_of_ones_own(
    doors: Doors, transports: list[Any], steps: list[str]
) -> None:
    CountingWebSocket.opened = CountingPolling.opened = 0
    async with started(doors.server.url, transports=transports) as (client, course):
        await course.until(*steps)
        await client.wait_connected(timeout=6)
        await exchange(client)
    for kind in CountingPolling, CountingWebSocket:
        assert kind.opened == (kind in transports)

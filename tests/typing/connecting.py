"""From io() to the end: what can be awaited and entered, and what comes of it."""

import asyncio
from collections.abc import Awaitable

from typing_extensions import assert_type

import sioc


async def main() -> int:
    socket = sioc.io("http://localhost:3000")
    assert_type(socket, sioc.Socket)
    assert_type(await socket, sioc.Socket)
    assert_type(await socket.connect(), sioc.Socket)
    assert_type(await sioc.io("http://localhost:3000/admin"), sioc.Socket)
    assert_type(await socket.wait_connected(timeout=3), sioc.Socket)
    async with socket as entered:
        assert_type(entered, sioc.Socket)
    async with sioc.io("http://localhost:3000").open() as entered:
        assert_type(entered, sioc.Socket)
    assert_type(socket.disconnect(), Awaitable[None])
    assert_type(await socket.close(), None)
    assert_type(await socket.wait_closed(), str)
    return 0


def program() -> None:
    assert_type(sioc.run(main()), int)
    assert_type(sioc.run(main(), debug=True), int)


async def gather() -> None:
    sockets = [sioc.io("http://localhost:3000", force_new=True) for _ in range(3)]
    assert_type(
        await asyncio.gather(*(socket.wait_connected() for socket in sockets)),
        list[sioc.Socket],
    )
    await asyncio.gather(*(socket.disconnect() for socket in sockets))


def state(socket: sioc.Socket) -> None:
    assert_type(socket.id, str | None)
    assert_type(socket.nsp, str)
    assert_type(socket.io, sioc.Manager)
    assert_type(socket.connected, bool)
    assert_type(socket.disconnected, bool)
    assert_type(socket.active, bool)
    assert_type(socket.recovered, bool)
    socket.auth = {"token": "abc"}
    socket.auth = None
    socket.auth = "abc"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


async def manage() -> None:
    manager = sioc.Manager("http://localhost:3000", reconnection_attempts=3)
    assert_type(manager.open(), sioc.Manager)
    assert_type(await manager.opened(timeout=3), sioc.Manager)
    assert_type(manager.socket("/admin", auth={"token": "abc"}), sioc.Socket)
    assert_type(manager.nsps, dict[str, sioc.Socket])
    assert_type(manager.stats, sioc.Stats)
    assert_type(manager.stats.ignored["unknown ack"], int)
    assert_type(manager.reconnection, bool)
    assert_type(manager.reconnection_attempts, int | None)
    assert_type(manager.reconnection_delay, float)
    assert_type(manager.timeout, float | None)
    manager.timeout = None
    manager.reconnection_delay_max = 30
    manager.reconnection = 1.5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    if manager.engine is not None:
        assert_type(manager.engine.id, str | None)
        assert_type(manager.engine.ready_state, str)
        assert_type(manager.engine.ping_interval, float)
        assert_type(manager.engine.max_payload, int | None)
    assert_type(await manager.close(), None)

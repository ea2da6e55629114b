"""Engine.IO servers that are not the reference: Bun's own, and python-socketio."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

import sioc
from peers.bun_server import BunServer
from peers.doors import connected, every_way, exchange
from peers.py_server import PyServer

Server = BunServer | PyServer
SERVERS: dict[str, type[Server]] = {"bun": BunServer, "python": PyServer}

MEGABYTE = bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def held_servers() -> Iterator[dict[str, Server]]:
    """Hold the servers of this module, those that were started."""
    held: dict[str, Server] = {}
    yield held
    for server in held.values():
        server.close()


@pytest.fixture(params=SERVERS)
async def server(
    request: pytest.FixtureRequest, held_servers: dict[str, Server]
) -> Server:
    """Return each server in turn, as good as new."""
    kind: str = request.param
    if kind not in held_servers:
        held_servers[kind] = SERVERS[kind]()
        await held_servers[kind].start()
    await held_servers[kind].reset()
    return held_servers[kind]


@every_way
async def test_acks_both_ways(server: Server, way: str) -> None:
    async with connected(server.url, way) as client:
        await exchange(client)
        client.on("sum", lambda a, b: a + b)
        # Node's answers what it got, and needs to know how long to wait for it.
        patience = [5000] if isinstance(server, BunServer) else []
        asked = ["ask", "sum", [3, 4], *patience]
        answer = await client.emit_with_ack(*asked, timeout=6)
        assert answer in ({"values": [7]}, 7)


@every_way
async def test_events_both_ways_in_order(server: Server, way: str) -> None:
    # python-socketio takes 16 packets in one payload, and each event is two.
    count = 8 if isinstance(server, PyServer) and way == "polling" else 300
    got: list[Any] = []
    all_there = asyncio.Event()

    def on_echo(*args: Any) -> None:
        got.append(args)
        if len(got) == count:
            all_there.set()

    async with connected(server.url, way) as client:
        client.on("echo", on_echo)
        for number in range(count):
            client.emit("echo", number, b"%d" % number)
        await asyncio.wait_for(all_there.wait(), 8)
    assert got == [(number, b"%d" % number) for number in range(count)]


@every_way
async def test_large_attachments_both_ways(server: Server, way: str) -> None:
    part = MEGABYTE
    if isinstance(server, PyServer):
        # It takes a million bytes, and of a request's body what the first read returns.
        part = MEGABYTE[: 10_000 if way == "polling" else 900_000]
    async with connected(server.url, way) as client:
        assert await client.emit_with_ack("ack", part, timeout=8) == part


@every_way
async def test_the_server_speaks_first(server: Server, way: str) -> None:
    async with connected(server.url, way) as client:
        coming = asyncio.ensure_future(client.wait_for("news", timeout=6))
        await asyncio.sleep(0)
        await server.emit("news", {"n": 1}, b"\x00\x01")
        assert (await coming).args == ({"n": 1}, b"\x00\x01")


async def test_events_while_the_session_upgrades(server: Server) -> None:
    numbers: list[int] = []
    client = sioc.io(server.url, force_new=True, reconnection=False)
    client.on("echo", numbers.append)
    upgraded = asyncio.Event()
    client.io.once(
        "open", lambda: client.io.engine.on("upgrade", lambda _: upgraded.set())
    )
    sent = 0
    while not upgraded.is_set() and sent < 5000:
        client.emit("echo", sent)
        sent += 1
        await asyncio.sleep(0.001)
    last = await client.emit_with_ack("ack", "last", timeout=6)
    assert last == "last"
    engine = client.io.engine
    assert engine is not None
    assert engine.transport is not None
    assert engine.transport.name == "websocket"
    await client.disconnect()
    await engine.wait_ended()
    assert numbers == list(range(sent))


@every_way
async def test_the_server_disconnects(server: Server, way: str) -> None:
    async with connected(server.url, way) as client:
        await server.disconnect()
        assert await asyncio.wait_for(client.wait_closed(), 6) == "io server disconnect"

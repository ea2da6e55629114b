"""Unix domain sockets, source addresses, IPv6, names with many addresses or none."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

import sioc
from peers.doors import Doors, connected, each_transport, every_way, exchange, refused


def resolve(
    monkeypatch: pytest.MonkeyPatch,
    *addresses: str,
    when: asyncio.Event | None = None,
) -> None:
    """Let the name server.test have these addresses, told when the event is set."""
    looked_up = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in ("server.test", b"server.test"):
            return looked_up(host, port, *args, **kwargs)
        return [
            entry
            for address in addresses
            for entry in looked_up(address, port, *args, **kwargs)
        ]

    loop = asyncio.get_running_loop()

    async def of_loop(host: Any, port: Any, **kwargs: Any) -> Any:
        if when is not None:
            await when.wait()
        return await loop.run_in_executor(
            None, lambda: getaddrinfo(host, port, **kwargs)
        )

    monkeypatch.setattr(
        type(loop), "getaddrinfo", lambda _, h, p, **k: of_loop(h, p, **k)
    )


@every_way
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_unix_domain_socket(doors: Doors, way: str, tls: bool) -> None:
    path = await doors.unix(tls=tls)
    url = "https://localhost" if tls else "http://localhost"
    context = doors.authority.trusting() if tls else None
    async with connected(url, way, unix_socket=path, ssl=context) as client:
        await exchange(client)
    assert {request["from"] for request in await doors.server.requests()} == {""}


@each_transport
async def test_a_unix_domain_socket_verifies_the_server(doors: Doors, way: str) -> None:
    path = await doors.unix(tls=True)
    error = await refused("https://localhost", way, unix_socket=path)
    assert error.stage == "tls"
    assert await doors.server.requests() == []


@each_transport
async def test_a_socket_that_is_not_there(tmp_path: Path, way: str) -> None:
    path = tmp_path / "nobody.sock"
    error = await refused("http://localhost", way, unix_socket=path)
    assert error.stage == "tcp"
    assert str(path) in error.message


@every_way
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_source_addresses_are_used_in_turn(
    doors: Doors, way: str, name: str
) -> None:
    addresses = ["127.0.0.2", "127.0.0.3"]
    url = doors.server.url.replace("127.0.0.1", name)
    for _ in range(2):
        async with connected(url, way, local_addr=addresses) as client:
            await exchange(client)
    seen = [request["from"] for request in await doors.server.requests()]
    assert set(seen) == set(addresses)


async def test_a_source_address_that_is_not_ours(doors: Doors) -> None:
    error = await refused(doors.server.url, "websocket", local_addr="192.0.2.1")
    assert error.stage == "tcp"
    assert "192.0.2.1" in error.message


@every_way
async def test_ipv6(doors: Doors, way: str) -> None:
    url = await doors.open("ipv6", host="::1")
    async with connected(url, way) as client:
        await exchange(client)
    (request, *_) = await doors.server.requests()
    assert request["from"] == "::1"
    assert request["headers"]["host"] == url.removeprefix("http://")


@every_way
async def test_ipv6_from_a_source_address(doors: Doors, way: str) -> None:
    url = await doors.open("ipv6", host="::1")
    async with connected(url, way, local_addr="::1") as client:
        await exchange(client)


@each_transport
async def test_a_name_that_does_not_exist(way: str) -> None:
    error = await refused("http://nowhere.invalid", way)
    assert error.stage == "dns"
    assert "nowhere.invalid" in error.message


@every_way
@pytest.mark.parametrize("dead", ["127.0.0.9", "::1"])
async def test_a_name_whose_first_address_is_dead(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, way: str, dead: str
) -> None:
    resolve(monkeypatch, dead, "127.0.0.1")
    url = doors.server.url.replace("127.0.0.1", "server.test")
    async with connected(url, way) as client:
        await exchange(client)


@each_transport
async def test_a_name_whose_addresses_are_all_dead(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    resolve(monkeypatch, "127.0.0.9", "127.0.0.8")
    url = doors.server.url.replace("127.0.0.1", "server.test")
    error = await refused(url, way)
    assert error.stage == "tcp"


async def test_a_name_is_looked_up_again_at_each_attempt(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = doors.server.url.replace("127.0.0.1", "server.test")
    resolve(monkeypatch, "127.0.0.9")
    client = sioc.io(url, force_new=True, reconnection_delay=0.01)
    failed = asyncio.Event()
    client.once("connect_error", lambda _: failed.set())
    await asyncio.wait_for(failed.wait(), 6)
    monkeypatch.undo()
    resolve(monkeypatch, "127.0.0.1")
    await client.wait_connected(timeout=6)
    await client.disconnect()
    await client.io.close()


@each_transport
async def test_a_resolver_that_is_slow(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    answers = asyncio.Event()
    resolve(monkeypatch, "127.0.0.1", when=answers)
    url = doors.server.url.replace("127.0.0.1", "server.test")
    error = await refused(url, way, timeout=0.2)
    assert error.stage == "timeout"
    answers.set()
    async with connected(url, way, timeout=5) as client:
        await exchange(client)


@pytest.fixture
def black_hole(doors: Doors) -> Iterator[str]:
    """Return an IPv6 address that swallows what is sent to the server's port."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket(socket.AF_INET6))
        full.bind(("::1", doors.server.port))
        full.listen(0)
        # Linux drops what comes when the queue is full, as a firewall would.
        for _ in range(4):
            waiting = stack.enter_context(socket.socket(socket.AF_INET6))
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(full.getsockname())
        yield "::1"


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's full queue")
@each_transport
async def test_a_first_address_that_is_a_black_hole(
    doors: Doors, black_hole: str, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    resolve(monkeypatch, black_hole, "127.0.0.1")
    url = doors.server.url.replace("127.0.0.1", "server.test")
    async with connected(url, way) as client:
        await exchange(client)
    resolve(monkeypatch, black_hole)
    error = await refused(url, way, timeout=0.5)
    assert error.stage == "timeout"

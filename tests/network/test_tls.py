"""TLS: who is trusted, who is not, and that nothing is sent to those who are not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import sioc
from peers.certificates import Authority
from peers.doors import Doors, connected, each_transport, every_way, exchange
from peers.doors import refused as not_connected
from sioc.transports import network

NOW = datetime.now(timezone.utc)
DAY = timedelta(days=1)


async def refused(url: str, way: str, **options: Any) -> sioc.ConnectError:
    """Return why a server is not trusted, or does not speak TLS."""
    error = await not_connected(url, way, **options)
    assert error.stage == "tls", error
    assert error.__cause__ is not None
    return error


@every_way
async def test_a_server_is_verified(doors: Doors, way: str) -> None:
    context = doors.authority.trusting()
    async with connected(await doors.tls(), way, ssl=context) as client:
        await exchange(client)


@every_way
async def test_a_server_is_not_verified(doors: Doors, way: str) -> None:
    async with connected(await doors.tls(), way, ssl=False) as client:
        await exchange(client)


@every_way
async def test_a_name_is_verified(doors: Doors, way: str) -> None:
    url = (await doors.tls()).replace("127.0.0.1", "localhost")
    async with connected(url, way, ssl=doors.authority.trusting()) as client:
        await exchange(client)


@every_way
async def test_the_client_has_a_certificate(doors: Doors, way: str) -> None:
    url = await client_door(doors)
    context = doors.authority.trusting()
    issued = doors.authority.issue("alice.test", common_name="alice")
    context.load_cert_chain(issued["cert"], issued["key"])
    async with connected(url, way, ssl=context) as client:
        await exchange(client)
    names = {request["client"] for request in await doors.server.requests()}
    assert names == {"alice"}


# CPython 3.10 says so of every TLS connection that the peer has ended.
@pytest.mark.filterwarnings("ignore:unclosed transport <asyncio.sslproto")
@each_transport
async def test_the_client_has_no_certificate(doors: Doors, way: str) -> None:
    # In TLS 1.3 the client learns of it only after its own handshake.
    context = doors.authority.trusting()
    await not_connected(await client_door(doors), way, ssl=context)
    assert await doors.server.requests() == []


async def client_door(doors: Doors) -> str:
    """Return the origin that wants to see certificates of clients."""
    files = doors.authority.issue() | {"ca": doors.authority.file}
    return await doors.open("clients", tls=files)


CERTIFICATES: dict[str, Callable[[Authority], dict[str, str]]] = {
    "expired": lambda ca: ca.issue(not_before=NOW - 9 * DAY, not_after=NOW - DAY),
    "not yet valid": lambda ca: ca.issue(not_before=NOW + DAY, not_after=NOW + 9 * DAY),
    "wrong host": lambda ca: ca.issue("other.test"),
}


@each_transport
@pytest.mark.parametrize("flaw", CERTIFICATES)
async def test_a_certificate_that_is_not_good(
    doors: Doors, way: str, flaw: str
) -> None:
    files = CERTIFICATES[flaw](doors.authority)
    url = await doors.open(flaw, tls=files)
    error = await refused(url, way, ssl=doors.authority.trusting())
    assert isinstance(error.__cause__, ssl.SSLCertVerificationError)
    assert await doors.server.requests() == []


@each_transport
async def test_an_authority_that_is_not_known(doors: Doors, way: str) -> None:
    error = await refused(await doors.tls(), way)
    assert isinstance(error.__cause__, ssl.SSLCertVerificationError)
    assert await doors.server.requests() == []


@each_transport
async def test_a_certificate_that_vouches_for_itself(
    doors: Doors, tmp_path: Path, way: str
) -> None:
    other = Authority(tmp_path)
    url = await doors.open("self-signed", tls=other.issue())
    await refused(url, way, ssl=doors.authority.trusting())
    assert await doors.server.requests() == []


@each_transport
async def test_a_server_without_tls(doors: Doors, way: str) -> None:
    url = doors.server.url.replace("http:", "https:")
    await refused(url, way)


@each_transport
async def test_a_tls_server_that_is_asked_without(doors: Doors, way: str) -> None:
    url = (await doors.tls()).replace("https:", "http:")
    error = await not_connected(url, way)
    assert error.stage in ("http", "websocket")


@each_transport
@pytest.mark.parametrize("abruptly", [False, True], ids=["closed", "reset"])
async def test_a_connection_that_ends_in_the_handshake(
    way: str, abruptly: bool
) -> None:
    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1 << 16)
        if abruptly:
            linger = struct.pack("ii", 1, 0)
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()

    async with await asyncio.start_server(end, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await refused(f"https://127.0.0.1:{port}", way)


@each_transport
async def test_an_old_version_of_tls(doors: Doors, way: str) -> None:
    context = doors.authority.trusting()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    files = doors.authority.issue() | {"maxVersion": "TLSv1.2"}
    url = await doors.open("old", tls=files)
    await refused(url, way, ssl=context)


async def test_backoff_applies_and_nothing_goes_without_tls(doors: Doors) -> None:
    url = await doors.tls()
    client = sioc.io(
        url,
        force_new=True,
        reconnection_attempts=3,
        reconnection_delay=0.02,
        reconnection_delay_max=0.04,
        try_all_transports=True,
    )
    errors: list[sioc.ConnectError] = []
    attempts: list[float] = []
    over = asyncio.Event()
    client.on("connect_error", errors.append)
    loop = asyncio.get_running_loop()
    client.io.on("reconnect_attempt", lambda _: attempts.append(loop.time()))
    client.io.on("reconnect_failed", over.set)
    await asyncio.wait_for(over.wait(), 8)
    assert [error.stage for error in errors] == ["tls"] * 4
    assert len(attempts) == 3
    assert attempts[2] - attempts[1] >= 0.02
    await client.disconnect()
    assert await doors.server.requests() == []


async def test_one_context_serves_all_of_one_configuration() -> None:
    settings = [sioc.Manager("https://localhost", auto_connect=False) for _ in "ab"]
    contexts = {network.tls_context(manager.opts) for manager in settings}
    assert len(contexts) == 1
    own = ssl.create_default_context()
    manager = sioc.Manager("https://localhost", ssl=own, auto_connect=False)
    assert network.tls_context(manager.opts) is own

"""HTTP, HTTPS, SOCKS4 and SOCKS5 proxies, TLS with the server inside included."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from python_socks import ProxyError

import sioc
from peers import proxies
from peers.doors import Doors, connected, each_transport, every_way, exchange
from peers.doors import refused as not_connected
from peers.proxies import Proxy
from sioc.options import Settings
from sioc.transports.proxy import Stream, inside_tls

StartProxy = Callable[[str], Proxy]

KINDS = [
    scheme + login
    for scheme in ("http", "https", "socks4", "socks5")
    for login in ("", "+login")
]


async def refused(url: str, way: str, **options: Any) -> sioc.ConnectError:
    """Return why a proxy does not connect to a server."""
    error = await not_connected(url, way, **options)
    assert proxies.PASSWORD not in str(error)
    assert proxies.QUOTED not in str(error)
    return error


def not_asyncios_own(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the loop's errors without that of asyncio's TLS inside TLS.

    Before CPython 3.11.8 and 3.12.2 it calls its own abort with an argument too many.
    """
    return [e for e in errors if "SSLProtocol._abort" not in repr(e.get("exception"))]


def tls_fits_into_tls() -> bool:
    """Tell whether the loop can speak TLS inside TLS."""
    of_asyncio = isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop)
    return sys.version_info >= (3, 11) or not of_asyncio


@every_way
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy(
    doors: Doors,
    proxy: StartProxy,
    loop_errors: list[dict[str, Any]],
    kind: str,
    tls: bool,
    way: str,
) -> None:
    through = proxy(kind)
    url = await doors.tls() if tls else doors.server.url
    context = doors.authority.trusting()
    if tls and kind.startswith("https") and not tls_fits_into_tls():
        error = await refused(url, way, proxy=through.url, ssl=context)
        assert error.stage == "tls"
        assert "needs uvloop" in error.message
        return
    async with connected(url, way, proxy=through.url, ssl=context) as client:
        await exchange(client)
    requests = await doors.server.requests()
    assert {request["from"] for request in requests} == {through.address}
    assert not any("proxy-authorization" in r["headers"] for r in requests)
    assert not not_asyncios_own(loop_errors)


@each_transport
@pytest.mark.parametrize("kind", ["http", "https", "socks5"])
async def test_the_proxy_looks_the_name_up(
    doors: Doors, proxy: StartProxy, kind: str, way: str
) -> None:
    url = doors.server.url.replace("127.0.0.1", "localhost")
    context = doors.authority.trusting()
    async with connected(url, way, proxy=proxy(kind).url, ssl=context) as client:
        await exchange(client)


@each_transport
async def test_a_source_address_on_the_way_to_a_proxy(doors: Doors, way: str) -> None:
    seen: list[str] = []

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        seen.append(writer.get_extra_info("peername")[0])
        writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        writer.close()

    async with listening(answer) as port:
        error = await refused(
            doors.server.url,
            way,
            proxy=f"http://127.0.0.1:{port}",
            local_addr="127.0.0.4",
        )
    assert error.stage == "proxy"
    assert seen == ["127.0.0.4"]


@each_transport
@pytest.mark.parametrize("given", ["nobody:wrong@", ""], ids=["wrong", "none"])
@pytest.mark.parametrize("kind", ["http+login", "https+login", "socks5+login"])
async def test_credentials_that_are_not_right(
    doors: Doors, proxy: StartProxy, kind: str, given: str, way: str
) -> None:
    scheme, _, where = proxy(kind).url.partition("://")
    url = f"{scheme}://{given}{where.rpartition('@')[2]}"
    context = doors.authority.trusting()
    error = await refused(doors.server.url, way, proxy=url, ssl=context)
    assert error.stage == "proxy"
    assert where.rpartition("@")[2] in error.message
    assert await doors.server.requests() == []


@each_transport
async def test_credentials_that_cannot_be_sent(
    doors: Doors, proxy: StartProxy, way: str
) -> None:
    url = proxy("socks5+login").url.replace(proxies.QUOTED, "%E2%82%AC")
    error = await refused(doors.server.url, way, proxy=url)
    assert error.stage == "proxy"
    assert "ascii" in error.message
    assert "€" not in error.message


@each_transport
@pytest.mark.parametrize("kind", ["http", "socks4", "socks5"])
async def test_a_server_that_the_proxy_does_not_reach(
    proxy: StartProxy, dead_port: int, kind: str, way: str
) -> None:
    url = f"http://127.0.0.1:{dead_port}"
    error = await refused(url, way, proxy=proxy(kind).url)
    assert error.stage == "proxy"
    assert f"127.0.0.1:{dead_port}" in error.message
    assert error.__cause__ is not None


@each_transport
@pytest.mark.parametrize("scheme", ["http", "https", "socks4", "socks5"])
async def test_a_proxy_that_is_not_there(
    doors: Doors, dead_port: int, scheme: str, way: str
) -> None:
    url = f"{scheme}://{proxies.USER}:{proxies.QUOTED}@127.0.0.1:{dead_port}"
    error = await refused(doors.server.url, way, proxy=url)
    assert error.stage == "proxy"
    assert f"127.0.0.1:{dead_port}" in error.message


@each_transport
async def test_a_proxy_that_is_not_trusted(
    doors: Doors, proxy: StartProxy, way: str
) -> None:
    error = await refused(doors.server.url, way, proxy=proxy("https+login").url)
    assert error.stage == "proxy"
    assert "certificate" in error.message.lower()
    assert await doors.server.requests() == []


@each_transport
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_server_that_is_not_trusted(
    doors: Doors,
    proxy: StartProxy,
    loop_errors: list[dict[str, Any]],
    scheme: str,
    way: str,
) -> None:
    # The proxy is trusted, the server behind it has another name.
    url = await doors.open("wrong host", tls=doors.authority.issue("other.test"))
    context = doors.authority.trusting()
    error = await refused(url, way, proxy=proxy(scheme).url, ssl=context)
    assert error.stage == "tls"
    if scheme == "http" or tls_fits_into_tls():
        assert "certificate" in error.message.lower()
    assert await doors.server.requests() == []
    assert not not_asyncios_own(loop_errors)


# Proxies that Debian has none of, written here: byte for byte.


@asynccontextmanager
async def listening(answer: Any) -> AsyncIterator[int]:
    """Listen with a function of reader and writer; the context is the port."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@each_transport
@pytest.mark.parametrize("scheme", ["http", "https", "socks4", "socks5"])
async def test_a_proxy_that_never_answers(doors: Doors, scheme: str, way: str) -> None:
    gone = asyncio.Event()

    async def swallow(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while await reader.read(1 << 16):
                pass
        except ConnectionError:
            pass
        writer.close()
        gone.set()

    async with listening(swallow) as port:
        url = f"{scheme}://{proxies.USER}:{proxies.QUOTED}@127.0.0.1:{port}"
        error = await refused(doors.server.url, way, proxy=url, timeout=0.2)
        await asyncio.wait_for(gone.wait(), 4)
    assert error.stage == "timeout"


@each_transport
@pytest.mark.parametrize(
    "reply", [b"", b"HTTP/1.1 200", b"<h1>hello</h1>\r\n\r\n", b"x" * 200_000]
)
@pytest.mark.parametrize("scheme", ["http", "socks4", "socks5"])
async def test_a_proxy_that_answers_nonsense(
    doors: Doors, scheme: str, reply: bytes, way: str
) -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(1 << 16)
        writer.write(reply)
        writer.close()

    async with listening(answer) as port:
        url = f"{scheme}://127.0.0.1:{port}"
        error = await refused(doors.server.url, way, proxy=url)
    assert error.stage == "proxy"


@each_transport
async def test_an_answer_that_comes_byte_by_byte(doors: Doors, way: str) -> None:
    asked: list[bytes] = []

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        sock = writer.get_extra_info("socket")
        sock.setsockopt(6, 1, 1)  # TCP_NODELAY
        for byte in b"HTTP/1.1 200 Connection established\r\nVia: slow\r\n\r\n":
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        ours, theirs = await asyncio.open_connection("127.0.0.1", doors.server.port)
        await asyncio.gather(pump(reader, theirs), pump(ours, writer))

    async with listening(answer) as port:
        url = f"http://{proxies.USER}@127.0.0.1:{port}"
        async with connected(doors.server.url, way, proxy=url) as client:
            await exchange(client)
    # A user without a password is a user still.
    assert b"Proxy-Authorization: Basic Z2F0ZTo=\r\n" in asked[0]


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes, and the end."""
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
    except ConnectionError:
        pass
    writer.close()


async def test_a_proxy_that_hangs_up_once_it_has_connected() -> None:
    """A protocol would not be told of an end that has been."""

    async def hang_up(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    async with listening(hang_up) as port:
        stream = await Stream(Settings()).connect("127.0.0.1", port)
        assert await stream.read() == b"HTTP/1.1 200 OK\r\n\r\n"
        with pytest.raises(ProxyError, match="closed the connection"):
            await stream.read()
        with pytest.raises(ConnectionResetError):
            stream.hand_over(asyncio.Protocol())
        await stream.close()


def test_tls_inside_tls_where_the_loop_cannot_do_it() -> None:
    error = inside_tls(TypeError("transport is not supported by start_tls()"))
    assert "needs uvloop, or CPython 3.11" in str(error)

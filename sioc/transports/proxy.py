"""Connections through HTTP and SOCKS proxies: python-socks speaks, asyncio connects."""

from __future__ import annotations

import asyncio
import ssl as tls
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from python_socks import ProxyError, ProxyType
from python_socks.async_.asyncio.v2 import Proxy

from sioc.exceptions import ConnectError
from sioc.transports.network import connect_tcp, tls_context

if TYPE_CHECKING:
    from typing_extensions import Self

    from sioc.options import Settings
    from sioc.url import URL

_TYPES = {
    "http": ProxyType.HTTP,
    "https": ProxyType.HTTP,
    "socks4": ProxyType.SOCKS4,
    "socks5": ProxyType.SOCKS5,
}
_PORTS = {"http": 80, "https": 443}

# A day: no timeout of its own, the Manager's covers the whole attempt.
NEVER = 86400.0


class Stream:
    """A connection to a proxy, as python-socks likes to use it.

    Its own stream leaves a StreamWriter behind that closes the transport when it is
    forgotten, takes the first segment of an HTTP answer for all of it, and waits for
    the peer when it is closed.

    Args:
        settings: The Manager's options.

    Attributes:
        transport: The connection, once it is made.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._reader = asyncio.StreamReader()
        self.transport: asyncio.Transport | None = None

    async def connect(self, dest_host: str, dest_port: int) -> Self:
        """Connect to the proxy; python-socks takes this for a proxy before it."""
        sock = await connect_tcp(dest_host, dest_port, self._settings)
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_connection(self._protocol, sock=sock)
        return self

    async def start_tls(self, hostname: str, ssl_context: tls.SSLContext) -> Self:
        """Speak TLS from now on, perhaps inside TLS."""
        assert self.transport is not None
        self._reader = asyncio.StreamReader()
        protocol = self._protocol()
        loop = asyncio.get_running_loop()
        try:
            transport = await loop.start_tls(
                self.transport, protocol, ssl_context, server_hostname=hostname
            )
        except TypeError as error:
            raise inside_tls(error) from error
        assert transport is not None
        protocol.connection_made(transport)
        self.transport = transport
        return self

    async def write(self, data: bytes) -> None:
        """Send a request, which is small."""
        assert self.transport is not None
        self.transport.write(data)

    async def read(self, max_bytes: int = -1) -> bytes:
        """Return an HTTP answer, up to the empty line and not a byte further."""
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            raise ProxyError("it closed the connection") from error
        except asyncio.LimitOverrunError as error:
            raise ProxyError("its answer is too long") from error

    async def read_exactly(self, n: int) -> bytes:
        """Return so many bytes."""
        try:
            return await self._reader.readexactly(n)
        except asyncio.IncompleteReadError as error:
            raise ProxyError("it closed the connection") from error

    async def close(self) -> None:
        """Drop the connection at once."""
        if self.transport is not None:
            self.transport.abort()

    def hand_over(self, protocol: asyncio.BaseProtocol) -> None:
        """Let a protocol have the connection.

        Raises:
            ConnectionResetError: It has ended, which the protocol would not be told.
        """
        assert self.transport is not None
        if self._reader.at_eof() or self.transport.is_closing():
            raise ConnectionResetError("the connection was closed")
        self.transport.set_protocol(protocol)
        protocol.connection_made(self.transport)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(self._reader)


async def connect(url: URL, settings: Settings, protocol: asyncio.BaseProtocol) -> None:
    """Connect a protocol to a server through a proxy, TLS with the server included.

    Args:
        url: The server; the proxy looks its name up.
        settings: The Manager's options.
        protocol: Who gets the connection.

    Raises:
        ConnectError: With the stage `proxy`.
        OSError: TLS with the server failed, or the connection ended at once.
    """
    assert settings.proxy is not None
    context = tls_context(settings, url.secure)
    stream = Stream(settings)
    try:
        try:
            await negotiate(stream, settings, url)
        except (ProxyError, OSError, ValueError) as error:
            raise explain(error, settings.proxy, url) from error
        if context is not None:
            await stream.start_tls(url.host, context)
        # Not before: a protocol of picows must not lose what it has not had.
        stream.hand_over(protocol)
    except BaseException:
        await stream.close()
        raise


async def negotiate(stream: Stream, settings: Settings, url: URL) -> None:
    """Connect to a proxy and have it connect to a server."""
    assert settings.proxy is not None
    parts = urlsplit(settings.proxy)
    scheme = parts.scheme.lower()
    user = unquote(parts.username or "")
    forward: Any = stream
    proxy = Proxy(
        proxy_type=_TYPES[scheme],
        host=parts.hostname or "",
        port=parts.port or _PORTS[scheme],
        username=user or None,
        password=unquote(parts.password or "") if user else None,
        rdns=True,
        # A proxy reached by TLS is verified like the server is.
        proxy_ssl=tls_context(settings, scheme == "https"),
        forward=forward,
    )
    await proxy.connect(url.host, url.port, timeout=NEVER)


def inside_tls(error: TypeError) -> tls.SSLError:
    """Return the error for TLS inside TLS where the loop is not up to it.

    asyncio is from CPython 3.11 on; until 3.11.8 and 3.12.2 it stumbles over its own
    abort when the handshake has failed, which is the error to tell then.
    """
    failed = error.__context__
    if isinstance(failed, tls.SSLError):
        return failed
    return tls.SSLError(
        "an https proxy to an https server needs uvloop, or CPython 3.11 or newer"
    )


def explain(error: Exception, proxy: str, url: URL) -> ConnectError:
    """Return the error for a proxy that does not connect; it tells no credentials."""
    where = urlsplit(proxy).netloc.rpartition("@")[2]
    why: object = error
    if isinstance(error, UnicodeEncodeError):
        why = f"its user name and password must be {error.encoding}"
    return ConnectError(
        f"the proxy {where} does not connect to {url.host}:{url.port}: {why}",
        stage="proxy",
    )

"""Connecting to a server by the way that the options ask for, for both transports."""

from __future__ import annotations

import asyncio
import socket
import ssl as tls
from typing import TYPE_CHECKING

from sioc.exceptions import ConnectError
from sioc.transports.network import connect_tcp, tls_context
from sioc.url import is_address

if TYPE_CHECKING:
    from sioc.options import Settings
    from sioc.url import URL


async def connect(url: URL, settings: Settings, protocol: asyncio.BaseProtocol) -> None:
    """Connect a protocol to a server, by the way that the options ask for.

    Args:
        url: The server.
        settings: The Manager's options.
        protocol: Who gets the connection, TLS done.

    Raises:
        ConnectError: With the stage it came to; nothing is left open.
    """
    try:
        if settings.proxy is not None:
            # Imported here: it takes a while, and few need it.
            from sioc.transports import proxy

            await proxy.connect(url, settings, protocol)
        else:
            await _connect_directly(url, settings, protocol)
    except OSError as error:
        raise explain(error, url, settings) from error


async def _connect_directly(
    url: URL, settings: Settings, protocol: asyncio.BaseProtocol
) -> None:
    loop = asyncio.get_running_loop()
    context = tls_context(settings, url.secure)
    name = url.host if context else None
    if settings.unix_socket is not None:
        await loop.create_unix_connection(
            lambda: protocol, settings.unix_socket, ssl=context, server_hostname=name
        )
    elif settings.local_addr or not is_address(url.host):
        sock = await connect_tcp(url.host, url.port, settings)
        await loop.create_connection(
            lambda: protocol, sock=sock, ssl=context, server_hostname=name
        )
    else:
        await loop.create_connection(lambda: protocol, url.host, url.port, ssl=context)


def explain(error: OSError, url: URL, settings: Settings) -> ConnectError:
    """Return the error for what the operating system or TLS said."""
    where = url.origin
    if settings.unix_socket is not None:
        where += f" by the socket {settings.unix_socket!r}"
    if isinstance(error, socket.gaierror):
        return ConnectError(f"cannot look up {url.host!r}: {error}", stage="dns")
    # A connection that is there and ends was in the middle of the TLS handshake.
    ended = isinstance(error, (ConnectionResetError, ConnectionAbortedError))
    if isinstance(error, tls.SSLError) or (url.secure and ended):
        return ConnectError(f"TLS with {where} failed: {error}", stage="tls")
    return ConnectError(f"cannot connect to {where}: {error}", stage="tcp")

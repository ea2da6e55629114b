"""Connections through HTTP and SOCKS proxies, by python-socks (which picows brings)."""

from __future__ import annotations

import socket

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from python_socks.async_.asyncio import Proxy

from sioc.exceptions import ConnectError


async def tunnel(proxy: str, host: str, port: int) -> socket.socket:
    """Return a socket that is connected to a server through a proxy.

    Args:
        proxy: The proxy's URL, credentials included.
        host: The server's name or address; the proxy looks a name up.
        port: The server's port.

    Raises:
        ConnectError: With the stage `proxy`.
    """
    # No timeout of its own: the Manager's covers the whole attempt.
    try:
        return await Proxy.from_url(proxy, rdns=True).connect(host, port, timeout=None)
    except (ProxyError, ProxyConnectionError, ProxyTimeoutError, OSError) as error:
        raise ConnectError(
            f"the proxy does not connect to {host}:{port}: {error}", stage="proxy"
        ) from error

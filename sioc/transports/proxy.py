"""Connections through HTTP and SOCKS proxies, by python-socks."""

from __future__ import annotations

import ssl as tls
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.async_.asyncio.v2 import Proxy

from sioc.exceptions import ConnectError
from sioc.transports.network import tls_context

if TYPE_CHECKING:
    import asyncio

    from sioc.options import Settings
    from sioc.url import URL

PROXY_ERRORS = (ProxyError, ProxyConnectionError, ProxyTimeoutError)

_TYPES = {
    "http": ProxyType.HTTP,
    "https": ProxyType.HTTP,
    "socks4": ProxyType.SOCKS4,
    "socks5": ProxyType.SOCKS5,
}
_PORTS = {"http": 80, "https": 443}

# A day: no timeout of its own, the Manager's covers the whole attempt.
NEVER = 86400.0


def arguments(proxy: str, settings: Settings) -> dict[str, Any]:
    """Return what python-socks and aiohttp-socks want to know of a proxy.

    Args:
        proxy: The proxy's URL, credentials included.
        settings: The Manager's options; a proxy reached by TLS is verified like the
            server is.
    """
    parts = urlsplit(proxy)
    return {
        "proxy_type": _TYPES[parts.scheme.lower()],
        "host": parts.hostname,
        "port": parts.port or _PORTS[parts.scheme.lower()],
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "rdns": True,
        "proxy_ssl": tls_context(settings, parts.scheme.lower() == "https"),
    }


def explain(error: Exception, url: URL) -> ConnectError:
    """Return the error for a proxy that does not connect."""
    return ConnectError(
        f"the proxy does not connect to {url.host}:{url.port}: {error}", stage="proxy"
    )


async def tunnel(proxy: str, url: URL, settings: Settings) -> asyncio.StreamWriter:
    """Return a connection to a server through a proxy, TLS with the server included.

    Args:
        proxy: The proxy's URL, credentials included.
        url: The server; the proxy looks its name up.
        settings: The Manager's options.

    Raises:
        ConnectError: With the stage `proxy`, or `tls`.
    """
    try:
        stream = await Proxy(**arguments(proxy, settings)).connect(
            url.host, url.port, tls_context(settings, url.secure), timeout=NEVER
        )
    except tls.SSLError as error:
        raise ConnectError(
            f"TLS through the proxy with {url.origin} failed: {error}", stage="tls"
        ) from error
    except (*PROXY_ERRORS, OSError) as error:
        raise explain(error, url) from error
    writer: asyncio.StreamWriter = stream.writer
    return writer

"""What both transports share below HTTP: TLS contexts, source addresses, sockets."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl as tls
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sioc.options import Settings

# Linux; missing in the socket module before CPython 3.12. A port is then chosen when
# the destination is known, so that many connections may leave from one address.
IP_BIND_ADDRESS_NO_PORT = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)

# Seconds that an address may take before the next one is tried beside it (RFC 8305).
HAPPY_EYEBALLS_DELAY = 0.25

# Counts the connections of all Managers: a thousand of them with the same `local_addr`
# are to be spread, not to begin with its first address each.
_turns = itertools.count()


@lru_cache(maxsize=1)
def verifying_context() -> tls.SSLContext:
    """Return the one default context; making it takes long and much memory."""
    return tls.create_default_context()


@lru_cache(maxsize=1)
def trusting_context() -> tls.SSLContext:
    """Return the one context that verifies nothing, for `ssl=False`."""
    context = tls.create_default_context()
    context.check_hostname = False
    context.verify_mode = tls.CERT_NONE
    return context


def tls_context(settings: Settings, secure: bool = True) -> tls.SSLContext | None:
    """Return the context that the option `ssl` asks for; None for no TLS."""
    if not secure:
        return None
    if settings.ssl is False:
        return trusting_context()
    return settings.ssl or verifying_context()


def next_local_address(settings: Settings) -> str | None:
    """Return the source address of the next connection; None: the system's choice."""
    addresses = settings.local_addr
    return addresses[next(_turns) % len(addresses)] if addresses else None


def source_socket(address_info: Any, local: str | None) -> socket.socket:
    """Return a socket for a destination, bound to a source address if one is given.

    Args:
        address_info: The destination, an entry of getaddrinfo().
        local: The source address.

    Raises:
        OSError: The address is not this machine's, or of the other IP version.
    """
    family, kind, protocol = address_info[:3]
    sock = socket.socket(family, kind, protocol)
    sock.setblocking(False)
    if local is None:
        return sock
    try:
        if hasattr(socket, "SO_BINDTODEVICE"):  # Linux
            sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind((local, 0))
    except OSError as error:
        sock.close()
        raise OSError(
            error.errno, f"cannot connect from {local} (local_addr): {error.strerror}"
        ) from error
    return sock


async def connect_tcp(host: str, port: int, settings: Settings) -> socket.socket:
    """Return a socket that is connected to a host, by the first address that answers.

    Raises:
        OSError: No address of the host does.
    """
    # Imported here: only names and source addresses need it. It comes with aiohttp.
    import aiohappyeyeballs

    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    local = next_local_address(settings)
    return await aiohappyeyeballs.start_connection(
        found,
        loop=loop,
        happy_eyeballs_delay=HAPPY_EYEBALLS_DELAY,
        socket_factory=lambda info: source_socket(info, local),
    )

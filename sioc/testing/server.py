"""The peer inside this process: `serve()` and what it yields.

A test peer, not a server for production: it trusts its client with its memory and does
what an event's name asks for, closing connections included.
"""

from __future__ import annotations

import asyncio
import math
import sys
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import parse_qsl

from picows import WSUpgradeResponseWithListener, ws_create_server

from sioc.testing._event import encode_event
from sioc.testing._hub import Hub
from sioc.testing._peer import PeerSession
from sioc.testing.handshake import refusal

if TYPE_CHECKING:
    import ssl as ssl_module
    from collections.abc import Iterable
    from types import TracebackType

    from picows import WSUpgradeRequest
    from typing_extensions import Self

__all__ = ["Peer", "Stats", "serve"]

# Connections that may wait to be accepted; a benchmark opens thousands at once.
_BACKLOG = 1024

# The shortest time an option may give, in seconds: the handshake tells milliseconds.
_TICK = 0.001

# Turns of the loop until the transports that were aborted have closed their sockets.
_TURNS_TO_CLOSE = 3

# Addresses that mean "any", and one by which a client of this machine gets there.
_REACHABLE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}

# Bytes a read can take at once, and so the most that one write answers.
_READ_BUFFER = 64 * 1024


class Stats(TypedDict):
    """What a peer has received since it started, and who is connected now.

    Attributes:
        events: Socket.IO events.
        bytes: Bytes in WebSocket messages, text and binary.
        binary: Attachments.
        connections: Open connections.

    Example:
        >>> peer.stats["connections"]
        1
    """

    events: int
    bytes: int
    binary: int
    connections: int


def serve(
    port: int = 0,
    host: str = "127.0.0.1",
    path: str = "/socket.io",
    *,
    ping_interval: float = 25.0,
    ping_timeout: float = 20.0,
    connect_timeout: float = 45.0,
    max_payload: int = 1_000_000,
    delay: float = 0.0,
    namespaces: Iterable[str] | None = None,
    ssl: ssl_module.SSLContext | None = None,
) -> Peer:
    """Make a peer, which serves between `async with` and its end.

    A test peer, not for production.

    Args:
        port: The TCP port; 0 takes a free one.
        host: The address to listen on.
        path: The path of the Engine.IO endpoint.
        ping_interval: Seconds from a pong to the next ping.
        ping_timeout: Seconds that a client has to answer a ping.
        connect_timeout: Seconds that a client has to join its first namespace.
        max_payload: Bytes of one WebSocket message from a client.
        delay: Seconds before acks and echoes.
        namespaces: The names that may be joined; None allows all. `/refused` refuses
            everybody.
        ssl: The context to serve TLS with.

    Returns:
        The peer, not listening yet.

    Raises:
        ValueError: If an option is out of its range.

    Example:
        >>> async with sioc.testing.serve(delay=0.01) as peer:
        ...     async with sioc.io(peer.url) as socket:
        ...         socket.emit("echo", "hello")
    """
    _check_seconds("ping_interval", ping_interval, _TICK)
    _check_seconds("ping_timeout", ping_timeout, _TICK)
    _check_seconds("connect_timeout", connect_timeout, _TICK)
    _check_seconds("delay", delay, 0.0)
    if max_payload < 1:
        raise ValueError(f"max_payload must be at least 1 byte, not {max_payload}")
    hub = Hub(
        ping_interval=ping_interval,
        ping_timeout=ping_timeout,
        connect_timeout=connect_timeout,
        delay=delay,
        max_payload=max_payload,
        namespaces=(
            None if namespaces is None else frozenset(n.encode() for n in namespaces)
        ),
    )
    return Peer(hub, port=port, host=host, path="/" + path.strip("/"), ssl=ssl)


def _check_seconds(name: str, value: float, least: float) -> None:
    if not (math.isfinite(value) and value >= least):
        raise ValueError(f"{name} must be at least {least} seconds, not {value}")


class Peer:
    """A Socket.IO server for tests, in this process and on this loop.

    `serve()` makes it and documents its options. What it does with each event is told
    in the documentation's page on testing.

    Example:
        >>> async with sioc.testing.serve(namespaces=["/"]) as peer:
        ...     print(peer.connections)
        0
    """

    def __init__(
        self,
        hub: Hub,
        *,
        port: int,
        host: str,
        path: str,
        ssl: ssl_module.SSLContext | None,
    ) -> None:
        self._hub = hub
        self._port = port
        self._host = host
        self._path = path
        self._ssl = ssl
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._hub.open(asyncio.get_running_loop())
        self._server = await ws_create_server(
            self._accept,
            self._host,
            self._port,
            max_frame_size=self._hub.max_payload,
            # Pings are answered by the session, which keeps its writes in order.
            enable_auto_pong=False,
            read_buffer_init_size=_READ_BUFFER,
            ssl=self._ssl,
            backlog=_BACKLOG,
            # A peer that was killed can be started again on its port at once.
            reuse_address=sys.platform != "win32",
        )
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        server = self._server
        assert server is not None
        self._server = None
        server.close()
        self._hub.close()
        # The connections that are still in their HTTP handshake have no session.
        # They are picows' own server's, on every loop.
        server.abort_clients()  # type: ignore[attr-defined]
        await self._hub.abort_sessions()
        await server.wait_closed()
        for _ in range(_TURNS_TO_CLOSE):
            await asyncio.sleep(0)

    @property
    def port(self) -> int:
        """The TCP port it listens on.

        Example:
            >>> assert peer.url.endswith(str(peer.port))
        """
        return self._port

    @property
    def url(self) -> str:
        """The URL of the root namespace; the path is not part of it.

        Example:
            >>> async with sioc.io(peer.url) as socket: ...
        """
        scheme = "http" if self._ssl is None else "https"
        host = _REACHABLE.get(self._host, self._host)
        if ":" in host:
            host = f"[{host}]"
        return f"{scheme}://{host}:{self._port}"

    @property
    def path(self) -> str:
        """The path of the Engine.IO endpoint, without a slash at its end.

        Example:
            >>> peer.path
            '/socket.io'
        """
        return self._path

    @property
    def stats(self) -> Stats:
        """What it has received, of all connections together.

        Example:
            >>> await socket.emit_with_ack("question")
            >>> peer.stats["events"]
            1
        """
        return self._hub.stats()

    @property
    def connections(self) -> int:
        """How many connections are open.

        Example:
            >>> peer.connections
            1
        """
        return len(self._hub.sessions)

    async def close_connections(self) -> None:
        """Abort all connections, as a network failure would, and go on listening.

        Example:
            >>> await peer.close_connections()
            >>> await socket.wait_for("connect", timeout=5)  # it has connected again
        """
        await self._hub.abort_sessions()

    def broadcast(self, event: str, *args: object, namespace: str = "/") -> int:
        """Emit an event to every client that has joined a namespace.

        Args:
            event: The event's name.
            *args: Its arguments; bytes, at any depth, become attachments.
            namespace: The namespace.

        Returns:
            To how many clients it was sent.

        Raises:
            TypeError: If an argument is not encodable as JSON.

        Example:
            >>> peer.broadcast("news", "rain", b"picture")
            1
        """
        name = b"" if namespace == "/" else namespace.encode()
        frames = {False: encode_event(name, event, args, False)}
        reached = 0
        for session in tuple(self._hub.sessions):
            if session.base64 not in frames:
                frames[True] = encode_event(name, event, args, True)
            reached += session.deliver(name, frames[session.base64])
        return reached

    def _accept(
        self, request: WSUpgradeRequest
    ) -> PeerSession | WSUpgradeResponseWithListener | None:
        path, _, query = request.path.decode("latin-1").partition("?")
        if path.removesuffix("/") != self._path:
            # picows answers 404.
            return None
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        refused = refusal(parameters, "Upgrade" in request.headers)
        if refused is not None:
            return WSUpgradeResponseWithListener(refused, None)
        return PeerSession(self._hub, "b64" in parameters)

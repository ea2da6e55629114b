"""Transports: what carries Engine.IO packets. One file each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

if TYPE_CHECKING:
    from sioc._buffer import WriteBuffer
    from sioc._outlet import Outlet
    from sioc._payload import PayloadBuffer
    from sioc._session import Session
    from sioc.details import DisconnectDetails
    from sioc.handshake import Handshake
    from sioc.transports.endpoint import Endpoint

OnClosed: TypeAlias = Callable[
    ["Transport", Exception | None, "DisconnectDetails | None"], None
]
"""`fn(transport, error, details)`: a connection has ended and nothing of it is open."""


class Transport(Protocol):
    """What an Engine asks of a transport; a custom one is a class like this.

    A transport feeds the packets that arrive into its Session, offers an outlet for
    those that leave, and reports its end once, through `on_closed`: with a ParseError
    when the peer broke the protocol, with a TransportError when the network or HTTP
    failed, and with None when the peer closed it.

    Args:
        session: Where packets go.
        endpoint: Where requests go, with which headers, and by which options.
        on_closed: Called once when the connection has ended. Not called for one that
            open() did not make.
    """

    name: ClassVar[str]

    def __init__(
        self, session: Session, endpoint: Endpoint, on_closed: OnClosed
    ) -> None: ...

    @property
    def closed(self) -> bool:
        """Whether no connection is there: not made, or ended."""

    @property
    def outlet(self) -> Outlet:
        """Where packets are put."""

    async def open(self) -> None:
        """Connect.

        Raises:
            ConnectError: It did not work; nothing is left open.
        """

    def begin(self, handshake: Handshake) -> None:
        """Go on as the handshake says, which has come through this transport."""

    def close(self) -> None:
        """Send what is buffered and begin to close; the end is reported."""

    def fail(self, error: Exception) -> None:
        """Close after the peer broke the protocol."""

    def leave(self) -> None:
        """Close after no ping has come: send nothing but what says goodbye."""

    def abort(self) -> None:
        """Drop the connection at once."""

    def pause_reading(self, pause: bool) -> None:
        """Stop reading, or go on."""


class Better(Transport, Protocol):
    """A transport that a session may go on by."""

    @property
    def outlet(self) -> WriteBuffer:
        """Where packets are put."""

    def hand_over(self, session: Session) -> None:
        """Feed packets into another session from now on."""


class Upgradable(Transport, Protocol):
    """A transport that a session may leave for a better one."""

    @property
    def outlet(self) -> PayloadBuffer:
        """Where packets are put."""

    async def pause(self) -> None:
        """Wait until nothing is on its way in either direction; begin nothing new."""

    def resume(self) -> None:
        """Go on after a pause()."""


def named(transport: str | type[Transport]) -> type[Transport]:
    """Return the transport class of a name; a class is returned as it is."""
    if transport == "polling":
        # Imported here: aiohttp takes a while, and not everybody polls.
        from sioc.transports.polling import PollingTransport

        return PollingTransport
    if transport == "websocket":
        from sioc.transports.websocket import WebSocketTransport

        return WebSocketTransport
    assert not isinstance(transport, str), transport
    return transport

"""Transports: what carries Engine.IO packets. One file each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sioc._buffer import Outlet


class Transport(Protocol):
    """What an Engine asks of a transport.

    A transport feeds the packets that arrive into its Session, offers an outlet for
    those that leave, and reports its end once, through the callable it was given.
    """

    name: str

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

    def close(self) -> None:
        """Send what is buffered and begin to close; the end is reported."""

    def fail(self, error: Exception) -> None:
        """Close after the peer broke the protocol."""

    def abort(self) -> None:
        """Drop the connection at once."""

    def pause_reading(self, pause: bool) -> None:
        """Stop reading, or go on."""

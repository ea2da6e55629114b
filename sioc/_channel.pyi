"""The inbound half of a namespace: from a packet to the listeners."""

from typing import Any

from typing_extensions import disjoint_base

from sioc._answer import Ack
from sioc._directory import Directory

@disjoint_base
class Channel(Directory):
    """One namespace on a Manager, both ways; Socket is its Python half."""

    @property
    def receive_buffer(self) -> list[tuple[Any, int, list[bytes] | None]]:
        """Events that came before CONNECT was answered; a copy.

        Each as (array, ack id or -1, attachments or None). The array is JSON or
        MessagePack in bytes; a list where a custom parser has decoded it.

        Example:
            >>> socket.receive_buffer
            []
        """

    @property
    def offset(self) -> str | None:
        """The offset of the last event, for connection state recovery; None: none."""

    @offset.setter
    def offset(self, offset: str | None) -> None: ...
    @property
    def _answering(self) -> Ack | None:
        """Of the event that is shown to catch-alls; None: it wants no ack."""

    # Life, as the Python half tells it.

    def _recoverable(self, recoverable: bool) -> None:
        """Note the offsets of events from now on, or no more (4.7)."""

    def _join(self) -> None:
        """CONNECT is on its way: hold what comes before its answer."""

    def _open(self) -> None:
        """CONNECT was answered: deliver what was held, send what was held (4.6.1)."""

    def _close(self) -> None:
        """The connection, or the namespace on it, is gone."""

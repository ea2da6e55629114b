"""The inbound half of a namespace: from a packet to the listeners."""

from typing_extensions import disjoint_base

from sioc._registry import Registry

@disjoint_base
class Ack:
    """Answer an event of the server's; call it once, with the ack's arguments.

    A listener registered with `ack=True` gets one. Further calls do nothing, and so
    does one whose connection is gone.
    """

    def __call__(self, *args: object) -> None:
        """Send the ack.

        Args:
            *args: Whatever JSON can hold, and bytes-like values at any depth.

        Raises:
            TypeError: An argument cannot be encoded. Nothing was sent.
            BufferFullError: Too much is unsent already. Nothing was sent.
        """

@disjoint_base
class Channel(Registry):
    """One namespace on a Manager, both ways; Socket is its Python half."""

    @property
    def receive_buffer(self) -> list[tuple[bytes, int, list[bytes] | None]]:
        """Events that came before CONNECT was answered; a copy.

        Each as (JSON array, ack id or -1, attachments or None).
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

"""Modifiers: light views with the emit methods; nothing is stored on the Socket."""

from typing import Any

from typing_extensions import disjoint_base

from sioc._encoder import Prepared
from sioc._retries import RetryingSender
from sioc.typing import AckCallback

@disjoint_base
class Modified:
    """A view of a Socket that changes how it emits; modifiers chain in any order."""

    @property
    def volatile(self) -> Modified:
        """A view whose emits are dropped while they cannot be sent at once."""

    def timeout(self, seconds: float) -> Modified:
        """Return a view whose acks may take so many seconds.

        Args:
            seconds: Seconds; stands for the ack_timeout option.
        """

    def compress(self, compress: bool) -> Modified:
        """Return a view; compression is not negotiated, so nothing is compressed.

        Args:
            compress: Taken for programs that set it.
        """

    def emit(self, event: str, *args: object, ack: AckCallback | None = None) -> None:
        """Send an event; see Socket.emit().

        Args:
            event: The event's name.
            *args: Whatever JSON can hold, and bytes-like values at any depth.
            ack: A function to call with the server's acknowledgement. With a timeout
                it gets an error, or None, as its first argument.

        Raises:
            ReservedEventError: The name is the protocol's own.
            TypeError: An argument cannot be encoded. Nothing was sent.
            BufferFullError: Too much is unsent already. Nothing was sent.
        """

    def send(self, *args: object, ack: AckCallback | None = None) -> None:
        """Send an event named "message"; see Socket.emit().

        Args:
            *args: Whatever JSON can hold, and bytes-like values at any depth.
            ack: A function to call with the server's acknowledgement. With a timeout
                it gets an error, or None, as its first argument.

        Raises:
            TypeError: An argument cannot be encoded. Nothing was sent.
            BufferFullError: Too much is unsent already. Nothing was sent.
        """

    def emit_prepared(self, packet: Prepared, /) -> None:
        """Send an event that prepare() has encoded; see Socket.emit_prepared().

        Args:
            packet: What prepare() returned.

        Raises:
            BufferFullError: Too much is unsent already. Nothing was sent.
        """

    async def emit_with_ack(
        self, event: str, *args: object, timeout: float | None = None
    ) -> Any:
        """Send an event and wait for its ack; see Socket.emit_with_ack().

        Args:
            event: The event's name.
            *args: As for emit().
            timeout: Seconds to wait; None stands for the view's own.

        Returns:
            None for an empty ack, the one argument, or a tuple of several.

        Raises:
            AckTimeoutError: No ack came in time. An unsent packet is never sent.
            DisconnectedError: The connection was lost after the packet was sent.
            ReservedEventError, TypeError, BufferFullError: As emit().
        """

class ModifiedSender(RetryingSender):
    """Send with modifiers; each returns a view."""

    @property
    def volatile(self) -> Modified:
        """A view whose emits are dropped while they cannot be sent at once.

        Example:
            >>> socket.volatile.emit("position", 1, 2)
        """

    def timeout(self, seconds: float) -> Modified:
        """Return a view whose acks may take so many seconds.

        Args:
            seconds: Seconds; stands for the ack_timeout option.

        Example:
            >>> answer = await socket.timeout(5).emit_with_ack("question", 42)
        """

    def compress(self, compress: bool) -> Modified:
        """Return a view; compression is not negotiated, so nothing is compressed.

        Args:
            compress: Taken for programs that set it.

        Example:
            >>> socket.compress(False).emit("blob", b"abc")
        """

"""The outbound half of a namespace: emits, what holds them, the acks they wait for."""

from typing import Any

from typing_extensions import Self, disjoint_base

from sioc._acks import PendingAck
from sioc._emitter import EventEmitter
from sioc._encoder import Encoded, Prepared
from sioc._wire import Wire
from sioc.typing import AckCallback

@disjoint_base
class Sender(EventEmitter):
    """Send to one namespace on a Manager.

    Args:
        nsp: The namespace, with its leading slash.
        wire: What it shares with the Manager's other namespaces.
        ack_timeout: Seconds every ack may take; None for no limit.
        retries: How often an event is sent again until it is acknowledged; 0: events
            are not acknowledged unless asked for.
    """

    def __new__(
        cls,
        nsp: str,
        wire: Wire,
        ack_timeout: float | None,
        retries: int,
        *args: Any,
        **kwargs: Any,
    ) -> Self: ...
    @property
    def nsp(self) -> str:
        """The namespace, with its leading slash.

        Example:
            >>> socket.nsp
            '/'
        """

    @property
    def wire(self) -> Wire:
        """What it shares with the Manager's other namespaces."""

    @property
    def connected(self) -> bool:
        """Whether the server has answered CONNECT and the connection stands.

        Example:
            >>> socket.connected
            True
        """

    @property
    def ack_timeout(self) -> float | None:
        """Seconds every ack may take; None for no limit.

        Example:
            >>> sioc.io(f"{url}/chat", ack_timeout=5).ack_timeout
            5.0
        """

    @property
    def retries(self) -> int:
        """How often an event is sent again; 0: events are sent once.

        Example:
            >>> sioc.io(f"{url}/chat", ack_timeout=5, retries=3).retries
            3
        """

    @property
    def acks_pending(self) -> int:
        """Acks the server owes.

        Example:
            >>> socket.emit("sink", ack=print)
            >>> socket.acks_pending
            1
        """

    @property
    def send_buffer(self) -> list[Encoded]:
        """Packets emitted while not connected, encoded, in order; a copy.

        Example:
            >>> socket.send_buffer
            []
        """

    @property
    def buffered_amount(self) -> int:
        """Bytes emitted and not yet handed to the kernel, those held included.

        Example:
            >>> socket.emit("row", 1)
            >>> if socket.buffered_amount > 1_000_000:
            ...     await socket.drain()
        """

    # Emitting.

    def emit(self, event: str, *args: object, ack: AckCallback | None = None) -> None:
        """Send an event to the server; held while not connected.

        Args:
            event: The event's name.
            *args: Whatever JSON can hold, and bytes-like values at any depth.
            ack: A function to call with the server's acknowledgement. With an
                ack_timeout or retries it gets an error, or None, as its first argument.

        Raises:
            ReservedEventError: The name is the protocol's own.
            TypeError: An argument cannot be encoded. Nothing was sent.
            BufferFullError: Too much is unsent already. Nothing was sent.

        Example:
            >>> socket.emit("hello", {"any": ["JSON", 1, None]}, b"binary")
            >>> socket.emit("question", 42, ack=lambda answer: print(answer))
        """

    def send(self, *args: object, ack: AckCallback | None = None) -> None:
        """Send an event named "message"; see emit().

        Args:
            *args: Whatever JSON can hold, and bytes-like values at any depth.
            ack: A function to call with the server's acknowledgement.

        Raises:
            TypeError: An argument cannot be encoded. Nothing was sent.
            BufferFullError: Too much is unsent already. Nothing was sent.

        Example:
            >>> socket.send("the event is named", "message")
        """

    def emit_prepared(self, packet: Prepared, /) -> None:
        """Send an event that prepare() has encoded; see emit().

        Args:
            packet: What prepare() returned.

        Raises:
            BufferFullError: Too much is unsent already. Nothing was sent.

        Example:
            >>> socket.emit_prepared(sioc.prepare("price", 1.0854))
        """

    async def emit_with_ack(
        self, event: str, *args: object, timeout: float | None = None
    ) -> Any:
        """Send an event and wait for the server's acknowledgement.

        Args:
            event: The event's name.
            *args: As for emit().
            timeout: Seconds to wait, for each try where there are retries; None stands
                for the ack_timeout option.

        Returns:
            None for an empty ack, the one argument, or a tuple of several.

        Raises:
            AckTimeoutError: No ack came in time. An unsent packet is never sent.
            DisconnectedError: The connection was lost after the packet was sent.
            ReservedEventError, TypeError, BufferFullError: As emit().

        Example:
            >>> await socket.emit_with_ack("question", 42, timeout=5)
            42
        """

    async def drain(self) -> None:
        """Wait until what is unsent has sunk below the low-water mark.

        Returns at once while there is no connection: what is held then has limits of
        its own.

        Example:
            >>> for number in range(1000):
            ...     socket.emit("row", number)
            >>> await socket.drain()
        """

    async def _wait_ack(
        self,
        event: str,
        args: tuple[object, ...],
        timeout: float | None,
        volatile: bool,
    ) -> Any:
        """Do what emit_with_ack() says."""

    def _send_held(self) -> None:
        """Send what was emitted while it could not be sent, in order."""

    def _emit_reserved(self, event: str, *args: object) -> None:
        """Call the listeners of an event of the protocol's own, such as `connect`."""

    def _send_control(self, type: int, data: object) -> None:  # noqa: A002
        """Send a CONNECT packet, if there is a way out."""

    def _send_disconnect(self) -> None:
        """Send a DISCONNECT packet; leaving goes on where that cannot be done."""

    def _ack_expired(self, entry: PendingAck) -> None:
        """Settle an ack whose time is up."""

    def _fail_acks(self, reason: str) -> None:
        """Settle each ack whose packet was sent; what is held can still be answered."""

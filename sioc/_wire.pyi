"""What the namespaces of one Manager share: the way out, JSON, limits, counters."""

from asyncio import AbstractEventLoop
from typing import final

from typing_extensions import Self

from sioc._json import Json
from sioc._msgpack import Msgpack
from sioc._outlet import Outlet
from sioc.limits import Limits
from sioc.manager import Manager
from sioc.observer import Observer
from sioc.typing import DecHook, EncHook, PacketDecoder, PacketEncoder

ELSEWHERE: str

def _forked() -> None:
    """Note that this is a child of the process that opened the connections."""

@final
class Wire:
    """The way out and the counters of one Manager.

    Args:
        limits: The sioc.Limits of the Manager.
        packed: Whether packets are MessagePack instead of JSON.
        enc_hook: Called with a value of a type that msgspec does not know.
        dec_hook: Called with a type that msgspec does not know and a decoded value.
        encoder: Of a custom parser; None: there is none.
        decoder: The same.
    """

    def __new__(
        cls,
        limits: Limits,
        *,
        packed: bool = False,
        enc_hook: EncHook | None = None,
        dec_hook: DecHook | None = None,
        encoder: PacketEncoder | None = None,
        decoder: PacketDecoder | None = None,
    ) -> Self: ...
    def bind(self) -> None:
        """Belong to the running loop and its thread from now on; or check as check().

        Raises:
            RuntimeError: No event loop is running.
        """

    def check(self) -> None:
        """Check that the caller is in the thread, and on the loop, of the connection.

        Raises:
            RuntimeError: It is not; the text says what to do instead.
        """

    def check_process(self) -> None:
        """Check that the caller is in the process of the connection, which there is.

        Raises:
            RuntimeError: It is in a child of that; the text says what to do instead.
        """

    @property
    def loop(self) -> AbstractEventLoop | None:
        """The loop it belongs to; None before the first connection."""

    observer: Observer | None
    """Told of packets and acks; None: nobody wants to know."""

    @property
    def handlers(self) -> int:
        """Coroutine listeners that run or wait for their turn."""

    @property
    def crowded(self) -> bool:
        """Whether they are too many, so that reading is paused."""

    manager: Manager | None
    """Told when the heartbeat looks overdue, or too many coroutine listeners run."""

    packets_in: int
    """Socket.IO packets received, attachments not counted."""

    packets_out: int
    """Socket.IO packets sent."""

    bytes_in: int
    """Bytes of Engine.IO messages received."""

    bytes_out: int
    """Bytes handed to the kernel by connections that are over."""

    events_delivered: int
    """Events that had listeners."""

    events_skipped: int
    """Events that had none, and were not decoded."""

    events_dropped: int
    """Events that found a stream full."""

    listener_errors: int
    """Exceptions in listeners."""

    reconnections: int
    """Times the connection was made again."""

    @property
    def ignored(self) -> dict[str, int]:
        """What the server sent and nobody wanted: cause -> count."""

    @property
    def total_bytes_out(self) -> int:
        """Bytes handed to the kernel, this connection's included."""

    @property
    def outlet(self) -> Outlet | None:
        """The way out; None while there is no open connection."""

    @property
    def suspect(self) -> bool:
        """Whether the heartbeat is overdue, so that what is emitted is held."""

    @property
    def json(self) -> Json:
        """Encodes and decodes JSON."""

    @property
    def msgpack(self) -> Msgpack | None:
        """Encodes and decodes MessagePack; None: another parser is used."""

    @property
    def encoder(self) -> PacketEncoder | None:
        """The encoder of a custom parser; None: there is none."""

    @property
    def decoder(self) -> PacketDecoder | None:
        """The decoder of a custom parser; None: there is none."""

    @property
    def limits(self) -> Limits:
        """The sioc.Limits of the Manager."""

    def open(self, outlet: Outlet) -> None:
        """Send through this outlet from now on.

        Args:
            outlet: What the transport of the open connection offers.
        """

    def switch(self, before: Outlet, after: Outlet) -> None:
        """Send through another outlet, if it was the one before until now."""

    def close(self) -> None:
        """Have no way out until the next open()."""

    def trust(self) -> None:
        """Clear the suspicion: the peer is alive."""

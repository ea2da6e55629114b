"""Engine.IO packets of one session (Engine.IO protocol 4), whatever carries them."""

from typing import Any

from typing_extensions import Self, disjoint_base

from sioc._emitter import EventEmitter
from sioc._outlet import EnginePacket, Outlet
from sioc._router import Router

OUTWARD: tuple[str, ...]
"""The events that tell of what goes out."""

@disjoint_base
class Session(EventEmitter):
    """One Engine.IO session.

    Args:
        router: Where its messages go.
    """

    def __new__(cls, router: Router, *args: Any, **kwargs: Any) -> Self: ...
    @property
    def router(self) -> Router:
        """Where its messages go."""

    @property
    def last_inbound(self) -> float:
        """When something was last read, in seconds of the heartbeat's clock; or 0."""

    # Life, as the Python half tells it.

    def _use(self, outlet: Outlet) -> None:
        """Answer pings through this outlet from now on."""

    @property
    def heartbeat_rtt(self) -> float | None:
        """Seconds of the last heartbeat's round trip; None before the second ping.

        From our pong to the next ping, less the interval in which the server sends
        them: both ways on the network, and the lateness of the server's timer.
        """

    def _answer_unread(self) -> None:
        """Answer the ping that must lie unread while reading is paused."""

    def _begin(self, interval: float, timeout: float) -> None:
        """The handshake is valid: take messages, expect pings this often (seconds)."""

    def _end(self) -> None:
        """Deliver nothing any more."""

    def _fail(self, error: Exception) -> None:
        """The peer broke the protocol, or the transport failed."""

    def _overdue(self) -> float:
        """Return the seconds by which a ping is overdue; negative: not yet."""

    # Inbound.

    def _feed_payload(self, payload: bytearray, begin: int = 0) -> int:
        """Take the packets of a polling payload (Engine.IO protocol 4, "Payload").

        Once too many listeners run, some more packets are taken and no others: tell
        where to go on, or -1 at the end.

        Args:
            payload: The body of an answer.
            begin: Where to go on in it.
        """

    def _on_outlet(self, event: str, packet: EnginePacket | None) -> None:
        """Tell those who listen of what goes out."""

def throw(error: BaseException) -> None:
    """Raise it, in a turn of the loop of its own.

    Args:
        error: What to raise.
    """

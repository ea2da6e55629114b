"""Events that are sent until they are acknowledged (the option `retries`)."""

from typing_extensions import disjoint_base

from sioc._sender import Sender

@disjoint_base
class Queued:
    """One event of the queue; used by compiled code only."""

@disjoint_base
class RetryingSender(Sender):
    """Send to one namespace, and again until the server acknowledges."""

    @property
    def retries_pending(self) -> int:
        """Events queued by `retries` that are not acknowledged yet.

        Example:
            >>> socket.retries_pending
            0
        """

    def _send_next(self) -> None:
        """Make the next try of the first event, unless one is in flight."""

    def _begin_acks(self) -> None:
        """Have the time run of acks that were asked for before an event loop ran."""

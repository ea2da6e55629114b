"""The ack table: ids given out, waiters found again, deadlines kept."""

from typing_extensions import Self, disjoint_base

@disjoint_base
class PendingAck:
    """One ack that the server owes; made by an AckTable only."""

    @property
    def id(self) -> int:
        """The ack id of the packet."""

    @property
    def event(self) -> str:
        """The name of the event that asked for the ack."""

@disjoint_base
class AckTable:
    """The acks that the server owes one namespace; filled by compiled code only.

    Args:
        maximum: How many there may be (`Limits.max_pending_acks`).
        owner: Its `_ack_expired()` is called with each PendingAck whose time is up.
    """

    def __new__(cls, maximum: int, owner: object) -> Self: ...
    def _expire(self) -> None:
        """Take out the entries whose time is up, and set the timer for the next."""

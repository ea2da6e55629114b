"""Counters of one Manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from sioc.manager import Manager


class Stats(msgspec.Struct, frozen=True):
    """A snapshot of what a Manager has counted since it was made.

    Attributes:
        packets_in: Socket.IO packets received, attachments not counted.
        packets_out: Socket.IO packets sent.
        bytes_in: Bytes of Engine.IO messages received.
        bytes_out: Bytes handed to the kernel, framing included.
        events_delivered: Events that had listeners.
        events_skipped: Events that had none, and were not decoded.
        events_dropped: Events that found a stream full.
        fallback_decodes: Payloads only the tolerant decoder could read.
        ignored: What the server sent and nobody wanted: cause -> count.
        acks_pending: Acks the server owes.
        reconnections: Times the connection was made again.
        listener_errors: Exceptions in listeners.
        heartbeat_rtt: Seconds of the last heartbeat's round trip, with the lateness of
            the server's timer; None before the second ping of a connection.
        last_inbound: When the last bytes came, in seconds of a clock that only counts
            up; None before the first.

    Example:
        >>> before = socket.io.stats.packets_in
    """

    packets_in: int
    packets_out: int
    bytes_in: int
    bytes_out: int
    events_delivered: int
    events_skipped: int
    events_dropped: int
    fallback_decodes: int
    ignored: Mapping[str, int]
    acks_pending: int
    reconnections: int
    listener_errors: int
    heartbeat_rtt: float | None
    last_inbound: float | None

    @classmethod
    def of(cls, manager: Manager) -> Stats:
        """Take the snapshot."""
        wire = manager.wire
        return cls(
            packets_in=wire.packets_in,
            packets_out=wire.packets_out,
            bytes_in=wire.bytes_in,
            bytes_out=wire.total_bytes_out,
            events_delivered=wire.events_delivered,
            events_skipped=wire.events_skipped,
            events_dropped=wire.events_dropped,
            fallback_decodes=wire.json.fallbacks,
            ignored=dict(wire.ignored),
            acks_pending=sum(socket.acks_pending for socket in manager.nsps.values()),
            reconnections=wire.reconnections,
            listener_errors=wire.listener_errors,
            heartbeat_rtt=None
            if manager.engine is None
            else manager.engine.heartbeat_rtt,
            last_inbound=None
            if manager.engine is None
            else manager.engine.last_inbound or None,
        )

"""What a program can have told of a connection, for tracing and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sioc._packet import PacketType

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sioc.engine import Engine
    from sioc.manager import Manager
    from sioc.socket import Socket


class PacketInfo(msgspec.Struct, frozen=True):
    """What is known of a packet without decoding it.

    Attributes:
        type: Its type; EVENT and ACK stand for the binary ones as well.
        nsp: The namespace.
        event: The event's name; None for another type of packet.
        id: The ack id; None where there is none.
        attachments: How many binary attachments it has.
        size: Bytes of its payload, or of the whole packet on its way out, attachments
            included.

    Example:
        >>> class Big(sioc.Hooks):
        ...     def packet_in(self, manager, packet):
        ...         if packet.size > 1_000_000:
        ...             print(packet)
    """

    type: PacketType
    nsp: str
    event: str | None
    id: int | None
    attachments: int
    size: int


class Hooks:
    """Base of an object for the option `hooks`: override what you want to be told of.

    The methods are called on the event loop, at the place where things happen: keep
    them short. What one raises is reported like an exception of a listener's. Without
    the option nothing of this costs anything.

    Example:
        >>> class Counter(sioc.Hooks):
        ...     packets = 0
        ...     def packet_in(self, manager, packet):
        ...         self.packets += 1
        >>> socket = sioc.io(url, hooks=Counter())
    """

    def packet_in(self, manager: Manager, packet: PacketInfo) -> None:
        """Take note of a packet that has come, before it is delivered.

        Args:
            manager: Whose connection it came over.
            packet: What is known of it.

        Example:
            >>> class Sizes(sioc.Hooks):
            ...     def packet_in(self, manager, packet):
            ...         print("in:", packet.type.name, packet.event, packet.size)
        """

    def packet_out(self, manager: Manager, packet: PacketInfo) -> None:
        """Take note of a packet that goes out now; one that is held has not gone.

        Args:
            manager: Whose connection it goes over.
            packet: What is known of it.

        Example:
            >>> class Sizes(sioc.Hooks):
            ...     def packet_out(self, manager, packet):
            ...         print("out:", packet.type.name, packet.event, packet.size)
        """

    def ack(
        self, socket: Socket, event: str, seconds: float, error: Exception | None
    ) -> None:
        """Take note that the waiting for an ack of the server's has ended.

        Args:
            socket: Which has emitted.
            event: The event that was to be acknowledged.
            seconds: From the emit to now.
            error: None for an ack; an AckTimeoutError or a DisconnectedError.

        Example:
            >>> class Latencies(sioc.Hooks):
            ...     def ack(self, socket, event, seconds, error):
            ...         print(event, "took", seconds, "s", error or "")
        """

    def state(self, source: Manager | Socket | Engine, old: str, new: str) -> None:
        """Take note of a change of state; docs/states.md has the states.

        A new Engine, one for each attempt to connect, begins as "opening".

        Args:
            source: Whose state it is.
            old: The state before.
            new: The state now.

        Example:
            >>> class States(sioc.Hooks):
            ...     def state(self, source, old, new):
            ...         print(f"{source!r}: {old} -> {new}")
        """

    def listener(
        self, socket: Socket, event: str, fn: Callable[..., object]
    ) -> AbstractContextManager[object] | None:
        """Return what a listener of a Socket is to run within, such as a span.

        A coroutine listener's whole run is within it, in its own task. An exception of
        the listener passes through, and is reported all the same. Streams are not
        listeners. Without this method, listeners are called as if there were no hooks.

        Args:
            socket: Whose listener it is.
            event: The event's name; `"*"` for a catch-all.
            fn: The listener.

        Returns:
            A context manager; None for nothing.

        Example:
            >>> class Spans(sioc.Hooks):
            ...     def listener(self, socket, event, fn):
            ...         return tracer.start_as_current_span(f"{event} process")
        """
        return None

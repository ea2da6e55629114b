"""The limits: what a server, or a busy caller, may make this process hold.

Strategy: a limit is never absent. Each has a finite default that honest traffic does
not meet, each can be raised by name, and the error of passing one says its name.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Limits"]

KIB = 1024
MIB = 1024 * KIB

# Compiled code adds to these numbers in a Py_ssize_t: half its range cannot overflow.
_MAX_INT = sys.maxsize // 2

# msgspec recurses once a level, and CPython lets it recurse about 1,000 levels.
_MAX_DEPTH = 900


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Every limit of one connection; frozen, and each of them finite.

    Passing a limit raises `LimitError` where the server did it (the connection closes
    with the reason `parse error`) and `BufferFullError` where the caller did it (the
    connection goes on).

    Attributes:
        max_message_size: Bytes of one WebSocket message, its fragments together.
        max_packet_size: Bytes of one Socket.IO packet with its attachments.
        max_attachments: Attachments of one packet.
        attachment_timeout: Seconds from a packet's header to its last attachment.
        max_polling_body: Bytes of one HTTP answer, before and after decompression.
        max_fragments: Frames of one WebSocket message, empty ones counted.
        max_depth: Nesting of arrays and objects, in and out; at most 900.
        max_receive_buffer: Packets held before the namespace is connected.
        max_receive_bytes: Bytes of those packets together.
        max_pending_handlers: Coroutine listeners running or waiting; reading pauses
            when there are as many.
        max_send_buffer: Packets emitted while not connected.
        max_send_bytes: Bytes of those packets together.
        write_high_water: Unsent bytes above which `drain()` waits.
        max_write_buffer: Unsent bytes above which an emit raises.
        max_pending_acks: Acks that the server owes.

    Raises:
        TypeError: If a value is not a number of the right kind.
        ValueError: If a value is out of its range.

    Example:
        >>> socket = sioc.io(url, limits=sioc.Limits(max_message_size=1_000_000))
    """

    max_message_size: int = 100 * MIB
    max_packet_size: int = 100 * MIB
    max_attachments: int = 1024
    attachment_timeout: float = 30.0
    max_polling_body: int = 100 * MIB
    max_fragments: int = 16_384
    max_depth: int = 256
    max_receive_buffer: int = 1024
    max_receive_bytes: int = 16 * MIB
    max_pending_handlers: int = 1024
    max_send_buffer: int = 10_000
    max_send_bytes: int = 16 * MIB
    write_high_water: int = 1 * MIB
    max_write_buffer: int = 64 * MIB
    max_pending_acks: int = 65_536

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if name != "attachment_timeout":
                top = _MAX_DEPTH if name == "max_depth" else _MAX_INT
                _check_count(name, getattr(self, name), top)
        seconds = _check_seconds("attachment_timeout", self.attachment_timeout)
        # Compiled code reads a C double: an int given by the caller becomes a float.
        msgspec.structs.force_setattr(self, "attachment_timeout", seconds)
        if self.write_high_water > self.max_write_buffer:
            raise ValueError(
                f"write_high_water={self.write_high_water} is above max_write_buffer="
                f"{self.max_write_buffer}: drain() would never wait; lower the first "
                f"or raise the second"
            )

    @classmethod
    def small(cls) -> Self:
        """Return limits for many connections in one process.

        Example:
            >>> small = sioc.Limits.small()
            >>> sockets = [sioc.io(url, force_new=True, limits=small) for _ in range(3)]
        """
        return cls(
            max_message_size=1 * MIB,
            max_packet_size=1 * MIB,
            max_attachments=64,
            attachment_timeout=10.0,
            max_polling_body=1 * MIB,
            max_fragments=1024,
            max_depth=64,
            max_receive_buffer=64,
            max_receive_bytes=1 * MIB,
            max_pending_handlers=64,
            max_send_buffer=100,
            max_send_bytes=256 * KIB,
            write_high_water=64 * KIB,
            max_write_buffer=1 * MIB,
            max_pending_acks=1024,
        )


def _check_count(name: str, value: object, top: int) -> None:
    """Refuse what is not a whole number from 1 to `top`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {value!r}")
    if not 1 <= value <= top:
        raise ValueError(f"{name} must be from 1 to {top}, not {value}")


def _check_seconds(name: str, value: object) -> float:
    """Return a positive, finite number of seconds as a float; refuse all else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {value!r}")
    if not 0 < value <= sys.float_info.max:
        raise ValueError(f"{name} must be positive and finite, not {value}")
    return float(value)

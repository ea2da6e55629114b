"""The MessagePack parser with the classes parsers have: packets as objects."""

from typing import Any

from typing_extensions import Self, disjoint_base

from sioc._emitter import EventEmitter
from sioc._packet import Packet
from sioc.limits import Limits
from sioc.typing import EncHook

@disjoint_base
class Encoder:
    """Encode packets.

    Args:
        limits: sioc.Limits; only the depth counts here.
        enc_hook: Called with a value of a type that msgspec does not know; returns one
            of a type that it knows.

    Example:
        >>> (chunk,) = sioc.parsers.msgpack.Encoder().encode(sioc.Packet(0))
    """

    def __new__(
        cls,
        limits: Limits | None = None,
        enc_hook: EncHook | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Self: ...
    def encode(self, packet: Packet) -> list[bytes]:
        """Return the packet as a list of one bytes.

        Args:
            packet: What to encode; it is left as it is.

        Raises:
            TypeError, ValueError: The payload cannot be encoded.
            LimitError: It nests too deep.
        """

@disjoint_base
class Decoder(EventEmitter):
    """Decode packets: give it the chunks, it emits `decoded(packet)`.

    Args:
        limits: sioc.Limits, for size and depth.

    Example:
        >>> packet = sioc.Packet(2, data=["hi"])
        >>> (chunk,) = sioc.parsers.msgpack.Encoder().encode(packet)
        >>> decoder = sioc.parsers.msgpack.Decoder()
        >>> decoder.on("decoded", lambda packet: print(packet.data))
        >>> decoder.add(chunk)
        ['hi']
    """

    def __new__(
        cls, limits: Limits | None = None, *args: Any, **kwargs: Any
    ) -> Self: ...
    def add(self, chunk: bytes | bytearray | memoryview) -> None:
        """Take a packet.

        Args:
            chunk: bytes.

        Raises:
            ParseError: The packet is malformed.
            LimitError: It passes a limit.
            TypeError: The chunk is not bytes.
        """

    def destroy(self) -> None:
        """Do nothing: every chunk is a whole packet."""

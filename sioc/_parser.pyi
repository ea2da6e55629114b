"""The JSON parser with the classes parsers have: packets as objects, in and out."""

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
        >>> sioc.parsers.json.Encoder().encode(sioc.Packet(2, data=["hello", b"x"]))
        ['51-["hello",{"_placeholder":true,"num":0}]', b'x']
    """

    def __new__(
        cls,
        limits: Limits | None = None,
        enc_hook: EncHook | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Self: ...
    def encode(self, packet: Packet) -> list[str | bytes]:
        """Return the packet's text, followed by its attachments.

        Args:
            packet: What to encode; it is left as it is.

        Raises:
            TypeError: The payload cannot be encoded.
            LimitError: It nests too deep.
            ValueError: The type is that of a binary packet, or the ack id is negative
                or beyond 2**53 - 1.
        """

@disjoint_base
class Decoder(EventEmitter):
    """Decode packets: give it the chunks, it emits `decoded(packet)`.

    Args:
        limits: sioc.Limits, for size, depth and number of attachments.

    Example:
        >>> decoder = sioc.parsers.json.Decoder()
        >>> decoder.on("decoded", lambda packet: print(packet.data))
        >>> decoder.add('2["hello",1]')
        ['hello', 1]
    """

    def __new__(
        cls, limits: Limits | None = None, *args: Any, **kwargs: Any
    ) -> Self: ...
    def add(self, chunk: str | bytes | bytearray | memoryview) -> None:
        """Take the text of a packet, or one attachment.

        Args:
            chunk: str, or bytes for an attachment.

        Raises:
            ParseError: The packet is malformed, or stands where none may stand.
            LimitError: It passes a limit.
            TypeError: The chunk is neither str nor bytes.
        """

    def destroy(self) -> None:
        """Forget a packet that is not complete; the decoder can be used again."""
